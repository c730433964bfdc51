//! A request's body, field by field as it arrives: a form, or JSON where there is no file.
//!
//! No field is needed before another, and only text is kept: the bytes of the file go to a [`Sink`] at once.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use multer::{Field, Multipart};
use serde_json::Value;

use super::code::{self, Code};

/// The one field that is no text, in lower case; SDKs also spell it `fileContent`.
const FILE: &str = "filecontent";
/// The parser looks at so much at a time.
const BITE: usize = 64 * 1024;
/// A part's headers, or what comes before the first delimiter, may be so long.
const SILENCE: usize = 2 * BITE;
const FIELDS: usize = 64;
const JSON_BODY: usize = 64 * 1024;

/// Takes the bytes of the file.
pub(crate) trait Sink {
    fn take(&mut self, bytes: &[u8]);
}

/// A body being read.
pub(crate) struct Form {
    source: Source,
    fields: Fields,
    text_limit: usize,
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
    pub(crate) fn of(headers: &HeaderMap, text_limit: usize) -> Form {
        Form { source: source(headers), fields: Fields::default(), text_limit }
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
        Form { source: Source::Complete, fields: Fields::default(), text_limit: 0 }
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
                parts.push(bite);
                if parts.pump(&mut self.fields, self.text_limit, sink)? {
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
            Source::Json(body) => self.fields.take_json(body),
            Source::Multipart(parts) => parts
                .close(&mut self.fields, self.text_limit, sink)
                .and_then(|complete| complete.then_some(()).ok_or(MALFORMED)),
        };
        (self.fields, outcome)
    }
}

const MALFORMED: Code = code::PARAMETER.because("ERROR_CGI_PARAM: malformed form");

fn source(headers: &HeaderMap) -> Source {
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return Source::Nothing;
    };
    if let Ok(boundary) = multer::parse_boundary(kind) {
        return Source::Multipart(Box::new(Parts::new(boundary)));
    }
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Source::Json(Vec::new());
    }
    Source::Nothing
}

fn too_long(is: bool) -> Result<(), Code> {
    if is {
        return Err(code::PARAMETER.because("ERROR_CGI_PARAM: field too long"));
    }
    Ok(())
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

    fn open(&mut self, name: &str) -> Result<(), Code> {
        let twice = match name {
            FILE => std::mem::replace(&mut self.has_file, true),
            _ => self.texts.iter().any(|(known, _)| known == name),
        };
        if twice {
            return Err(code::PARAMETER.because("ERROR_CGI_PARAM: field given twice"));
        }
        too_long(self.texts.len() >= FIELDS)
    }

    fn put(&mut self, name: String, value: String) {
        self.texts.push((name, value));
    }

    fn take_json(&mut self, body: &[u8]) -> Result<(), Code> {
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
            self.open(&name)?;
            self.put(name, text);
        }
        Ok(())
    }
}

/// A multipart parser that is fed by hand.
struct Parts {
    parser: Multipart<'static>,
    queue: Queue,
    open: Option<Open>,
    silent: usize,
}

struct Open {
    field: Field<'static>,
    name: String,
    text: Vec<u8>,
}

impl Parts {
    fn new(boundary: String) -> Parts {
        let queue = Queue::default();
        Parts { parser: Multipart::new(queue.clone(), boundary), queue, open: None, silent: 0 }
    }

    fn push(&mut self, bite: &[u8]) {
        self.silent += bite.len();
        self.queue.push(bite);
    }

    fn close(&mut self, fields: &mut Fields, limit: usize, sink: &mut dyn Sink) -> Result<bool, Code> {
        self.queue.close();
        self.pump(fields, limit, sink)
    }

    /// Reads on until the parser wants more bytes; true once the closing delimiter was seen.
    fn pump(&mut self, fields: &mut Fields, limit: usize, sink: &mut dyn Sink) -> Result<bool, Code> {
        let cx = &mut Context::from_waker(Waker::noop());
        loop {
            let progress = match self.open.take() {
                None => self.next_field(fields, cx)?,
                Some(open) => self.next_chunk(open, fields, limit, sink, cx)?,
            };
            match progress {
                Step::Again => self.silent = 0,
                Step::Done => return Ok(true),
                // The parser keeps what it cannot use yet, without a bound of its own.
                Step::Starved => return too_long(self.silent > SILENCE).map(|()| false),
            }
        }
    }

    fn next_field(&mut self, fields: &mut Fields, cx: &mut Context<'_>) -> Result<Step, Code> {
        match self.parser.poll_next_field(cx) {
            Poll::Pending => Ok(Step::Starved),
            Poll::Ready(Ok(None)) => Ok(Step::Done),
            Poll::Ready(Ok(Some(field))) => {
                let name = field.name().ok_or(MALFORMED)?.to_ascii_lowercase();
                fields.open(&name)?;
                self.open = Some(Open { field, name, text: Vec::new() });
                Ok(Step::Again)
            }
            Poll::Ready(Err(_)) => Err(MALFORMED),
        }
    }

    fn next_chunk(
        &mut self,
        mut open: Open,
        fields: &mut Fields,
        limit: usize,
        sink: &mut dyn Sink,
        cx: &mut Context<'_>,
    ) -> Result<Step, Code> {
        match Pin::new(&mut open.field).poll_next(cx) {
            Poll::Pending => {
                self.open = Some(open);
                return Ok(Step::Starved);
            }
            Poll::Ready(Some(Ok(bytes))) if open.name == FILE => {
                sink.take(&bytes);
                self.open = Some(open);
            }
            Poll::Ready(Some(Ok(bytes))) => {
                fields.text_bytes += bytes.len();
                too_long(fields.text_bytes > limit)?;
                open.text.extend_from_slice(&bytes);
                self.open = Some(open);
            }
            Poll::Ready(None) if open.name == FILE => {}
            Poll::Ready(None) => {
                let text = String::from_utf8(open.text).map_err(|_| MALFORMED)?;
                fields.put(open.name, text);
            }
            Poll::Ready(Some(Err(_))) => return Err(MALFORMED),
        }
        Ok(Step::Again)
    }
}

enum Step {
    Again,
    Starved,
    Done,
}

/// The stream the parser reads: what was fed and not yet taken.
#[derive(Clone, Default)]
struct Queue {
    inner: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    bites: VecDeque<Bytes>,
    closed: bool,
}

impl Queue {
    fn push(&self, bite: &[u8]) {
        let mut waiting = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.bites.push_back(Bytes::copy_from_slice(bite));
    }

    fn close(&self) {
        let mut waiting = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.closed = true;
    }
}

impl Stream for Queue {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut waiting = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.bites.pop_front() {
            Some(bite) => Poll::Ready(Some(Ok(bite))),
            None if waiting.closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
