//! A request's fields, read as its body arrives: a form with or without a file, JSON, or `a=b&c=d`. What is different between
//! the vendors is a table of [`Rules`].
//!
//! No field is needed before another, and only text is kept: the bytes of the file go to an [`BodySink`] at once.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::body_sink::BodySink;
use crate::multipart::{BITE, Broken, Multipart, Piece};
use crate::switch::RepeatedField;

const FIELDS: usize = 64;
/// A query, and a body that is read at its end, may be so long.
const WHOLE: usize = 64 * 1024;

/// What a vendor's forms have to keep to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The bodies that are read.
    pub(crate) kinds: &'static [Kind],
    /// The one field that is no text.
    pub(crate) file: Option<FileField>,
    /// Names are told in lower case, however they were sent.
    pub(crate) any_case: bool,
    /// Members of a JSON body that have to be texts; any other may be a number as well.
    pub(crate) texts: &'static [&'static str],
    /// Longest text of all fields together.
    pub(crate) longest: usize,
    pub(crate) repeated: RepeatedField,
}

/// What a body can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Without a byte.
    Empty,
    Encoded,
    Json,
    Multipart,
}

/// The field that is a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FileField {
    pub(crate) name: &'static str,
    /// Without a file name it is a text.
    pub(crate) needs_file_name: bool,
}

/// Why a body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormError {
    /// There is none.
    Missing,
    Kind,
    Malformed,
    MalformedJson,
    TooLong,
    Twice,
}

/// A body being read.
pub(crate) struct Form {
    rules: Rules,
    state: State,
    fields: Fields,
    is_closed: bool,
}

enum State {
    Multipart(Box<Parts>),
    /// Read at its end.
    Whole(Kind, Vec<u8>),
    /// Good only as long as it is empty.
    Unknown,
    /// Nothing more is read.
    Over(Result<(), FormError>),
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
    pub(crate) fn new(headers: &HeaderMap, rules: Rules) -> Form {
        Form { rules, state: State::of(headers, rules.kinds), fields: Fields::default(), is_closed: false }
    }

    /// A form whose fields are here already: any body is ignored.
    pub(crate) fn of(fields: Fields, rules: Rules) -> Form {
        Form { rules, state: State::Over(Ok(())), fields, is_closed: false }
    }

    /// Reads the fields of a query, too.
    pub(crate) fn read_query(&mut self, query: &str) {
        if let Err(error) = self.fields.read_encoded(query, &self.rules) {
            self.state = State::Over(Err(error));
        }
    }

    /// What was read so far.
    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Whether the body is over.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// What was read, once the body is over.
    pub(crate) fn outcome(&self) -> Result<&Fields, FormError> {
        match self.state {
            State::Over(outcome) => outcome.map(|()| &self.fields),
            _ => Err(FormError::Malformed),
        }
    }

    pub(crate) fn feed(&mut self, chunk: &[u8], mut file: Option<&mut BodySink>) {
        for bite in chunk.chunks(BITE) {
            if let Err(error) = self.bite(bite, file.as_deref_mut()) {
                self.state = State::Over(Err(error));
            }
        }
    }

    fn bite(&mut self, bite: &[u8], file: Option<&mut BodySink>) -> Result<(), FormError> {
        match &mut self.state {
            State::Multipart(parts) => {
                parts.form.feed(bite);
                if parts.pump(&mut self.fields, &self.rules, file)? {
                    self.state = State::Over(Ok(()));
                }
            }
            State::Whole(_, body) if body.len() + bite.len() > WHOLE => return Err(FormError::TooLong),
            State::Whole(_, body) => body.extend_from_slice(bite),
            State::Unknown => return Err(FormError::Kind),
            State::Over(_) => {}
        }
        Ok(())
    }

    /// The body is over. What was read so far stays even if it is broken.
    pub(crate) fn close(&mut self, file: Option<&mut BodySink>) {
        self.is_closed = true;
        let (fields, rules) = (&mut self.fields, &self.rules);
        let outcome = match &mut self.state {
            State::Over(outcome) => *outcome,
            State::Unknown if rules.kinds.contains(&Kind::Empty) => Ok(()),
            State::Unknown => Err(FormError::Missing),
            State::Whole(Kind::Json, body) => fields.read_json(body, rules),
            State::Whole(_, body) => match std::str::from_utf8(body) {
                Ok(text) => fields.read_encoded(text, rules),
                Err(_) => Err(FormError::Malformed),
            },
            State::Multipart(parts) => {
                parts.form.close();
                let complete = parts.pump(fields, rules, file);
                complete.and_then(|complete| complete.then_some(()).ok_or(FormError::Malformed))
            }
        };
        self.state = State::Over(outcome);
    }
}

