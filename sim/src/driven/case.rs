//! One case: an upload from its first run to its end, and once more.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use resumable::machine::{How, Receipt};
use resumable::{Client, Error, Event as Told, Handle, SentRecord};

use super::carrier::Carrier;
use super::credential_source::CredentialSource;
use super::executor::{self, Ended};
use super::home::Home;
use super::judge::{self, Then};
use super::mortal::Mortal;
use super::plight::{Change, Command, Doom, Plight};
use super::time;
use super::world::{Event, Here, State, World};
use crate::case::seed_of;
use crate::source::{Nature, Source};
use crate::transcript::{Detail, Transcript};
use crate::vendor::Expectations;

/// By this calendar a file of the system's was left alone for years.
const LATER: Duration = Duration::from_secs(2_100_000_000);
/// By this one it was changed just now, whenever it is looked at.
const EARLIER: Duration = Duration::from_secs(1_470_000_000);
/// So many runs without faults may be needed: an end that is explained, a beginning anew, and one that finishes.
const CALM: usize = 4;
/// Every so many cases, one is run twice.
const TWICE_EVERY: u64 = 16;
/// A run that is told to stop gives up what is under way, and saves.
const AT_ONCE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(600);

/// What came of a case.
#[derive(Debug)]
pub struct Report {
    /// What was found wrong.
    pub violation: Option<String>,
    /// What happened.
    pub transcript: Transcript,
    /// How often it met what.
    pub marks: BTreeMap<&'static str, u64>,
}

/// What plays the case of a seed.
pub type Run = fn(u64, Detail) -> Report;

/// What came of many.
#[derive(Debug, Default)]
pub struct Cases {
    /// How often they met what.
    pub marks: BTreeMap<&'static str, u64>,
    /// Which broke the property, and how.
    pub violations: Vec<(u64, String)>,
}

/// Runs the cases `from..to` of a run, on two threads: `run` is this module's, or that of [`super::rivals`].
pub fn run_all(run: Run, seed: u64, from: u64, to: u64) -> Cases {
    let next = AtomicU64::new(from);
    let work = || {
        let mut mine = Cases::default();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= to {
                return mine;
            }
            mine.take(index, one(run, seed, index));
        }
    };
    let mut all = Cases::default();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            match thread.join() {
                Ok(cases) => all.add(cases),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    all.violations.sort();
    all
}

fn one(run: Run, seed: u64, index: u64) -> Report {
    let mut report = run(seed_of(seed, index), Detail::Hash);
    if index.is_multiple_of(TWICE_EVERY) {
        let again = run(seed_of(seed, index), Detail::Hash);
        if again.transcript.hash() != report.transcript.hash() {
            report.violation.get_or_insert_with(|| "the same seed gave another transcript".to_owned());
        }
    }
    report
}

impl Cases {
    fn take(&mut self, index: u64, report: Report) {
        report.marks.into_iter().for_each(|(mark, times)| *self.marks.entry(mark).or_default() += times);
        self.violations.extend(report.violation.map(|what| (index, what)));
    }

    fn add(&mut self, other: Self) {
        other.marks.into_iter().for_each(|(mark, times)| *self.marks.entry(mark).or_default() += times);
        self.violations.extend(other.violations);
    }
}

/// Runs the case of a seed.
pub fn run<S: Expectations>(seed: u64, detail: Detail) -> Report {
    let mut case = Case::<S>::draw(seed, detail);
    let violation = case.play().err();
    // What is still planned holds the world, and its folder.
    executor::run_out(&case.world);
    let mut state = case.world.state();
    if let Some(what) = &violation {
        state.transcript.note(time::elapsed(), || format!("VIOLATION: {what}"));
    }
    let transcript = std::mem::replace(&mut state.transcript, Transcript::new(Detail::Off));
    let marks = std::mem::take(&mut state.marks);
    drop(state);
    Report { violation, transcript, marks }
}

/// What comes after a run.
enum Judged {
    /// Another one.
    GoesOn,
    Finished(Receipt),
    /// It is not to be finished.
    Refused,
}

struct Case<S> {
    setting: S,
    window: usize,
    world: Arc<World>,
    source: CredentialSource,
    plight: Plight,
    /// Each look at the file comes just after its last change, by the client's clock.
    is_fresh: bool,
    anew: bool,
    runs: u64,
    /// What the server had received before.
    before: u64,
}

