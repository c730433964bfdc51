//! A request body on its way out.

use std::io::{self, Read};

use super::CancelFlag;
use crate::body::Body;
use crate::digest::Observed;
use crate::drive::reading::Reading;
use crate::source::{Source, SourceError};

/// Told how many source bytes were read so far, before they are sent; may block to slow the upload down.
pub type OnRead<'a> = dyn FnMut(u64) + 'a;

/// A [`Body`] as a stream of exactly [`len`](Self::len) bytes: memory segments and ranges of the source, read when
/// they are asked for, hashed as they pass.
pub struct Outgoing<'a> {
    reading: Reading<'a>,
    len: u64,
    most: usize,
    cancel: CancelFlag,
    on_read: Box<OnRead<'a>>,
    error: Option<SourceError>,
}

impl<'a> Outgoing<'a> {
    /// A stream of `body` over `source`.
    pub fn new(body: &'a Body, source: &'a dyn Source, cancel: CancelFlag, on_read: Box<OnRead<'a>>) -> Self {
        Self { reading: Reading::new(body, source), len: body.len(), most: usize::MAX, cancel, on_read, error: None }
    }

    /// Reads at most so many bytes at a time, so that a limited rate is an even one.
    #[must_use]
    pub fn in_pieces(mut self, most: usize) -> Self {
        self.most = most.max(1);
        self
    }

    /// How many bytes the stream has in all: the request's `Content-Length`.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True for a body without bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// True when the request should end soon: reads fail from then on.
    pub fn cancelled(&self) -> bool {
        self.cancel.is_set()
    }

    /// The flag itself, for a transport that waits elsewhere than in a read.
    pub fn cancel_flag(&self) -> CancelFlag {
        self.cancel.clone()
    }

    /// How many source bytes were read so far.
    pub fn source_read(&self) -> u64 {
        self.reading.source_read()
    }

    /// What went wrong with the source, if a read failed for that.
    pub fn take_source_error(&mut self) -> Option<SourceError> {
        self.error.take()
    }

    /// The digests of the source bytes, if all of them were read.
    pub fn observed(&self) -> Observed {
        self.reading.observed()
    }
}

impl Read for Outgoing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancelled() {
            return Err(io::Error::other("the request was cancelled"));
        }
        let before = self.source_read();
        let room = buffer.len().min(self.most);
        let count = self.reading.read(&mut buffer[..room]).map_err(|error| {
            let text = io::Error::other(error.to_string());
            self.error = Some(error);
            text
        })?;
        let read = self.source_read();
        if read > before {
            (self.on_read)(read);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::body::Segment;
    use crate::digest::{HashKind, Hasher};
    use crate::source::SourceInfo;

    /// Gives at most 3 bytes at a time.
    struct Small(Vec<u8>);

    impl Source for Small {
        fn info(&self) -> Result<SourceInfo, SourceError> {
            Err(SourceError::Missing("not asked for".to_owned()))
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
            let rest = &self.0[usize::try_from(offset).unwrap().min(self.0.len())..];
            let count = rest.len().min(buffer.len()).min(3);
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        }
    }

    fn body(range: std::ops::Range<u64>) -> Body {
        let mut body = Body::from(Bytes::from_static(b"<")).observing(&[HashKind::Md5]);
        body.push(Segment::Source(range));
        body.push(Segment::Bytes(Bytes::from_static(b">")));
        body
    }

    fn read_all(outgoing: &mut Outgoing<'_>) -> io::Result<String> {
        let mut text = String::new();
        outgoing.read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn gives_exactly_its_length_and_hashes_the_source_bytes_alone() {
        let (source, body, mut seen) = (Small(b"0123456789".to_vec()), body(2..9), Vec::new());
        let mut outgoing = Outgoing::new(&body, &source, CancelFlag::new(), Box::new(|read| seen.push(read)));
        assert_eq!(outgoing.len(), 9);
        assert_eq!(outgoing.observed(), Observed::none());
        assert_eq!(read_all(&mut outgoing).unwrap(), "<2345678>");
        let mut md5 = Hasher::new(HashKind::Md5).unwrap();
        md5.update(b"2345678");
        assert_eq!(outgoing.observed().get(HashKind::Md5), Some(&md5.finish()));
        drop(outgoing);
        assert_eq!(seen, [3, 6, 7]);
    }

    #[test]
    fn a_source_that_shrank_is_named_and_nothing_is_observed() {
        let (source, body) = (Small(b"01234".to_vec()), body(2..9));
        let mut outgoing = Outgoing::new(&body, &source, CancelFlag::new(), Box::new(|_| ()));
        assert!(read_all(&mut outgoing).is_err());
        assert!(matches!(outgoing.take_source_error(), Some(SourceError::Ended { at: 5, .. })));
        assert_eq!(outgoing.observed(), Observed::none());
    }

    #[test]
    fn a_cancelled_request_reads_no_further() {
        let (source, body, flag) = (Small(b"0123456789".to_vec()), body(0..10), CancelFlag::new());
        let mut outgoing = Outgoing::new(&body, &source, flag.clone(), Box::new(|_| flag.cancel()));
        assert!(read_all(&mut outgoing).is_err());
        assert_eq!(outgoing.source_read(), 3);
        assert!(outgoing.take_source_error().is_none());
    }
}