impl State {
    fn of(headers: &HeaderMap, kinds: &[Kind]) -> State {
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        let is = |wanted, name: &str| kinds.contains(&wanted) && essence.eq_ignore_ascii_case(name);
        if is(Kind::Json, "application/json") {
            return State::Whole(Kind::Json, Vec::new());
        }
        if is(Kind::Encoded, "application/x-www-form-urlencoded") {
            return State::Whole(Kind::Encoded, Vec::new());
        }
        match Multipart::of(kind).filter(|_| kinds.contains(&Kind::Multipart)) {
            Some(form) => State::Multipart(Box::new(Parts { form, part: Part::Skipped })),
            None => State::Unknown,
        }
    }
}

impl Fields {
    /// Of a query that a vendor reads in its own way; the first of several by one name counts.
    pub(crate) fn of(texts: impl Iterator<Item = (String, String)>) -> Fields {
        Fields { texts: texts.take(FIELDS).collect(), ..Fields::default() }
    }

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

    /// Reads `a=b&c=d`, with `+` for a blank.
    pub(crate) fn read_encoded(&mut self, text: &str, rules: &Rules) -> Result<(), FormError> {
        if text.len() > WHOLE {
            return Err(FormError::TooLong);
        }
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.put(decoded(name)?, decoded(value)?, rules)?;
        }
        Ok(())
    }

    fn read_json(&mut self, body: &[u8], rules: &Rules) -> Result<(), FormError> {
        self.is_json = true;
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Err(FormError::MalformedJson);
        };
        for (name, value) in members {
            let text = match value {
                Value::String(text) => text,
                _ if rules.texts.contains(&name.as_str()) => return Err(FormError::MalformedJson),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            self.put(name, text, rules)?;
        }
        Ok(())
    }

    fn put(&mut self, name: String, value: String, rules: &Rules) -> Result<(), FormError> {
        let name = rules.name(name);
        if self.opens(&name, false, rules.repeated)? {
            self.texts.push((name, value));
        }
        Ok(())
    }

    /// Makes room for a field; false if it is not to be read.
    fn opens(&mut self, name: &str, is_file: bool, repeated: RepeatedField) -> Result<bool, FormError> {
        let again = if is_file {
            std::mem::replace(&mut self.has_file, true)
        } else {
            self.texts.iter().any(|(known, _)| known == name)
        };
        match repeated {
            RepeatedField::Refuse if again => return Err(FormError::Twice),
            RepeatedField::First if again => return Ok(false),
            _ if is_file => {}
            _ => self.texts.retain(|(known, _)| known != name),
        }
        if self.texts.len() < FIELDS { Ok(true) } else { Err(FormError::TooLong) }
    }
}

fn decoded(text: &str) -> Result<String, FormError> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8().map_err(|_| FormError::Malformed)?;
    Ok(decoded.into_owned())
}

impl Rules {
    fn name(&self, name: String) -> String {
        if self.any_case { name.to_ascii_lowercase() } else { name }
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
    fn pump(&mut self, fields: &mut Fields, rules: &Rules, mut file: Option<&mut BodySink>) -> Result<bool, FormError> {
        while let Some(piece) = self.form.next()? {
            match (piece, &mut self.part) {
                (Piece::Part { name, is_file }, _) => {
                    self.part = Part::begin(rules.name(name), is_file, fields, rules)?;
                    if let (Part::File, Some(file)) = (&self.part, &mut file) {
                        file.restart();
                    }
                }
                (Piece::Bytes(bytes), Part::File) => file.iter_mut().for_each(|file| file.take(&bytes)),
                (Piece::Bytes(bytes), Part::Text { value, .. }) => {
                    fields.text_bytes += bytes.len();
                    if fields.text_bytes > rules.longest {
                        return Err(FormError::TooLong);
                    }
                    value.extend_from_slice(&bytes);
                }
                (Piece::PartEnd, Part::Text { name, value }) => {
                    let text = String::from_utf8(std::mem::take(value)).map_err(|_| FormError::Malformed)?;
                    fields.texts.push((std::mem::take(name), text));
                }
                (Piece::End, _) => return Ok(true),
                (Piece::PartEnd, Part::File) | (_, Part::Skipped) => {}
            }
        }
        Ok(false)
    }
}

impl Part {
    fn begin(name: String, has_file_name: bool, fields: &mut Fields, rules: &Rules) -> Result<Part, FormError> {
        let is_it = |file: FileField| file.name == name && (has_file_name || !file.needs_file_name);
        let is_file = rules.file.is_some_and(is_it);
        if !fields.opens(&name, is_file, rules.repeated)? {
            return Ok(Part::Skipped);
        }
        Ok(if is_file { Part::File } else { Part::Text { name, value: Vec::new() } })
    }
}

impl From<Broken> for FormError {
    fn from(broken: Broken) -> FormError {
        match broken {
            Broken::Malformed => FormError::Malformed,
            Broken::TooLong => FormError::TooLong,
        }
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
