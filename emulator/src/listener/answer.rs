//! An answer's body, which may break off, or come with pauses.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

/// A body that may break off, or come with pauses.
pub(super) struct Answer {
    rest: Option<Bytes>,
    promised: u64,
    breaks: Option<bool>,
    slow: Option<Slow>,
}

/// Bytes that are sent alone, with a pause before each.
struct Slow {
    /// How many bytes come before them.
    before: usize,
    count: usize,
    pause: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Answer {
    pub(super) fn new(body: Bytes, cut: Option<usize>) -> Answer {
        let promised = body.len() as u64;
        let rest = match cut {
            None => body,
            Some(kept) => body.slice(..kept.min(body.len())),
        };
        Answer { rest: Some(rest).filter(|rest| !rest.is_empty()), promised, breaks: cut.map(|_| false), slow: None }
    }

    /// All of the body, but from a byte on so many alone.
    pub(super) fn slow(body: Bytes, before: usize, count: usize, pause: Duration) -> Answer {
        Answer { slow: Some(Slow { before, count, pause, timer: None }), ..Answer::new(body, None) }
    }

    /// What may be sent now of what is left.
    fn poll_piece(&mut self, mut rest: Bytes, cx: &mut Context<'_>) -> Poll<Bytes> {
        let Some(slow) = &mut self.slow else { return Poll::Ready(rest) };
        let length = match (slow.before, slow.count) {
            (0, 0) => rest.len(),
            (0, _) => {
                let timer = slow.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(slow.pause)));
                if timer.as_mut().poll(cx).is_pending() {
                    self.rest = Some(rest);
                    return Poll::Pending;
                }
                slow.timer = None;
                slow.count -= 1;
                1
            }
            (_, _) => std::mem::take(&mut slow.before),
        };
        let piece = rest.split_to(length.min(rest.len()));
        self.rest = Some(rest).filter(|rest| !rest.is_empty());
        Poll::Ready(piece)
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if let Some(bytes) = self.rest.take() {
            return self.poll_piece(bytes, cx).map(|piece| Some(Ok(Frame::data(piece))));
        }
        match self.breaks {
            None => Poll::Ready(None),
            // What was sent so far has to reach the socket before the connection breaks.
            Some(false) => {
                self.breaks = Some(true);
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(true) => Poll::Ready(Some(Err(Closed))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.breaks.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.promised)
    }
}

/// Close the connection without another byte.
#[derive(Debug)]
pub(super) struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is to be closed")
    }
}

impl std::error::Error for Closed {}
