//! The head of a request as a server reads it.

use std::{fmt, str};

use bytes::Bytes;

/// A request line and its fields, byte for byte but for the names, which are in small letters.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// The first line, without its end.
    pub line: String,
    /// The fields in their order.
    pub fields: Vec<(String, Bytes)>,
}

// Values are shown as text: a list of numbers helps nobody.
impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.line)?;
        self.fields.iter().try_for_each(|(name, value)| write!(f, ", {name}: \"{}\"", value.escape_ascii()))
    }
}

impl Head {
    /// Reads a head with the empty line at its end. It panics if it is none.
    pub fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_suffix(b"\r\n\r\n").expect("a head ends with an empty line");
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        let mut lines = text.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        assert!(line.is_ascii(), "{line:?}");
        Self { line, fields: lines.map(field).collect() }
    }

    /// All values of a field.
    pub fn all(&self, name: &str) -> Vec<Bytes> {
        self.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect()
    }

    /// The value of a field that is there once and is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
        let (Some(value), None) = (values.next(), values.next()) else { return None };
        str::from_utf8(value).ok()
    }

    /// `Content-Length`.
    pub fn length(&self) -> u64 {
        self.text("content-length").and_then(|text| text.parse().ok()).expect("there is one length")
    }

    /// Panics if a transport should not send this: what it promises holds for every request of the list.
    pub fn must_be_sound(&self) {
        assert!(self.line.ends_with(" HTTP/1.1"), "{self:?}");
        for once in ["host", "content-length"] {
            assert_eq!(self.all(once).len(), 1, "{once} is there once: {self:?}");
        }
        for never in ["transfer-encoding", "expect", "connection", "te", "cookie"] {
            assert!(self.all(never).is_empty(), "{never} is not there: {self:?}");
        }
        assert_eq!(self.all("accept-encoding"), [&b"identity"[..]], "nothing compressed is accepted: {self:?}");
        // RFC 9110, 12.5.1: it means the same as none, and some clients cannot be told to leave it out.
        let accept = self.all("accept");
        assert!(accept.is_empty() || accept == [&b"*/*"[..]], "accept says nothing: {self:?}");
    }
}

fn field(line: &str) -> (String, Bytes) {
    let (name, value) = line.split_once(':').expect("a field has a name");
    assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic()), "{line:?}");
    // Each character is one byte of the head.
    let value: Vec<u8> = value.trim_matches([' ', '\t']).chars().map(|char| char as u8).collect();
    (name.to_ascii_lowercase(), value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_byte_for_byte() {
        let head = Head::parse(b"PUT /x HTTP/1.1\r\nHost: h:1\r\nX:  \xc3\xbc\xff\r\nContent-Length: 3\r\n\r\n");
        let plain = b"PUT /x HTTP/1.1\r\nHost: h:1\r\nContent-Length: 3\r\nAccept-Encoding: identity\r\n\r\n";
        assert_eq!((head.line.as_str(), head.text("host"), head.length()), ("PUT /x HTTP/1.1", Some("h:1"), 3));
        assert_eq!(head.all("x"), [&b"\xc3\xbc\xff"[..]]);
        Head::parse(plain).must_be_sound();
    }

    #[test]
    fn values_are_shown_as_text() {
        let head = Head::parse(b"PUT /x HTTP/1.1\r\nHost: h:1\r\nX: \xffa\r\n\r\n");
        assert_eq!(format!("{head:?}"), r#""PUT /x HTTP/1.1", host: "h:1", x: "\xffa""#);
    }

    #[test]
    #[should_panic(expected = "nothing compressed is accepted")]
    fn a_client_that_accepts_whatever_comes_is_not_sound() {
        Head::parse(b"PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n").must_be_sound();
    }

    #[test]
    #[should_panic(expected = "content-length is there once")]
    fn two_lengths_are_not_sound() {
        Head::parse(b"PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\ncontent-length: 3\r\n\r\n").must_be_sound();
    }

    #[test]
    #[should_panic(expected = "accept says nothing")]
    fn a_field_that_nobody_asked_for_is_not_sound() {
        Head::parse(
            b"PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nAccept-Encoding: identity\r\nAccept: x/y\r\n\r\n",
        )
        .must_be_sound();
    }
}
