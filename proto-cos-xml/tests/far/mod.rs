//! An upload with tiny parts against a small server, on a virtual clock: what is asked, read and saved is noted.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part of it")]

mod server;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use resumable_core::{
    Action, Answer, Body, Cause, Checkpoint, Event, Failure, HashPass, Input, Now, Observed, Output, Segment,
    SendError, Sending, SourceInfo, Ticket, Upload,
};
use resumable_proto_cos_xml::*;

pub(crate) use self::server::{Again, Server, crc64, digest, index, md5, query, refusal, refusal_with, says, with};

pub(crate) const PART: u64 = 16;

/// What becomes of one request.
#[derive(Clone)]
pub(crate) enum Fate {
    Fine,
    /// No connection comes about.
    NotSent,
    /// It never arrives, and the client cannot know.
    LostBefore,
    /// It takes effect, and the answer is lost.
    LostAfter,
    /// Something else answers.
    Says(Response<Bytes>),
    /// It takes effect, and something else answers.
    ActsAndSays(Response<Bytes>),
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

pub(crate) fn one_request() -> Options {
    parts().one_request_max(1000)
}

pub(crate) fn credential() -> Credential {
    Credential::new("id-canary", "secret-canary").unwrap()
}

pub(crate) fn temporary(token: &str) -> Credential {
    Credential::temporary("id-canary", "secret-canary", token.to_owned()).unwrap()
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
}

pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) source: Vec<u8>,
    pub(crate) options: Options,
    pub(crate) upload: Upload<CosXml>,
    pub(crate) now: Now,
    /// Every request that left, like `part 3`, and the host that it went to.
    pub(crate) asked: Vec<String>,
    pub(crate) hosts: Vec<String>,
    pub(crate) requests: Vec<Request<Body>>,
    pub(crate) events: Vec<Event>,
    /// Every checkpoint that was made durable.
    pub(crate) saved: Vec<Checkpoint<CosXml>>,
    /// How many bytes were read for digests.
    pub(crate) hashed: u64,
    pub(crate) bytes_sent: u64,
    /// The file changes when this request is answered.
    pub(crate) changes_at: Option<&'static str>,
    /// Keys that are given one after the other when another one is asked for.
    pub(crate) keys: VecDeque<Credential>,
    met: BTreeMap<String, usize>,
    flights: VecDeque<Flight>,
}

pub(crate) fn core() -> resumable_core::Options {
    let mut core = resumable_core::Options::new(7);
    core.window = 3;
    core.save_every = Duration::ZERO;
    core
}

impl Rig {
    pub(crate) fn new(len: u64, options: Options) -> Self {
        Self::of(content(len), options)
    }

    pub(crate) fn of(source: Vec<u8>, options: Options) -> Self {
        let upload = Upload::start(protocol(&options), info(&source), Some(credential()), core());
        Self {
            server: Server::default(),
            source,
            options,
            upload,
            now: Now { mono: Duration::ZERO, unix: Duration::from_secs(1_767_225_600) },
            asked: Vec::new(),
            hosts: Vec::new(),
            requests: Vec::new(),
            events: Vec::new(),
            saved: Vec::new(),
            hashed: 0,
            bytes_sent: 0,
            changes_at: None,
            keys: VecDeque::new(),
            met: BTreeMap::new(),
            flights: VecDeque::new(),
        }
    }

    /// Begins anew, perhaps with another key.
    pub(crate) fn restart(&mut self, credential: Credential) {
        self.flights.clear();
        self.upload = Upload::start(protocol(&self.options), info(&self.source), Some(credential), core());
    }

    /// Another process goes on: from the last checkpoint, or from nothing.
    pub(crate) fn go_on(&mut self) {
        let Some(saved) = self.saved.last() else { return self.restart(credential()) };
        let saved = Checkpoint::from_bytes(&saved.to_bytes()).unwrap();
        self.flights.clear();
        let (protocol, source) = (protocol(&self.options), info(&self.source));
        self.upload = Upload::resume(protocol, source, Some(credential()), core(), saved).unwrap();
    }

    /// Another process gives the upload up.
    pub(crate) fn abandon(&mut self) {
        let saved = Checkpoint::from_bytes(&self.saved.last().unwrap().to_bytes()).unwrap();
        self.flights.clear();
        self.upload = Upload::abandon(protocol(&self.options), Some(credential()), core(), saved).unwrap();
    }

    pub(crate) fn run(&mut self) -> Verdict {
        self.run_with(|_, _| Fate::Fine)
    }

    /// Runs to the end; `fate` is asked with the name of each request, and how often it was met before.
    pub(crate) fn run_with(&mut self, fate: impl FnMut(&str, usize) -> Fate) -> Verdict {
        self.run_until(usize::MAX, false, fate).expect("the upload ends")
    }

