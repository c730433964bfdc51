//! What a server writes into a connection, as the transports read it. ureq's and reqwest's connections are of the system, so
//! there is a socket: one listener for all inputs, in this process. The reader for transports without an HTTP client takes
//! bytes from memory.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use resumable_core::{Body, Limits, SendError, SourceInfo};
use resumable_transport::asynchronous::{self, Transport as _};
use resumable_transport::blocking::{self, Transport as _};
use resumable_transport::net::{Config, Proxy};
use resumable_transport::{CancelFlag, Source, SourceError, read_reply};
use resumable_transport_reqwest::ReqwestTransport;
use resumable_transport_ureq::UreqTransport;
use tokio::runtime::{Builder, Runtime};

use crate::draw::Draw;

const LIMITS: Limits = Limits { reply_bytes: 100, reply_within: Duration::from_secs(5) };
/// What no answer may hold: it is in the address.
const CANARY: &str = "signature-canary";

/// Lets each transport read what the server writes.
///
/// # Panics
/// When a reply is longer than allowed, two transports read it differently, or an error repeats the address's query.
pub fn run(input: &[u8]) {
    let mut draw = Draw::new(input);
    let method = [Method::PUT, Method::HEAD, Method::GET][draw.index(3)].clone();
    let said: Arc<[u8]> = draw.rest().into();
    let world = World::get();
    let in_memory = read_reply(&*said, &method, &LIMITS).ok();
    let over_ureq = told(world.ureq(&method, &said));
    let over_reqwest = told(world.reqwest(&method, &said));
    // Nobody asks for another protocol: whether 101 is an answer or an error is each reader's own.
    let read = [in_memory, over_ureq, over_reqwest].into_iter().flatten().map(Reading::of);
    let read: Vec<Reading> = read.filter(|reading| reading.status != 101).collect();
    for reading in &read {
        assert!(reading.body.len() as u64 <= LIMITS.reply_bytes);
        assert!(*reading == read[0], "{:?} and {:?} of {:?}", reading, read[0], String::from_utf8_lossy(&said));
    }
}

#[derive(Debug, PartialEq)]
struct Reading {
    status: u16,
    body: Bytes,
}

impl Reading {
    fn of(reply: Response<Bytes>) -> Self {
        Self { status: reply.status().as_u16(), body: reply.into_body() }
    }
}

/// A server has answered, or has not: the request was sent in any case.
fn told(sent: Result<Response<Bytes>, SendError>) -> Option<Response<Bytes>> {
    match sent {
        Ok(reply) => Some(reply),
        Err(error) => {
            let said = format!("{error} {error:?}");
            assert!(!said.contains(CANARY), "{said}");
            assert!(matches!(error, SendError::Unsure(_)), "{said}");
            None
        }
    }
}

struct World {
    place: SocketAddr,
    next: Sender<Arc<[u8]>>,
    ureq: UreqTransport,
    reqwest: ReqwestTransport,
    runtime: Runtime,
}

impl World {
    fn get() -> &'static Self {
        static WORLD: OnceLock<World> = OnceLock::new();
        WORLD.get_or_init(Self::new)
    }

    fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("this machine has a loopback");
        let place = listener.local_addr().expect("it listens");
        let (next, said) = channel::<Arc<[u8]>>();
        std::thread::spawn(move || {
            for said in said {
                let Ok((peer, _)) = listener.accept() else { return };
                // A client may keep its connection until the runtime runs again, and then the next one is here already.
                std::thread::spawn(move || serve(peer, &said));
            }
        });
        let config = Config::default()
            .proxy(Proxy::None)
            .max_idle(0)
            .stall_timeout(Duration::from_secs(5))
            .system_certificates(false);
        Self {
            place,
            next,
            ureq: UreqTransport::new(config.clone()).expect("it has all that it needs"),
            reqwest: ReqwestTransport::new(config).expect("it has all that it needs"),
            runtime: Builder::new_current_thread().enable_all().build().expect("the system has threads"),
        }
    }

    fn request(&self, method: &Method, said: &Arc<[u8]>) -> Request<()> {
        self.next.send(Arc::clone(said)).expect("the server runs");
        let uri = format!("http://{}/a?{CANARY}", self.place);
        Request::builder().method(method).uri(uri).body(()).expect("a request")
    }

    fn ureq(&self, method: &Method, said: &Arc<[u8]>) -> Result<Response<Bytes>, SendError> {
        let (head, ()) = self.request(method, said).into_parts();
        let body = body(method);
        self.ureq.send(head, &mut blocking::Outgoing::new(&body, &Nothing, CancelFlag::new()), &LIMITS)
    }

    fn reqwest(&self, method: &Method, said: &Arc<[u8]>) -> Result<Response<Bytes>, SendError> {
        let (head, ()) = self.request(method, said).into_parts();
        let (body, _) = asynchronous::Outgoing::new(body(method), Arc::new(Nothing), CancelFlag::new());
        self.runtime.block_on(self.reqwest.send(head, body, &LIMITS))
    }
}

const BODY: &[u8] = b"12345";

fn body(method: &Method) -> Body {
    if method == Method::PUT { Bytes::from_static(BODY).into() } else { Body::empty() }
}

/// No byte of a source is sent.
struct Nothing;

impl Source for Nothing {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        Ok(SourceInfo::new(0, [0; 32]))
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> Result<usize, SourceError> {
        Ok(0)
    }
}

/// Reads the request, answers, and waits until the client has closed the connection, too.
fn serve(mut peer: TcpStream, said: &[u8]) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 2048];
    while !is_whole(&request) {
        match peer.read(&mut buffer)? {
            0 => return Ok(()),
            count => request.extend_from_slice(&buffer[..count]),
        }
    }
    peer.write_all(said)?;
    peer.shutdown(std::net::Shutdown::Write)?;
    while peer.read(&mut buffer)? > 0 {}
    Ok(())
}

fn is_whole(request: &[u8]) -> bool {
    let end = request.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let needs = if request.starts_with(b"PUT") { BODY.len() } else { 0 };
    end.is_some_and(|end| request.len() >= end + 4 + needs)
}
