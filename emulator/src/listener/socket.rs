//! One connection's socket, which can be told to misbehave.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// Tells a socket how to behave; the one who answers holds it.
#[derive(Clone, Debug, Default)]
pub(super) struct Manners {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    kind: AtomicU8,
    pause: Mutex<Duration>,
}

const ORDINARY: u8 = 0;
const RESET: u8 = 1;
const TRICKLE: u8 = 2;

impl Manners {
    /// When the socket is closed, it is reset.
    pub(super) fn reset(&self) {
        self.shared.kind.store(RESET, Ordering::Release);
    }

    /// From now on every byte is sent alone, after a pause.
    pub(super) fn trickle(&self, pause: Duration) {
        *self.shared.pause.lock().unwrap_or_else(PoisonError::into_inner) = pause;
        self.shared.kind.store(TRICKLE, Ordering::Release);
    }

    /// The next answer is sent as usual.
    pub(super) fn recover(&self) {
        self.shared.kind.store(ORDINARY, Ordering::Release);
    }

    fn kind(&self) -> u8 {
        self.shared.kind.load(Ordering::Acquire)
    }

    fn pause(&self) -> Duration {
        *self.shared.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Socket {
    stream: TcpStream,
    manners: Manners,
    rest: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, manners: Manners) -> Socket {
        Socket { stream, manners, rest: None }
    }

    /// Waits before the next byte.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let pause = self.manners.pause();
        if pause.is_zero() {
            return Poll::Ready(());
        }
        let rest = self.rest.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + pause)));
        ready!(rest.as_mut().poll(cx));
        self.rest = None;
        Poll::Ready(())
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.manners.kind() == RESET {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.manners.kind() != TRICKLE {
            return Pin::new(&mut self.stream).poll_write(cx, buf);
        }
        ready!(self.poll_rest(cx));
        Pin::new(&mut self.stream).poll_write(cx, &buf[..buf.len().min(1)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.manners.kind() != TRICKLE {
            return Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        }
        let first = bufs.iter().find(|buf| !buf.is_empty());
        self.poll_write(cx, first.map_or(&[], |buf| buf))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
