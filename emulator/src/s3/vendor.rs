//! What S3 keeps with its objects and unfinished uploads, beside what all part stores do.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::checksums::{Checksum, Declared};
use super::op::NAME;
use crate::part_store::{Algorithm, Digests, Vendor};

#[derive(Clone, Copy, Debug)]
pub(super) struct OfS3;

/// What an unfinished upload was begun with.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Begun {
    /// The checksum that its parts and its object have.
    pub(super) checksum: Option<Declared>,
}

/// What an object has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// Absent if nobody looks at checksums.
    pub(super) checksum: Option<Checksum>,
    /// Numbers and tags of its parts, in order; none for one that came in one request.
    pub(super) parts: BTreeMap<u32, String>,
    /// The version that it is, in a bucket that keeps versions.
    pub(super) version: u64,
}

impl Vendor for OfS3 {
    const NAME: &'static str = NAME;
    const KEY_MAX: usize = 1024;
    const OF_FOUND: &'static [Algorithm] = &[Algorithm::Crc64Nvme];

    type Upload = Begun;
    type Object = Made;

    fn found(digests: &Digests) -> (String, Made) {
        let checksum = Checksum::of(digests, Algorithm::Crc64Nvme);
        (hex::encode(digests.md5), Made { checksum, parts: BTreeMap::new(), version: 0 })
    }

    fn path_of(key: &str) -> String {
        let segments: Vec<String> = key.split('/').map(escaped).collect();
        segments.join("/")
    }

    fn key_of(path: &str) -> String {
        let segments: Vec<String> = path.split('/').map(unescaped).collect();
        segments.join("/")
    }
}

/// A segment of a key as the name of a file: what no file may be called is written with `%`, the empty one as `%` alone.
fn escaped(segment: &str) -> String {
    if segment.is_empty() {
        return "%".to_owned();
    }
    let is_dots = matches!(segment, "." | "..");
    let write = |it: char| match it {
        '.' if is_dots => "%2E".to_owned(),
        '%' | '\\' => format!("%{:02X}", u32::from(it)),
        it if it.is_control() => utf8_percent_encode(it.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC).to_string(),
        it => it.to_string(),
    };
    segment.chars().map(write).collect()
}

fn unescaped(segment: &str) -> String {
    if segment == "%" {
        return String::new();
    }
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

pub(super) type Object = crate::part_store::Object<OfS3>;
pub(super) type Objects = crate::part_store::Objects<OfS3>;
pub(super) type Purpose = crate::part_store::Purpose<OfS3>;
pub(super) type Upload = crate::part_store::Upload<OfS3>;
pub(super) type Uploads = crate::part_store::Uploads<OfS3>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_the_path_of_a_file_and_is_read_back_from_it() {
        for (key, path) in [
            ("dir/plain.bin", "dir/plain.bin"),
            ("a//b", "a/%/b"),
            ("a/../b/./c", "a/%2E%2E/b/%2E/c"),
            ("/lead", "%/lead"),
            ("end/", "end/%"),
            ("a%2Fb", "a%252Fb"),
            ("...", "..."),
            ("a\\b", "a%5Cb"),
            ("tab\tnl\nend\u{85}", "tab%09nl%0Aend%C2%85"),
            ("文+ ~", "文+ ~"),
        ] {
            assert_eq!(OfS3::path_of(key), path);
            assert_eq!(OfS3::key_of(path), key);
            assert!(Objects::name("emubucket", key).is_some(), "{key}");
        }
    }
}
