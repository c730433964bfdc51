//! What is known of the uploads that run, as their events tell it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use resumable::{Event, machine};

use super::lines::share_of;
use super::meter::Meter;

/// What an upload is called.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The file, as the command was given it.
    pub(crate) file: String,
    /// `PROFILE:PATH`.
    pub(crate) destination: String,
}

/// How much there is to do in all, as far as that is known; it may grow while folders are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Files.
    pub(crate) files: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
}

/// All uploads.
#[derive(Debug, Default)]
pub(super) struct Model {
    running: BTreeMap<u64, Upload>,
    last: u64,
    plan: Option<Plan>,
    ended: Plan,
    /// Bytes that moved in this run, those of ended uploads included.
    moved: u64,
    meter: Meter,
}

/// How far all uploads are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Totals {
    pub(super) done_files: u64,
    pub(super) files: Option<u64>,
    pub(super) done_bytes: u64,
    pub(super) bytes: Option<u64>,
}

impl Model {
    pub(super) fn begin(&mut self, names: Arc<Names>) -> u64 {
        self.last += 1;
        self.running.insert(self.last, Upload::new(names));
        self.last
    }

    pub(super) fn plan(&mut self, plan: Plan) {
        self.plan = Some(plan);
    }

    pub(super) fn upload(&self, id: u64) -> Option<&Upload> {
        self.running.get(&id)
    }

    /// Takes an event in.
    pub(super) fn apply(&mut self, id: u64, event: &Event, now: Duration) {
        let Some(upload) = self.running.get_mut(&id) else { return };
        let before = upload.furthest;
        upload.apply(event, now);
        if let (Some(before), Some(furthest)) = (before, upload.furthest) {
            self.moved = self.moved.saturating_add(furthest.saturating_sub(before));
        }
        self.meter.note(now, self.moved);
    }

    /// It has ended, whatever came of it. `bytes`: how many of the plan's bytes that settles, where it is not known from
    /// its events.
    pub(super) fn end(&mut self, id: u64, bytes: Option<u64>) {
        let Some(upload) = self.running.remove(&id) else { return };
        self.ended.files += 1;
        self.ended.bytes = self.ended.bytes.saturating_add(bytes.unwrap_or(upload.total));
    }

    /// True if there is one upload, and no more are planned.
    pub(super) fn is_single(&self) -> bool {
        let planned = self.plan.map_or(1, |plan| plan.files);
        planned <= 1 && self.last <= 1
    }

    /// The one upload, while it runs.
    pub(super) fn only(&self) -> Option<&Upload> {
        if self.is_single() { self.running.values().next() } else { None }
    }

    pub(super) fn running(&self) -> impl Iterator<Item = &Upload> {
        self.running.values()
    }

    /// True once nothing is left to show.
    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty() && self.plan.is_none_or(|plan| plan.files <= self.ended.files)
    }

    pub(super) fn totals(&self) -> Totals {
        let done = self.running.values().map(|upload| upload.done().min(upload.total)).fold(0, u64::saturating_add);
        Totals {
            done_files: self.ended.files,
            files: self.plan.map(|plan| plan.files),
            done_bytes: self.ended.bytes.saturating_add(done),
            bytes: self.plan.map(|plan| plan.bytes),
        }
    }

    /// Bytes per second of all uploads; `None` while they only wait.
    pub(super) fn speed(&self, now: Duration) -> Option<u64> {
        let moves = self.running.values().any(|upload| !upload.doing(now).is_troubled());
        self.meter.speed(now).filter(|_| moves)
    }

    pub(super) fn left(&self, now: Duration) -> Option<Duration> {
        let Totals { done_bytes, bytes, .. } = self.totals();
        self.speed(now)?;
        self.meter.left(now, bytes?.saturating_sub(done_bytes))
    }
}

/// One upload.
#[derive(Debug)]
pub(super) struct Upload {
    names: Arc<Names>,
    phase: Phase,
    confirmed: u64,
    in_flight: u64,
    total: u64,
    /// The furthest that was reached: what is sent again below it is no progress. `None` before anything is known.
    furthest: Option<u64>,
    meter: Meter,
    trouble: Option<Trouble>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Starting,
    /// What an earlier upload left is removed: how far that is says nothing.
    Removing,
    Hashing {
        done: u64,
        total: u64,
    },
    Sending,
}

/// Calls that fail, and are tried again.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    /// Without the request's name, so that equal reasons are equal.
    pub(super) why: String,
    /// When it began.
    pub(super) since: Duration,
    /// Failures without progress.
    pub(super) tries: u32,
    /// When the next try leaves.
    pub(super) next: Duration,
    /// When the upload is given up.
    pub(super) gives_up: Option<Duration>,
    /// More than this is progress.
    beyond: u64,
    confirmed: u64,
}

/// What a person is told that an upload does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    Starting,
    Removing,
    Hashing,
    Sending,
    /// Nothing is on its way; the next try has its time.
    Waiting,
    /// Something is on its way again, and nothing new arrived yet.
    Retrying,
    /// All bytes are on their way or there.
    Completing,
}

impl Doing {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Removing => "removing",
            Self::Hashing => "hashing",
            Self::Sending => "sending",
            Self::Waiting => "waiting",
            Self::Retrying => "retrying",
            Self::Completing => "completing",
        }
    }

    pub(super) fn is_troubled(self) -> bool {
        matches!(self, Self::Waiting | Self::Retrying)
    }
}

