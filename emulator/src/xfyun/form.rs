//! A request's body, as it arrives: a form where there is a file, JSON where there is none.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::code::{self, Code};
use crate::intake::Intake;
use crate::multipart::{BITE, Broken, Multipart, Piece};
use crate::switch::RepeatedField;

/// The one part that is a file.
const FILE: &str = "data";
/// All texts of a form together, or a JSON body, may be so long.
const TEXT: usize = 64 * 1024;
const PARTS: usize = 64;

const MALFORMED: Code = code::PARAMETER.because("request body is malformed");
const TOO_LONG: Code = code::PARAMETER.because("request body is too long");
const TWICE: Code = code::PARAMETER.because("request has a field twice");
const KIND: Code = code::PARAMETER.because("content type is not supported");

/// What a kind of request has for a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Form,
    Json,
}

/// A body being read.
pub(super) struct Form {
    source: Source,
    fields: Fields,
    repeated: RepeatedField,
}

enum Source {
    Multipart(Box<Parts>),
    Json(Vec<u8>),
    Complete,
    Broken(Code),
}

struct Parts {
    form: Multipart,
    part: Part,
    texts: usize,
}

/// The part that is being read.
enum Part {
    File,
    Text { name: String, value: Vec<u8> },
    Skipped,
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Fields {
    texts: Vec<(String, String)>,
    has_file: bool,
}

impl Fields {
    /// A field's text; an empty one is as good as none.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The texts of an object's members; what is no text is none of ours.
    fn take_json(&mut self, body: &[u8]) -> Result<(), Code> {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Err(MALFORMED);
        };
        for (name, value) in members {
            match value {
                Value::String(text) => self.texts.push((name, text)),
                _ if NAMES.contains(&name.as_str()) => return Err(MALFORMED),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The members a JSON body may have, all texts.
const NAMES: [&str; 4] = ["request_id", "app_id", "cloud_id", "upload_id"];

impl Form {
    pub(super) fn of(headers: &HeaderMap, shape: Shape, repeated: RepeatedField) -> Form {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        let source = match shape {
            Shape::Json if essence.eq_ignore_ascii_case("application/json") => Some(Source::Json(Vec::new())),
            Shape::Json => None,
            Shape::Form => Multipart::of(kind)
                .map(|form| Source::Multipart(Box::new(Parts { form, part: Part::Skipped, texts: 0 }))),
        };
        Form { source: source.unwrap_or(Source::Broken(KIND)), fields: Fields::default(), repeated }
    }

    /// One that is not read.
    pub(super) fn empty() -> Form {
        Form { source: Source::Complete, fields: Fields::default(), repeated: RepeatedField::Refuse }
    }

    pub(super) fn feed(&mut self, chunk: &[u8], intake: &mut Intake) {
        for bite in chunk.chunks(BITE) {
            if let Err(code) = self.bite(bite, intake) {
                self.source = Source::Broken(code);
            }
        }
    }

    fn bite(&mut self, bite: &[u8], intake: &mut Intake) -> Result<(), Code> {
        match &mut self.source {
            Source::Multipart(parts) => {
                parts.form.feed(bite);
                if parts.pump(&mut self.fields, self.repeated, intake)? {
                    self.source = Source::Complete;
                }
            }
            Source::Json(body) if body.len() + bite.len() > TEXT => return Err(TOO_LONG),
            Source::Json(body) => body.extend_from_slice(bite),
            Source::Complete | Source::Broken(_) => {}
        }
        Ok(())
    }

    /// The body is over.
    pub(super) fn end(mut self, intake: &mut Intake) -> Result<Fields, Code> {
        match &mut self.source {
            Source::Complete => {}
            Source::Broken(code) => return Err(*code),
            Source::Json(body) => self.fields.take_json(body)?,
            Source::Multipart(parts) => {
                parts.form.close();
                if !parts.pump(&mut self.fields, self.repeated, intake)? {
                    return Err(MALFORMED);
                }
            }
        }
        Ok(self.fields)
    }
}

impl Parts {
    /// Reads on until more bytes are needed; true once the form is complete.
    fn pump(&mut self, fields: &mut Fields, repeated: RepeatedField, intake: &mut Intake) -> Result<bool, Code> {
        while let Some(piece) = self.form.next()? {
            match (piece, &mut self.part) {
                (Piece::Part { name, is_file }, _) => self.part = Part::begin(name, is_file, fields, repeated, intake)?,
                (Piece::Bytes(bytes), Part::File) => intake.take(&bytes),
                (Piece::Bytes(bytes), Part::Text { value, .. }) => {
                    self.texts += bytes.len();
                    if self.texts > TEXT {
                        return Err(TOO_LONG);
                    }
                    value.extend_from_slice(&bytes);
                }
                (Piece::PartEnd, Part::Text { name, value }) => {
                    let value = String::from_utf8(std::mem::take(value)).map_err(|_| MALFORMED)?;
                    fields.texts.push((std::mem::take(name), value));
                }
                (Piece::End, _) => return Ok(true),
                (Piece::PartEnd, Part::File) | (_, Part::Skipped) => {}
            }
        }
        Ok(false)
    }
}

impl Part {
    /// The file has to come with a file name; a part by its name without one is a text that nobody asks for.
    fn begin(
        name: String,
        is_file: bool,
        fields: &mut Fields,
        repeated: RepeatedField,
        intake: &mut Intake,
    ) -> Result<Part, Code> {
        if fields.texts.len() >= PARTS {
            return Err(TOO_LONG);
        }
        let is_file = name == FILE && is_file;
        let again = if is_file {
            std::mem::replace(&mut fields.has_file, true)
        } else {
            fields.texts.iter().any(|(known, _)| *known == name)
        };
        match repeated {
            RepeatedField::Refuse if again => Err(TWICE),
            RepeatedField::First if again => Ok(Part::Skipped),
            _ if is_file => {
                intake.restart();
                Ok(Part::File)
            }
            _ => {
                fields.texts.retain(|(known, _)| *known != name);
                Ok(Part::Text { name, value: Vec::new() })
            }
        }
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
