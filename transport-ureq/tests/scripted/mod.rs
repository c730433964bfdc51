//! A server that says exactly what a test tells it to, and the client's side of such a test.
#![allow(dead_code, unreachable_pub, reason = "every test binary uses a part of it")]

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::drive::blocking::{CancelFlag, Outgoing, Transport};
use resumable_core::{Body, Limits, Segment, SendError, Source, SourceError, SourceInfo};
use resumable_transport_ureq::{Config, Proxy, UreqTransport};

/// Runs `script` on a free port; the handle gives what the script returns.
pub fn serve<T: Send + 'static>(script: impl FnOnce(TcpListener) -> T + Send + 'static) -> (String, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    (place, thread::spawn(move || script(listener)))
}

/// The server's end of one connection, over TCP or TLS.
pub struct Peer<S: Read + Write = TcpStream> {
    pub stream: S,
    unread: Vec<u8>,
}

/// The next connection.
pub fn accept(listener: &TcpListener) -> Peer {
    Peer::new(accept_tcp(listener))
}

pub fn accept_tcp(listener: &TcpListener) -> TcpStream {
    let (stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

impl<S: Read + Write> Peer<S> {
    pub fn new(stream: S) -> Self {
        Self { stream, unread: Vec::new() }
    }

    /// The head of the next request, with the empty line that ends it.
    pub fn head(&mut self) -> String {
        loop {
            if let Some(at) = self.unread.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let rest = self.unread.split_off(at + 4);
                let head = std::mem::replace(&mut self.unread, rest);
                return String::from_utf8(head).unwrap();
            }
            assert!(self.more() > 0, "the client closed the connection in the head");
        }
    }

    /// Exactly this many bytes of a body.
    pub fn body(&mut self, len: usize) -> Vec<u8> {
        while self.unread.len() < len {
            assert!(self.more() > 0, "the client closed the connection in the body");
        }
        let rest = self.unread.split_off(len);
        std::mem::replace(&mut self.unread, rest)
    }

    /// The next request: its head, and its body by the length that the head gives.
    pub fn request(&mut self) -> (String, Vec<u8>) {
        let head = self.head();
        let len = field(&head, "content-length").expect("there is a length").parse().unwrap();
        let body = self.body(len);
        (head, body)
    }

    /// All bytes up to the end of the connection; how it ends does not matter.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.try_more().is_ok_and(|count| count > 0) {}
        std::mem::take(&mut self.unread)
    }

    pub fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
        self.stream.flush().unwrap();
    }

    fn more(&mut self) -> usize {
        self.try_more().unwrap()
    }

    fn try_more(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 16 * 1024];
        let count = self.stream.read(&mut buffer)?;
        self.unread.extend_from_slice(&buffer[..count]);
        Ok(count)
    }
}

impl Peer<TcpStream> {
    /// Ends the connection with a reset.
    pub fn reset(self) {
        socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO)).unwrap();
    }
}

/// Something that a script can wait for: until the test drops the other end.
pub fn gate() -> (mpsc::Sender<()>, Gate) {
    let (open, wait) = mpsc::channel();
    (open, Gate(wait))
}

pub struct Gate(mpsc::Receiver<()>);

impl Gate {
    pub fn wait(self) {
        let _ = self.0.recv_timeout(Duration::from_secs(30));
    }
}

/// The value of a header field in a head.
pub fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).filter_map(|line| line.split_once(": ")).find(|(known, _)| *known == name).map(|(_, v)| v)
}

pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A source in memory, that fails at an offset if it is told to.
#[derive(Default)]
pub struct Memory {
    pub bytes: Vec<u8>,
    pub broken_at: Option<u64>,
    pub largest_read: AtomicUsize,
    pub reads: AtomicUsize,
}

impl Memory {
    /// Bytes that differ from each other, so that a shift would be seen.
    pub fn of_len(len: usize) -> Self {
        let block: Vec<u8> = (0..65521_u32).map(|at| u8::try_from(at * 31 / 7 % 251).unwrap()).collect();
        let mut bytes = block.repeat(len / block.len() + 1);
        bytes.truncate(len);
        Self { bytes, ..Self::default() }
    }

    /// Returns when nothing more is read: the sender is blocked.
    pub fn wait_for_rest(&self) {
        let mut before = 0;
        while before != self.reads.load(Ordering::Relaxed) || before == 0 {
            before = self.reads.load(Ordering::Relaxed);
            thread::sleep(Duration::from_millis(200));
        }
    }
}

impl Source for Memory {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Err(SourceError::Missing("info".into()))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        self.largest_read.fetch_max(buffer.len(), Ordering::Relaxed);
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.broken_at.is_some_and(|at| offset >= at) {
            return Err(io::Error::other("the disk is broken").into());
        }
        let rest = &self.bytes[usize::try_from(offset).unwrap()..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// A transport with short limits that no environment disturbs.
pub fn transport(change: impl FnOnce(&mut Config)) -> UreqTransport {
    let mut config = Config::default();
    config.proxy = Proxy::None;
    change(&mut config);
    UreqTransport::new(config).unwrap()
}

/// What a send gave, and how much of the source it read.
pub struct Sent {
    pub answer: Result<Response<Bytes>, SendError>,
    pub source_read: u64,
    pub source_error: Option<SourceError>,
}

impl Sent {
    #[track_caller]
    pub fn status(&self) -> u16 {
        match &self.answer {
            Ok(response) => response.status().as_u16(),
            Err(error) => panic!("no answer: {error}"),
        }
    }

    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(self.answer.as_ref().unwrap().body()).unwrap()
    }

    /// The text of a `NotSent`.
    #[track_caller]
    pub fn not_sent(&self) -> String {
        match &self.answer {
            Err(SendError::NotSent(cause)) => cause.to_string(),
            other => panic!("not NotSent: {other:?}"),
        }
    }

    /// The text of an `Unsure`.
    #[track_caller]
    pub fn unsure(&self) -> String {
        match &self.answer {
            Err(SendError::Unsure(cause)) => cause.to_string(),
            other => panic!("not Unsure: {other:?}"),
        }
    }
}

/// One request to be sent.
pub struct Call<'a> {
    pub request: Request<Body>,
    pub source: &'a Memory,
    pub limits: Limits,
    pub cancel: CancelFlag,
}

static EMPTY: Memory =
    Memory { bytes: Vec::new(), broken_at: None, largest_read: AtomicUsize::new(0), reads: AtomicUsize::new(0) };

/// A request with these very bytes as its body.
pub fn bytes(method: &str, url: &str, body: &'static str) -> Call<'static> {
    let body = Body::from(Bytes::from_static(body.as_bytes()));
    let request = Request::builder().method(method).uri(url).body(body).unwrap();
    Call { request, source: &EMPTY, limits: Limits::default(), cancel: CancelFlag::new() }
}

/// A `PUT` of a whole source.
pub fn put<'a>(url: &str, source: &'a Memory) -> Call<'a> {
    let mut body = Body::empty();
    body.push(Segment::Source(0..source.bytes.len() as u64));
    let request = Request::put(url).body(body).unwrap();
    Call { request, source, limits: Limits::default(), cancel: CancelFlag::new() }
}

impl Call<'_> {
    pub fn send(self, transport: &UreqTransport) -> Sent {
        let (head, body) = self.request.into_parts();
        let mut outgoing = Outgoing::new(&body, self.source, self.cancel, Box::new(|_| ()));
        let answer = transport.send(head, &mut outgoing, &self.limits);
        Sent { answer, source_read: outgoing.source_read(), source_error: outgoing.take_source_error() }
    }
}