impl Upload {
    fn new(names: Arc<Names>) -> Self {
        Self {
            names,
            phase: Phase::Starting,
            confirmed: 0,
            in_flight: 0,
            total: 0,
            furthest: None,
            meter: Meter::default(),
            trouble: None,
        }
    }

    fn apply(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Began { resumed_from, total } => {
                (self.confirmed, self.total) = (resumed_from.unwrap_or(0), *total);
                self.phase = Phase::Starting;
            }
            Event::Removing => self.phase = Phase::Removing,
            Event::Machine(event) if self.phase == Phase::Removing => self.troubled(event, now),
            Event::Machine(machine::Event::Progress { confirmed, in_flight, total }) => {
                self.moved(*confirmed, *in_flight, *total, now);
            }
            Event::Machine(machine::Event::Hashing { done, total }) => self.hashed(*done, *total, now),
            Event::Machine(machine::Event::Restarting { .. } | machine::Event::UrlLost { .. }) => {
                (self.furthest, self.trouble) = (None, None);
                self.meter.reset();
            }
            Event::Machine(event) => self.troubled(event, now),
            _ => {}
        }
    }

    fn moved(&mut self, confirmed: u64, in_flight: u64, total: u64, now: Duration) {
        let done = confirmed.saturating_add(in_flight).min(total);
        if self.phase != Phase::Sending {
            self.meter.reset();
        }
        if self.trouble.as_ref().is_some_and(|trouble| confirmed > trouble.confirmed || done > trouble.beyond) {
            self.trouble = None;
        }
        (self.phase, self.confirmed, self.in_flight, self.total) = (Phase::Sending, confirmed, in_flight, total);
        let furthest = self.furthest.unwrap_or(0).max(done);
        self.furthest = Some(furthest);
        self.meter.note(now, furthest);
    }

    fn hashed(&mut self, done: u64, total: u64, now: Duration) {
        if !matches!(self.phase, Phase::Hashing { .. }) {
            self.meter.reset();
        }
        self.phase = Phase::Hashing { done, total };
        self.meter.note(now, done);
    }

    fn troubled(&mut self, event: &machine::Event, now: Duration) {
        let machine::Event::Retrying { why, request_id, after, tries, gives_up, .. } = event else { return };
        let next = now + *after;
        let before = self.trouble.take();
        let soonest = before.as_ref().map(|before| before.next).filter(|before| *before > now);
        self.trouble = Some(Trouble {
            why: without_id(why, request_id.as_deref()),
            since: before.as_ref().map_or(now, |before| before.since),
            tries: *tries,
            next: soonest.unwrap_or(next).min(next),
            gives_up: gives_up.map(|after| now + after),
            beyond: before.as_ref().map_or(self.furthest.unwrap_or(0), |before| before.beyond),
            confirmed: self.confirmed,
        });
    }

    pub(super) fn name(&self) -> &str {
        &self.names.file
    }

    pub(super) fn names(&self) -> &Names {
        &self.names
    }

    pub(super) fn doing(&self, now: Duration) -> Doing {
        let done = self.confirmed.saturating_add(self.in_flight);
        match (self.phase, &self.trouble) {
            (Phase::Starting, None) => Doing::Starting,
            (Phase::Removing, None) => Doing::Removing,
            (Phase::Hashing { .. }, _) => Doing::Hashing,
            (_, Some(trouble)) if self.in_flight == 0 && trouble.next > now => Doing::Waiting,
            (_, Some(_)) => Doing::Retrying,
            (Phase::Sending, None) if done >= self.total => Doing::Completing,
            (Phase::Sending, None) => Doing::Sending,
        }
    }

    pub(super) fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// Bytes that are done of what it does now, and of how many.
    pub(super) fn amount(&self) -> (u64, u64) {
        match self.phase {
            Phase::Hashing { done, total } => (done, total),
            _ => (self.done(), self.total),
        }
    }

    /// True once there is something to tell a share of.
    pub(super) fn is_known(&self) -> bool {
        self.phase != Phase::Removing && self.amount().1 > 0
    }

    /// In per cent: 100 only when the vendor has acknowledged all of it.
    pub(super) fn share(&self) -> u64 {
        let (done, total) = self.amount();
        let share = share_of(done, total);
        let unconfirmed = self.phase == Phase::Sending && self.confirmed < total;
        if unconfirmed { share.min(99) } else { share }
    }

    /// Bytes that have arrived or are on their way.
    fn done(&self) -> u64 {
        self.confirmed.saturating_add(self.in_flight).min(self.total)
    }

    pub(super) fn speed(&self, now: Duration) -> Option<u64> {
        self.meter.speed(now)
    }

    pub(super) fn left(&self, now: Duration) -> Option<Duration> {
        let (done, total) = self.amount();
        self.meter.left(now, total.saturating_sub(done))
    }
}

/// A reason without the vendor's name of the request: in an outage, that is all that differs.
pub(super) fn without_id(why: &str, id: Option<&str>) -> String {
    let Some(id) = id.filter(|id| !id.is_empty()) else { return why.to_owned() };
    let labels = [format!(", request id {id}"), format!(", sid {id}")];
    let labelled = labels.iter().find(|label| why.contains(label.as_str()));
    labelled.map_or_else(|| why.replace(id, "…"), |label| why.replace(label.as_str(), ""))
}