impl<S: Expectations> Case<S> {
    fn draw(seed: u64, detail: Detail) -> Self {
        let mut chance = Rng::with_seed(seed);
        let mut all = S::enumerated();
        let (setting, window) = all.swap_remove(chance.usize(0..all.len()));
        // Where nothing is digested, nobody can know of a file that seems to change all the time, and no upload ends.
        let is_fresh = chance.u8(0..4) == 0 && setting.digests_what_it_sends();
        time::begin(if is_fresh { EARLIER } else { LATER });
        let plight = Plight::draw(&mut chance);
        let source = Source::new(setting.size(), chance.u64(..), Nature::plain(), time::wall());
        let server = setting.server(&source, &mut chance);
        let home = Home::new(source.bytes(), time::wall()).expect("a temporary folder");
        let before = server.totals().received_file_bytes;
        let keeper_chance = &mut chance.fork();
        let world = Arc::new(World::new(server, home, plight.clone(), chance, Transcript::new(detail)));
        let source = CredentialSource::new(&world, keeper_chance);
        world.note(|| format!("{setting:?}, window {window}, fresh {is_fresh}, {plight:?}"));
        Self { setting, window, world, source, plight, is_fresh, anew: false, runs: 0, before }
    }

    fn play(&mut self) -> Result<(), String> {
        if !self.act()? || self.world.state().chance.u8(0..3) > 0 {
            return Ok(());
        }
        self.begin_second();
        self.act().map(drop)
    }

    fn begin_second(&mut self) {
        let mut state = self.world.state();
        let state = &mut *state;
        self.plight.draw_second(&mut state.chance);
        // What comes late would make it a matter of luck which version stands in the end.
        let change = self.plight.change.or(Some((usize::MAX, None, Change::Restored)));
        state.plight = Plight { change, ..self.plight.clone() };
        state.transcript.note(time::elapsed(), || format!("another version: {:?}", self.plight));
        Self::change(&self.world, state, Change::Written);
        *state.marks.entry("another version").or_default() += 1;
    }

    /// One version of the file is sent, until it is there. False if it is not to be.
    fn act(&mut self) -> Result<bool, String> {
        self.anew = false;
        let troubled = self.plight.runs.len();
        for number in 0..troubled + CALM {
            let (doom, command) = self.plight.runs.get(number).copied().unwrap_or_default();
            self.world.state().counts.calm = number >= troubled;
            self.prepare_change(number);
            let oldest = self.world.home.latest();
            let ended = self.run(doom, command)?;
            let judged = self.judge(ended, oldest)?;
            executor::run_out(&self.world);
            match judged {
                Judged::GoesOn => {}
                Judged::Finished(receipt) => return self.end(oldest, &receipt).map(|()| true),
                Judged::Refused => return judge::older(&self.world, &self.setting).map(|()| false),
            }
        }
        Err(format!("{CALM} runs without a fault have not finished the upload"))
    }

    fn prepare_change(&mut self, number: usize) {
        let Some((_, within, change)) = self.plight.change.filter(|(at, _, _)| *at == number) else { return };
        let world = Arc::clone(&self.world);
        let happen = move || {
            let mut state = world.state();
            Self::change(&world, &mut state, change);
        };
        match within {
            None => happen(),
            Some(after) => self.world.plan(after, Event::Outside(Box::new(happen))),
        }
    }

    fn change(world: &World, state: &mut State, change: Change) {
        let is_content = matches!(change, Change::Written | Change::Restored);
        let to = if is_content { &mut state.counts.written } else { &mut state.counts.touched };
        *to += 1;
        state.transcript.note(time::elapsed(), || format!("to the file: {change:?}"));
        let changed = world.home.change(change, time::wall(), &mut state.chance);
        changed.expect("the case's own file");
    }

    /// One process, as a program makes one upload.
    fn run(
        &mut self,
        doom: Option<Doom>,
        command: Option<(Duration, Command)>,
    ) -> Result<Ended<Result<Receipt, Error>>, String> {
        let world = &self.world;
        self.runs += 1;
        let (number, anew) = (self.runs, self.anew);
        world.note(|| format!("run {number}: {doom:?}, {command:?}, anew: {anew}"));
        let seed = world.state().chance.u64(..);
        let record = SentRecord::open(world.home.folder("sent")).map_err(|error| error.to_string())?;
        let mut builder = Client::builder()
            .transport(Carrier(Arc::clone(world), self.window))
            .offload(Here(Arc::clone(world)))
            .store(Mortal::new(world))
            .sent(record)
            .clock(time::clock())
            .seed(seed)
            .patience(PATIENCE)
            .window(self.window);
        if let Some(rate) = self.plight.rate.and_then(NonZeroU64::new) {
            builder = builder.rate(rate);
        }
        let client = builder.build().map_err(|error| format!("no client: {error}"))?;
        let credentials = self.setting.credentials(&self.source);
        let put = client.put(self.setting.protocol(), credentials).file(world.home.file());
        let put = put.start_over(self.anew).look_first(self.plight.looks_first).on_event(watch(world));
        world.state().counts.stopped_at = None;
        if let Some((at, command)) = command {
            self.command(at, command, put.handle());
        }
        let ended = executor::run(world, put.send(), doom);
        if let (Ended::Done(_), Some(stopped)) = (&ended, world.state().counts.stopped_at) {
            let took = time::elapsed().saturating_sub(stopped.max(time::was_held()));
            if took > AT_ONCE {
                return Err(format!("a run that was stopped goes on for {took:?}"));
            }
        }
        match world.state().violation.take() {
            Some(what) => Err(what),
            None => Ok(ended),
        }
    }

