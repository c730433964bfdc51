//! What the S3 server is told before it starts: accounts, buckets, limits, and a switch for each behaviour in which servers that
//! speak S3 differ.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use super::switches::Switches;

/// Everything the S3 server is told before it starts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Who may sign, for every bucket. Default: one made-up account.
    pub accounts: Vec<Account>,
    /// The buckets there are (`emubucket`).
    pub buckets: Vec<String>,
    /// What a signature has to name (`us-east-1`).
    pub region: String,
    /// Headers that are refused (none). No server takes all that S3 has.
    pub refused_headers: Vec<RefusedHeader>,
    /// The vendor's numbers.
    pub limits: Limits,
    /// A choice for each behaviour that is unproven, or differs from server to server.
    pub switches: Switches,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            accounts: vec![Account::default()],
            buckets: vec!["emubucket".to_owned()],
            region: "us-east-1".to_owned(),
            refused_headers: Vec::new(),
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

    /// The host name of the region's servers, as error documents tell it.
    pub(super) fn host(&self) -> String {
        format!("s3.{}.amazonaws.com", self.region)
    }

    /// `roots`: first segments of other services' paths.
    pub(super) fn check(&self, roots: &[&str]) -> io::Result<()> {
        match self.buckets.iter().find(|name| !is_bucket_name(name, roots)) {
            None => Ok(()),
            Some(bad) => {
                let text = format!(
                    "`{bad}` cannot be a bucket of s3: 3 to 63 lower-case letters, digits, dots and hyphens, and none of {}",
                    roots.join(", ")
                );
                Err(io::Error::new(io::ErrorKind::InvalidInput, text))
            }
        }
    }
}

/// The vendor's rule; and no name that begins another service's paths.
fn is_bucket_name(name: &str, roots: &[&str]) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| is_letter(byte) || b".-".contains(&byte))
        && name.bytes().next().is_some_and(is_letter)
        && name.bytes().next_back().is_some_and(is_letter)
        && !name.contains("..")
        && !roots.contains(&name)
}

/// A long-lived key. The default one is made up, and works on no real server.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The public half (`AKIAEMULATOR`).
    pub access_key_id: String,
    /// The secret half (`emulator-access-key-secret`). Never printed by `Debug`.
    pub access_key_secret: String,
}

impl Default for Account {
    fn default() -> Self {
        Account { access_key_id: "AKIAEMULATOR".to_owned(), access_key_secret: "emulator-access-key-secret".to_owned() }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// A header that the server does not know what to do with, and says so.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct RefusedHeader {
    /// Its name in lower case; with a `*` at the end, all names that begin so.
    pub name: String,
    /// The status of the refusal (`501`).
    #[serde(default = "not_implemented")]
    pub status: u16,
    /// The code of the refusal (`NotImplemented`).
    #[serde(default = "not_implemented_code")]
    pub code: String,
}

fn not_implemented() -> u16 {
    501
}

fn not_implemented_code() -> String {
    "NotImplemented".to_owned()
}

impl RefusedHeader {
    pub(super) fn covers(&self, name: &str) -> bool {
        match self.name.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == self.name,
        }
    }
}

/// The vendor's numbers. A simulator may make them tiny.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// A part that is not the last must have so many bytes (5 MiB); checked at complete.
    pub part_min: u64,
    /// Longest part in bytes (5 GiB).
    pub part_max: u64,
    /// Highest part number (10,000).
    pub parts: u32,
    /// Longest object in one request, in bytes (5 GiB).
    pub put_max: u64,
    /// Longest piece of an object that one answer holds, in bytes (64 MiB): the emulator's own limit, not the vendor's.
    pub get_max: u64,
    /// Most entries of one page of a list (1000). More may be asked for, and fewer come.
    pub page: u32,
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
            part_min: 5 * 1024 * 1024,
            part_max: 5 * 1024 * 1024 * 1024,
            parts: 10_000,
            put_max: 5 * 1024 * 1024 * 1024,
            get_max: 64 * 1024 * 1024,
            page: 1000,
            skew: 900,
            sts_life: 3600,
            sts_memory: 300,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::roots;

    #[test]
    fn a_bucket_is_no_path_of_another_service() {
        for good in ["emubucket", "a-1", "my.bucket"] {
            assert!(is_bucket_name(good, &roots()), "{good}");
        }
        for bad in ["", "ab", "-ab", "ab-", "Abc", "a..b", ".ab", "a/b", "file", "files", "open", &"a".repeat(64)] {
            assert!(!is_bucket_name(bad, &roots()), "{bad}");
            let config = Config { buckets: vec![bad.to_owned()], ..Config::default() };
            assert!(config.check(&roots()).is_err(), "{bad}");
        }
        assert!(Config::default().check(&roots()).is_ok());
    }

    #[test]
    fn a_refused_header_is_named_whole_or_by_its_beginning() {
        let refused = |text: &str| serde_json::from_str::<RefusedHeader>(text).expect("a header");
        let (one, many) = (refused(r#"{"name": "x-amz-acl"}"#), refused(r#"{"name": "x-amz-checksum-*"}"#));
        assert!(
            one.covers("x-amz-acl")
                && !one.covers("x-amz-acls")
                && (one.status, one.code.as_str()) == (501, "NotImplemented")
        );
        assert!(many.covers("x-amz-checksum-crc32") && !many.covers("x-amz-check"));
    }
}
