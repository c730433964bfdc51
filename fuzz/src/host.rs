//! A host for one upload that does what an input says: it answers late, wrongly, or not at all. The machine's second rule is
//! checked at every wait, and everything that it shows or saves is searched for secrets.

mod answers;
mod network;

use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::{
    Acquiring, Action, Authorizing, Body, Checking, Checkpoint, Command, Event, Failure, HashJob, Hashing, Input,
    Known, Lease, Limits, Now, OpId, Output, Protocol, Question, Saving, Sending, Slot, SourceInfo, Ticket, Upload,
};
use resumable_emulator::Emulator;
use resumable_sim::source::Source;
use resumable_sim::store::CHECKPOINT_BYTES;
use resumable_sim::vendor::Scenario;

use crate::draw::Draw;

/// The protocol of a vendor.
pub type ProtocolOf<S> = <S as Scenario>::Protocol;
type CredentialOf<S> = <ProtocolOf<S> as Protocol>::Credential;
type ReplyOf<S> = <ProtocolOf<S> as Protocol>::Reply;
type OutcomeOf<S> = <ProtocolOf<S> as Protocol>::Outcome;
type FaultOf<S> = <ProtocolOf<S> as Protocol>::Fault;

/// How many polls a process is allowed since it was last further than ever, once nothing is drawn any more.
const POLLS: usize = 2000;

/// What the vendor's side is.
pub enum Vendor {
    /// The emulator answers, unless the input says otherwise.
    Emulator(Emulator),
    /// The input answers.
    Input,
}

/// What is uploaded.
pub enum Content {
    /// These bytes.
    Bytes(Source),
    /// A file of these looks, whose bytes nobody has: it may be longer than any disk.
    Looks(SourceInfo),
}

/// What a host wrote down.
#[derive(Debug, Default)]
pub struct Record {
    /// What the vendor was asked, and what it answered.
    pub exchanges: Vec<(Request<Bytes>, Response<Bytes>)>,
    /// Each checkpoint that became durable.
    pub saves: Vec<Vec<u8>>,
}

/// How a process ended.
pub enum End<S: Scenario> {
    /// By itself.
    Finished(Result<OutcomeOf<S>, Failure<FaultOf<S>>>),
    /// It was killed.
    Killed,
}

/// The host, over all processes of one upload.
pub struct Host<'a, 'd, S: Scenario> {
    draw: &'a mut Draw<'d>,
    setting: &'a S,
    chance: Rng,
    vendor: Vendor,
    content: Content,
    now: Now,
    open: Vec<Open<ProtocolOf<S>>>,
    paused: bool,
    /// The newest checkpoint that is durable.
    saved: Option<Vec<u8>>,
    known: Vec<(String, Known<ReplyOf<S>>)>,
    /// Something was answered that the vendor did not say.
    forged: bool,
    /// A secret was among what was answered: it may be anywhere.
    told_secrets: bool,
    record: Option<Record>,
}

/// An action that is not answered yet.
#[expect(clippy::large_enum_variant, reason = "few are open at once, and most of them are requests")]
enum Open<P: Protocol> {
    Send(Ticket<Sending>, Slot, Request<Body>, Limits),
    Hash(Ticket<Hashing>, Vec<HashJob>),
    Save(Ticket<Saving>, Vec<u8>),
    Check(Ticket<Checking>),
    Authorize(Ticket<Authorizing>, Option<P::Credential>),
    Acquire(Ticket<Acquiring>, Option<Question>),
}

impl<P: Protocol> Open<P> {
    fn op(&self) -> OpId {
        match self {
            Self::Send(ticket, ..) => ticket.id(),
            Self::Hash(ticket, _) => ticket.id(),
            Self::Save(ticket, _) => ticket.id(),
            Self::Check(ticket) => ticket.id(),
            Self::Authorize(ticket, _) => ticket.id(),
            Self::Acquire(ticket, _) => ticket.id(),
        }
    }
}

impl<'a, 'd, S: Scenario> Host<'a, 'd, S> {
    /// A host that goes by what is drawn.
    pub fn new(draw: &'a mut Draw<'d>, setting: &'a S, vendor: Vendor, content: Content) -> Self {
        let now = Now { mono: Duration::from_secs(1000), unix: BEGINNING };
        Self {
            draw,
            setting,
            chance: Rng::with_seed(1),
            vendor,
            content,
            now,
            open: Vec::new(),
            paused: false,
            saved: None,
            known: Vec::new(),
            forged: false,
            told_secrets: false,
            record: None,
        }
    }

