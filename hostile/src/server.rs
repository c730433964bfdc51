//! A server that says exactly what a case tells it to.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use socket2::{Domain, SockRef, Socket, Type};

use crate::head::Head;

/// How long nothing may move before a case fails, unless its subject says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(15);

static MILLISECONDS: AtomicU64 = AtomicU64::new(15_000);

/// How long nothing may move before a case fails.
pub fn patience() -> Duration {
    Duration::from_millis(MILLISECONDS.load(Ordering::Relaxed))
}

pub(crate) fn set_patience(patience: Duration) {
    MILLISECONDS.store(u64::try_from(patience.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// Runs `script` on a free port of this machine: its `host:port`, and what the script returns once it is done.
pub fn serve<T: Send + 'static>(script: impl FnOnce(Listener) -> T + Send + 'static) -> (String, Script<T>) {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    tcp.set_nonblocking(true).unwrap();
    let place = tcp.local_addr().unwrap().to_string();
    let listener = Listener { tcp, known: Vec::new() };
    (place, Script(thread::spawn(move || script(listener))))
}

/// A place that refuses every connection for as long as the other value lives.
pub fn refuse() -> (String, impl Sized) {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    // It holds the port, and does not listen.
    (socket.local_addr().unwrap().as_socket().unwrap().to_string(), socket)
}

/// A script that runs.
#[derive(Debug)]
pub struct Script<T>(JoinHandle<T>);

impl<T> Script<T> {
    /// Waits for the end of the script. It panics if the script did.
    pub fn join(self) -> T {
        self.0.join().unwrap_or_else(|why| panic::resume_unwind(why))
    }
}

/// A place where clients connect.
#[derive(Debug)]
pub struct Listener {
    tcp: TcpListener,
    /// Open connections that no script holds.
    known: Vec<Peer>,
}

impl Listener {
    /// The next new connection.
    pub fn accept(&mut self) -> Peer {
        Peer::new(self.accept_tcp())
    }

    /// The next new connection, without a peer around it.
    pub fn accept_tcp(&mut self) -> TcpStream {
        wait_for("a connection", || self.try_accept())
    }

    /// The connection, new or [kept](Self::keep), on which the client speaks next.
    pub fn caller(&mut self) -> Peer {
        wait_for("a request", || self.try_caller())
    }

    /// As [`caller`](Self::caller), but `None` if the gate opens and nobody speaks.
    pub fn caller_before(&mut self, gate: &Gate) -> Option<Peer> {
        wait_for("a request or the end of the test", || {
            let over = gate.is_open();
            // The client may have spoken just before the gate was opened.
            let caller = self.try_caller();
            (over || caller.is_some()).then_some(caller)
        })
    }

    /// Leaves a connection open, for another request.
    pub fn keep(&mut self, peer: Peer) {
        self.known.push(peer);
    }

    /// Panics if the client says anything on a connection that no script holds.
    pub fn nothing_more(&mut self) {
        assert!(self.try_caller().is_none(), "something was sent over another connection");
    }

    fn try_caller(&mut self) -> Option<Peer> {
        while let Some(stream) = self.try_accept() {
            self.known.push(Peer::new(stream));
        }
        let at = self.known.iter().position(Peer::speaks)?;
        Some(self.known.remove(at))
    }

    fn try_accept(&self) -> Option<TcpStream> {
        let (stream, _) = match self.tcp.accept() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return None,
            other => other.unwrap(),
        };
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(patience())).unwrap();
        stream.set_nodelay(true).unwrap();
        Some(stream)
    }
}

