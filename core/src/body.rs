//! Request bodies: bytes in memory and ranges of the source, in order, with an exact length.

use alloc::vec::Vec;
use core::ops::Range;

use bytes::Bytes;

use crate::digest::HashKind;

/// One piece of a request body.
#[derive(Clone, PartialEq, Eq)]
pub enum Segment {
    /// These very bytes.
    Bytes(Bytes),
    /// Bytes of the source, by offset; the host reads them while it sends.
    Source(Range<u64>),
}

impl Segment {
    /// Length in bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Source(range) => range.end.saturating_sub(range.start),
        }
    }

    /// True when there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A request body whose length is known before its first byte is read.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Body {
    segments: Vec<Segment>,
    observe: Vec<HashKind>,
    len: u64,
}

impl Body {
    /// A body without bytes.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Adds a segment at the end; empty ones are left out.
    pub fn push(&mut self, segment: Segment) {
        if !segment.is_empty() {
            self.len = self.len.saturating_add(segment.len());
            self.segments.push(segment);
        }
    }

    /// Asks for digests of the body's source bytes, taken while they are sent ([`crate::Answer::observed`]).
    #[must_use]
    pub fn observing(mut self, kinds: &[HashKind]) -> Self {
        self.observe.extend_from_slice(kinds);
        self
    }

    /// The same, for one kind that it may have already.
    pub(crate) fn also_observing(mut self, kind: HashKind) -> Self {
        if !self.observe.contains(&kind) {
            self.observe.push(kind);
        }
        self
    }

    /// Which bytes of the source it has, if they are one piece of it.
    pub(crate) fn source_range(&self) -> Option<Range<u64>> {
        let mut ranges = self.segments.iter().filter_map(|segment| match segment {
            Segment::Source(range) => Some(range.clone()),
            Segment::Bytes(_) => None,
        });
        let first = ranges.next()?;
        ranges.next().is_none().then_some(first)
    }

    /// Length in bytes: the request's `Content-Length`.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True when no byte is to be sent.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The pieces in the order in which they are sent.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The digests to take of the source bytes.
    pub fn observe(&self) -> &[HashKind] {
        &self.observe
    }

    /// How many of the bytes come from the source.
    pub fn source_len(&self) -> u64 {
        self.segments
            .iter()
            .filter(|segment| matches!(segment, Segment::Source(_)))
            .map(Segment::len)
            .fold(0, u64::saturating_add)
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        let mut body = Self::empty();
        body.push(Segment::Bytes(bytes));
        body
    }
}

// Form fields hold sessions and the like: lengths are enough for a log.
impl core::fmt::Debug for Segment {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::Source(range) => write!(f, "Source({range:?})"),
        }
    }
}

impl core::fmt::Debug for Body {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Body").field("len", &self.len).field("segments", &self.segments).finish_non_exhaustive()
    }
}
