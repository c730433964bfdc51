//! An upload with tiny slices against a small server, on a virtual clock: what is asked, met and saved is noted.

#![allow(dead_code, unused_imports, reason = "each test file uses its own part of it")]

mod server;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{
    Action, Answer, Body, Cause, Checkpoint, Event, Failure, Input, Limits as Transfer, Now, Observed, Output,
    ResumeError, Saving, SendError, Sending, SourceInfo, Ticket, Upload,
};
use resumable_proto_xfyun::{App, Credential, Fault, Limits, Options, Uploaded, Xfyun};

pub(crate) use self::server::{Again, Server};

pub(crate) const SLICE: u64 = 10;

/// What becomes of one request.
#[derive(Clone)]
pub(crate) enum Fate {
    Fine,
    /// The connection could not be made.
    Unsent,
    /// It never arrives, and the client cannot know.
    LostBefore,
    /// It takes effect, and the answer is lost.
    LostAfter,
    /// Something else answers.
    Says(Response<Bytes>),
    /// It takes effect, and something else answers.
    ActsAndSays(Response<Bytes>),
}

pub(crate) fn says(status: u16, body: &str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

pub(crate) fn code(status: u16, code: i64) -> Response<Bytes> {
    says(status, &format!(r#"{{"code":{code},"message":"NO","sid":"ost0001@dx1"}}"#))
}

pub(crate) fn tiny() -> Options {
    let mut options = Options::default();
    options.part_size = SLICE;
    options.one_request_max = 19;
    options.limits = Limits { part_min: 5, part_max: 40, parts: 12 };
    options
}

pub(crate) fn parallel() -> Options {
    let mut options = tiny();
    options.parallel = true;
    options
}

pub(crate) fn credential() -> Credential {
    Credential::new("key-canary", "secret-canary").unwrap()
}

pub(crate) type Verdict = Result<Uploaded, Failure<Fault>>;

struct Flight {
    ticket: Ticket<Sending>,
    request: Request<Body>,
    kind: String,
}

pub(crate) struct Rig {
    pub(crate) server: Server,
    pub(crate) source: Vec<u8>,
    pub(crate) options: Options,
    pub(crate) core: resumable_core::Options,
    pub(crate) endpoint: String,
    pub(crate) upload: Upload<Xfyun>,
    pub(crate) now: Now,
    /// Every request that left, by the last word of its path.
    pub(crate) asked: Vec<String>,
    pub(crate) transfers: Vec<Transfer>,
    pub(crate) events: Vec<Event>,
    /// Every checkpoint that was made durable.
    pub(crate) saved: Vec<Checkpoint<Xfyun>>,
    /// The largest number of requests under way at once.
    pub(crate) most_in_flight: usize,
    /// Answers the newest request first.
    pub(crate) newest_first: bool,
    /// Makes checkpoints durable only when nothing else moves the upload.
    pub(crate) slow_store: bool,
    /// The largest number of slices acknowledged while a checkpoint was not durable yet.
    pub(crate) most_unsaved: usize,
    unsaved: usize,
    saving: Option<(Ticket<Saving>, Checkpoint<Xfyun>)>,
    met: BTreeMap<String, usize>,
    flights: VecDeque<Flight>,
}

/// Where a run stops before its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    Never,
    /// When so many checkpoints are durable; what is under way then has arrived (or has not), and is never answered.
    AtSave {
        count: usize,
        arrives: bool,
    },
    /// When a request of this kind is under way, for the so-manieth time.
    At(&'static str, usize),
}

impl Rig {
    pub(crate) fn new(len: u64, options: Options) -> Self {
        Self::with(len, options, resumable_core::Options::new(7))
    }

    pub(crate) fn with(len: u64, options: Options, core: resumable_core::Options) -> Self {
        let source: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let endpoint = "http://127.0.0.1:18099".to_owned();
        let protocol = protocol(&endpoint, &options);
        let upload = Upload::start(protocol, info(&source), Some(credential()), core.clone());
        let now = Now { mono: Duration::ZERO, unix: Duration::from_secs(1_641_374_954) };
        Self {
            server: Server::new(now.unix),
            source,
            options,
            core,
            endpoint,
            upload,
            now,
            asked: Vec::new(),
            transfers: Vec::new(),
            events: Vec::new(),
            saved: Vec::new(),
            most_in_flight: 0,
            newest_first: false,
            slow_store: false,
            most_unsaved: 0,
            unsaved: 0,
            saving: None,
            met: BTreeMap::new(),
            flights: VecDeque::new(),
        }
    }

    /// Begins anew, at the endpoint of this rig.
    pub(crate) fn restart(&mut self) {
        let protocol = protocol(&self.endpoint, &self.options);
        self.upload = Upload::start(protocol, info(&self.source), Some(credential()), self.core.clone());
    }

    /// Another process takes up a checkpoint; the server and the notes stay.
    pub(crate) fn resume(&mut self, saved: &Checkpoint<Xfyun>) {
        self.flights.clear();
        self.upload = self.try_resume(reread(saved)).unwrap();
    }

    pub(crate) fn try_resume(&self, saved: Checkpoint<Xfyun>) -> Result<Upload<Xfyun>, ResumeError> {
        let protocol = protocol(&self.endpoint, &self.options);
        Upload::resume(protocol, info(&self.source), Some(credential()), self.core.clone(), saved)
    }

    pub(crate) fn abandon(&mut self, saved: &Checkpoint<Xfyun>) {
        let protocol = protocol(&self.endpoint, &self.options);
        self.flights.clear();
        self.upload = Upload::abandon(protocol, Some(credential()), self.core.clone(), reread(saved)).unwrap();
    }

    pub(crate) fn run(&mut self) -> Verdict {
        self.run_with(|_, _| Fate::Fine)
    }

    /// Runs to the end; `fate` is asked with the kind of each request, and how many of its kind there were before.
    pub(crate) fn run_with(&mut self, fate: impl FnMut(&str, usize) -> Fate) -> Verdict {
        self.run_until(Stop::Never, fate).expect("the upload ends")
    }

    /// Runs until a stop; `None` if it was reached.
    pub(crate) fn run_until(&mut self, stop: Stop, mut fate: impl FnMut(&str, usize) -> Fate) -> Option<Verdict> {
        let already = self.saved.len();
        for _ in 0..100_000 {
            if let Stop::AtSave { count, arrives } = stop
                && self.saved.len() - already == count
            {
                self.crash(arrives);
                return None;
            }
            match self.upload.poll(self.now) {
                Output::Do(action) => {
                    self.act(action);
                    let seen = |kind: &str| self.asked.iter().filter(|asked| *asked == kind).count();
                    if let Stop::At(kind, nth) = stop
                        && seen(kind) == nth
                        && self.flights.iter().any(|flight| flight.kind == kind)
                    {
                        return None;
                    }
                }
                Output::Tell(event) => self.events.push(event),
                Output::Share { .. } => {}
                Output::Wait { .. } if self.flights.is_empty() && self.saving.is_some() => self.store(),
                Output::Wait { until, .. } if self.flights.is_empty() => {
                    let until = until.expect("it waits for something");
                    self.pass(until.saturating_sub(self.now.mono));
                }
                Output::Wait { .. } => self.answer_one(&mut fate),
                Output::Finished(verdict) => return Some(verdict),
            }
        }
        panic!("it never ends: {:?}", self.asked)
    }

    fn act(&mut self, action: Action<Xfyun>) {
        match action {
            Action::Send { ticket, request, limits, .. } => {
                let kind = request.uri().path().rsplit('/').next().unwrap_or_default();
                let kind = if request.uri().path() == "/file/mpupload/upload" { "slice" } else { kind }.to_owned();
                let alone = self.flights.is_empty() || !["complete", "cancel"].contains(&kind.as_str());
                assert!(alone, "{kind} leaves while something else is under way");
                self.asked.push(kind.clone());
                self.transfers.push(limits);
                self.flights.push_back(Flight { ticket, request, kind });
                self.most_in_flight = self.most_in_flight.max(self.flights.len());
            }
            Action::Save { ticket, checkpoint } => {
                self.saving = Some((ticket, checkpoint));
                if !self.slow_store {
                    self.store();
                }
            }
            Action::Check { ticket } => self.upload.handle(Input::Source(ticket, Ok(info(&self.source)))),
            Action::Authorize { ticket, .. } => self.upload.handle(Input::Credential(ticket, Ok(credential().into()))),
            Action::Cancel(_) => {}
            other => panic!("{other:?}"),
        }
    }

    fn store(&mut self) {
        let Some((ticket, checkpoint)) = self.saving.take() else { return };
        self.most_unsaved = self.most_unsaved.max(std::mem::take(&mut self.unsaved));
        self.saved.push(checkpoint);
        self.upload.handle(Input::Saved(ticket, Ok(())));
    }

    fn answer_one(&mut self, fate: &mut impl FnMut(&str, usize) -> Fate) {
        let flight = if self.newest_first { self.flights.pop_back() } else { self.flights.pop_front() };
        let Flight { ticket, request, kind } = flight.unwrap();
        let met = self.met.entry(kind.clone()).or_default();
        let nth = *met;
        *met += 1;
        let lost = || Err(SendError::Unsure(Cause::text("silence")));
        let answer = match fate(&kind, nth) {
            Fate::Fine => {
                self.unsaved += usize::from(kind == "slice");
                Ok(self.server.handle(&request, &self.source))
            }
            Fate::Unsent => Err(SendError::NotSent(Cause::text("no connection"))),
            Fate::LostBefore => lost(),
            Fate::LostAfter => {
                self.server.handle(&request, &self.source);
                lost()
            }
            Fate::Says(response) => Ok(response),
            Fate::ActsAndSays(response) => {
                self.server.handle(&request, &self.source);
                Ok(response)
            }
        };
        let answer = answer.map(|response| Answer { response, observed: Observed::none() });
        self.upload.handle(Input::Response(ticket, answer));
    }

    /// Time passes, for the server too.
    pub(crate) fn pass(&mut self, time: Duration) {
        self.now.mono += time;
        self.now.unix += time;
        self.server.unix += time;
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

    pub(crate) fn count(&self, kind: &str) -> usize {
        self.asked.iter().filter(|asked| *asked == kind).count()
    }

    pub(crate) fn restarts(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::Restarting { .. })).count()
    }

    pub(crate) fn urls_lost(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, Event::UrlLost { .. })).count()
    }

    /// The call that the last checkpoint names as in doubt.
    pub(crate) fn in_doubt(&self) -> serde_json::Value {
        serde_json::from_slice::<serde_json::Value>(&self.last_saved().to_bytes()).unwrap()["in_doubt"].clone()
    }

    pub(crate) fn last_saved(&self) -> Checkpoint<Xfyun> {
        self.saved.last().unwrap().clone()
    }

    /// The url names a file with the very bytes of the source, and no file at the server has others.
    pub(crate) fn assert_stored(&self, uploaded: &Uploaded) {
        let stored = self.server.files.get(&uploaded.url).expect("the url names a file");
        assert!(*stored == self.source, "{} bytes instead of {}", stored.len(), self.source.len());
        assert!(
            self.server.files.values().all(|file| *file == self.source),
            "a file with other bytes is at the server"
        );
    }
}

fn reread(saved: &Checkpoint<Xfyun>) -> Checkpoint<Xfyun> {
    Checkpoint::from_bytes(&saved.to_bytes()).unwrap()
}

fn protocol(endpoint: &str, options: &Options) -> Xfyun {
    Xfyun::new(App::new(endpoint, "app00001", None).unwrap(), options.clone()).unwrap()
}

pub(crate) fn info(source: &[u8]) -> SourceInfo {
    SourceInfo {
        changed: Some(resumable_core::Modified { secs: 1, nanos: 0 }),
        looked_at: Some(resumable_core::Modified { secs: 9, nanos: 0 }),
        ..SourceInfo::new(source.len() as u64, SourceInfo::sample_of(source, source))
    }
}
