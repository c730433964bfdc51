use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{
    Action, Answer, AuthError, AuthReason, Body, Cause, Checkpoint, Event, Failure, HashError, HashPass, Hasher, Input,
    Known, Modified, Now, Observed, OpId, Options, Output, Receipt, Segment, SendError, Serves, Slot, SourceFailure,
    SourceFailureKind, SourceInfo, StoreError, Upload,
};
use serde_json::{Value, json};

use super::{Fault, Integrity, Key, Knob, Opens, PART, Server, Toy};

pub(crate) type Verdict = Result<Receipt, Failure<Fault>>;

/// How one action goes.
pub(crate) enum Fate {
    Fine,
    /// No byte left, the pass was cancelled, the store is full, there is no key.
    Fails,
    /// No try of the transport can send it.
    Impossible,
    /// Whoever answers is not the server.
    Untrusted,
    /// The reply is lost, before or after the server acted.
    LostBefore,
    LostAfter,
    /// The server says this; it did not act.
    Says(Response<Bytes>),
    /// The server acted, and this arrives.
    ActsAndSays(Response<Bytes>),
    /// The server says this before it has read the whole body; it did not act.
    SaysEarly(Response<Bytes>),
    /// No answer ever.
    Never,
    /// The host loses the ticket, after the effect.
    Forgotten,
}

pub(crate) fn says(status: u16, body: &Value) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::from(body.to_string())).unwrap()
}

/// What an upload is made of, so that it can be made again after a crash.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) options: Options,
    pub(crate) target: &'static str,
    pub(crate) hash_first: bool,
    pub(crate) one_request: bool,
    pub(crate) counts_to_the_gap: bool,
    pub(crate) integrity: Integrity,
    pub(crate) knob: Knob,
    pub(crate) opens: Opens,
    pub(crate) key: Option<&'static str>,
}

impl Default for Setup {
    fn default() -> Self {
        let mut options = Options::new(7);
        options.save_every = Duration::ZERO;
        Self {
            options,
            target: "shelf",
            hash_first: false,
            one_request: false,
            counts_to_the_gap: false,
            integrity: Integrity::Digests,
            knob: Knob::Behaves,
            opens: Opens::ForItself,
            key: Some("canary-0"),
        }
    }
}

impl Setup {
    pub(crate) fn toy<const JOURNAL: bool>(&self) -> Toy<JOURNAL> {
        Toy {
            target: self.target.to_owned(),
            part: PART,
            hash_first: self.hash_first,
            one_request: self.one_request,
            counts_to_the_gap: self.counts_to_the_gap,
            integrity: self.integrity,
            knob: self.knob,
            opens: self.opens,
            ..Toy::default()
        }
    }

    pub(crate) fn key(&self) -> Option<Key> {
        self.key.map(|key| Key(key.to_owned()))
    }
}

/// An upload, its host, its server and the time. It checks at every step what must hold at every step.
pub(crate) struct Rig<const JOURNAL: bool> {
    pub(crate) setup: Setup,
    pub(crate) upload: Upload<Toy<JOURNAL>>,
    pub(crate) server: Server,
    pub(crate) source: Vec<u8>,
    /// What a look at the source finds.
    pub(crate) info: SourceInfo,
    pub(crate) now: Now,
    /// The last durable checkpoint.
    pub(crate) durable: Option<String>,
    pub(crate) pending: Vec<Action<Toy<JOURNAL>>>,
    pub(crate) stuck: Vec<Action<Toy<JOURNAL>>>,
    pub(crate) cancelled: Vec<OpId>,
    pub(crate) events: Vec<Event>,
    pub(crate) shared: Vec<(String, Known<super::Reply>, Serves)>,
    pub(crate) paused: bool,
    /// The last `Wait`.
    pub(crate) until: Option<Duration>,
    /// How many actions of a kind were carried out.
    pub(crate) done: BTreeMap<&'static str, usize>,
    pub(crate) unsure: Vec<super::Call>,
    pub(crate) keys_given: u32,
    /// Every output, byte for byte.
    pub(crate) transcript: String,
    /// Every output and answer as a log would show them.
    pub(crate) shown: String,
    /// Neither of the two is kept, for a long upload.
    pub(crate) quiet: bool,
    pub(crate) polls: u64,
    /// Which action is answered next, and, by the high bit, whether the upload is polled in between.
    pub(crate) picks: Vec<u8>,
    /// Before (false) or just after (true) the effect of which action the process dies.
    pub(crate) dies_at: Option<(usize, bool)>,
    pub(crate) total_done: usize,
    /// The host's limiter: every slot that is out holds one of these.
    slots: Arc<()>,
}

