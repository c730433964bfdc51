//! A request's body on its way to the connection.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use hyper::body::{Body, Frame, SizeHint};
use resumable_transport::asynchronous::Outgoing;

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

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::task::Waker;
    use std::time::Duration;

    use resumable_core::{Body as Whole, Limits, Segment, SourceInfo};
    use resumable_transport::net::Config;
    use resumable_transport::{CancelFlag, Source, SourceError};

    use super::*;

    struct Nothing;

    impl Source for Nothing {
        fn info(&self) -> Result<SourceInfo, SourceError> {
            Err(SourceError::Missing("there is none".to_owned()))
        }

        fn read_at(&self, _: u64, _: &mut [u8]) -> Result<usize, SourceError> {
            Err(SourceError::Missing("there is none".to_owned()))
        }
    }

    fn body(len: usize) -> (Pin<Box<Upstream>>, Arc<Watch>) {
        let watch = Arc::new(Watch::new(&Config::default(), &Limits::default()));
        let mut whole = Whole::empty();
        whole.push(Segment::Bytes(vec![7; len].into()));
        (
            Box::pin(Upstream::new(Outgoing::new(whole, Arc::new(Nothing), CancelFlag::new()).0, Arc::clone(&watch))),
            watch,
        )
    }

    fn ask(body: &mut Pin<Box<Upstream>>) -> Poll<Option<io::Result<Bytes>>> {
        let frame = body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop()));
        frame.map(|frame| frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())))
    }

    fn given(body: &mut Pin<Box<Upstream>>) -> Vec<Bytes> {
        std::iter::from_fn(|| match ask(body) {
            Poll::Ready(Some(piece)) => Some(piece.unwrap()),
            _ => None,
        })
        .collect()
    }

    #[test]
    fn a_connection_that_sends_nothing_gets_little_and_the_last_piece_comes_alone() {
        let (mut body, watch) = body(10 * PIECE + 1);
        let first = given(&mut body);
        assert_eq!(first.concat().len(), 8 * PIECE);
        drop(first);
        let then = given(&mut body);
        assert_eq!((then.concat().len(), body.is_end_stream()), (2 * PIECE, false));
        drop(then);
        let last = given(&mut body);
        assert_eq!((last.concat().len(), body.is_end_stream(), watch.is_replying()), (1, true, false));
        drop(last);
        assert!(watch.is_replying());
    }

    #[test]
    fn a_refusal_keeps_the_rest_back_and_the_end_of_the_request_fails_it() {
        let (mut body, watch) = body(10 * PIECE);
        assert!(watch.is_unsent());
        assert_eq!(given(&mut body).len(), 8);
        assert!(!watch.is_unsent());
        watch.reply_begins(true);
        assert!(watch.is_replying() && ask(&mut body).is_pending());
        watch.give_up();
        assert!(matches!(ask(&mut body), Poll::Ready(Some(Err(_)))));
    }

    #[test]
    fn an_acceptance_lets_the_rest_out() {
        let (mut body, watch) = body(10 * PIECE);
        drop(given(&mut body));
        watch.reply_begins(false);
        assert_eq!(given(&mut body).len(), 1);
        assert!(!watch.is_replying());
    }

    #[test]
    fn a_body_without_bytes_is_sent_when_the_connection_has_looked_at_it() {
        let (body, watch) = body(0);
        assert!(!body.is_end_stream() && watch.is_unsent());
        drop(body);
        assert!(watch.is_replying());
    }

    #[test]
    fn a_source_that_is_slow_is_no_stall() {
        let mut config = Config::default();
        config.stall_timeout = Duration::from_millis(1);
        let watch = Arc::new(Watch::new(&config, &Limits::default()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let slow = || runtime.block_on(async { watch.within(tokio::time::sleep(Duration::from_millis(20))).await });
        let stalled = || runtime.block_on(watch.within(pending::<()>())).unwrap_err().to_string();
        assert!(watch.poll_room(&mut Context::from_waker(Waker::noop()), Room::ForOneMore).is_ready());
        slow().unwrap();
        let piece = watch.give(Bytes::from_static(b"x"), Room::ForOneMore);
        assert_eq!(stalled(), "the connection stalled: no data for 0.001 s");
        drop(piece);
        slow().unwrap();
    }
}
