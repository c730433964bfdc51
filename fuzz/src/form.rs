//! The writer of multipart forms against a parser of others, and the reader of request bodies against their segments.

use std::convert::Infallible;
use std::ops::Range;

use bytes::Bytes;
use futures::executor::block_on;
use futures::stream;
use resumable_core::multipart_form::{FilePart, Form};
use resumable_core::{Body, HashKind, Hasher, Segment, SourceInfo};
use resumable_transport::{BodyReader, Source, SourceError};

use crate::draw::Draw;

/// What a boundary may be made of.
const BOUNDARY: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=?";
const LONGEST_BOUNDARY: usize = 70;

/// Writes a form of what the input says, reads it, and compares.
///
/// # Panics
/// When what is read is not what was written.
pub fn run(input: &[u8]) {
    let mut draw = Draw::new(input);
    let boundary = boundary(draw.until(b'\n'));
    let pieces = usize::from(draw.byte()) + 1;
    let source = Content(draw.until(b'\n').to_vec());
    let fields: Vec<Field> =
        std::iter::from_fn(|| (!draw.is_over()).then(|| Field::draw(&mut draw, &source))).collect();
    if fields.iter().any(|field| holds(field.value(&source), &boundary)) {
        return;
    }
    let body = fields.iter().fold(Form::new(&boundary), Field::add_to).finish();
    let bytes = read(&body, &source, pieces);
    let read = block_on(parsed(&boundary, &bytes, pieces));
    let written: Vec<Part> = fields.iter().map(|field| field.part(&source)).collect();
    assert_eq!(read, Ok(written), "{}", String::from_utf8_lossy(&bytes));
}

/// One field.
struct Field {
    name: String,
    kind: Kind,
}

enum Kind {
    Text(Vec<u8>),
    File { range: Range<u64>, filename: Option<String>, content_type: Option<&'static str> },
}

/// A field as a parser sees it.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    name: Option<String>,
    filename: Option<String>,
    content_type: Option<String>,
    value: Vec<u8>,
}

impl Field {
    fn draw(draw: &mut Draw<'_>, source: &Content) -> Self {
        let kind = draw.byte();
        let name = name(draw.until(b'\n'));
        if kind.is_multiple_of(2) {
            return Self { name, kind: Kind::Text(draw.until(0).to_vec()) };
        }
        let len = source.0.len() as u64;
        let (one, other) = (u64::from(draw.byte()).min(len), u64::from(draw.byte()).min(len));
        let filename = (kind & 2 != 0).then(|| crate::form::name(draw.until(b'\n')));
        let content_type = (kind & 4 != 0).then_some("application/octet-stream");
        Self { name, kind: Kind::File { range: one.min(other)..one.max(other), filename, content_type } }
    }

    fn add_to(form: Form, field: &Self) -> Form {
        match &field.kind {
            Kind::Text(value) => form.text(&field.name, value),
            Kind::File { range, filename, content_type } => {
                let part = FilePart { filename: filename.as_deref(), content_type: *content_type };
                form.file(&field.name, part, range.clone())
            }
        }
    }

    fn value<'a>(&'a self, source: &'a Content) -> &'a [u8] {
        match &self.kind {
            Kind::Text(value) => value,
            Kind::File { range, .. } => source.range(range),
        }
    }

    fn part(&self, source: &Content) -> Part {
        let (filename, content_type) = match &self.kind {
            Kind::Text(_) => (None, None),
            Kind::File { filename, content_type, .. } => {
                (filename.as_deref().map(escaped), content_type.map(str::to_owned))
            }
        };
        Part { name: Some(escaped(&self.name)), filename, content_type, value: self.value(source).to_vec() }
    }
}

/// Parsers of others take a backslash and a control character each in their own way, and no vendor has a name with one: those
/// are left out. So is what this parser takes for the beginning of another
/// name.
fn name(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut name: String = text.chars().filter(|char| *char != '\\' && (!char.is_control() || *char == '\r')).collect();
    name.truncate(name.find("filename").unwrap_or(name.len()));
    name
}

fn escaped(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D")
}

/// The writer's caller sees to it that its boundary is not in the content.
fn holds(value: &[u8], boundary: &str) -> bool {
    let line = format!("--{boundary}");
    value.windows(line.len()).any(|piece| piece == line.as_bytes())
}

fn boundary(bytes: &[u8]) -> String {
    let chars = bytes.iter().map(|byte| char::from(BOUNDARY[usize::from(*byte) % BOUNDARY.len()]));
    let boundary: String = chars.take(LONGEST_BOUNDARY).collect();
    if boundary.is_empty() { "b".to_owned() } else { boundary }
}

/// Reads a body in pieces, and compares its length, its bytes and its digest with its segments.
fn read(body: &Body, source: &Content, pieces: usize) -> Vec<u8> {
    let observing = body.clone().observing(&[HashKind::Sha1]);
    let mut reader = BodyReader::new(&observing, source);
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; pieces]);
    loop {
        match reader.read(&mut buffer).expect("the source has all ranges") {
            0 => break,
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
    let mut hasher = Hasher::new(HashKind::Sha1).expect("it has no options");
    let mut expected = Vec::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(bytes) => expected.extend_from_slice(bytes),
            Segment::Source(range) => {
                hasher.update(source.range(range));
                expected.extend_from_slice(source.range(range));
            }
        }
    }
    assert!(bytes == expected && body.len() == bytes.len() as u64);
    assert_eq!(reader.observed().get(HashKind::Sha1), Some(&hasher.finish()));
    bytes
}

async fn parsed(boundary: &str, bytes: &[u8], pieces: usize) -> Result<Vec<Part>, multer::Error> {
    let boundary = multer::parse_boundary(Form::content_type(boundary))?;
    let pieces: Vec<Result<Bytes, Infallible>> =
        bytes.chunks(pieces).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let mut form = multer::Multipart::new(stream::iter(pieces), boundary);
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await? {
        parts.push(Part {
            name: field.name().map(str::to_owned),
            filename: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(ToString::to_string),
            value: field.bytes().await?.to_vec(),
        });
    }
    Ok(parts)
}

struct Content(Vec<u8>);

impl Content {
    fn range(&self, range: &Range<u64>) -> &[u8] {
        let index = |at: u64| usize::try_from(at).expect("a range of the source");
        &self.0[index(range.start)..index(range.end)]
    }
}

impl Source for Content {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Ok(SourceInfo::new(self.0.len() as u64, [0; 32]))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(self.0.len());
        let count = buffer.len().min(self.0.len() - from);
        buffer[..count].copy_from_slice(&self.0[from..from + count]);
        Ok(count)
    }
}
