//! Which object a URL names, and which names no object may have.

use std::{fmt, io};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::code::{self, Code};
use super::switches::{BadPath, QueryPlus};
use crate::storage::{self, ObjectName};

const FORBIDDEN: &[char] = &['?', '*', ':', '|', '\\', '<', '>', '"'];
const URL_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// An object's name at the vendor.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Name {
    appid: String,
    bucket: String,
    key: String,
}

impl Name {
    /// A name, if all its parts may be names. `key` has no leading slash.
    pub(crate) fn new(appid: &str, bucket: &str, key: &str) -> Option<Name> {
        let good = is_segment(appid) && is_segment(bucket) && key.split('/').all(is_segment);
        good.then(|| Name { appid: appid.to_owned(), bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// The name of an object that is in a store.
    pub(crate) fn of_stored(object: &ObjectName) -> Option<Name> {
        let mut parts = object.path().splitn(3, '/');
        Name::new(parts.next()?, parts.next()?, parts.next()?)
    }

    /// Where the object of this name is in a store.
    pub(crate) fn stored(&self, service: &'static str) -> io::Result<ObjectName> {
        let path = format!("{}/{}/{}", self.appid, self.bucket, self.key);
        ObjectName::new(service, &path).ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }

    /// The application id.
    pub(crate) fn appid(&self) -> &str {
        &self.appid
    }

    /// The bucket.
    pub(crate) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The path inside the bucket, without a leading slash.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// `/appid/bucket/key`, not encoded.
    pub(crate) fn resource_path(&self) -> String {
        format!("/{}/{}/{}", self.appid, self.bucket, self.key)
    }

    /// `/key`, encoded for a URL.
    pub(crate) fn encoded_key(&self) -> String {
        utf8_percent_encode(&self.key, URL_PATH).to_string()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.resource_path())
    }
}

/// What a URL's path names, before anybody decided whether it may.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) appid: String,
    pub(crate) bucket: String,
    /// `/appid/bucket/key`, decoded; may hold any text.
    pub(crate) resource_path: String,
    pub(crate) name: Option<Name>,
}

/// Splits and decodes a URL's path below an API's root. `None`: no path of this API at all.
pub(crate) fn target(path: &str, root: &str, max_key: usize, plus: QueryPlus) -> Option<Target> {
    let rest = path.strip_prefix(root)?;
    let decode = |piece: &str| match plus {
        QueryPlus::Space => decode(&piece.replace('+', " ")),
        QueryPlus::Literal => decode(piece),
    };
    let mut pieces = rest.splitn(3, '/').map(decode);
    let appid = pieces.next()??;
    let bucket = pieces.next()??;
    let key = pieces.next()?;
    let name = key.as_deref().and_then(|key| {
        let fits = key.len() <= max_key;
        fits.then(|| Name::new(&appid, &bucket, key))?
    });
    Some(Target { resource_path: format!("/{appid}/{bucket}/{}", key.unwrap_or_default()), appid, bucket, name })
}

/// The refusal of a path that names no possible object.
pub(crate) fn refusal(choice: BadPath) -> Code {
    match choice {
        BadPath::IllegalPath => code::ILLEGAL_PATH,
        BadPath::Parameter => code::PARAMETER.because("ERROR_CGI_PARAM: path"),
    }
}

/// Percent-decoding; a plus stays a plus.
pub(crate) fn decode(text: &str) -> Option<String> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

fn is_segment(segment: &str) -> bool {
    storage::is_file_name(segment) && !segment.trim().is_empty() && !segment.contains(FORBIDDEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(path: &str) -> Option<Name> {
        target(path, "/files/v2/", 1024, QueryPlus::Literal).and_then(|target| target.name)
    }

    #[test]
    fn every_sdk_encoding_names_the_same_object() {
        let paths = [
            "/files/v2/1/b/%E6%B5%8B%E8%AF%95%20dir/a%20b%2Bc~%281%29.txt",
            "/files/v2/1/b/%E6%B5%8B%E8%AF%95%20dir/a%20b%2Bc~(1).txt",
            "/files/v2/1/b/%E6%B5%8B%E8%AF%95%20dir/a%20b%2Bc%7E%281%29.txt",
            "/files/v2/1/b/%e6%b5%8b%e8%af%95%20dir/a%20b%2bc~(1).txt",
            "/files/v2/1/b/%E6%B5%8B%E8%AF%95%20dir/a%20b+c~(1).txt",
        ];
        for path in paths {
            let name = name_of(path).expect(path);
            assert_eq!(name.key(), "测试 dir/a b+c~(1).txt");
        }
    }

    #[test]
    fn no_name_leaves_its_folder() {
        let keys = [
            "",
            "/",
            "a//b",
            "/a",
            "a/",
            ".",
            "..",
            "../x",
            "a/../../x",
            "a/./b",
            "%2e%2e/x",
            "%2E%2E%2Fx",
            "a%2F..%2F..%2Fx",
            "a%00b",
            "a%5Cb",
            "..%5Cx",
            "C%3A/x",
            "a/%20/b",
            "a%0Ab",
            "%7F",
            "%FF",
            "%2Fetc%2Fpasswd",
            "a%3Fb",
            "a*b",
            "a%7Cb",
            "a%3Cb",
            "a%3Eb",
            "a%22b",
        ];
        for key in keys {
            assert_eq!(name_of(&format!("/files/v2/1/b/{key}")), None, "{key}");
        }
        assert_eq!(name_of("/files/v2/../b/x"), None);
        assert_eq!(name_of("/files/v2/1/%2e%2e/x"), None);
        assert_eq!(name_of("/files/v2/1/a%2Fb/x"), None);
        assert_eq!(name_of(&format!("/files/v2/1/b/{}", "x".repeat(256))), None);
        assert_eq!(name_of(&format!("/files/v2/1/b/{}", "x/".repeat(600) + "x")), None);
    }

    #[test]
    fn odd_but_honest_names_pass() {
        for key in [".hidden", "a..b", "...", "a%25b", "-", "a%20", "%E2%80%AE"] {
            assert!(name_of(&format!("/files/v2/1/b/{key}")).is_some(), "{key}");
        }
    }

    #[test]
    fn other_services_are_not_ours() {
        for path in ["/", "/files/v1/1/b/x", "/files/v2/1", "/files/v2/1/b", "/files/v2"] {
            assert_eq!(target(path, "/files/v2/", 1024, QueryPlus::Literal), None, "{path}");
        }
    }

    #[test]
    fn urls_encode_what_paths_may_not_hold() {
        let name = Name::new("1", "b", "d/测 +.txt").expect("a name");
        assert_eq!(name.encoded_key(), "d/%E6%B5%8B%20%2B.txt");
    }
}
