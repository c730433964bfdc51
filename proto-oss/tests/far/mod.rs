//! An upload with tiny parts against a small server, on a virtual clock: what is asked, read and saved is noted.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part of it")]

mod server;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use resumable_core::{
    Action, Answer, Body, Cause, Checkpoint, Event, Failure, HashPass, Input, Now, Observed, Output, Segment,
    SendError, Sending, SourceInfo, Ticket, Upload,
};
use resumable_proto_oss::*;

pub(crate) use self::server::{Server, Unfinished, at, crc64, digest, flat, md5, query, refusal, refusal_with, says};

pub(crate) const PART: u64 = 16;

/// What becomes of one request.
#[derive(Clone)]
pub(crate) enum Fate {
    Fine,
    /// It never arrives, and the client cannot know.
    LostBefore,
    /// It takes effect, and the answer is lost.
    LostAfter,
    /// Something else answers.
    Says(Response<Bytes>),
    /// It takes effect, and something else answers.
    ActsAndSays(Response<Bytes>),
    /// It takes effect and is answered, but the client has not seen all of its own bytes leave.
    Early,
    /// The server loses its uploads before it.
    Forgets,
    /// The server takes this security token alone from now on, and says this.
    Rekeys(&'static str, Response<Bytes>),
}

/// Parts of 16 bytes, and no file but an empty one in one request.
pub(crate) fn parts() -> Options {
    let limits = Limits { part_min: 4, part_max: 64, parts: 10_000, put_max: 1000, object_max: u64::MAX, page: 1000 };
    Options::default().part_size(PART).one_request_max(0).limits(limits)
}

pub(crate) fn sequential() -> Options {
    let mut options = parts();
    options.sequential = true;
    options
}

pub(crate) fn one_request() -> Options {
    let mut options = parts();
    options.one_request_max = 1000;
    options
}

pub(crate) fn callback() -> Callback {
    Callback::new("{\"callbackUrl\":\"x\",\"callbackBody\":\"y\"}", None).unwrap()
}

pub(crate) fn credential() -> Credential {
    Credential::new("id-canary", "secret-canary").unwrap()
}

pub(crate) fn temporary(token: &str) -> Credential {
    Credential::temporary("STS.canary", "secret-canary", token.to_owned()).unwrap()
}

/// Content in which no two parts are alike.
pub(crate) fn content(len: u64) -> Vec<u8> {
    (0..len).map(|i| u8::try_from((i * 7 + i / 251) % 256).unwrap()).collect()
}

/// This request meets this once.
pub(crate) fn lose(what: &'static str, fate: Fate) -> impl FnMut(&str, usize) -> Fate {
    move |name, nth| if (name, nth) == (what, 0) { fate.clone() } else { Fate::Fine }
}

pub(crate) type Verdict = Result<Uploaded, Failure<Fault>>;

struct Flight {
    ticket: Ticket<Sending>,
    request: Request<Body>,
    name: String,
    cancelled: bool,
}

pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) source: Vec<u8>,
    pub(crate) options: Options,
    pub(crate) core: resumable_core::Options,
    pub(crate) upload: Upload<Oss>,
    pub(crate) now: Now,
    /// Every request that left, like `part 3`.
    pub(crate) asked: Vec<String>,
    pub(crate) requests: Vec<String>,
    pub(crate) events: Vec<Event>,
    /// Every checkpoint that was made durable.
    pub(crate) saved: Vec<Checkpoint<Oss>>,
    /// Ranges that were read for digests.
    pub(crate) hashed: Vec<Range<u64>>,
    /// Digests that the last body was to observe.
    pub(crate) observed: Vec<Vec<resumable_core::HashKind>>,
    pub(crate) bytes_sent: u64,
    pub(crate) most_in_flight: usize,
    pub(crate) newest_first: bool,
    /// Keys that are given one after the other when another one is asked for.
    pub(crate) keys: VecDeque<Credential>,
    met: BTreeMap<String, usize>,
    flights: VecDeque<Flight>,
}

/// Where a run stops before its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stop {
    Never,
    /// When so many checkpoints are durable; what is under way then has arrived (or has not), and is never answered.
    AtSave {
        count: usize,
        arrives: bool,
    },
    /// When so many requests left.
    AtRequest {
        count: usize,
        arrives: bool,
    },
}

pub(crate) fn core() -> resumable_core::Options {
    let mut core = resumable_core::Options::new(7);
    core.window = 3;
    // A checkpoint for every part that is acknowledged: a test goes on from each.
    core.save_every = Duration::ZERO;
    core
}

impl Rig {
    pub(crate) fn new(len: u64, options: Options) -> Self {
        Self::with(len, options, core())
    }

