//! The client's side of a case: calls, and what becomes of them.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use resumable_core::{Body, Limits, Segment, SendError, SourceFailure};
use resumable_transport::CancelFlag;

use crate::server::patience;
use crate::source::Memory;
use crate::subject::{Call, Carrier, Setup, Subject};

/// Bytes.
pub const KIB: u64 = 1 << 10;
/// Bytes.
pub const MIB: u64 = 1 << 20;

/// More than the two ends of a connection hold in their buffers.
pub const MUCH: u64 = 64 * MIB;

/// A time limit for a case that waits for its end.
pub const SHORT: Duration = Duration::from_millis(500);

/// What no error may show: the signature in each address, and the proxy's login, plain and encoded.
const SECRETS: [&str; 3] = ["s3cret", "p4ssw0rd", "bWU6cDRzc3cwcmQ="];

/// A time limit that is not to end a case.
pub const LONG: Duration = Duration::from_secs(60);

/// A login for a proxy's address.
pub const LOGIN: &str = "me:p4ssw0rd";
/// What becomes of [`LOGIN`] in a header field.
pub const BASIC: &str = "Basic bWU6cDRzc3cwcmQ=";

/// The address that most cases send to.
pub fn at(place: &str) -> String {
    format!("http://{place}/x?sign=s3cret")
}

/// A request with these very bytes as its body.
pub fn call(method: Method, url: &str, body: &'static str) -> Call {
    of_body(method, url, Body::from(Bytes::from_static(body.as_bytes())), Memory::of_len(0))
}

/// A `POST` of these very bytes.
pub fn post(url: &str, body: &'static str) -> Call {
    call(Method::POST, url, body)
}

/// A `PUT` of a whole source.
pub fn put(url: &str, source: &Arc<Memory>) -> Call {
    let mut body = Body::empty();
    body.push(Segment::Source(0..source.len()));
    of_body(Method::PUT, url, body, Arc::clone(source))
}

/// A request with a body of pieces of this source.
pub fn of_body(method: Method, url: &str, body: Body, source: Arc<Memory>) -> Call {
    let request = Request::builder().method(method).uri(url).body(body).unwrap();
    // Generous: a limit that a case is not about must not matter.
    let limits = Limits { reply_bytes: MIB, reply_within: Duration::from_secs(30) };
    Call { request, source, limits, cancel: CancelFlag::new() }
}

/// An open transport.
#[derive(Clone)]
pub struct Client(Arc<dyn Carrier>);

impl Client {
    /// With the usual setup.
    pub fn open(subject: &dyn Subject) -> Self {
        Self::with(subject, |_| ())
    }

    /// With a setup of its own.
    pub fn with(subject: &dyn Subject, change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup::default();
        change(&mut setup);
        Self(subject.open(setup).into())
    }

    /// Sends on a thread of its own, so that a transport that hangs fails its case and not the whole run. It hangs if for
    /// all of [`patience`] it neither reads the source nor answers.
    pub fn send(&self, call: Call) -> Sent {
        let (tell, told) = mpsc::channel();
        let carrier = Arc::clone(&self.0);
        let source = Arc::clone(&call.source);
        let sender = thread::spawn(move || {
            let _ = tell.send(carrier.send(&call));
        });
        loop {
            let before = source.read();
            match told.recv_timeout(patience()) {
                Ok(answer) => return Sent::new(answer),
                Err(mpsc::RecvTimeoutError::Timeout) if source.read() > before => {}
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("the transport hangs"),
                Err(mpsc::RecvTimeoutError::Disconnected) => match sender.join() {
                    Err(why) => std::panic::resume_unwind(why),
                    Ok(()) => unreachable!("it tells, or it panics"),
                },
            }
        }
    }
}

/// What became of a call, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A reply with this status.
    Answer(u16),
    /// [`SendError::NotSent`].
    NotSent,
    /// [`SendError::Untrusted`].
    Untrusted,
    /// [`SendError::Unsure`].
    Unsure,
    /// [`SendError::Source`].
    Source,
    /// [`SendError::Impossible`].
    Impossible,
}

/// What became of a call.
#[derive(Debug)]
pub struct Sent(Result<Response<Bytes>, SendError>);

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

    /// In short.
    pub fn verdict(&self) -> Verdict {
        match &self.0 {
            Ok(response) => Verdict::Answer(response.status().as_u16()),
            Err(SendError::NotSent(_)) => Verdict::NotSent,
            Err(SendError::Untrusted(_)) => Verdict::Untrusted,
            Err(SendError::Unsure(_)) => Verdict::Unsure,
            Err(SendError::Source(_)) => Verdict::Source,
            Err(SendError::Impossible(_)) => Verdict::Impossible,
        }
    }

    /// It is one of these, or this panics; several are allowed only where several are honest.
    #[track_caller]
    pub fn must_be(&self, allowed: &[Verdict]) -> Verdict {
        assert!(allowed.contains(&self.verdict()), "allowed: {allowed:?}; it is {:?}", self.0);
        self.verdict()
    }

    /// The text of an error of which nothing left this machine.
    #[track_caller]
    pub fn not_sent(&self) -> String {
        self.must_be(&[Verdict::NotSent]);
        self.error()
    }

    /// The text of an error of which nothing left this machine, because whoever answered is not the server.
    #[track_caller]
    pub fn untrusted(&self) -> String {
        self.must_be(&[Verdict::Untrusted]);
        self.error()
    }

    /// The text of an error that leaves open what became of the request.
    #[track_caller]
    pub fn unsure(&self) -> String {
        self.must_be(&[Verdict::Unsure]);
        self.error()
    }

    /// The text of an error that every try would end in.
    #[track_caller]
    pub fn impossible(&self) -> String {
        self.must_be(&[Verdict::Impossible]);
        self.error()
    }

    /// An answer with this status and body.
    #[track_caller]
    pub fn answers(&self, status: u16, body: &str) {
        self.must_be(&[Verdict::Answer(status)]);
        assert_eq!(self.body(), body);
    }

    /// What was wrong with the source.
    #[track_caller]
    pub fn source_error(&self) -> &SourceFailure {
        self.must_be(&[Verdict::Source]);
        match &self.0 {
            Err(SendError::Source(error)) => error,
            _ => unreachable!("it was looked at"),
        }
    }

    /// The answer's body.
    #[track_caller]
    pub fn body(&self) -> &str {
        std::str::from_utf8(self.response().body()).unwrap()
    }

    /// The answer's header fields.
    #[track_caller]
    pub fn headers(&self) -> &HeaderMap {
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