const STEPS: usize = 50_000;

impl<const JOURNAL: bool> Rig<JOURNAL> {
    pub(crate) fn new(len: u64, setup: Setup) -> Self {
        let source: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
        let info = SourceInfo {
            modified: Some(Modified { secs: 1_700_000_000, nanos: 5 }),
            changed: Some(Modified { secs: 1_700_000_001, nanos: 0 }),
            looked_at: Some(Modified { secs: 1_800_000_000, nanos: 0 }),
            id: Some(4),
            ..SourceInfo::new(len, SourceInfo::sample_of(&source, b""))
        };
        let now = Now { mono: Duration::from_secs(1000), unix: Duration::from_secs(1_800_000_000) };
        let upload = Upload::start(setup.toy(), info.clone(), setup.key(), setup.options.clone());
        Self {
            setup,
            upload,
            server: Server::default(),
            source,
            info,
            now,
            durable: None,
            pending: Vec::new(),
            stuck: Vec::new(),
            cancelled: Vec::new(),
            events: Vec::new(),
            shared: Vec::new(),
            paused: false,
            until: None,
            done: BTreeMap::new(),
            unsure: Vec::new(),
            keys_given: 0,
            transcript: String::new(),
            shown: String::new(),
            quiet: false,
            polls: 0,
            picks: Vec::new(),
            dies_at: None,
            total_done: 0,
            slots: Arc::default(),
        }
    }

    /// Runs to the end, with every action going as it should.
    pub(crate) fn run(&mut self) -> Verdict {
        self.run_with(|_, _| Fate::Fine)
    }

    /// Runs to the end; `fate` is given the kind of each action and how many of it went before.
    pub(crate) fn run_with(&mut self, mut fate: impl FnMut(&str, usize) -> Fate) -> Verdict {
        for step in 0..STEPS {
            if let Some(verdict) = self.poll_until_waiting() {
                return verdict;
            }
            if self.pending.is_empty() {
                self.sleep();
                continue;
            }
            self.answer_one(step, &mut fate);
            while !self.pending.is_empty() && self.pick(step) >= 128 {
                self.answer_one(step + 1, &mut fate);
            }
        }
        panic!("the upload spins");
    }

    fn pick(&self, step: usize) -> u8 {
        if self.picks.is_empty() { 0 } else { self.picks[(step + self.total_done) % self.picks.len()] }
    }

    fn answer_one(&mut self, step: usize, fate: &mut impl FnMut(&str, usize) -> Fate) {
        let index = usize::from(self.pick(step) % 128) % self.pending.len();
        let action = self.pending.remove(index);
        self.meet(action, fate);
    }

    /// Carries out one pending action of this kind.
    pub(crate) fn answer(&mut self, kind: &str, fate: Fate) {
        let at = self.pending.iter().position(|action| kind_of(action) == kind);
        let action = self.pending.remove(at.unwrap_or_else(|| panic!("no {kind} among {:?}", self.pending)));
        let mut fate = Some(fate);
        self.meet(action, &mut |_: &str, _| fate.take().unwrap());
    }

    /// Runs until an action of this kind is pending; everything before it goes as it should.
    pub(crate) fn run_until(&mut self, kind: &str) {
        for _ in 0..STEPS {
            assert!(self.poll_until_waiting().is_none(), "finished before {kind}");
            if self.pending.iter().any(|action| kind_of(action) == kind) {
                return;
            }
            if self.pending.is_empty() {
                self.sleep();
            } else {
                self.answer_one(0, &mut |_: &str, _| Fate::Fine);
            }
        }
        panic!("no {kind} ever");
    }

    /// Puts the pending actions of a kind aside, to be answered late or never.
    pub(crate) fn put_aside(&mut self, kind: &str) {
        self.stuck.extend(self.pending.extract_if(.., |action| kind_of(action) == kind));
    }