    fn command(&self, at: Duration, command: Command, handle: Handle) {
        let world = Arc::clone(&self.world);
        let act = move || {
            world.note(|| format!("the user: {command:?}"));
            match command {
                Command::Stop => {
                    handle.stop();
                    world.state().counts.stopped_at = Some(time::elapsed());
                }
                Command::Drain(within) => handle.drain(within),
                Command::Pause(time) => {
                    handle.pause();
                    world.plan(time, Event::Outside(Box::new(move || handle.resume())));
                    return;
                }
            }
            world.state().counts.stops += 1;
        };
        self.world.plan(at, Event::Outside(Box::new(act)));
    }

    /// What is true of a run that ended.
    fn judge(&mut self, ended: Ended<Result<Receipt, Error>>, oldest: usize) -> Result<Judged, String> {
        match ended {
            Ended::Stuck(what) => Err(what),
            Ended::Killed => {
                self.world.mark("run: killed");
                Ok(Judged::GoesOn)
            }
            Ended::Dropped => {
                self.world.mark("run: dropped");
                self.world.note(|| "the future is dropped".to_owned());
                Ok(Judged::GoesOn)
            }
            Ended::Done(Ok(receipt)) => {
                self.world.note(|| format!("finished: {:?}", receipt.how));
                self.world.mark("run: finished");
                judge::object(&self.world, &self.setting, oldest, &receipt)?;
                if std::mem::take(&mut self.world.state().counts.stays) {
                    self.world.mark("checkpoint stays");
                } else {
                    judge::leftovers(&self.world)?;
                }
                Ok(Judged::Finished(receipt))
            }
            Ended::Done(Err(error)) => {
                let said = self.world.home.anonymous(&format!("{error:?}"));
                self.world.note(|| format!("failed: {said}"));
                self.world.mark(kind(&error));
                let then = judge::failure::<S>(&self.world, self.is_fresh, &error)?;
                self.anew = then == Then::Anew;
                if then == Then::LogIn {
                    self.source.log_in(self.world.server.p115().tokens());
                }
                Ok(if then == Then::Stands { Judged::Refused } else { Judged::GoesOn })
            }
        }
    }

    /// Everything late has arrived; and the same is not sent again.
    fn end(&mut self, oldest: usize, receipt: &Receipt) -> Result<(), String> {
        judge::object(&self.world, &self.setting, oldest, receipt)?;
        let received = self.world.server.totals().received_file_bytes - self.before;
        judge::bytes(&self.world, &self.setting, self.window, self.runs, received)?;
        let requests = self.world.state().counts.requests;
        (self.anew, self.world.state().counts.calm) = (false, true);
        let oldest = self.world.home.latest();
        let changed = self.plight.change.is_some() || self.world.state().counts.written > 0;
        let again = match self.run(None, None)? {
            Ended::Done(Ok(again)) => again,
            Ended::Done(Err(_)) if changed || self.is_fresh => return Ok(()),
            Ended::Done(Err(error)) => return Err(format!("the finished upload fails when it is run again: {error}")),
            Ended::Stuck(what) => return Err(what),
            Ended::Dropped | Ended::Killed => return Err("the last run came to no end".to_owned()),
        };
        judge::object(&self.world, &self.setting, oldest, &again)?;
        judge::leftovers(&self.world)?;
        if changed || self.is_fresh {
            return Ok(());
        }
        if again.how != How::SentBefore || self.world.state().counts.requests != requests {
            return Err(format!("what was sent is sent again: {:?}", again.how));
        }
        self.world.mark("run: sent before");
        Ok(())
    }
}

/// What nothing that is injected leads to.
fn watch(world: &Arc<World>) -> impl Fn(&Told) + Send + Sync + 'static {
    let world = Arc::clone(world);
    move |event| match event {
        // Nobody hears what a dead process says.
        _ if world.is_killed() => {}
        // The next run removes it.
        Told::CheckpointStays { .. } if world.state().counts.store_failed > 0 => world.state().counts.stays = true,
        Told::CheckpointStays { why } | Told::NotRecorded { why } | Told::SetAside { why, .. } => {
            world.violated(|| format!("the library's own files cannot be used: {why}"));
        }
        _ => {}
    }
}

fn kind(error: &Error) -> &'static str {
    use resumable::ErrorKind;
    match error.kind() {
        ErrorKind::Source => "error: source",
        ErrorKind::Changed => "error: changed",
        ErrorKind::Credential => "error: credential",
        ErrorKind::GaveUp => "error: gave up",
        ErrorKind::Refused => "error: refused",
        ErrorKind::Stopped => "error: stopped",
        ErrorKind::Exists => "error: exists",
        ErrorKind::Store => "error: store",
        _ => "error: another one",
    }
}