    /// The same, and what the vendor is asked and answers is written down.
    #[must_use]
    pub fn recording(mut self) -> Self {
        self.record = Some(Record::default());
        self
    }

    /// What was written down.
    pub fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// The newest checkpoint that is durable.
    pub fn saved(&self) -> Option<&[u8]> {
        self.saved.as_deref()
    }

    /// The server, if it is the emulator.
    pub fn server(&self) -> Option<&Emulator> {
        match &self.vendor {
            Vendor::Emulator(server) => Some(server),
            Vendor::Input => None,
        }
    }

    /// Whether everything that was answered was the vendor's own word.
    pub fn was_honest(&self) -> bool {
        !self.forged
    }

    /// Whether something is left to be drawn.
    pub fn has_plans(&self) -> bool {
        !self.draw.is_over()
    }

    /// Whatever was in the input may be anywhere: it is not searched for what it holds itself.
    pub fn forgive_secrets_of(&mut self, input: &[u8]) {
        self.told_secrets |= holds_secret::<S>(&String::from_utf8_lossy(input));
    }

    /// The source as it looks now.
    pub fn look(&mut self) -> SourceInfo {
        match &mut self.content {
            Content::Bytes(source) => source.info(self.now.unix).expect("nobody writes to it"),
            Content::Looks(info) => info.clone(),
        }
    }

    /// Runs one process to its end.
    ///
    /// # Panics
    /// When the machine breaks a rule: see the module.
    pub fn run(&mut self, upload: &mut Upload<ProtocolOf<S>>) -> End<S> {
        self.open.clear();
        self.paused = false;
        let (mut polls, mut furthest) = (0, 0);
        loop {
            polls += 1;
            assert!(polls < POLLS, "it does not end");
            let output = upload.poll(self.now);
            self.search(&format!("{output:?}"));
            match output {
                Output::Do(action) => self.begin(action),
                Output::Tell(Event::Progress { confirmed, .. }) if confirmed > furthest => {
                    (polls, furthest) = (0, confirmed);
                }
                Output::Tell(_) => {}
                Output::Share { question, known, .. } => self.known.push((question, known)),
                Output::Wait { until, in_flight } => {
                    self.check_wait(until, in_flight);
                    // Each wait uses up a byte.
                    polls = if self.draw.is_over() { polls } else { 0 };
                    if let Some(end) = self.pass(until, upload) {
                        return end;
                    }
                }
                Output::Finished(end) => return self.finished(end),
            }
        }
    }

    fn begin(&mut self, action: Action<ProtocolOf<S>>) {
        self.open.push(match action {
            Action::Send { ticket, slot, request, limits, .. } => Open::Send(ticket, slot, request, limits),
            Action::Hash { ticket, jobs } => Open::Hash(ticket, jobs),
            Action::Save { ticket, checkpoint } => Open::Save(ticket, self.inspected(&checkpoint)),
            Action::Check { ticket } => Open::Check(ticket),
            Action::Authorize { ticket, refused, .. } => Open::Authorize(ticket, refused),
            Action::Acquire { ticket, question, .. } => Open::Acquire(ticket, question),
            // What is cancelled is answered like everything else: sooner or later.
            Action::Cancel(_) => return,
        });
    }

    /// A checkpoint is small, free of secrets, and read as it was written.
    fn inspected(&self, checkpoint: &Checkpoint<ProtocolOf<S>>) -> Vec<u8> {
        let bytes = checkpoint.to_bytes();
        assert!(bytes.len() < CHECKPOINT_BYTES, "a checkpoint of {} bytes", bytes.len());
        self.search(&String::from_utf8_lossy(&bytes));
        let read = Checkpoint::<ProtocolOf<S>>::from_bytes(&bytes).expect("what was written can be read");
        assert!(read.to_bytes() == bytes, "{}", String::from_utf8_lossy(&bytes));
        bytes
    }

    fn search(&self, text: &str) {
        assert!(self.told_secrets || !holds_secret::<S>(text), "there is a secret in {text}");
    }

