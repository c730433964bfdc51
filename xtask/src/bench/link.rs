//! A link in this process, between a client and a server: it takes time, and its connections share it.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;

use crate::workspace::Result;

/// What a link is like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nature {
    /// How long a byte is under way to the server, and an answer on its way back.
    pub(super) delay: Duration,
    /// Bytes per second of one connection, and of all together.
    pub(super) connection: u64,
    pub(super) total: u64,
    /// How many of a hundred parts of 8 MiB end with a broken connection.
    pub(super) lost: u64,
    pub(super) seed: u64,
}

/// Bytes that have passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    pub(super) at: Instant,
    pub(super) bytes: u64,
    /// How many bytes of all connections the client had no answer for then.
    pub(super) unanswered: u64,
}

/// The link to one server; it ends with this process.
pub(super) struct Link {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    nature: Nature,
    server: SocketAddr,
    line: Mutex<Line>,
}

struct Line {
    free: Instant,
    chance: fastrand::Rng,
    passed: Vec<Passed>,
    unanswered: u64,
}

/// Bytes are taken in pieces of this, and the sockets hold little more, so that what is under way is on this link.
const PIECE: usize = 16 << 10;
const PART: u64 = 8 << 20;

impl Link {
    /// A link to a server on this machine.
    ///
    /// # Errors
    /// When there is no port.
    pub(super) fn to(server: SocketAddr, nature: Nature) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no loopback port: {error}"))?;
        // What is accepted has this, too.
        SockRef::from(&listener).set_recv_buffer_size(8 * PIECE).map_err(|error| error.to_string())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let chance = fastrand::Rng::with_seed(nature.seed);
        let line = Line { free: Instant::now(), chance, passed: Vec::new(), unanswered: 0 };
        let shared = Arc::new(Shared { nature, server, line: Mutex::new(line) });
        let own = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&own);
                thread::spawn(move || shared.carry(&client));
            }
        });
        Ok(Self { address, shared })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has passed until now.
    pub(super) fn passed(&self) -> Vec<Passed> {
        self.shared.line().passed.clone()
    }
}

/// A piece, and when it is at the other end.
type Piece = (Instant, Vec<u8>);

impl Shared {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn carry(self: &Arc<Self>, client: &TcpStream) -> io::Result<()> {
        let server = TcpStream::connect(self.server)?;
        server.set_nodelay(true)?;
        client.set_nodelay(true)?;
        // Before the first byte, a connection is opened.
        thread::sleep(2 * self.nature.delay);
        let connection = Arc::new(Connection { shared: Arc::clone(self), unanswered: Mutex::new(0) });
        let (upwards, own) = (pipe(server.try_clone()?), Arc::clone(&connection));
        let from_client = client.try_clone()?;
        thread::spawn(move || own.upwards(from_client, &upwards));
        connection.downwards(server, &pipe(client.try_clone()?));
        Ok(())
    }
}

/// Delivers what comes, each piece in its time, and says then that there is no more.
fn pipe(mut to: TcpStream) -> SyncSender<Piece> {
    let (give, take) = sync_channel::<Piece>(1 << 16);
    thread::spawn(move || {
        for (at, piece) in take {
            thread::sleep(at.saturating_duration_since(Instant::now()));
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
    give
}

struct Connection {
    shared: Arc<Shared>,
    /// Bytes that were sent and not answered.
    unanswered: Mutex<u64>,
}

impl Connection {
    fn upwards(&self, mut client: TcpStream, to: &SyncSender<Piece>) {
        let (nature, mut own_free) = (self.shared.nature, Instant::now());
        let mut piece = vec![0; PIECE];
        while let Some(count) = client.read(&mut piece).ok().filter(|count| *count > 0) {
            let bytes = count as u64;
            let (passes, is_lost) = {
                let mut line = self.shared.line();
                let now = Instant::now();
                line.free = line.free.max(now) + time(bytes, nature.total);
                own_free = own_free.max(now) + time(bytes, nature.connection);
                let is_lost = line.chance.u64(..100 * PART) < bytes * nature.lost;
                (line.free.max(own_free), is_lost)
            };
            thread::sleep(passes.saturating_duration_since(Instant::now()));
            if is_lost {
                let _ = client.shutdown(Shutdown::Both);
                break;
            }
            self.counts(bytes, passes);
            if to.send((passes + nature.delay, piece[..count].to_vec())).is_err() {
                break;
            }
        }
        self.answered();
    }

    fn downwards(&self, mut server: TcpStream, to: &SyncSender<Piece>) {
        let mut piece = vec![0; PIECE];
        while let Some(count) = server.read(&mut piece).ok().filter(|count| *count > 0) {
            self.answered();
            if to.send((Instant::now() + self.shared.nature.delay, piece[..count].to_vec())).is_err() {
                break;
            }
        }
    }

    fn counts(&self, bytes: u64, at: Instant) {
        *self.unanswered.lock().unwrap_or_else(PoisonError::into_inner) += bytes;
        let mut line = self.shared.line();
        line.unanswered += bytes;
        let unanswered = line.unanswered;
        line.passed.push(Passed { at, bytes, unanswered });
    }

    fn answered(&self) {
        let unanswered = std::mem::take(&mut *self.unanswered.lock().unwrap_or_else(PoisonError::into_inner));
        self.shared.line().unanswered -= unanswered;
    }
}

fn time(bytes: u64, per_second: u64) -> Duration {
    Duration::from_nanos(bytes * 1_000_000_000 / per_second)
}

#[cfg(test)]
mod tests {
    use super::super::server::Discard;
    use super::*;

    #[test]
    fn what_passes_is_counted_and_answered() {
        let server = Discard::start().unwrap();
        let nature = Nature { delay: Duration::ZERO, connection: 1 << 30, total: 1 << 30, lost: 0, seed: 1 };
        let link = Link::to(server.address().parse().unwrap(), nature).unwrap();
        let mut client = TcpStream::connect(link.address()).unwrap();
        client.write_all(b"PUT / HTTP/1.1\r\ncontent-length: 100000\r\n\r\n").unwrap();
        client.write_all(&vec![7; 100_000]).unwrap();
        let mut reply = [0; 15];
        client.read_exact(&mut reply).unwrap();
        assert_eq!((&reply, server.received()), (b"HTTP/1.1 200 OK", 100_000));
        let passed = link.passed();
        assert!(passed.iter().map(|passed| passed.bytes).sum::<u64>() > 100_000);
        assert!(passed.last().unwrap().unanswered > 100_000, "until the answer came");
    }

    #[test]
    fn a_lost_piece_ends_its_connection() {
        let server = Discard::start().unwrap();
        let nature = Nature { delay: Duration::ZERO, connection: 1 << 30, total: 1 << 30, lost: 100_000, seed: 1 };
        let link = Link::to(server.address().parse().unwrap(), nature).unwrap();
        let mut client = TcpStream::connect(link.address()).unwrap();
        client.write_all(&vec![7; 100_000]).unwrap();
        assert!(!matches!(client.read(&mut [0]), Ok(1)));
        assert!(link.passed().is_empty());
    }
}
