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
pub(super) struct SocketControl {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    kind: AtomicU8,
    /// Before each byte of a trickle, or how long to linger.
    pause: Mutex<Duration>,
}

const ORDINARY: u8 = 0;
const RESET: u8 = 1;
const TRICKLE: u8 = 2;
const LINGER: u8 = 3;

impl SocketControl {
    /// When the socket is closed, it is reset.
    pub(super) fn reset(&self) {
        self.shared.kind.store(RESET, Ordering::Release);
    }

    /// From now on every byte is sent alone, after a pause.
    pub(super) fn trickle(&self, pause: Duration) {
        self.behave(TRICKLE, pause);
    }

    /// When the socket is closed, what is still sent to it is read and dropped, for so long: else the system would answer
    /// it with a reset, which may overtake the answer.
    pub(super) fn linger(&self, longest: Duration) {
        if self.kind() == ORDINARY {
            self.behave(LINGER, longest);
        }
    }

    fn behave(&self, kind: u8, pause: Duration) {
        *self.shared.pause.lock().unwrap_or_else(PoisonError::into_inner) = pause;
        self.shared.kind.store(kind, Ordering::Release);
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
    control: SocketControl,
    /// How long the client may leave unread what was sent.
    patience: Duration,
    /// Before the next byte of a trickle, or until lingering is over.
    rest: Timer,
    /// Runs while nothing can be sent.
    stuck: Timer,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, control: SocketControl, patience: Duration) -> Socket {
        Socket { stream, control, patience, rest: Timer::default(), stuck: Timer::default() }
    }

    /// Waits before the next byte.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let pause = self.control.pause();
        if pause.is_zero() {
            return Poll::Ready(());
        }
        ready!(self.rest.poll(pause, cx));
        self.rest.stop();
        Poll::Ready(())
    }

    /// Hands on what came of sending, unless the client has not read for too long.
    fn in_time<T>(&mut self, sent: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if sent.is_ready() {
            self.stuck.stop();
            return sent;
        }
        ready!(self.stuck.poll(self.patience, cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Reads and drops what comes, until the client is done or its time is over.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut dropped = [0; 16 * 1024];
        while self.rest.poll(self.control.pause(), cx).is_pending() {
            let mut buf = ReadBuf::new(&mut dropped);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf));
            if read.is_err() || buf.filled().is_empty() {
                break;
            }
        }
        Poll::Ready(())
    }
}

/// A time that runs from when it is first asked for.
#[derive(Default)]
struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    fn poll(&mut self, time: Duration, cx: &mut Context<'_>) -> Poll<()> {
        self.0.get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + time))).as_mut().poll(cx)
    }

    fn stop(&mut self) {
        self.0 = None;
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.control.kind() == RESET {
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
        let is_trickle = self.control.kind() == TRICKLE;
        if is_trickle {
            ready!(self.poll_rest(cx));
        }
        let most = if is_trickle { buf.len().min(1) } else { buf.len() };
        let sent = Pin::new(&mut self.stream).poll_write(cx, &buf[..most]);
        self.in_time(sent, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.control.kind() == TRICKLE {
            let first = bufs.iter().find(|buf| !buf.is_empty());
            return self.poll_write(cx, first.map_or(&[], |buf| buf));
        }
        let sent = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.in_time(sent, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
        if self.control.kind() == LINGER {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}
