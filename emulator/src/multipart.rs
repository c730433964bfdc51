//! A multipart form, read while it arrives: bytes are fed by hand, and pieces are taken as far as there are any.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::header::CONTENT_DISPOSITION;
use multer::Field;

/// Feed no more than this before the pieces are taken.
pub(crate) const BITE: usize = 64 * 1024;
/// A part's headers, or what comes before the first delimiter, may be so long.
const SILENCE: usize = 2 * BITE;
/// While so little was fed that is not yet a piece, the parser is asked again whatever comes.
const LITTLE: usize = 1024;
/// The longest boundary (RFC 2046).
const BOUNDARY: usize = 70;

/// A form that is arriving.
pub(crate) struct Multipart {
    parser: multer::Multipart<'static>,
    queue: Queue,
    part: Option<Field<'static>>,
    /// Bytes that were fed since the last piece.
    silent: usize,
    /// Those among them that the parser has searched.
    searched: usize,
    #[cfg(test)]
    work: usize,
}

/// What a form is made of.
#[derive(Debug)]
pub(crate) enum Piece {
    /// A part begins.
    Part {
        name: String,
        /// It has a file name.
        is_file: bool,
    },
    /// Bytes of the part that began last.
    Bytes(Bytes),
    /// That part is over.
    PartEnd,
    /// The closing delimiter: the form is complete.
    End,
}

/// Why a body is no form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Malformed,
    /// Something that has to be held is too long to be held.
    TooLong,
}

impl Multipart {
    /// A form with the boundary of this content type; `None` for any other.
    pub(crate) fn of(content_type: &str) -> Option<Multipart> {
        let boundary = multer::parse_boundary(content_type).ok().filter(|boundary| boundary.len() <= BOUNDARY)?;
        let queue = Queue::default();
        Some(Multipart {
            parser: multer::Multipart::new(queue.clone(), boundary),
            queue,
            part: None,
            silent: 0,
            searched: 0,
            #[cfg(test)]
            work: 0,
        })
    }

    pub(crate) fn feed(&mut self, bite: &[u8]) {
        self.silent += bite.len();
        self.queue.push(bite);
    }

    /// Nothing more will be fed.
    pub(crate) fn close(&mut self) {
        self.queue.close();
    }

    /// The next piece; `None` until more is fed. After [`Piece::End`] there is nothing left to ask.
    pub(crate) fn next(&mut self) -> Result<Option<Piece>, Broken> {
        if !self.is_due() {
            return Ok(None);
        }
        self.searched = self.silent;
        #[cfg(test)]
        (self.work += self.silent);
        let piece = match &mut self.part {
            None => self.next_part(),
            Some(_) => self.next_bytes(),
        }?;
        if piece.is_some() {
            (self.silent, self.searched) = (0, 0);
        } else if self.silent > SILENCE {
            // The parser keeps what it cannot use yet, without a bound of its own.
            return Err(Broken::TooLong);
        }
        Ok(piece)
    }

    /// The parser searches all it holds each time it is asked. So it is asked again once that has grown by an eighth, and
    /// however a body is cut, each byte of it is searched a few times.
    fn is_due(&self) -> bool {
        self.searched < LITTLE
            || self.silent - self.searched >= self.searched / 8
            || self.silent > SILENCE
            || self.queue.is_closed()
    }

    fn next_part(&mut self) -> Result<Option<Piece>, Broken> {
        match self.parser.poll_next_field(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Ok(None),
            Poll::Ready(Ok(None)) => Ok(Some(Piece::End)),
            Poll::Ready(Ok(Some(part))) => {
                let name = part.name().ok_or(Broken::Malformed)?.to_owned();
                let is_file = has_file_name(&part);
                self.part = Some(part);
                Ok(Some(Piece::Part { name, is_file }))
            }
            Poll::Ready(Err(_)) => Err(Broken::Malformed),
        }
    }

    fn next_bytes(&mut self) -> Result<Option<Piece>, Broken> {
        let Some(part) = &mut self.part else {
            return Ok(None);
        };
        match Pin::new(part).poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Ok(None),
            Poll::Ready(Some(Ok(bytes))) => Ok(Some(Piece::Bytes(bytes))),
            Poll::Ready(None) => {
                self.part = None;
                Ok(Some(Piece::PartEnd))
            }
            Poll::Ready(Some(Err(_))) => Err(Broken::Malformed),
        }
    }
}

fn has_file_name(part: &Field<'_>) -> bool {
    let disposition = part.headers().get(CONTENT_DISPOSITION).map(|value| value.as_bytes().to_ascii_lowercase());
    part.file_name().is_some()
        || disposition.is_some_and(|text| text.windows(b"filename*=".len()).any(|it| it == b"filename*="))
}

/// The stream the parser reads: what was fed and not yet taken.
#[derive(Clone, Default)]
struct Queue {
    inner: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    bytes: BytesMut,
    closed: bool,
}

impl Queue {
    fn push(&self, bite: &[u8]) {
        self.lock().bytes.extend_from_slice(bite);
    }

    fn close(&self) {
        self.lock().closed = true;
    }

    fn is_closed(&self) -> bool {
        self.lock().closed
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream for Queue {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut waiting = self.lock();
        if !waiting.bytes.is_empty() {
            return Poll::Ready(Some(Ok(waiting.bytes.split().freeze())));
        }
        if waiting.closed { Poll::Ready(None) } else { Poll::Pending }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds a body byte by byte to its end, or until it is refused; how many bytes were searched for each that was fed.
    fn work_per_byte(body: impl Iterator<Item = u8>) -> (Result<(), Broken>, usize) {
        let mut form = Multipart::of("multipart/form-data; boundary=B").expect("a form");
        let mut fed = 0;
        for byte in body {
            form.feed(&[byte]);
            fed += 1;
            loop {
                match form.next() {
                    Ok(None | Some(Piece::End)) => break,
                    Ok(Some(_)) => {}
                    Err(broken) => return (Err(broken), form.work / fed),
                }
            }
        }
        (Ok(()), form.work / fed)
    }

    #[test]
    fn field_bug_92_however_a_body_is_cut_each_byte_is_searched_a_few_times() {
        let endless = |begin: &'static str| begin.bytes().chain(std::iter::repeat(b'x'));
        let no_delimiter = work_per_byte(endless(""));
        let endless_header = work_per_byte(endless("--B\r\nContent-Disposition: form-data; name=\""));
        for (outcome, work) in [no_delimiter, endless_header] {
            assert_eq!(outcome, Err(Broken::TooLong));
            assert!(work <= 20, "{work} bytes were searched for each byte");
        }
        let head = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
        let almost = b"\r\n--\r\n--C".repeat(20_000);
        let (outcome, work) = work_per_byte(head.bytes().chain(almost).chain(*b"\r\n--B--"));
        assert_eq!(outcome, Ok(()));
        assert!(work <= 20, "{work} bytes were searched for each byte");
    }

    #[test]
    fn field_bug_92_a_boundary_has_at_most_seventy_characters() {
        let form = |length: usize| Multipart::of(&format!("multipart/form-data; boundary={}", "B".repeat(length)));
        assert!(form(70).is_some());
        assert!(form(71).is_none());
    }
}