    pub(crate) fn with(len: u64, options: Options, core: resumable_core::Options) -> Self {
        let source = content(len);
        let upload = Upload::start(protocol(&options), info(&source), Some(credential()), core.clone());
        Self {
            server: Server::new(),
            source,
            options,
            core,
            upload,
            now: Now { mono: Duration::ZERO, unix: Duration::from_secs(1_767_225_600) },
            asked: Vec::new(),
            requests: Vec::new(),
            events: Vec::new(),
            saved: Vec::new(),
            hashed: Vec::new(),
            observed: Vec::new(),
            bytes_sent: 0,
            most_in_flight: 0,
            newest_first: false,
            keys: VecDeque::new(),
            met: BTreeMap::new(),
            flights: VecDeque::new(),
        }
    }

    /// Begins anew, perhaps with another key.
    pub(crate) fn restart(&mut self, credential: Credential) {
        let protocol = protocol(&self.options);
        self.upload = Upload::start(protocol, info(&self.source), Some(credential), self.core.clone());
    }

    /// Another process takes up a checkpoint; the server and the notes stay.
    pub(crate) fn resume(&mut self, saved: &Checkpoint<Oss>) {
        let (protocol, source) = (protocol(&self.options), info(&self.source));
        self.flights.clear();
        self.upload = Upload::resume(protocol, source, Some(credential()), self.core.clone(), reread(saved)).unwrap();
    }

    /// Another process goes on: from the last checkpoint, or from nothing.
    pub(crate) fn go_on(&mut self) {
        match self.saved.last().cloned() {
            Some(saved) => self.resume(&saved),
            None => self.restart(credential()),
        }
    }

    pub(crate) fn abandon(&mut self, saved: &Checkpoint<Oss>) {
        self.flights.clear();
        let protocol = protocol(&self.options);
        self.upload = Upload::abandon(protocol, Some(credential()), self.core.clone(), reread(saved)).unwrap();
    }

    pub(crate) fn run(&mut self) -> Verdict {
        self.run_with(|_, _| Fate::Fine)
    }

    /// Runs to the end; `fate` is asked with the name of each request, and how often it was met before.
    pub(crate) fn run_with(&mut self, fate: impl FnMut(&str, usize) -> Fate) -> Verdict {
        self.run_until(Stop::Never, fate).expect("the upload ends")
    }

    /// Runs until a stop; `None` if it was reached.
    pub(crate) fn run_until(&mut self, stop: Stop, mut fate: impl FnMut(&str, usize) -> Fate) -> Option<Verdict> {
        let (saves, asked) = (self.saved.len(), self.asked.len());
        for _ in 0..1_000_000 {
            let reached = match stop {
                Stop::Never => None,
                Stop::AtSave { count, arrives } => Some(arrives).filter(|_| self.saved.len() - saves == count),
                Stop::AtRequest { count, arrives } => Some(arrives).filter(|_| self.asked.len() - asked == count),
            };
            if let Some(arrives) = reached {
                self.crash(arrives);
                return None;
            }
            match self.upload.poll(self.now) {
                Output::Do(action) => self.act(action),
                Output::Tell(event) => self.events.push(event),
                Output::Share { .. } => {}
                Output::Wait { until, .. } if self.flights.is_empty() => {
                    let pause = until.expect("it waits for something").saturating_sub(self.now.mono);
                    self.now.mono += pause;
                    self.now.unix += pause;
                }
                Output::Wait { .. } => self.answer_one(&mut fate),
                Output::Finished(verdict) => return Some(verdict),
            }
        }
        panic!("it never ends: {:?}", self.asked)
    }

    fn act(&mut self, action: Action<Oss>) {
        match action {
            Action::Send { ticket, request, .. } => {
                let name = name(&request);
                let alone = name.starts_with("part") || self.flights.iter().all(|flight| flight.cancelled);
                assert!(alone, "{name} leaves while something else is under way");
                self.asked.push(name.clone());
                self.requests.push(format!("{request:?}"));
                self.observed.push(request.body().observe().to_vec());
                self.flights.push_back(Flight { ticket, request, name, cancelled: false });
                self.most_in_flight = self.most_in_flight.max(self.flights.len());
            }
            Action::Hash { ticket, jobs } => {
                let mut pass = HashPass::new(&jobs).unwrap();
                while let Some(range) = pass.wants(1000) {
                    pass.feed(&self.source[at(range.start)..at(range.end)]).unwrap();
                    self.hashed.push(range);
                }
                self.upload.handle(Input::Digests(ticket, Ok(pass.finish().unwrap())));
            }
            Action::Save { ticket, checkpoint } => {
                let text = String::from_utf8(checkpoint.to_bytes()).unwrap();
                assert!(text.len() < 16 << 10, "a checkpoint of {} bytes", text.len());
                self.saved.push(checkpoint);
                self.upload.handle(Input::Saved(ticket, Ok(())));
            }
            Action::Check { ticket } => self.upload.handle(Input::Source(ticket, Ok(info(&self.source)))),
            Action::Authorize { ticket, .. } => {
                let key = self.keys.pop_front().unwrap_or_else(credential);
                self.upload.handle(Input::Credential(ticket, Ok(key.into())));
            }
            Action::Cancel(op) => {
                for flight in self.flights.iter_mut().filter(|flight| flight.ticket.id() == op) {
                    flight.cancelled = true;
                }
            }
            other @ Action::Acquire { .. } => panic!("{other:?}"),
        }
    }