    pub(crate) fn take_up_again(&mut self) {
        self.pending.append(&mut self.stuck);
    }

    /// How many actions of a kind are pending.
    pub(crate) fn waiting_for(&self, kind: &str) -> usize {
        self.pending.iter().filter(|action| kind_of(action) == kind).count()
    }

    /// Hands out what is next; `None` when the upload waits.
    pub(crate) fn poll_until_waiting(&mut self) -> Option<Verdict> {
        for _ in 0..STEPS {
            let output = self.upload.poll(self.now);
            self.polls += 1;
            self.record(&output);
            match output {
                Output::Do(Action::Cancel(op)) => self.cancelled.push(op),
                Output::Do(action) => self.take(action),
                Output::Tell(event) => self.events.push(event),
                Output::Share { question, known, serves } => self.shared.push((question, known, serves)),
                Output::Finished(verdict) => {
                    self.check_slots();
                    return Some(verdict);
                }
                Output::Wait { until, in_flight } => {
                    self.check_wait(until, in_flight);
                    self.check_slots();
                    self.until = until;
                    return None;
                }
            }
        }
        panic!("the upload never waits");
    }

    fn check_wait(&self, until: Option<Duration>, in_flight: usize) {
        let reachable = until.is_some_and(|until| until > self.now.mono);
        assert!(until.is_none() || reachable, "waits for the past");
        assert!(reachable || in_flight > 0 || self.paused, "waits for nothing");
        assert!(in_flight <= self.pending.len() + self.stuck.len(), "{in_flight} in flight, but {:?}", self.pending);
    }

    /// A slot of the host's limiter.
    pub(crate) fn slot(&self) -> Slot {
        Slot::holding(Arc::clone(&self.slots))
    }

    /// How many slots were granted and have not gone back.
    pub(crate) fn slots_out(&self) -> usize {
        Arc::strong_count(&self.slots) - 1
    }

    fn check_slots(&self) {
        let open = self.pending.iter().chain(&self.stuck);
        let sends = open.filter(|action| matches!(action, Action::Send { .. })).count();
        assert!(self.slots_out() <= sends, "{} slots are out for {sends} requests", self.slots_out());
    }

    fn take(&mut self, action: Action<Toy<JOURNAL>>) {
        let open = |kind: fn(&Action<Toy<JOURNAL>>) -> bool| {
            self.pending.iter().chain(&self.stuck).filter(|action| kind(action)).count()
        };
        let saves = open(|action| matches!(action, Action::Save { .. }));
        let keys = open(|action| match action {
            Action::Authorize { reason, .. } => *reason != AuthReason::Expiring,
            _ => false,
        });
        let sends = open(|action| matches!(action, Action::Send { .. }));
        match &action {
            Action::Save { .. } => assert_eq!(saves, 0, "one save open at a time"),
            Action::Send { .. } => {
                assert_eq!(keys, 0, "nothing leaves while a key is asked for");
                assert!(sends < self.setup.options.window, "the window is exceeded");
                assert!(!self.paused, "nothing leaves while paused");
            }
            _ => {}
        }
        self.pending.push(action);
    }

    /// Lets the time pass that the upload waits for.
    pub(crate) fn sleep(&mut self) {
        let until = self.until.unwrap_or_else(|| panic!("waits for ever; stuck: {:?}", self.stuck));
        self.pass(until.saturating_sub(self.now.mono));
    }

    pub(crate) fn since(&self, start: Duration) -> Duration {
        self.now.mono.saturating_sub(start)
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now = Now { mono: self.now.mono + time, unix: self.now.unix + time };
    }

    fn meet(&mut self, action: Action<Toy<JOURNAL>>, fate: &mut impl FnMut(&str, usize) -> Fate) {
        let kind = kind_of(&action);
        let nth = self.done.entry(kind).or_default();
        *nth += 1;
        let fate = fate(kind, *nth - 1);
        self.total_done += 1;
        self.pass(Duration::from_millis(5));
        match self.dies_at {
            Some((at, false)) if at == self.total_done => self.crash(),
            Some((at, true)) if at == self.total_done => {
                self.carry_out(action, Fate::Never);
                self.crash();
            }
            _ => self.carry_out(action, fate),
        }
    }