fn wait_for<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let by = Instant::now() + patience();
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(Instant::now() < by, "the server waited in vain for {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// The server's end of one connection, over TCP or TLS.
#[derive(Debug)]
pub struct Peer<S: Read + Write = TcpStream> {
    /// The connection; what is taken from it directly may miss what was read ahead.
    pub stream: S,
    unread: Vec<u8>,
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its head.
    pub head: Head,
    /// Its body.
    pub body: Vec<u8>,
}

impl<S: Read + Write> Peer<S> {
    /// The server's end of this connection.
    pub fn new(stream: S) -> Self {
        Self { stream, unread: Vec::new() }
    }

    /// The head of the next request. It panics if there is none, or if it is one that no transport should send.
    pub fn head(&mut self) -> Head {
        let head = self.any_head();
        head.must_be_sound();
        head
    }

    /// The head of the next request, whatever it is.
    pub fn any_head(&mut self) -> Head {
        loop {
            if let Some(at) = self.unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let rest = self.unread.split_off(at + 4);
                return Head::parse(&std::mem::replace(&mut self.unread, rest));
            }
            assert!(self.more() > 0, "the client closed the connection in the head");
        }
    }

    /// Exactly this many bytes of a body.
    pub fn body(&mut self, len: u64) -> Vec<u8> {
        let len = usize::try_from(len).unwrap();
        while self.unread.len() < len {
            assert!(self.more() > 0, "the client closed the connection in the body");
        }
        let rest = self.unread.split_off(len);
        std::mem::replace(&mut self.unread, rest)
    }

    /// The next request: its head, and its body by the length that the head gives.
    pub fn request(&mut self) -> Request {
        let head = self.head();
        let body = self.body(head.length());
        Request { head, body }
    }

    /// All bytes up to the end of the connection, be it a close or a reset. It panics if the client leaves it open.
    pub fn rest(&mut self) -> Vec<u8> {
        loop {
            match self.try_more() {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if is_timeout(&error) => panic!("the client left the connection open"),
                Err(_) => break,
            }
        }
        std::mem::take(&mut self.unread)
    }

    /// Waits for the client's next word: false if it closes the connection instead.
    pub fn has_word(&mut self) -> bool {
        !self.unread.is_empty() || self.try_more().is_ok_and(|count| count > 0)
    }

    /// Says this, to a client that must listen.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_say(bytes).expect("the client listens");
    }

    /// Says this.
    ///
    /// # Errors
    /// When the client has closed the connection.
    pub fn try_say(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())?;
        self.stream.flush()
    }

    fn more(&mut self) -> usize {
        self.try_more().expect("the client goes on")
    }

    fn try_more(&mut self) -> io::Result<usize> {
        let mut buffer = vec![0; 64 * 1024];
        let count = self.stream.read(&mut buffer)?;
        self.unread.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}

impl Peer<TcpStream> {
    /// Where the client's end is: one address for each connection.
    pub fn address(&self) -> SocketAddr {
        self.stream.peer_addr().unwrap()
    }

    /// Ends the connection as told.
    pub fn end(self, end: End) {
        if matches!(end, End::Reset) {
            SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
        }
    }

    /// Returns once the client has said something, which stays unread.
    pub fn until_word(&self) {
        self.stream.peek(&mut [0]).unwrap();
    }

    fn speaks(&self) -> bool {
        self.stream.set_nonblocking(true).unwrap();
        let count = self.stream.peek(&mut [0]).unwrap_or(0);
        self.stream.set_nonblocking(false).unwrap();
        count + self.unread.len() > 0
    }
}

/// How a server ends a connection.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// With a close; the system makes a reset of it if something was left unread.
    Close,
    /// With a reset.
    Reset,
}

impl End {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Close, Self::Reset];
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

/// Something that a script, or a test, can wait for: it opens when the other end is dropped.
pub fn gate() -> (Latch, Gate) {
    let (hold, wait) = mpsc::channel();
    (Latch(hold), Gate(wait))
}

/// Holds a [`Gate`] closed.
#[derive(Debug)]
pub struct Latch(#[allow(dead_code, reason = "dropped, that is all")] mpsc::Sender<()>);

/// Opens when its [`Latch`] is dropped.
#[derive(Debug)]
pub struct Gate(mpsc::Receiver<()>);

impl Gate {
    /// Waits until it is open.
    pub fn wait(&self) {
        assert_ne!(
            self.0.recv_timeout(patience()),
            Err(RecvTimeoutError::Timeout),
            "waited in vain for the other side"
        );
    }

    fn is_open(&self) -> bool {
        self.0.try_recv() == Err(TryRecvError::Disconnected)
    }
}

/// A whole reply with this body.
pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