    fn answer_one(&mut self, fate: &mut impl FnMut(&str, usize) -> Fate) {
        let flight = if self.newest_first { self.flights.pop_back() } else { self.flights.pop_front() };
        let Flight { ticket, request, name, .. } = flight.unwrap();
        let met = self.met.entry(name.clone()).or_default();
        let nth = *met;
        *met += 1;
        self.bytes_sent += request.body().source_len();
        let mut observed = self.observe(&request);
        let lost = || Err(SendError::Unsure(Cause::text("silence")));
        let act = |rig: &mut Self| rig.server.handle(&request, &rig.source);
        let answer = match fate(&name, nth) {
            Fate::Fine => Ok(act(self)),
            Fate::LostBefore => lost(),
            Fate::LostAfter => {
                act(self);
                lost()
            }
            Fate::Says(response) => Ok(response),
            Fate::ActsAndSays(response) => {
                act(self);
                Ok(response)
            }
            Fate::Early => {
                observed = Observed::none();
                Ok(act(self))
            }
            Fate::Rekeys(token, response) => {
                self.server.token = Some(token.to_owned());
                Ok(response)
            }
            Fate::Forgets => {
                self.server.uploads.clear();
                Ok(act(self))
            }
        };
        self.upload.handle(Input::Response(ticket, answer.map(|response| Answer { response, observed })));
    }

    fn observe(&self, request: &Request<Body>) -> Observed {
        let body = request.body();
        let mut sent = Vec::new();
        for segment in body.segments() {
            if let Segment::Source(range) = segment {
                sent.extend_from_slice(&self.source[at(range.start)..at(range.end)]);
            }
        }
        Observed::all(body.observe().iter().map(|kind| (*kind, digest(*kind, &sent))).collect())
    }

    fn crash(&mut self, arrives: bool) {
        for flight in std::mem::take(&mut self.flights) {
            if arrives {
                self.server.handle(&flight.request, &self.source);
            }
        }
    }

    pub(crate) fn asked(&self) -> Vec<&str> {
        self.asked.iter().map(String::as_str).collect()
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.asked.iter().filter(|asked| asked.split(' ').next() == Some(name)).count()
    }

    pub(crate) fn restarts(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Restarting { .. })).count()
    }

    pub(crate) fn last_saved(&self) -> Checkpoint<Oss> {
        self.saved.last().unwrap().clone()
    }

    /// The upload, which must have ended well with the very content at the server.
    #[track_caller]
    pub(crate) fn complete(&self, verdict: Verdict) -> Uploaded {
        let uploaded = verdict.unwrap_or_else(|failure| panic!("{failure}: {:?}", self.asked));
        assert!(self.server.object.as_deref() == Some(&self.source[..]), "other content: {:?}", self.asked);
        uploaded
    }
}

/// An upload of 10 parts that ended after so many requests, the last of which did not arrive.
pub(crate) fn stopped(options: Options, requests: usize) -> Rig {
    let mut rig = Rig::new(10 * PART, options);
    assert!(rig.run_until(Stop::AtRequest { count: requests, arrives: false }, |_, _| Fate::Fine).is_none());
    rig
}

fn name(request: &Request<Body>) -> String {
    let query = query(request);
    match (request.method(), query.contains_key("uploadId")) {
        (&Method::POST, false) => "initiate".into(),
        (&Method::PUT, false) => "put".into(),
        (&Method::PUT, true) => format!("part {}", query["partNumber"]),
        (&Method::GET, _) => format!("list {}", query["part-number-marker"]),
        (&Method::POST, true) => "complete".into(),
        (&Method::DELETE, _) => "abort".into(),
        (&Method::HEAD, _) => "head".into(),
        other => panic!("{other:?}"),
    }
}

fn reread(saved: &Checkpoint<Oss>) -> Checkpoint<Oss> {
    Checkpoint::from_bytes(&saved.to_bytes()).unwrap()
}

pub(crate) fn protocol(options: &Options) -> Oss {
    let endpoint = Endpoint::new("http://127.0.0.1:18099").unwrap().with_region("cn-shenzhen").unwrap();
    let object = Object::new(endpoint, "emubucket", ObjectKey::new("f").unwrap(), Addressing::Auto).unwrap();
    Oss::new(object, options.clone()).unwrap()
}

pub(crate) fn info(source: &[u8]) -> SourceInfo {
    SourceInfo {
        changed: Some(resumable_core::Modified { secs: 1, nanos: 0 }),
        looked_at: Some(resumable_core::Modified { secs: 9, nanos: 0 }),
        ..SourceInfo::new(source.len() as u64, SourceInfo::sample_of(source, source))
    }
}
