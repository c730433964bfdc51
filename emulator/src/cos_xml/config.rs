//! What the COS XML server is told before it starts: accounts, buckets, limits, and a switch for each behaviour nobody has proven.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use super::temporary::TemporaryKey;
use crate::switch::switch;

/// Everything the COS XML server is told before it starts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Who may sign, for every bucket. Default: one made-up account.
    pub accounts: Vec<Account>,
    /// Temporary keys that are there from the start, also for every bucket (none). [`CosXml::grant`](super::CosXml::grant) makes
    /// more.
    pub temporary_keys: Vec<TemporaryKey>,
    /// The buckets there are, each with its appid (`examplebucket-1250000000`).
    pub buckets: Vec<String>,
    /// Hosts that are bound to a bucket, in lower case and without a port (none).
    pub domains: BTreeMap<String, String>,
    /// What answers call the region (`ap-guangzhou`). A signature does not name it.
    pub region: String,
    /// Where a page with a status of 301, 302 or 307 sends the client, the path of the request follows it
    /// (`http://hijacked.example`).
    pub redirect_to: String,
    /// The vendor's numbers.
    pub limits: Limits,
    /// A choice for each unproven behaviour.
    pub switches: Switches,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            accounts: vec![Account::default()],
            temporary_keys: Vec::new(),
            buckets: vec!["examplebucket-1250000000".to_owned()],
            domains: BTreeMap::new(),
            region: "ap-guangzhou".to_owned(),
            redirect_to: "http://hijacked.example".to_owned(),
            limits: Limits::default(),
            switches: Switches::default(),
        }
    }
}

impl Config {
    /// Whether a key is the one that stands in this crate's source.
    pub(crate) fn has_public_key(&self) -> bool {
        self.accounts.contains(&Account::default())
    }

    pub(super) fn has_bucket(&self, name: &str) -> bool {
        self.buckets.iter().any(|known| known == name)
    }

    /// The host of a bucket, as answers tell it.
    pub(super) fn host(&self, bucket: &str) -> String {
        format!("{bucket}.cos.{}.myqcloud.com", self.region)
    }

    pub(super) fn check(&self) -> io::Result<()> {
        let refuse = |text: String| Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        if let Some(bad) = self.buckets.iter().find(|name| !is_bucket_name(name) || self.host(name).len() > HOST_MAX) {
            return refuse(format!(
                "`{bad}` cannot be a bucket of cos-xml: lower-case letters, digits and hyphens, then a hyphen and the appid, and its \
                 host name has at most {HOST_MAX} characters"
            ));
        }
        match self.domains.iter().find(|(_, bucket)| !self.has_bucket(bucket)) {
            None => Ok(()),
            Some((domain, bucket)) => {
                refuse(format!("the domain `{domain}` of cos-xml is bound to `{bucket}`, which is no bucket"))
            }
        }
    }
}

/// Of the host's whole name.
const HOST_MAX: usize = 60;

fn is_bucket_name(name: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    name.rsplit_once('-').is_some_and(|(own, appid)| {
        !own.is_empty()
            && own.bytes().all(is_word)
            && !own.starts_with('-')
            && !appid.is_empty()
            && appid.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A long-lived key. The default one is made up, and works on no real server.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The public half (`AKIDemulator`).
    pub secret_id: String,
    /// The secret half (`emulator-secret-key`). Never printed by `Debug`.
    pub secret_key: String,
}

impl Default for Account {
    fn default() -> Self {
        Account { secret_id: "AKIDemulator".to_owned(), secret_key: "emulator-secret-key".to_owned() }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("secret_id", &self.secret_id).finish_non_exhaustive()
    }
}

/// The vendor's numbers. A simulator may make them tiny.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// A part that is not the last must have so many bytes (1 MiB); checked at complete.
    pub part_min: u64,
    /// Longest part in bytes (5 GiB).
    pub part_max: u64,
    /// Highest part number (10,000).
    pub parts: u32,
    /// Longest object in one request, in bytes (5 GiB).
    pub put_max: u64,
    /// Longest piece of an object that one answer holds, in bytes (64 MiB): the emulator's own limit, not the vendor's.
    pub get_max: u64,
    /// Most entries of a page that may be asked for (1000).
    pub page: u32,
    /// Most parts that a page of parts then has (1000); never fewer than one.
    pub page_holds: u32,
    /// How far the begin of a signature's time may be ahead of the server's clock, in seconds (900).
    pub future_start: u64,
    /// Slowest speed that may be asked for, in bits per second (819,200).
    pub traffic_min: u64,
    /// Fastest speed that may be asked for, in bits per second (838,860,800).
    pub traffic_max: u64,
    /// How long a temporary key is good for that is granted, in seconds (1800).
    pub token_life: u64,
    /// How long after its end such a key is still known for an expired one, in seconds (3600); then it is unknown.
    pub token_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            part_min: 1024 * 1024,
            part_max: 5 * 1024 * 1024 * 1024,
            parts: 10_000,
            put_max: 5 * 1024 * 1024 * 1024,
            get_max: 64 * 1024 * 1024,
            page: 1000,
            page_holds: 1000,
            future_start: 900,
            traffic_min: 819_200,
            traffic_max: 838_860_800,
            token_life: 1800,
            token_memory: 3600,
        }
    }
}

