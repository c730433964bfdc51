//! A request's fields: those of its query, and those of its body, whichever of the two forms it has.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;

use super::code::{self, Code};
use crate::multipart::{BITE, Broken, Multipart, Piece};
use crate::switch::RepeatedField;

/// All texts of a body together may be so long, and a query too.
const TEXT: usize = 64 * 1024;
const FIELDS: usize = 64;
const FORM: &str = "application/x-www-form-urlencoded";

const MALFORMED: Code = code::BAD_PARAMETER.because("the form is malformed");
const TOO_LONG: Code = code::BAD_PARAMETER.because("the form is too long");
const TWICE: Code = code::BAD_PARAMETER.because("a field is there twice");
const KIND: Code = code::BAD_PARAMETER.because("the content type is not supported");

/// A form being read.
pub(super) struct Form {
    source: Source,
    fields: Fields,
    repeated: RepeatedField,
}

enum Source {
    Encoded(Vec<u8>),
    Multipart(Box<Parts>),
    /// A body that is none of these; good only as long as it is empty.
    Unknown,
    Complete,
    Broken(Code),
}

struct Parts {
    form: Multipart,
    name: String,
    value: Vec<u8>,
    texts: usize,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    texts: Vec<(String, String)>,
}

impl Fields {
    /// A field's text; an empty one is as good as none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    fn add(&mut self, name: String, value: String, repeated: RepeatedField) -> Result<(), Code> {
        if self.texts.len() >= FIELDS {
            return Err(TOO_LONG);
        }
        match self.texts.iter_mut().find(|(known, _)| *known == name) {
            None => self.texts.push((name, value)),
            Some(_) if repeated == RepeatedField::Refuse => return Err(TWICE),
            Some(_) if repeated == RepeatedField::First => {}
            Some(known) => known.1 = value,
        }
        Ok(())
    }

    /// Reads `a=b&c=d`, with `+` for a blank.
    pub(super) fn read_encoded(&mut self, text: &str, repeated: RepeatedField) -> Result<(), Code> {
        if text.len() > TEXT {
            return Err(TOO_LONG);
        }
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.add(decoded(name)?, decoded(value)?, repeated)?;
        }
        Ok(())
    }
}

fn decoded(text: &str) -> Result<String, Code> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8().map_err(|_| MALFORMED)?;
    Ok(decoded.into_owned())
}

impl Form {
    pub(super) fn of(headers: &HeaderMap, query: &str, repeated: RepeatedField) -> Form {
        let mut fields = Fields::default();
        if let Err(code) = fields.read_encoded(query, repeated) {
            return Form { source: Source::Broken(code), fields, repeated };
        }
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        let source = if essence.eq_ignore_ascii_case(FORM) {
            Source::Encoded(Vec::new())
        } else if let Some(form) = Multipart::of(kind) {
            Source::Multipart(Box::new(Parts { form, name: String::new(), value: Vec::new(), texts: 0 }))
        } else {
            Source::Unknown
        };
        Form { source, fields, repeated }
    }

    /// One that is over.
    pub(super) fn empty() -> Form {
        Form { source: Source::Complete, fields: Fields::default(), repeated: RepeatedField::Refuse }
    }

    pub(super) fn feed(&mut self, chunk: &[u8]) {
        for bite in chunk.chunks(BITE) {
            if let Err(code) = self.bite(bite) {
                self.source = Source::Broken(code);
            }
        }
    }

    fn bite(&mut self, bite: &[u8]) -> Result<(), Code> {
        match &mut self.source {
            Source::Encoded(body) if body.len() + bite.len() > TEXT => return Err(TOO_LONG),
            Source::Encoded(body) => body.extend_from_slice(bite),
            Source::Multipart(parts) => {
                parts.form.feed(bite);
                if parts.pump(&mut self.fields, self.repeated)? {
                    self.source = Source::Complete;
                }
            }
            Source::Unknown => return Err(KIND),
            Source::Complete | Source::Broken(_) => {}
        }
        Ok(())
    }

    /// The body is over.
    pub(super) fn end(mut self) -> Result<Fields, Code> {
        match &mut self.source {
            Source::Complete | Source::Unknown => {}
            Source::Broken(code) => return Err(*code),
            Source::Encoded(body) => {
                let text = std::str::from_utf8(body).map_err(|_| MALFORMED)?;
                self.fields.read_encoded(text, self.repeated)?;
            }
            Source::Multipart(parts) => {
                parts.form.close();
                if !parts.pump(&mut self.fields, self.repeated)? {
                    return Err(MALFORMED);
                }
            }
        }
        Ok(self.fields)
    }
}

impl Parts {
    /// Reads on until more bytes are needed; true once the form is complete.
    fn pump(&mut self, fields: &mut Fields, repeated: RepeatedField) -> Result<bool, Code> {
        while let Some(piece) = self.form.next()? {
            match piece {
                Piece::Part { name, .. } => self.name = name,
                Piece::Bytes(bytes) => {
                    self.texts += bytes.len();
                    if self.texts > TEXT {
                        return Err(TOO_LONG);
                    }
                    self.value.extend_from_slice(&bytes);
                }
                Piece::PartEnd => {
                    let value = String::from_utf8(std::mem::take(&mut self.value)).map_err(|_| MALFORMED)?;
                    fields.add(std::mem::take(&mut self.name), value, repeated)?;
                }
                Piece::End => return Ok(true),
            }
        }
        Ok(false)
    }
}

impl From<Broken> for Code {
    fn from(broken: Broken) -> Code {
        match broken {
            Broken::Malformed => MALFORMED,
            Broken::TooLong => TOO_LONG,
        }
    }
}
