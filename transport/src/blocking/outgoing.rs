//! A request body on its way out.

use std::io::{self, Read};
use std::thread;
use std::time::Duration;

use resumable_core::{Body, Observed};

use crate::body_reader::BodyReader;
use crate::cancel_flag::CancelFlag;
use crate::clock::Clock;
use crate::rate::Rate;
use crate::source::{Source, SourceError};

/// The longest sleep between two looks at the cancel flag.
const NAP: Duration = Duration::from_millis(100);

/// Told how many source bytes were read so far, before they are sent.
pub type OnRead<'a> = dyn FnMut(u64) + 'a;

/// A [`Body`] as a stream of exactly [`len`](Self::len) bytes: memory segments and ranges of the source, read when
/// they are asked for, hashed as they pass, given away no faster than a limit allows.
pub struct Outgoing<'a> {
    reader: BodyReader<&'a Body, &'a dyn Source>,
    len: u64,
    cancel: CancelFlag,
    rate: Rate,
    clock: Clock,
    on_read: Box<OnRead<'a>>,
    error: Option<SourceError>,
}

impl<'a> Outgoing<'a> {
    /// A stream of `body` over `source`, until it is cancelled.
    pub fn new(body: &'a Body, source: &'a dyn Source, cancel: CancelFlag) -> Self {
        Self {
            reader: BodyReader::new(body, source),
            len: body.len(),
            cancel,
            rate: Rate::unlimited(),
            clock: Clock::start(),
            on_read: Box::new(|_| ()),
            error: None,
        }
    }

    /// Tells how many source bytes were read, after each read.
    #[must_use]
    pub fn on_read(mut self, on_read: impl FnMut(u64) + 'a) -> Self {
        self.on_read = Box::new(on_read);
        self
    }

    /// Gives source bytes away no faster than this: reads of them sleep.
    #[must_use]
    pub fn at_rate(mut self, rate: &Rate) -> Self {
        self.rate = rate.clone();
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
        self.reader.source_read()
    }

    /// What went wrong with the source, if a read failed for that.
    pub fn take_source_error(&mut self) -> Option<SourceError> {
        self.error.take()
    }

    /// The digests of the source bytes, if all of them were read.
    pub fn observed(&self) -> Observed {
        self.reader.observed()
    }

    /// Sleeps as long as the rate wants, in naps, so that a cancelled request ends soon.
    fn keep_pace(&self, bytes: u64) {
        let now = self.clock.now().mono;
        let until = now.saturating_add(self.rate.take(bytes, now));
        while !self.cancelled() {
            let left = until.saturating_sub(self.clock.now().mono);
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(NAP));
        }
    }
}

impl Read for Outgoing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancelled() {
            return Err(io::Error::other("the request was cancelled"));
        }
        let before = self.source_read();
        let room = buffer.len().min(self.rate.piece());
        let count = self.reader.read(&mut buffer[..room]).map_err(|error| {
            let text = io::Error::other(error.to_string());
            self.error = Some(error);
            text
        })?;
        let read = self.source_read();
        if read > before {
            (self.on_read)(read);
            self.keep_pace(read - before);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use resumable_core::{HashKind, Hasher, Segment, SourceInfo};

    use super::*;

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
        let mut outgoing = Outgoing::new(&body, &source, CancelFlag::new()).on_read(|read| seen.push(read));
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
        let mut outgoing = Outgoing::new(&body, &source, CancelFlag::new());
        assert!(read_all(&mut outgoing).is_err());
        assert!(matches!(outgoing.take_source_error(), Some(SourceError::Ended { at: 5, .. })));
        assert_eq!(outgoing.observed(), Observed::none());
    }

    #[test]
    fn a_cancelled_request_reads_no_further() {
        let (source, body, flag) = (Small(b"0123456789".to_vec()), body(0..10), CancelFlag::new());
        let mut outgoing = Outgoing::new(&body, &source, flag.clone()).on_read(|_| flag.cancel());
        assert!(read_all(&mut outgoing).is_err());
        assert_eq!(outgoing.source_read(), 3);
        assert!(outgoing.take_source_error().is_none());
    }

    #[test]
    fn a_limit_that_is_set_meanwhile_holds_for_the_next_read() {
        let (source, body, rate) = (Small(b"0123456789".to_vec()), body(0..10), Rate::unlimited());
        let mut outgoing = Outgoing::new(&body, &source, CancelFlag::new()).at_rate(&rate);
        let mut buffer = [0; 8];
        assert_eq!([outgoing.read(&mut buffer).unwrap(), outgoing.read(&mut buffer).unwrap()], [1, 3]);
        rate.set(std::num::NonZeroU64::new(20));
        let start = std::time::Instant::now();
        assert_eq!(outgoing.read(&mut buffer).unwrap(), 2, "a tenth of a second's worth");
        assert!(start.elapsed() >= Duration::from_millis(90));
    }
}