    fn carry_out(&mut self, action: Action<Toy<JOURNAL>>, fate: Fate) {
        let cause = || Cause::text("no luck");
        match action {
            Action::Send { .. } => self.send(action, fate),
            Action::Save { ticket, .. } if matches!(fate, Fate::Fails) => {
                self.upload.handle(Input::Saved(ticket, Err(StoreError(cause()))));
            }
            Action::Save { ref checkpoint, .. } => {
                self.durable = Some(text_of(checkpoint));
                match (action, fate) {
                    (Action::Save { ticket, .. }, Fate::Fine) => self.upload.handle(Input::Saved(ticket, Ok(()))),
                    (action, fate) => self.drop_ticket(action, &fate),
                }
            }
            action if matches!(fate, Fate::Never | Fate::Forgotten) => self.drop_ticket(action, &fate),
            Action::Hash { ticket, .. } if matches!(fate, Fate::Fails) => {
                self.upload.handle(Input::Digests(ticket, Err(HashError::Source(gone()))));
            }
            Action::Hash { ticket, jobs } => {
                let mut pass = HashPass::new(&jobs).unwrap();
                while let Some(range) = pass.wants(16) {
                    pass.feed(&self.source[at(range.start)..at(range.end)]).unwrap();
                    self.upload.handle(Input::Progress(ticket.id(), range.end));
                }
                self.upload.handle(Input::Digests(ticket, Ok(pass.finish().unwrap())));
            }
            Action::Check { ticket } if matches!(fate, Fate::Fails) => {
                self.upload.handle(Input::Source(ticket, Err(gone())));
            }
            Action::Check { ticket } => self.upload.handle(Input::Source(ticket, Ok(self.info.clone()))),
            Action::Authorize { ticket, .. } if matches!(fate, Fate::Fails) => {
                self.upload.handle(Input::Credential(ticket, Err(AuthError(cause()))));
            }
            Action::Authorize { ticket, .. } => {
                self.keys_given += 1;
                let key = Key(format!("canary-{}", self.keys_given));
                self.upload.handle(Input::Credential(ticket, Ok(key.into())));
            }
            Action::Acquire { ticket, .. } if matches!(fate, Fate::Fails) => {
                self.upload.handle(Input::Slot(ticket, Err(Duration::from_secs(30))));
            }
            Action::Acquire { ticket, .. } => {
                let slot = self.slot();
                self.upload.handle(Input::Slot(ticket, Ok(slot)));
            }
            Action::Cancel(_) => {}
        }
    }

    fn drop_ticket(&mut self, action: Action<Toy<JOURNAL>>, fate: &Fate) {
        if matches!(fate, Fate::Forgotten) {
            self.upload.handle(Input::Lost(action.op()));
        } else {
            self.stuck.push(action);
        }
    }

    fn send(&mut self, action: Action<Toy<JOURNAL>>, fate: Fate) {
        let Action::Send { ref request, name, .. } = action else { return };
        assert!(request.uri().path().ends_with(name), "{name} is not the name of {}", request.uri().path());
        let acts = matches!(fate, Fate::Fine | Fate::LostAfter | Fate::ActsAndSays(_) | Fate::Never | Fate::Forgotten);
        let said = acts.then(|| self.server.handle(request, &self.source));
        let observed = self.observed(request);
        let lost = || SendError::Unsure(Cause::text("cut"));
        let answer = match fate {
            Fate::Never | Fate::Forgotten => return self.drop_ticket(action, &fate),
            Fate::Fine => Ok(Answer { response: said.unwrap(), observed }),
            Fate::Says(response) | Fate::ActsAndSays(response) => Ok(Answer { response, observed }),
            Fate::SaysEarly(response) => Ok(Answer { response, observed: Observed::none() }),
            Fate::LostBefore | Fate::LostAfter => Err(lost()),
            Fate::Fails => Err(SendError::NotSent(Cause::text("no route"))),
            Fate::Untrusted => Err(SendError::Untrusted(Cause::text("unknown issuer"))),
            Fate::Impossible => Err(SendError::Impossible(Cause::text("no address"))),
        };
        if !self.quiet {
            let _ = writeln!(self.shown, "{answer:?}");
        }
        if let Action::Send { ticket, .. } = action {
            self.upload.handle(Input::Response(ticket, answer));
        }
    }

