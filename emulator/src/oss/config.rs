//! What the OSS server is told before it starts: accounts, buckets, limits, and a switch for each behaviour nobody has proven.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use crate::switch::switch;

/// Everything the OSS server is told before it starts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Who may sign, for every bucket. Default: one made-up account.
    pub accounts: Vec<Account>,
    /// The buckets there are (`examplebucket`); the one below is always among them.
    pub buckets: Vec<String>,
    /// The bucket that temporary keys are good for, and the only one (`fhnfile`).
    pub sts_bucket: String,
    /// What a V4 signature has to name (`cn-hangzhou`).
    pub region: String,
    /// Addresses that take callbacks, each with an answer of its own (none). No request ever leaves the emulator.
    pub callbacks: Vec<FixedCallback>,
    /// The vendor's numbers.
    pub limits: Limits,
    /// A choice for each unproven behaviour.
    pub switches: Switches,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            accounts: vec![Account::default()],
            buckets: vec!["examplebucket".to_owned()],
            sts_bucket: "fhnfile".to_owned(),
            region: "cn-hangzhou".to_owned(),
            callbacks: Vec::new(),
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
        self.sts_bucket == name || self.buckets.iter().any(|known| known == name)
    }

    /// The host name of the region's servers, as error documents tell it.
    pub(super) fn host(&self) -> String {
        format!("oss-{}.aliyuncs.com", self.region)
    }

    /// `roots`: first segments of other services' paths.
    pub(super) fn check(&self, roots: &[&str]) -> io::Result<()> {
        let mut buckets = self.buckets.iter().chain([&self.sts_bucket]);
        match buckets.find(|name| !is_bucket_name(name, roots)) {
            None => Ok(()),
            Some(bad) => {
                let text = format!(
                    "`{bad}` cannot be a bucket of oss: 3 to 63 lower-case letters, digits and hyphens, and none of {}",
                    roots.join(", ")
                );
                Err(io::Error::new(io::ErrorKind::InvalidInput, text))
            }
        }
    }
}

/// The vendor's rule; and no name that begins another service's paths.
fn is_bucket_name(name: &str, roots: &[&str]) -> bool {
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !roots.contains(&name)
}

/// A long-lived key. The default one is made up, and works on no real server.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The public half (`LTAIemulator`).
    pub access_key_id: String,
    /// The secret half (`emulator-access-key-secret`). Never printed by `Debug`.
    pub access_key_secret: String,
}

impl Default for Account {
    fn default() -> Self {
        Account { access_key_id: "LTAIemulator".to_owned(), access_key_secret: "emulator-access-key-secret".to_owned() }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// An address that takes callbacks and always answers the same.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct FixedCallback {
    /// The `callbackUrl`, exactly.
    pub url: String,
    /// HTTP status of the answer (`200`); with any other the callback has failed.
    #[serde(default = "ok")]
    pub status: u16,
    /// Body of the answer; if it is no JSON, the callback has failed.
    pub answer: String,
}

fn ok() -> u16 {
    200
}

/// The vendor's numbers. A simulator may make them tiny.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// A part that is not the last must have so many bytes (102,400); checked at complete.
    pub part_min: u64,
    /// Longest part in bytes (5 GiB).
    pub part_max: u64,
    /// Highest part number (10,000).
    pub parts: u32,
    /// Longest object in one request, in bytes (5 GiB).
    pub put_max: u64,
    /// Longest piece of an object that one answer holds, in bytes (64 MiB): the emulator's own limit, not the vendor's.
    pub get_max: u64,
    /// Most entries of one page of a list that may be asked for (1000).
    pub page: u32,
    /// Most parts that a page of parts then has (1000); never fewer than one.
    pub page_holds: u32,
    /// How far a request's date may be from the server's clock, in seconds (900).
    pub skew: u64,
    /// How long a temporary key is good for, in seconds (3600).
    pub sts_life: u64,
    /// How long after its end a temporary key is still known for an expired one, in seconds (300); then it is unknown.
    pub sts_memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            part_min: 102_400,
            part_max: 5 * 1024 * 1024 * 1024,
            parts: 10_000,
            put_max: 5 * 1024 * 1024 * 1024,
            get_max: 64 * 1024 * 1024,
            page: 1000,
            page_holds: 1000,
            skew: 900,
            sts_life: 3600,
            sts_memory: 300,
        }
    }
}

/// One choice per behaviour that is a guess in the reference. A client should survive all of them.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Switches {
    /// Complete of an upload that is complete (`no_such_upload`).
    pub complete_again: CompleteAgain,
    /// A list of parts tells the CRC-64 of each (`true`).
    pub list_crc: bool,
    /// When a list of parts has a `NextPartNumberMarker` (`always`).
    pub next_marker: NextMarker,
    /// When a request that its head condemns is refused: a bad signature, an unknown key, a bucket that is not there, a body
    /// announced too long (`at_start`).
    pub refused: Refused,
    /// When it is judged whether a temporary key is still good (`at_start`).
    pub sts_judged: StsJudged,
    /// A temporary key without its token (`invalid_access_key_id`).
    pub missing_token: MissingToken,
    /// The `ETag` of an object that came in parts (`part_digests`).
    pub multipart_etag: MultipartEtag,
}

impl Default for Switches {
    fn default() -> Self {
        Switches {
            complete_again: CompleteAgain::NoSuchUpload,
            list_crc: true,
            next_marker: NextMarker::Always,
            refused: Refused::AtStart,
            sts_judged: StsJudged::AtStart,
            missing_token: MissingToken::InvalidAccessKeyId,
            multipart_etag: MultipartEtag::PartDigests,
        }
    }
}

switch! {
    /// Complete of an upload that is complete.
    CompleteAgain {
        /// `NoSuchUpload`.
        NoSuchUpload,
        /// Success once more, with another callback if one is asked for.
        Success,
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
    /// When a request is refused that its head condemns.
    Refused {
        /// Before its body is read.
        AtStart,
        /// When its body is here, too.
        AtEnd,
    }
}
switch! {
    /// When it is judged whether a temporary key is still good.
    StsJudged {
        /// When the request's head is here.
        AtStart,
        /// When its body is here, too.
        AtEnd,
    }
}
switch! {
    /// A request that is signed with a temporary key and does not show the token.
    MissingToken {
        /// `InvalidAccessKeyId`.
        InvalidAccessKeyId,
        /// `AccessDenied`.
        AccessDenied,
    }
}
switch! {
    /// The `ETag` of an object that came in parts, before its `-N`. It is never the MD5 of the object.
    MultipartEtag {
        /// The MD5 of the parts' MD5s.
        PartDigests,
        /// The MD5 of the upload id: nothing that a client could compute from the file.
        Opaque,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::roots;

    #[test]
    fn a_bucket_is_no_path_of_another_service() {
        for good in ["examplebucket", "a-1", "fhnfile"] {
            assert!(is_bucket_name(good, &roots()), "{good}");
        }
        for bad in ["", "ab", "-ab", "ab-", "Abc", "a.b", "a/b", "file", "files", "open", "get", &"a".repeat(64)] {
            assert!(!is_bucket_name(bad, &roots()), "{bad}");
            let config = Config { buckets: vec![bad.to_owned()], ..Config::default() };
            assert!(config.check(&roots()).is_err(), "{bad}");
        }
        assert!(Config::default().check(&roots()).is_ok());
    }
}
