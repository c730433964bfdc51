//! A request's body, field by field as it arrives: a form, or JSON where there is no file.
//!
//! No field is needed before another, and only text is kept: the bytes of the file go to a [`Sink`] at once.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::code::{self, Code};
use crate::multipart::{BITE, Broken, Multipart, Piece};
use crate::switch::RepeatedField;

/// The one field that is no text, in lower case; SDKs also spell it `fileContent`.
const FILE: &str = "filecontent";
const FIELDS: usize = 64;
const JSON_BODY: usize = 64 * 1024;

/// Takes the bytes of the file.
pub(crate) trait Sink {
    fn take(&mut self, bytes: &[u8]);

    /// A file begins; what came of another one is not wanted.
    fn restart(&mut self);
}

/// What a form has to keep to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Longest text of all fields together.
    pub(crate) texts: usize,
    pub(crate) repeated: RepeatedField,
}

/// A body being read.
pub(crate) struct Form {
    source: Source,
    fields: Fields,
    rules: Rules,
}

enum Source {
    Nothing,
    Multipart(Box<Parts>),
    Json(Vec<u8>),
    Complete,
    Broken(Code),
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    texts: Vec<(String, String)>,
    text_bytes: usize,
    has_file: bool,
    is_json: bool,
}

impl Form {
    pub(crate) fn of(headers: &HeaderMap, rules: Rules) -> Form {
        Form { source: source(headers), fields: Fields::default(), rules }
    }

    /// A form whose fields all stand in the URL.
    pub(crate) fn in_query(query: &str) -> Form {
        let texts = query.split('&').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.to_ascii_lowercase(), super::path::decode(value)?))
        });
        Form { fields: Fields { texts: texts.take(FIELDS).collect(), ..Fields::default() }, ..Form::empty() }
    }

    /// One without a field.
    pub(crate) fn empty() -> Form {
        let rules = Rules { texts: 0, repeated: RepeatedField::Refuse };
        Form { source: Source::Complete, fields: Fields::default(), rules }
    }

    /// What was read so far.
    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// A field's text, as far as was read.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.text(name)
    }

    pub(crate) fn feed(&mut self, chunk: &[u8], sink: &mut dyn Sink) {
        for bite in chunk.chunks(BITE) {
            if let Err(code) = self.bite(bite, sink) {
                self.source = Source::Broken(code);
            }
        }
    }

    fn bite(&mut self, bite: &[u8], sink: &mut dyn Sink) -> Result<(), Code> {
        match &mut self.source {
            Source::Multipart(parts) => {
                parts.form.feed(bite);
                if parts.pump(&mut self.fields, self.rules, sink)? {
                    self.source = Source::Complete;
                }
                Ok(())
            }
            Source::Json(body) => {
                body.extend_from_slice(bite);
                too_long(body.len() > JSON_BODY)
            }
            Source::Nothing => Err(code::PARAMETER.because("ERROR_CGI_PARAM: content-type")),
            Source::Complete | Source::Broken(_) => Ok(()),
        }
    }

    /// The body is over. What was read so far comes along even if it is broken.
    pub(crate) fn end(mut self, sink: &mut dyn Sink) -> (Fields, Result<(), Code>) {
        let outcome = match &mut self.source {
            Source::Complete => Ok(()),
            Source::Nothing => Err(code::MISSING_OP),
            Source::Broken(code) => Err(*code),
            Source::Json(body) => self.fields.take_json(body, self.rules.repeated),
            Source::Multipart(parts) => {
                parts.form.close();
                let complete = parts.pump(&mut self.fields, self.rules, sink);
                complete.and_then(|complete| complete.then_some(()).ok_or(MALFORMED))
            }
        };
        (self.fields, outcome)
    }
}

const MALFORMED: Code = code::PARAMETER.because("ERROR_CGI_PARAM: malformed form");
const TOO_LONG: Code = code::PARAMETER.because("ERROR_CGI_PARAM: field too long");

fn source(headers: &HeaderMap) -> Source {
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return Source::Nothing;
    };
    if let Some(form) = Multipart::of(kind) {
        return Source::Multipart(Box::new(Parts { form, part: Part::Skipped }));
    }
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Source::Json(Vec::new());
    }
    Source::Nothing
}

fn too_long(is: bool) -> Result<(), Code> {
    if is { Err(TOO_LONG) } else { Ok(()) }
}

impl Fields {
    /// A field's text; an empty one is as good as none.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let found = self.texts.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub(crate) fn has_file(&self) -> bool {
        self.has_file
    }

    pub(crate) fn is_json(&self) -> bool {
        self.is_json
    }

    /// Makes room for a field; false if it is not to be read.
    fn open(&mut self, name: &str, repeated: RepeatedField) -> Result<bool, Code> {
        let again = match name {
            FILE => std::mem::replace(&mut self.has_file, true),
            _ => self.texts.iter().any(|(known, _)| known == name),
        };
        match repeated {
            RepeatedField::Refuse if again => {
                return Err(code::PARAMETER.because("ERROR_CGI_PARAM: field given twice"));
            }
            RepeatedField::First if again => return Ok(false),
            _ => self.texts.retain(|(known, _)| known != name),
        }
        too_long(self.texts.len() >= FIELDS).map(|()| true)
    }

    fn put(&mut self, name: String, value: String) {
        self.texts.push((name, value));
    }

    fn take_json(&mut self, body: &[u8], repeated: RepeatedField) -> Result<(), Code> {
        self.is_json = true;
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Err(code::PARAMETER.because("ERROR_CGI_PARAM: malformed JSON"));
        };
        for (name, value) in members {
            let text = match value {
                Value::String(text) => text,
                Value::Null => String::new(),
                other => other.to_string(),
            };
            let name = name.to_ascii_lowercase();
            if self.open(&name, repeated)? {
                self.put(name, text);
            }
        }
        Ok(())
    }
}

/// A multipart form, and the part of it that is being read.
struct Parts {
    form: Multipart,
    part: Part,
}

enum Part {
    File,
    Text { name: String, value: Vec<u8> },
    Skipped,
}

impl Parts {
    /// Reads on until more bytes are needed; true once the closing delimiter was seen.
    fn pump(&mut self, fields: &mut Fields, rules: Rules, sink: &mut dyn Sink) -> Result<bool, Code> {
        while let Some(piece) = self.form.next()? {
            match (piece, &mut self.part) {
                (Piece::Part { name, .. }, _) => self.part = Part::begin(&name, fields, rules.repeated, sink)?,
                (Piece::Bytes(bytes), Part::File) => sink.take(&bytes),
                (Piece::Bytes(bytes), Part::Text { value, .. }) => {
                    fields.text_bytes += bytes.len();
                    too_long(fields.text_bytes > rules.texts)?;
                    value.extend_from_slice(&bytes);
                }
                (Piece::PartEnd, Part::Text { name, value }) => {
                    let text = String::from_utf8(std::mem::take(value)).map_err(|_| MALFORMED)?;
                    fields.put(std::mem::take(name), text);
                }
                (Piece::End, _) => return Ok(true),
                (Piece::PartEnd, Part::File) | (_, Part::Skipped) => {}
            }
        }
        Ok(false)
    }
}

impl Part {
    fn begin(name: &str, fields: &mut Fields, repeated: RepeatedField, sink: &mut dyn Sink) -> Result<Part, Code> {
        let name = name.to_ascii_lowercase();
        if !fields.open(&name, repeated)? {
            return Ok(Part::Skipped);
        }
        if name == FILE {
            sink.restart();
            return Ok(Part::File);
        }
        Ok(Part::Text { name, value: Vec::new() })
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

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