/// One choice per behaviour that is a guess in the reference. A client should survive all of them.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Switches {
    /// Complete of an upload that is complete (`no_such_upload`).
    pub complete_again: CompleteAgain,
    /// How a complete that goes well is told (`plain`).
    pub complete_style: CompleteStyle,
    /// The case of names in the lists of a signature (`lower`).
    pub list_case: ListCase,
    /// What a request has to sign (`everything`).
    pub must_sign: MustSign,
    /// What is signed of a host with a port (`with_port`).
    pub signed_host: SignedHost,
    /// How a signature is refused whose time is over, or has not come (`access_denied`).
    pub expired_as: ExpiredAs,
    /// When the time of a signature and of a temporary key is judged (`at_start`).
    pub judge_time: JudgeTime,
    /// When a request that its head condemns is refused (`at_start`).
    pub refused: Refused,
    /// Complete refuses a part that is too short and not the last (`true`).
    pub min_part_enforced: bool,
    /// Complete refuses numbers that leave one out (`true`).
    pub contiguous_parts: bool,
    /// Initiate refuses a key that is taken, where it is not to be overwritten (`true`).
    pub initiate_checks_forbid: bool,
    /// Versions are kept of the objects, so that `x-cos-forbid-overwrite` means nothing (`false`).
    pub versioned_bucket: bool,
    /// Which answers lack the CRC-64 (`none`).
    pub crc_absent: CrcAbsent,
    /// The tag of a part and of an object that came in one request (`md5`).
    pub part_etag: PartEtag,
    /// The tag of an object that came in parts, before its `-N` (`part_digests`).
    pub multipart_etag: MultipartEtag,
    /// How the quotes of a tag are written in a document (`entity`).
    pub etag_quotes: EtagQuotes,
    /// The element that a list of parts names its encoding by (`dashed`).
    pub encoding_element: EncodingElement,
    /// Keys are written into documents as they are, even where that makes them no XML (`false`).
    pub raw_key_in_xml: bool,
    /// When a list of parts has a `NextPartNumberMarker` (`always`).
    pub next_marker: NextMarker,
    /// The scheme of a `Location` (`http`).
    pub location_scheme: LocationScheme,
}

impl Default for Switches {
    fn default() -> Self {
        Switches {
            complete_again: CompleteAgain::NoSuchUpload,
            complete_style: CompleteStyle::Plain,
            list_case: ListCase::Lower,
            must_sign: MustSign::Everything,
            signed_host: SignedHost::WithPort,
            expired_as: ExpiredAs::AccessDenied,
            judge_time: JudgeTime::AtStart,
            refused: Refused::AtStart,
            min_part_enforced: true,
            contiguous_parts: true,
            initiate_checks_forbid: true,
            versioned_bucket: false,
            crc_absent: CrcAbsent::None,
            part_etag: PartEtag::Md5,
            multipart_etag: MultipartEtag::PartDigests,
            etag_quotes: EtagQuotes::Entity,
            encoding_element: EncodingElement::Dashed,
            raw_key_in_xml: false,
            next_marker: NextMarker::Always,
            location_scheme: LocationScheme::Http,
        }
    }
}