    /// Runs until so many requests left, which arrive then or do not, and are never answered; `None` if that was reached.
    pub(crate) fn run_until(
        &mut self,
        count: usize,
        arrives: bool,
        mut fate: impl FnMut(&str, usize) -> Fate,
    ) -> Option<Verdict> {
        let before = self.asked.len();
        for _ in 0..1_000_000 {
            if self.asked.len() - before >= count {
                for flight in std::mem::take(&mut self.flights).into_iter().filter(|_| arrives) {
                    self.server.handle(&flight.request, &self.source);
                }
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

    fn act(&mut self, action: Action<CosXml>) {
        match action {
            Action::Send { ticket, request, .. } => {
                let name = name(&request);
                self.asked.push(name.clone());
                self.hosts.push(request.uri().host().unwrap().to_owned());
                self.requests.push(request.clone());
                self.flights.push_back(Flight { ticket, request, name });
            }
            Action::Hash { ticket, jobs } => {
                let mut pass = HashPass::new(&jobs).unwrap();
                while let Some(range) = pass.wants(1000) {
                    pass.feed(&self.source[index(range.start)..index(range.end)]).unwrap();
                    self.hashed += range.end - range.start;
                }
                self.upload.handle(Input::Digests(ticket, Ok(pass.finish().unwrap())));
            }
            Action::Save { ticket, checkpoint } => {
                self.saved.push(checkpoint);
                self.upload.handle(Input::Saved(ticket, Ok(())));
            }
            Action::Check { ticket } => self.upload.handle(Input::Source(ticket, Ok(info(&self.source)))),
            Action::Authorize { ticket, .. } => {
                let key = self.keys.pop_front().unwrap_or_else(credential);
                self.upload.handle(Input::Credential(ticket, Ok(key.into())));
            }
            Action::Cancel(op) => self.flights.retain(|flight| flight.ticket.id() != op),
            other @ Action::Acquire { .. } => panic!("{other:?}"),
        }
    }

    fn answer_one(&mut self, fate: &mut impl FnMut(&str, usize) -> Fate) {
        let Flight { ticket, request, name } = self.flights.pop_front().unwrap();
        let met = self.met.entry(name.clone()).or_default();
        let nth = *met;
        *met += 1;
        self.bytes_sent += request.body().source_len();
        let observed = self.observe(&request);
        if self.changes_at == Some(name.as_str()) {
            self.source[0] ^= 1;
        }
        let lost = || Err(SendError::Unsure(Cause::text("silence")));
        let act = |rig: &mut Self| rig.server.handle(&request, &rig.source);
        let answer = match fate(&name, nth) {
            Fate::Fine => Ok(act(self)),
            Fate::NotSent => Err(SendError::NotSent(Cause::text("no connection"))),
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
        let mut sent = Vec::new();
        for segment in request.body().segments() {
            if let Segment::Source(range) = segment {
                sent.extend_from_slice(&self.source[index(range.start)..index(range.end)]);
            }
        }
        Observed::all(request.body().observe().iter().map(|kind| (*kind, digest(*kind, &sent))).collect())
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

    /// The upload, which must have ended well with the very content at the server.
    #[track_caller]
    pub(crate) fn complete(&self, verdict: Verdict) -> Uploaded {
        let uploaded = verdict.unwrap_or_else(|failure| panic!("{failure}: {:?}", self.asked));
        assert!(self.server.object.as_deref() == Some(&self.source[..]), "other content: {:?}", self.asked);
        uploaded
    }
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

/// What signs a request as it leaves, if it goes to this host.
pub(crate) fn signed_again(request: &Request<Body>, host: &str) -> String {
    let text = request.headers()["authorization"].to_str().unwrap();
    let time = text.split("q-sign-time=").nth(1).unwrap().split('&').next().unwrap();
    let mut headers = request.headers().clone();
    headers.remove("authorization");
    headers.insert("host", host.parse().unwrap());
    if [Method::PUT, Method::POST].contains(request.method()) {
        headers.insert("content-length", request.body().len().into());
    }
    let query = query(request);
    let query: Vec<(&str, String)> = query.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let path = percent_encoding::percent_decode_str(request.uri().path()).decode_utf8().unwrap();
    let subject = sign::Subject { method: request.method(), path: &path, query: &query, headers: &headers };
    sign::authorization(&credential(), time, &subject).reveal().to_owned()
}

/// An answer to a request whose bytes nobody looked at.
pub(crate) fn answer(response: Response<Bytes>) -> Answer {
    Answer { response, observed: Observed::none() }
}

pub(crate) fn protocol(options: &Options) -> CosXml {
    at("ap-guangzhou", "emubucket-1250000000", "dir/f").unwrap().with_options(options.clone()).unwrap()
}

/// The request that opens an upload there.
pub(crate) fn first_request(to: CosXml) -> Request<Body> {
    let source = content(40);
    let to = to.with_options(parts()).unwrap();
    let mut upload = Upload::start(to, info(&source), Some(credential()), core());
    let now = Now { mono: Duration::ZERO, unix: Duration::from_secs(1_767_225_600) };
    for _ in 0..100 {
        match upload.poll(now) {
            Output::Do(Action::Send { request, .. }) => return request,
            Output::Do(Action::Save { ticket, .. }) => upload.handle(Input::Saved(ticket, Ok(()))),
            Output::Do(Action::Check { ticket }) => upload.handle(Input::Source(ticket, Ok(info(&source)))),
            _ => {}
        }
    }
    panic!("nothing is sent")
}

pub(crate) fn info(source: &[u8]) -> SourceInfo {
    SourceInfo {
        changed: Some(resumable_core::Modified { secs: 1, nanos: 0 }),
        looked_at: Some(resumable_core::Modified { secs: 9, nanos: 0 }),
        ..SourceInfo::new(source.len() as u64, SourceInfo::sample_of(source, source))
    }
}
