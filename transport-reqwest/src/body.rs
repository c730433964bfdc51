//! A request's body on its way to the connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use hyper::body::{Body, Frame, SizeHint};
use resumable_core::drive::asynchronous::Outgoing;

use crate::watch::{Room, Watch};

/// How many bytes are given to the connection at a time: so small that progress is seen, so large that it costs little.
const PIECE: usize = 32 * 1024;

/// Exactly as many bytes as were announced, in pieces.
pub(crate) struct Upstream {
    outgoing: Outgoing,
    read: Bytes,
    left: u64,
    watch: Arc<Watch>,
}

impl Upstream {
    pub(crate) fn new(outgoing: Outgoing, watch: Arc<Watch>) -> Self {
        Self { left: outgoing.len(), outgoing, read: Bytes::new(), watch }
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.read.is_empty() {
            self.read = match ready!(Pin::new(&mut self.outgoing).poll_next(context)) {
                Some(Ok(read)) => read,
                ended => {
                    let error = ended.map_or(io::ErrorKind::UnexpectedEof.into(), Result::unwrap_err);
                    self.watch.source_failed(io::Error::new(error.kind(), error.to_string()));
                    return Poll::Ready(Err(error));
                }
            };
        }
        Poll::Ready(Ok(()))
    }
}

impl Body for Upstream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = self.get_mut();
        if this.left == 0 {
            return Poll::Ready(None);
        }
        ready!(this.watch.poll_room(context, Room::ForOneMore))?;
        ready!(this.poll_read(context))?;
        let len = usize::try_from(this.left).unwrap_or(PIECE).min(PIECE).min(this.read.len());
        let room = if len as u64 == this.left { Room::ForTheLast } else { Room::ForOneMore };
        ready!(this.watch.poll_room(context, room))?;
        this.left -= len as u64;
        let piece = this.watch.give(this.read.split_to(len), room);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    // False for a body without bytes: else it would be dropped before there is a connection, and nobody would know when
    // the request was sent.
    fn is_end_stream(&self) -> bool {
        self.left == 0 && !self.outgoing.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.watch.body_is_dropped(self.outgoing.len());
    }
}