    /// A wait has a reason: something that can happen, or a time to come.
    fn check_wait(&self, until: Option<Duration>, in_flight: usize) {
        let now = self.now.mono;
        assert!(until.is_none_or(|until| until > now), "it waits until {until:?}, and it is {now:?}");
        let open = self.open.len();
        assert!(in_flight <= open, "it waits for {in_flight} answers, of which {open} can come");
        assert!(until.is_some() || in_flight > 0 || self.paused, "it waits for nothing");
    }

    /// Something happens, or time passes.
    fn pass(&mut self, until: Option<Duration>, upload: &mut Upload<ProtocolOf<S>>) -> Option<End<S>> {
        let decision = self.draw.byte();
        match decision {
            0..=199 if !self.open.is_empty() => {
                let open = self.open.remove(usize::from(decision) % self.open.len());
                self.answer(open, upload);
            }
            200..=209 => {
                let time = Duration::from_millis(self.draw.number() >> 20);
                self.advance(time);
            }
            210..=219 => self.order(upload),
            220..=223 => {
                let credential = self.credential(None);
                let lease = self.lease(credential);
                upload.handle(lease);
            }
            224..=229 => self.report(upload),
            230..=233 => return Some(End::Killed),
            _ => match until {
                Some(until) => self.advance(until.saturating_sub(self.now.mono)),
                None if self.paused => self.unpause(upload),
                None => {}
            },
        }
        None
    }

    fn advance(&mut self, time: Duration) {
        self.now.mono = self.now.mono.saturating_add(time);
        self.now.unix = self.now.unix.saturating_add(time);
    }

    fn unpause(&mut self, upload: &mut Upload<ProtocolOf<S>>) {
        self.paused = false;
        upload.handle(Command::Unpause);
    }

    /// The user wants something.
    fn order(&mut self, upload: &mut Upload<ProtocolOf<S>>) {
        let command = match self.draw.byte() % 8 {
            0 | 1 => Command::Pause,
            2 => return self.unpause(upload),
            3 => Command::Stop,
            4 => Command::Drain { within: Duration::from_millis(self.draw.number() >> 20) },
            5 => Command::Abort,
            _ => Command::Window(self.draw.byte().into()),
        };
        self.paused |= command == Command::Pause;
        upload.handle(command);
    }

    /// An action makes progress, or is never answered.
    fn report(&mut self, upload: &mut Upload<ProtocolOf<S>>) {
        let Some(last) = self.open.len().checked_sub(1) else { return };
        let at = self.draw.index(last + 1);
        let op = self.open[at].op();
        if self.draw.byte().is_multiple_of(2) {
            return upload.handle(Input::Progress(op, self.draw.number()));
        }
        drop(self.open.remove(at));
        upload.handle(Input::Lost(op));
    }

    fn lease(&mut self, credential: CredentialOf<S>) -> Lease<CredentialOf<S>> {
        match self.draw.byte() {
            240.. => Lease::until(credential, self.now.mono + Duration::from_secs(self.draw.small().into())),
            _ => credential.into(),
        }
    }

    /// A credential: the right one, or another one of the vendor's or of nobody's.
    pub fn credential(&mut self, refused: Option<&CredentialOf<S>>) -> CredentialOf<S> {
        let decision = self.draw.byte();
        if let (Vendor::Emulator(server), 0..=223) = (&self.vendor, decision) {
            let now = self.now.unix;
            let renewed = S::renewed(server, now, refused, &mut self.chance).and_then(|it| it.credential.ok());
            let granted = || self.setting.granted(server, now, true, &mut self.chance);
            return renewed.or_else(granted).unwrap_or_else(|| S::credential(0));
        }
        S::credential(usize::from(decision) % 3)
    }

    fn finished(&mut self, end: Result<OutcomeOf<S>, Failure<FaultOf<S>>>) -> End<S> {
        if let Err(failure) = &end {
            assert!(!matches!(failure, Failure::Defect(_)), "{failure}");
            self.search(&format!("{failure} {failure:?}"));
        }
        assert!(self.open.iter().all(|open| !matches!(open, Open::Save(..))), "it ends while a save is open");
        End::Finished(end)
    }
}

/// When the simulated vendors' accounts and keys are good.
pub const BEGINNING: Duration = Duration::from_secs(1_470_000_000);

fn holds_secret<S: Scenario>(text: &str) -> bool {
    S::CANARIES.iter().any(|canary| text.contains(canary))
}
