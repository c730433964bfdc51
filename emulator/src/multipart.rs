//! A multipart form, read while it arrives: bytes are fed by hand, and pieces are taken as far as there are any.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_core::Stream;
use http::header::CONTENT_DISPOSITION;
use multer::Field;

/// Feed no more than this before the pieces are taken.
pub(crate) const BITE: usize = 64 * 1024;
/// A part's headers, or what comes before the first delimiter, may be so long.
const SILENCE: usize = 2 * BITE;

/// A form that is arriving.
pub(crate) struct Multipart {
    parser: multer::Multipart<'static>,
    queue: Queue,
    part: Option<Field<'static>>,
    silent: usize,
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
        let boundary = multer::parse_boundary(content_type).ok()?;
        let queue = Queue::default();
        Some(Multipart { parser: multer::Multipart::new(queue.clone(), boundary), queue, part: None, silent: 0 })
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
        let piece = match &mut self.part {
            None => self.next_part(),
            Some(_) => self.next_bytes(),
        }?;
        if piece.is_some() {
            self.silent = 0;
        } else if self.silent > SILENCE {
            // The parser keeps what it cannot use yet, without a bound of its own.
            return Err(Broken::TooLong);
        }
        Ok(piece)
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
