//! An answer's body, which may break off.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// A body that may break off.
pub(super) struct Answer {
    rest: Option<Bytes>,
    promised: u64,
    breaks: Option<bool>,
}

impl Answer {
    pub(super) fn new(body: Bytes, cut: Option<usize>) -> Answer {
        let promised = body.len() as u64;
        let rest = match cut {
            None => body,
            Some(kept) => body.slice(..kept.min(body.len())),
        };
        Answer { rest: Some(rest).filter(|rest| !rest.is_empty()), promised, breaks: cut.map(|_| false) }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Closed;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Closed>>> {
        if let Some(bytes) = self.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
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
