//! An upload with tiny parts against a small server, on a virtual clock: what is asked, sent and saved is noted.

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
use resumable_proto_s3::*;

pub(crate) use self::server::{
    Again, Habit, Object, Server, crc, digest, flat, hex_md5, query, refusal, refusal_with, says,
};

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
    /// The server loses its uploads before it.
    Forgets,
    /// Somebody else's object comes to be at the key before it.
    Overtaken,
    /// The server takes this session token alone from now on, and says this.
    Rekeys(&'static str, Response<Bytes>),
}

/// The service, with parts of 16 bytes, and no file but an empty one in one request.
pub(crate) fn parts_of(name: &str) -> Options {
    let mut preset = *Preset::named(name).unwrap();
    preset.limits = Limits { part_min: 4, part_max: 64, put_max: 1000, ..preset.limits };
    preset.addressing = Addressing::Path;
    Options::of(preset).part_size(PART).one_request_max(0)
}

pub(crate) fn parts() -> Options {
    parts_of("aws")
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
    pub(crate) core: resumable_core::Options,
    pub(crate) upload: Upload<S3>,
    pub(crate) now: Now,
    /// Every request that left, like `part 3`, and when, by the `mono` clock.
    pub(crate) asked: Vec<(String, Duration)>,
    pub(crate) requests: Vec<Request<()>>,
    pub(crate) shown: Vec<String>,
    /// Every request that left, and how many bytes of the file were in it.
    pub(crate) sent: Vec<(String, u64)>,
    pub(crate) events: Vec<Event>,
    /// Every checkpoint that was made durable.
    pub(crate) saved: Vec<Checkpoint<S3>>,
    /// Ranges that were read for digests.
    pub(crate) hashed: Vec<Range<u64>>,
    pub(crate) bytes_sent: u64,
    /// Keys that are given one after the other when another one is asked for.
    pub(crate) keys: VecDeque<Credential>,
    met: BTreeMap<String, usize>,
    flights: VecDeque<Flight>,
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
            server: Server::new(&options),
            source,
            options,
            core,
            upload,
            now: Now { mono: Duration::ZERO, unix: Duration::from_secs(1_767_225_600) },
            asked: Vec::new(),
            requests: Vec::new(),
            shown: Vec::new(),
            sent: Vec::new(),
            events: Vec::new(),
            saved: Vec::new(),
            hashed: Vec::new(),
            bytes_sent: 0,
            keys: VecDeque::new(),
            met: BTreeMap::new(),
            flights: VecDeque::new(),
        }
    }

    /// At the vendor's own host for a region, which nobody named as an endpoint.
    pub(crate) fn in_region(region: &str, len: u64, options: Options) -> Self {
        let mut rig = Self::new(len, options);
        let key = ObjectKey::new("f").unwrap();
        let object = resumable_proto_s3::Object::in_region(region, "emubucket", key, Addressing::Auto).unwrap();
        let protocol = S3::new(object, rig.options.clone()).unwrap();
        rig.upload = Upload::start(protocol, info(&rig.source), Some(credential()), rig.core.clone());
        rig
    }

    /// Begins anew, perhaps with another key.
    pub(crate) fn restart(&mut self, credential: Credential) {
        let protocol = protocol(&self.options);
        self.upload = Upload::start(protocol, info(&self.source), Some(credential), self.core.clone());
    }

    /// Another process goes on from the last checkpoint; the server and the notes stay.
    pub(crate) fn go_on(&mut self) {
        let saved = reread(self.saved.last().unwrap());
        let (protocol, source) = (protocol(&self.options), info(&self.source));
        self.flights.clear();
        self.upload = Upload::resume(protocol, source, Some(credential()), self.core.clone(), saved).unwrap();
    }

    pub(crate) fn abandon(&mut self) {
        let saved = reread(self.saved.last().unwrap());
        self.flights.clear();
        self.upload = Upload::abandon(protocol(&self.options), Some(credential()), self.core.clone(), saved).unwrap();
    }

    pub(crate) fn run(&mut self) -> Verdict {
        self.run_with(|_, _| Fate::Fine)
    }

    /// Runs to the end; `fate` is asked with the name of each request, and how often it was met before.
    pub(crate) fn run_with(&mut self, fate: impl FnMut(&str, usize) -> Fate) -> Verdict {
        self.run_until(usize::MAX, fate).expect("the upload ends")
    }

    /// Runs until so many requests have left, the last of which arrives or does not, and nobody hears of any; `None` then.
    pub(crate) fn killed_at(&mut self, count: usize, arrives: bool) {
        let end = self.run_until(count, |_, _| Fate::Fine);
        assert!(end.is_none(), "{end:?}");
        for flight in std::mem::take(&mut self.flights) {
            if arrives {
                self.server.handle(&flight.request, &self.source);
            }
        }
    }

    fn run_until(&mut self, count: usize, mut fate: impl FnMut(&str, usize) -> Fate) -> Option<Verdict> {
        let before = self.asked.len();
        for _ in 0..100_000 {
            if self.asked.len() - before == count {
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
        panic!("it never ends: {:?}", self.asked())
    }

    fn act(&mut self, action: Action<S3>) {
        match action {
            Action::Send { ticket, request, .. } => {
                let name = name(&request);
                self.asked.push((name.clone(), self.now.mono));
                self.shown.push(format!("{request:?}"));
                self.sent.push((name.clone(), request.body().source_len()));
                self.bytes_sent += request.body().source_len();
                self.requests.push(bare(&request));
                self.flights.push_back(Flight { ticket, request, name });
            }
            Action::Hash { ticket, jobs } => {
                let mut pass = HashPass::new(&jobs).unwrap();
                while let Some(range) = pass.wants(1000) {
                    pass.feed(server::piece(&self.source, &range)).unwrap();
                    self.hashed.push(range);
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
            Action::Cancel(_) => {}
            other @ Action::Acquire { .. } => panic!("{other:?}"),
        }
    }

    fn answer_one(&mut self, fate: &mut impl FnMut(&str, usize) -> Fate) {
        let Flight { ticket, request, name } = self.flights.pop_front().unwrap();
        let met = self.met.entry(name.clone()).or_default();
        let nth = *met;
        *met += 1;
        let observed = self.observe(&request);
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
            Fate::Forgets => {
                self.server.uploads.clear();
                Ok(act(self))
            }
            Fate::Overtaken => {
                self.server.object = Some(Object::of(vec![7; 40]));
                Ok(act(self))
            }
            Fate::Rekeys(token, response) => {
                self.server.token = Some(token.to_owned());
                Ok(response)
            }
        };
        self.upload.handle(Input::Response(ticket, answer.map(|response| Answer { response, observed })));
    }

    fn observe(&self, request: &Request<Body>) -> Observed {
        let body = request.body();
        let mut sent = Vec::new();
        for segment in body.segments() {
            if let Segment::Source(range) = segment {
                sent.extend_from_slice(server::piece(&self.source, range));
            }
        }
        Observed::all(body.observe().iter().map(|kind| (*kind, digest(*kind, &sent))).collect())
    }

    pub(crate) fn asked(&self) -> Vec<&str> {
        self.asked.iter().map(|(name, _)| name.as_str()).collect()
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.asked.iter().filter(|(asked, _)| asked.split(' ').next() == Some(name)).count()
    }

    /// The head of the last request of this name.
    pub(crate) fn last(&self, name: &str) -> &Request<()> {
        let at = self.asked.iter().rposition(|(asked, _)| asked == name);
        &self.requests[at.unwrap_or_else(|| panic!("{name}: {:?}", self.asked()))]
    }

    pub(crate) fn restarts(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Restarting { .. })).count()
    }

    /// The upload, which must have ended well with the very content at the server.
    #[track_caller]
    pub(crate) fn complete(&self, verdict: Verdict) -> Uploaded {
        let uploaded = verdict.unwrap_or_else(|failure| panic!("{failure}: {:?}", self.asked()));
        let there = self.server.object.as_ref().map(|object| &object.body);
        assert!(there == Some(&self.source), "other content: {:?}", self.asked());
        uploaded
    }
}

