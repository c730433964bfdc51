//! The client's side of a case: calls, and what becomes of them.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use resumable_core::drive::blocking::CancelFlag;
use resumable_core::{Body, Limits, Segment, SendError, SourceError};

use crate::server::PATIENCE;
use crate::source::Memory;
use crate::subject::{Call, Carrier, Setup, Subject};

pub(crate) const KIB: u64 = 1 << 10;
pub(crate) const MIB: u64 = 1 << 20;

/// More than the two ends of a connection hold in their buffers.
pub(crate) const MUCH: u64 = 64 * MIB;

/// A stall, or a late reply, in a case that waits for it.
pub(crate) const SHORT: Duration = Duration::from_millis(500);

/// What no error may show: the signature in each address, and the proxy's login, plain and encoded.
const SECRETS: [&str; 3] = ["s3cret", "p4ssw0rd", "bWU6cDRzc3cwcmQ="];

pub(crate) const LOGIN: &str = "me:p4ssw0rd";
pub(crate) const BASIC: &str = "Basic bWU6cDRzc3cwcmQ=";

/// The address that most cases send to.
pub(crate) fn at(place: &str) -> String {
    format!("http://{place}/x?sign=s3cret")
}

/// A request with these very bytes as its body.
pub(crate) fn call(method: Method, url: &str, body: &'static str) -> Call {
    of_body(method, url, Body::from(Bytes::from_static(body.as_bytes())), Memory::of_len(0))
}

pub(crate) fn post(url: &str, body: &'static str) -> Call {
    call(Method::POST, url, body)
}

/// A `PUT` of a whole source.
pub(crate) fn put(url: &str, source: &Arc<Memory>) -> Call {
    let mut body = Body::empty();
    body.push(Segment::Source(0..source.len()));
    of_body(Method::PUT, url, body, Arc::clone(source))
}

pub(crate) fn of_body(method: Method, url: &str, body: Body, source: Arc<Memory>) -> Call {
    let request = Request::builder().method(method).uri(url).body(body).unwrap();
    // Generous: a limit that a case is not about must not matter.
    let limits = Limits { reply_bytes: MIB, reply_within: Duration::from_secs(30) };
    Call { request, source, limits, cancel: CancelFlag::new() }
}

/// An open transport.
#[derive(Clone)]
pub(crate) struct Client(Arc<dyn Carrier>);

impl Client {
    pub(crate) fn open(subject: &dyn Subject) -> Self {
        Self::with(subject, |_| ())
    }

    pub(crate) fn with(subject: &dyn Subject, change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup::default();
        change(&mut setup);
        Self(subject.open(setup).into())
    }

    /// Sends on a thread of its own, so that a transport that hangs fails its case and not the whole run.
    pub(crate) fn send(&self, call: Call) -> Sent {
        let (tell, told) = mpsc::channel();
        let carrier = Arc::clone(&self.0);
        let sender = thread::spawn(move || tell.send(carrier.send(&call)));
        match told.recv_timeout(PATIENCE) {
            Ok(answer) => Sent::new(answer),
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("the transport hangs"),
            Err(mpsc::RecvTimeoutError::Disconnected) => match sender.join() {
                Err(why) => std::panic::resume_unwind(why),
                Ok(_) => unreachable!("it tells, or it panics"),
            },
        }
    }
}

/// What became of a call, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Answer(u16),
    NotSent,
    Unsure,
    Source,
}

/// What became of a call.
#[derive(Debug)]
pub(crate) struct Sent(Result<Response<Bytes>, SendError>);

impl Sent {
    fn new(answer: Result<Response<Bytes>, SendError>) -> Self {
        if let Err(error) = &answer {
            let shown = format!("{error} {error:?}");
            for secret in SECRETS {
                assert!(!shown.contains(secret), "a secret is shown: {shown}");
            }
        }
        Self(answer)
    }

    pub(crate) fn verdict(&self) -> Verdict {
        match &self.0 {
            Ok(response) => Verdict::Answer(response.status().as_u16()),
            Err(SendError::NotSent(_)) => Verdict::NotSent,
            Err(SendError::Unsure(_)) => Verdict::Unsure,
            Err(SendError::Source(_)) => Verdict::Source,
        }
    }

    /// Where several things are honest: it is one of these.
    #[track_caller]
    pub(crate) fn must_be(&self, allowed: &[Verdict]) -> Verdict {
        assert!(allowed.contains(&self.verdict()), "allowed: {allowed:?}; it is {:?}", self.0);
        self.verdict()
    }

    /// The text of an error of which nothing left this machine.
    #[track_caller]
    pub(crate) fn not_sent(&self) -> String {
        self.must_be(&[Verdict::NotSent]);
        self.error()
    }

    #[track_caller]
    pub(crate) fn unsure(&self) {
        self.must_be(&[Verdict::Unsure]);
    }

    /// An answer with this status and body.
    #[track_caller]
    pub(crate) fn answers(&self, status: u16, body: &str) {
        self.must_be(&[Verdict::Answer(status)]);
        assert_eq!(self.body(), body);
    }

    #[track_caller]
    pub(crate) fn source_error(&self) -> &SourceError {
        self.must_be(&[Verdict::Source]);
        match &self.0 {
            Err(SendError::Source(error)) => error,
            _ => unreachable!("it was looked at"),
        }
    }

    #[track_caller]
    pub(crate) fn body(&self) -> &str {
        std::str::from_utf8(self.response().body()).unwrap()
    }

    #[track_caller]
    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response().headers()
    }

    #[track_caller]
    fn response(&self) -> &Response<Bytes> {
        self.0.as_ref().expect("there is an answer")
    }

    fn error(&self) -> String {
        self.0.as_ref().map_or_else(ToString::to_string, |_| String::new())
    }
}