    fn observed(&self, request: &Request<Body>) -> Observed {
        let digests = request.body().observe().iter().map(|kind| {
            let mut hasher = Hasher::new(*kind).unwrap();
            for segment in request.body().segments() {
                if let Segment::Source(range) = segment {
                    hasher.update(&self.source[at(range.start)..at(range.end)]);
                }
            }
            (*kind, hasher.finish())
        });
        Observed::all(digests.collect())
    }

    /// The process dies, and another one goes on from what is durable.
    pub(crate) fn crash(&mut self) {
        self.unsure.append(&mut self.upload.protocol().log().unsure);
        self.pending.clear();
        self.stuck.clear();
        self.paused = false;
        self.upload = match self.saved() {
            None => Upload::start(self.setup.toy(), self.info.clone(), self.setup.key(), self.setup.options.clone()),
            Some(saved) => {
                let (info, options) = (self.info.clone(), self.setup.options.clone());
                Upload::resume(self.setup.toy(), info, self.setup.key(), options, saved).unwrap()
            }
        };
    }

    /// Another process gives the saved upload up.
    pub(crate) fn abandon(&mut self) {
        let saved = self.saved().unwrap();
        let options = self.setup.options.clone();
        self.pending.clear();
        self.stuck.clear();
        self.upload = Upload::abandon(self.setup.toy(), self.setup.key(), options, saved).unwrap();
    }

    /// The last durable checkpoint, through its text.
    pub(crate) fn saved(&self) -> Option<Checkpoint<Toy<JOURNAL>>> {
        self.durable.as_ref().map(|text| Checkpoint::from_bytes(text.as_bytes()).unwrap())
    }

    pub(crate) fn saved_field(&self, name: &str) -> Value {
        self.durable.as_ref().map_or(json!(null), |text| serde_json::from_str::<Value>(text).unwrap()[name].clone())
    }

    /// All calls that `apply` heard to be in doubt, over all processes.
    pub(crate) fn all_unsure(&self) -> Vec<super::Call> {
        let mut all = self.unsure.clone();
        all.extend(self.upload.protocol().log().unsure.iter().cloned());
        all
    }

    fn record(&mut self, output: &Output<Toy<JOURNAL>>) {
        if self.quiet {
            return;
        }
        let _ = writeln!(self.shown, "{output:?}");
        let _ = writeln!(self.transcript, "{output:?}");
        match output {
            Output::Do(Action::Send { request, .. }) => {
                let _ = writeln!(self.transcript, "  {} {:?}", request.uri(), request.headers());
                for segment in request.body().segments() {
                    let _ = match segment {
                        Segment::Bytes(bytes) => writeln!(self.transcript, "  {bytes:?}"),
                        Segment::Source(range) => writeln!(self.transcript, "  {range:?}"),
                    };
                }
            }
            Output::Do(Action::Save { checkpoint, .. }) => {
                let _ = writeln!(self.transcript, "  {}", text_of(checkpoint));
            }
            _ => {}
        }
    }

    pub(crate) fn assert_stored(&self) {
        assert_eq!(self.server.object.as_ref(), Some(&self.source), "the object is not the file");
    }
}

/// A checkpoint's text.
pub(crate) fn text_of<const JOURNAL: bool>(checkpoint: &Checkpoint<Toy<JOURNAL>>) -> String {
    String::from_utf8(checkpoint.to_bytes()).unwrap()
}

/// What an action is, and for a request which.
pub(crate) fn kind_of<const JOURNAL: bool>(action: &Action<Toy<JOURNAL>>) -> &'static str {
    match action {
        Action::Send { request, .. } => {
            let op = request.uri().path().rsplit('/').next().unwrap_or("");
            ["init", "list", "part", "finish", "put", "delete"].into_iter().find(|known| *known == op).unwrap()
        }
        Action::Hash { .. } => "hash",
        Action::Save { .. } => "save",
        Action::Check { .. } => "check",
        Action::Authorize { .. } => "authorize",
        Action::Acquire { .. } => "slot",
        Action::Cancel(_) => "cancel",
    }
}

fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

fn gone() -> SourceFailure {
    SourceFailure { kind: SourceFailureKind::Missing, cause: Cause::text("the file is not there") }
}