fn name(request: &Request<Body>) -> String {
    let query = query(request);
    match (request.method(), query.contains_key("uploadId")) {
        (&Method::POST, false) => "create".into(),
        (&Method::PUT, false) => "put".into(),
        (&Method::PUT, true) => format!("part {}", query["partNumber"]),
        (&Method::GET, _) => format!("list {}", query["part-number-marker"]),
        (&Method::POST, true) => "complete".into(),
        (&Method::DELETE, _) => "abort".into(),
        (&Method::HEAD, _) => "head".into(),
        other => panic!("{other:?}"),
    }
}

fn bare(request: &Request<Body>) -> Request<()> {
    let mut bare = Request::new(());
    *bare.method_mut() = request.method().clone();
    *bare.uri_mut() = request.uri().clone();
    *bare.headers_mut() = request.headers().clone();
    bare
}

fn reread(saved: &Checkpoint<S3>) -> Checkpoint<S3> {
    Checkpoint::from_bytes(&saved.to_bytes()).unwrap()
}

pub(crate) fn protocol(options: &Options) -> S3 {
    let key = ObjectKey::new("f").unwrap();
    let object = resumable_proto_s3::Object::new("http://127.0.0.1:9000", "emubucket", key, Addressing::Path).unwrap();
    S3::new(object.with_region("us-east-1").unwrap(), options.clone()).unwrap()
}

pub(crate) fn info(source: &[u8]) -> SourceInfo {
    SourceInfo {
        changed: Some(resumable_core::Modified { secs: 1, nanos: 0 }),
        looked_at: Some(resumable_core::Modified { secs: 9, nanos: 0 }),
        ..SourceInfo::new(source.len() as u64, SourceInfo::sample_of(source, source))
    }
}
