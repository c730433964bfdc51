//! What the lists, and the answers that name a key, have in common.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::xml::Xml;

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn encoding(xml: &mut Xml, encodes: bool) {
    if encodes {
        xml.leaf("EncodingType", "url");
    }
}

/// Whose everything is.
pub(super) fn owner(xml: &mut Xml) {
    xml.nest("Owner", |xml| {
        xml.leaf("ID", "emulator");
        xml.leaf("DisplayName", "emulator");
    });
}

pub(super) fn key(key: &str, encodes: bool) -> String {
    if encodes { utf8_percent_encode(key, RESERVED).to_string() } else { key.to_owned() }
}
