//! What COS XML keeps with its objects and unfinished uploads, beside what all part stores do, and how its keys become names of
//! files.

use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use super::op::NAME;
use crate::part_store::{Digests, Vendor};
use crate::storage::is_file_name;

#[derive(Clone, Copy, Debug)]
pub(super) struct OfCosXml;

impl Vendor for OfCosXml {
    const NAME: &'static str = NAME;
    const KEY_MAX: usize = 850;

    type Upload = ();
    type Object = ();

    fn found(digests: &Digests) -> (String, ()) {
        (hex::encode(digests.md5), ())
    }

    /// The second, and 64 digits of which the first eight count: a later upload has a greater id.
    fn upload_id(begun: Duration, serial: u64, hash: &[u8; 32]) -> String {
        format!("{:010}{:08x}{}", begun.as_secs(), serial & 0xffff_ffff, hex::encode(&hash[..28]))
    }

    /// Every key that the vendor takes has a file: what no file's name can hold is written with percent signs, an empty segment
    /// as `%2F`. A percent sign that could be taken for one of these is written so, too.
    fn path_of(key: &str) -> String {
        key.split('/').map(segment).collect::<Vec<String>>().join("/")
    }

    fn key_of(path: &str) -> String {
        let segments = path.split('/').map(|segment| match segment {
            EMPTY => String::new(),
            other => percent_decode_str(other).decode_utf8_lossy().into_owned(),
        });
        segments.collect::<Vec<String>>().join("/")
    }
}

const EMPTY: &str = "%2F";

fn segment(text: &str) -> String {
    match text {
        "" => return EMPTY.to_owned(),
        "." | ".." => return text.replace('.', "%2E"),
        _ => {}
    }
    let bytes = text.as_bytes();
    let is_escape = |at: usize| {
        let digits = bytes.get(at + 1..at + 3);
        bytes[at] == b'%' && digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    let mut written = String::new();
    for (at, it) in text.char_indices() {
        if it.is_control() || it == '\\' || is_escape(at) {
            written.extend(percent_encode(&bytes[at..at + it.len_utf8()], NON_ALPHANUMERIC));
        } else {
            written.push(it);
        }
    }
    written
}

/// Whether a key can have a file at all.
pub(super) fn has_a_file(key: &str) -> bool {
    OfCosXml::path_of(key).split('/').all(is_file_name)
}

pub(super) type Object = crate::part_store::Object<OfCosXml>;
pub(super) type Objects = crate::part_store::Objects<OfCosXml>;
pub(super) type Purpose = crate::part_store::Purpose<OfCosXml>;
pub(super) type Upload = crate::part_store::Upload<OfCosXml>;
pub(super) type Uploads = crate::part_store::Uploads<OfCosXml>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_can_be_a_file_is_one() {
        for key in ["a", "dir/文件 +~.mkv", "100%", "50% off", "emoji-😀-e\u{301}.bin", "q?x=1&y#z;'()*!@$,[]{}|^`\"<>"]
        {
            assert_eq!((OfCosXml::path_of(key).as_str(), OfCosXml::key_of(key).as_str()), (key, key));
        }
    }

    #[test]
    fn every_key_has_a_file_of_its_own() {
        let keys = [
            "x/./y/../z",
            "end/",
            "end",
            "a//b",
            "tab\there new\nline",
            "%2F",
            "a%2Fb",
            "%",
            "%%",
            "%2",
            "%2\n",
            "%\n",
            "%250A",
            "%0A",
            "\\",
            "..",
            "...",
            "a/%2E/b",
            "a/./b",
            "\u{85}",
        ];
        for key in keys {
            let path = OfCosXml::path_of(key);
            assert!(has_a_file(key), "{key:?} is {path:?}");
            assert_eq!(OfCosXml::key_of(&path), key, "{path:?}");
            assert_eq!(keys.iter().filter(|other| OfCosXml::path_of(other) == path).count(), 1, "{path:?}");
        }
        assert!(!has_a_file(&"a".repeat(256)));
    }
}