switch! {
    /// Complete of an upload that is complete.
    CompleteAgain {
        /// `NoSuchUpload`.
        NoSuchUpload,
        /// Success once more.
        SameResult,
        /// `UploadConflict`.
        Conflict,
    }
}
switch! {
    /// How a complete that goes well is told. All but the first begin with blanks, and have no `Content-Length`.
    CompleteStyle {
        /// The document alone.
        Plain,
        /// Blanks in front of the root, without a declaration.
        Blanks,
        /// Blanks in front of the declaration, which is then no XML.
        BlanksThenDeclaration,
        /// Blanks, and then an `InternalError`; nothing is done.
        ErrorIn200,
        /// Blanks, and nothing more; everything is done.
        Cut,
    }
}
switch! {
    /// The case of names in the lists of a signature.
    ListCase {
        /// Lower case.
        Lower,
        /// Any.
        Any,
    }
}
switch! {
    /// What a request has to sign of what the vendor lets it leave out.
    MustSign {
        /// The host, every header of the vendor's but the token, and every parameter.
        Everything,
        /// The same without the host.
        AllButHost,
        /// Nothing.
        Nothing,
    }
}
switch! {
    /// What is signed of a host with a port.
    SignedHost {
        /// All of it, as it is sent.
        WithPort,
        /// All of it, or its name alone.
        Either,
    }
}
switch! {
    /// How a signature is refused whose time is over, or has not come.
    ExpiredAs {
        /// `AccessDenied`, with the message `Request has expired`.
        AccessDenied,
        /// `Request has expired` as the code.
        Code,
        /// `RequestTimeTooSkewed`, with the `ServerTime`.
        Skewed,
    }
}
switch! {
    /// When the time of a signature and of a temporary key is judged.
    JudgeTime {
        /// When the request's head is here.
        AtStart,
        /// When its body is here, too.
        AtEnd,
    }
}
switch! {
    /// When a request is refused that its head condemns.
    Refused {
        /// Before its body is read.
        AtStart,
        /// When its body is here, too.
        AtEnd,
    }
}
switch! {
    /// Which answers lack the CRC-64.
    CrcAbsent {
        /// None.
        None,
        /// Those of complete, and of objects that came in parts.
        Multipart,
        /// All.
        All,
    }
}
switch! {
    /// The tag of a part and of an object that came in one request.
    PartEtag {
        /// Its MD5, in lower case.
        Md5,
        /// Its MD5, in upper case.
        UpperCase,
        /// Forty digits that are no MD5.
        Opaque,
    }
}
switch! {
    /// The tag of an object that came in parts, before its `-N`.
    MultipartEtag {
        /// The MD5 of the parts' MD5s.
        PartDigests,
        /// The MD5 of the upload id: nothing that a client could compute from the file.
        Opaque,
    }
}
switch! {
    /// How the quotes of a tag are written in a document.
    EtagQuotes {
        /// `&quot;`.
        Entity,
        /// `"`.
        Bare,
    }
}
switch! {
    /// The element that a list of parts names its encoding by.
    EncodingElement {
        /// `Encoding-type`.
        Dashed,
        /// `EncodingType`.
        Plain,
    }
}
switch! {
    /// When a list of parts says where the next page begins.
    NextMarker {
        /// On every page.
        Always,
        /// On every page but the last.
        WhenTruncated,
    }
}
switch! {
    /// The scheme of a `Location`.
    LocationScheme {
        /// `http://`.
        Http,
        /// `https://`.
        Https,
        /// None.
        Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_ends_in_its_appid() {
        for good in ["examplebucket-1250000000", "a-1", "a-b-1"] {
            let config = Config { buckets: vec![good.to_owned()], ..Config::default() };
            assert!(config.check().is_ok(), "{good}");
        }
        let long = format!("{}-1250000000", "a".repeat(30));
        for bad in ["", "a", "a-", "-1", "-a-1", "A-1", "a.b-1", "a/b-1", "a-1x", &long] {
            let config = Config { buckets: vec![bad.to_owned()], ..Config::default() };
            assert!(config.check().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_domain_is_bound_to_a_bucket_that_is_there() {
        let mut config = Config::default();
        config.domains.insert("files.example.com".to_owned(), "examplebucket-1250000000".to_owned());
        assert!(config.check().is_ok());
        config.domains.insert("other.example.com".to_owned(), "other-1".to_owned());
        assert!(config.check().is_err());
    }
}
