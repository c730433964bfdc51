//! The `multipart/form-data` writer ([RFC 7578]) over ranges of the source.
//!
//! [RFC 7578]: https://www.rfc-editor.org/rfc/rfc7578

use alloc::string::String;
use core::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::body::{Body, Segment};

/// A form in the making: fields in the order in which they are added; fields may follow the file.
///
/// The boundary is the caller's, so that the same arguments give the same bytes. It must not occur
/// in the content; 96 random bits or more make that certain enough.
#[derive(Clone)]
pub struct Form {
    boundary: String,
    text: BytesMut,
    body: Body,
}

/// How the part that carries the file describes itself. The default says nothing but its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilePart<'a> {
    /// The `filename` parameter: a constant, never the user's path.
    pub filename: Option<&'a str>,
    /// The part's own `Content-Type`.
    pub content_type: Option<&'a str>,
}

impl Form {
    /// An empty form. `boundary` is 1 to 70 characters of `0-9 A-Z a-z ' ( ) + _ , - . / : = ?`.
    pub fn new(boundary: impl Into<String>) -> Self {
        Self { boundary: boundary.into(), text: BytesMut::new(), body: Body::empty() }
    }

    /// Adds a text field.
    #[must_use]
    pub fn text(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.open_part(name, FilePart::default());
        self.text.extend_from_slice(value.as_ref());
        self.text.extend_from_slice(b"\r\n");
        self
    }

    /// Adds a range of the source as a field.
    #[must_use]
    pub fn file(mut self, name: &str, part: FilePart<'_>, range: Range<u64>) -> Self {
        self.open_part(name, part);
        self.flush();
        self.body.push(Segment::Source(range));
        self.text.extend_from_slice(b"\r\n");
        self
    }

    /// The finished body.
    pub fn finish(mut self) -> Body {
        self.put(&["--", &self.boundary.clone(), "--\r\n"]);
        self.flush();
        self.body
    }

    /// The value of the request's `Content-Type` header.
    pub fn content_type(boundary: &str) -> String {
        let plain = boundary.bytes().all(|b| b.is_ascii_alphanumeric() || b"'+_-.".contains(&b));
        if plain {
            format!("multipart/form-data; boundary={boundary}")
        } else {
            format!("multipart/form-data; boundary=\"{boundary}\"")
        }
    }

    fn open_part(&mut self, name: &str, part: FilePart<'_>) {
        self.put(&["--", &self.boundary.clone(), "\r\nContent-Disposition: form-data; name=\"", &escaped(name), "\""]);
        if let Some(filename) = part.filename {
            self.put(&["; filename=\"", &escaped(filename), "\""]);
        }
        if let Some(content_type) = part.content_type {
            self.put(&["\r\nContent-Type: ", &escaped(content_type)]);
        }
        self.put(&["\r\n\r\n"]);
    }

    fn put(&mut self, pieces: &[&str]) {
        for piece in pieces {
            self.text.extend_from_slice(piece.as_bytes());
        }
    }

    fn flush(&mut self) {
        let text: Bytes = self.text.split().freeze();
        self.body.push(Segment::Bytes(text));
    }
}

/// What browsers do to names in a part's header, so that none can end the header early.
fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(body: &Body) -> String {
        let text = |segment: &Segment| match segment {
            Segment::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Segment::Source(range) => format!("<{}..{}>", range.start, range.end),
        };
        body.segments().iter().map(text).collect()
    }

    #[test]
    fn fields_may_follow_the_file() {
        let form = Form::new("B").text("a", "1").file("f", FilePart::default(), 3..10).text("z", "");
        let body = form.finish();
        assert_eq!(
            flat(&body),
            "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n\
             --B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n<3..10>\r\n\
             --B\r\nContent-Disposition: form-data; name=\"z\"\r\n\r\n\r\n--B--\r\n"
        );
        assert_eq!(body.len(), flat(&body).len() as u64 - "<3..10>".len() as u64 + 7);
        assert_eq!(body.source_len(), 7);
    }

    #[test]
    fn an_empty_file_is_an_empty_part() {
        let body = Form::new("B").file("f", FilePart::default(), 0..0).finish();
        assert_eq!(flat(&body), "--B\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n\r\n--B--\r\n");
        assert_eq!(body.len(), flat(&body).len() as u64);
    }

    #[test]
    fn names_cannot_break_out_of_the_header() {
        let part = FilePart { filename: Some("a\"\r\nX: y"), content_type: Some("text/plain") };
        let body = Form::new("B").file("f", part, 0..1).finish();
        assert!(flat(&body).contains("filename=\"a%22%0D%0AX: y\"\r\nContent-Type: text/plain\r\n\r\n<0..1>"));
    }

    #[test]
    fn unusual_boundaries_are_quoted() {
        assert_eq!(Form::content_type("ab-1"), "multipart/form-data; boundary=ab-1");
        assert_eq!(Form::content_type("a b:1"), "multipart/form-data; boundary=\"a b:1\"");
    }
}
