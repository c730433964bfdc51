//! A round: an upload whose first runs are killed, and whose last one meets something else.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::census::{Kind, Tally};
use super::checks;
use super::clock::Clock;
use super::draw::{Kill, Moment, Ordeal, Round, Trigger};
use super::home::{Home, Run};
use super::identity::Identity;
use super::server::{Request, Seen, Server};
use super::vendor::Vendor;
use crate::workspace::Result;

/// How often it is looked whether it is time.
const LOOKED: Duration = Duration::from_micros(300);
/// A moment that did not come until then does not come.
const LATE: Duration = Duration::from_secs(20);
/// For so long an answer is held back that nobody is to get.
const FOR_EVER: u64 = 3_600_000;
/// For so long the completing call is open where a run that nobody kills meets something during it, in milliseconds.
const OPEN: u64 = 400;
const ALWAYS: &str = "always";
/// A command that was killed leaves requests that stand still: nothing comes of them any more after so long.
const STANDS_STILL: Duration = Duration::from_millis(15);
/// A command that ended leaves nothing, and the emulator notices soon; it waits for no connection for as long as this.
pub(super) const GONE: Duration = Duration::from_secs(3);

/// What all rounds share.
pub(super) struct Tools {
    pub(super) program: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) identity: Identity,
    /// Without it no clock jumps.
    pub(super) clock: Option<Clock>,
    /// Without it no disk is full.
    pub(super) may_mount: bool,
}

/// A round that is being played.
pub(super) struct Stage<'a> {
    pub(super) vendor: &'static Vendor,
    pub(super) round: &'a Round,
    pub(super) home: Home,
    pub(super) server: Server,
    pub(super) tally: Tally,
    /// How many requests the emulators that died have seen.
    buried: usize,
}

/// Where the emulator's log stood when a run began.
struct Mark {
    requests: usize,
    received: u64,
    stored: u64,
}

/// The home of a round, which should be made a while before the round is played.
pub(super) fn home(tools: &Tools, round: &Round) -> Result<Home> {
    let is_full = matches!(round.ordeal, Ordeal::DiskFull { .. }) && tools.may_mount;
    let clock = tools.clock.clone().filter(|_| matches!(round.ordeal, Ordeal::ClockJumps { .. }));
    Home::make(&tools.folder, &tools.program, round, is_full, clock)
}

/// Plays a round to its end; what was counted, and what is wrong.
pub(super) fn play(tools: &Tools, vendor: &'static Vendor, round: &Round, home: Result<Home>) -> (Tally, Result<()>) {
    let mut stage = match home.and_then(|home| Stage::set(tools, vendor, round, home)) {
        Ok(stage) => stage,
        Err(why) => return (Tally::default(), Err(why)),
    };
    let done = stage.play();
    let Stage { mut tally, home, server, .. } = stage;
    tally.requests += server.seen().requests.len() as u64;
    drop(server);
    let done = done.map_err(|why| {
        let said = home.errors();
        format!("{why}\n{}what is left is in {}", said, home.keep().display())
    });
    (tally, done)
}

impl<'a> Stage<'a> {
    fn set(tools: &Tools, vendor: &'static Vendor, round: &'a Round, home: Home) -> Result<Self> {
        let identity = round.tls.then(|| tools.identity.clone());
        let ca: Option<&Path> = identity.as_ref().map(|it| it.certificate.as_path());
        let server = Server::start(&home.path("data"), identity.clone())?;
        home.configure(vendor, round, &server.endpoint(), ca)?;
        home.ripen();
        Ok(Self { vendor, round, home, server, tally: Tally::default(), buried: 0 })
    }

    fn play(&mut self) -> Result<()> {
        for kill in &self.round.kills {
            self.killed_run(kill)?;
        }
        let ordeal = self.round.ordeal.clone();
        let status = self.ordeal(&ordeal)?;
        if !status.success() {
            self.run_to_end()?;
        }
        self.server.settle(GONE)?;
        self.tally.way(self.round.transport, self.round.tls);
        checks::all(self)
    }

    /// A run that cannot complete the upload, and is killed at its moment.
    fn killed_run(&mut self, kill: &Kill) -> Result<()> {
        let mark = self.mark();
        self.server.plan(&self.held(kill, &mark))?;
        let mut run = self.home.put()?;
        loop {
            if let Some(status) = run.ended()? {
                // What an earlier run completed is told by this one, and so it ends.
                must_succeed(status, &run)?;
                self.tally.note(Kind::Ended);
                return self.server.plan(&[]);
            }
            if self.is_due(&kill.moment, &mark, &run) || run.begun.elapsed() > LATE {
                break;
            }
            thread::sleep(LOOKED);
        }
        thread::sleep(kill.pause);
        if kill.emulator_too {
            self.emulator_dies()?;
        }
        run.kill()?;
        if kill.emulator_too {
            self.server.come_back()?;
        }
        self.server.settle(STANDS_STILL)?;
        let found = self.found(&mark);
        self.tally.note(found);
        self.tally.kills += 1;
        self.server.plan(&[])?;
        thread::sleep(kill.rest);
        Ok(())
    }

    fn emulator_dies(&mut self) -> Result<()> {
        self.server.die()?;
        self.tally.note(Kind::EmulatorDied);
        let seen = self.server.seen();
        let completed = |it: &Request| it.call == self.vendor.completing && it.fault.as_deref() != Some("stall");
        // No run knows yet what an earlier one may have completed. What is forgotten is sent once more.
        if self.vendor.is_forgotten() && seen.requests[self.buried..].iter().any(completed) {
            self.tally.again += 1;
        }
        self.buried = seen.requests.len();
        Ok(())
    }

    fn mark(&self) -> Mark {
        let seen = self.server.seen();
        Mark { requests: seen.requests.len(), received: seen.received(), stored: self.stored(&seen) }
    }

    /// How many parts are stored.
    fn stored(&self, seen: &Seen) -> u64 {
        let is_stored = |it: &&Request| it.call == self.vendor.part_call && it.stored > 0;
        seen.requests.iter().filter(is_stored).count() as u64
    }

    fn parts(&self) -> u64 {
        self.round.size.div_ceil(self.vendor.part)
    }

    /// The faults that keep the run at its moment, and in any case from its end.
    fn held(&self, kill: &Kill, mark: &Mark) -> Vec<Value> {
        let last = self.parts().saturating_sub(mark.stored + 1);
        let open = |call: &str, done: bool| {
            if done {
                json!({ "op": call, "fault": "delay", "millis": FOR_EVER, "times": ALWAYS })
            } else {
                json!({ "op": call, "fault": "stall", "times": ALWAYS })
            }
        };
        let stuck = |skip: u64, byte: u64| json!({ "op": self.vendor.part_call, "fault": "stall", "at_byte": byte, "skip": skip, "times": ALWAYS });
        let mut rules = match &kill.moment {
            Moment::Start(_) => self.vendor.openings.iter().map(|call| open(call, true)).collect(),
            Moment::Opening { call, done } => vec![open(call, *done)],
            Moment::FirstPart { byte } => vec![stuck(0, *byte)],
            Moment::LastPart { byte } => vec![stuck(last, *byte)],
            Moment::Completing { done: false } => vec![open(self.vendor.completing, false)],
            _ => Vec::new(),
        };
        let mut end = open(self.vendor.completing, true);
        if self.vendor.completes_with_a_part() {
            end["skip"] = last.into();
        }
        rules.push(end);
        rules
    }

    fn is_due(&self, moment: &Moment, mark: &Mark, run: &Run) -> bool {
        let seen = self.server.seen();
        let new = &seen.requests[mark.requests..];
        let is_held = |call: &str| new.iter().any(|it| it.call == call && it.fault.is_some());
        let is_stuck = new.iter().any(|it| it.call == self.vendor.part_call && it.fault.as_deref() == Some("stall"));
        // Nothing more can happen then.
        let at_end = self.is_completing(&seen, mark);
        at_end
            || match moment {
                Moment::Start(after) | Moment::Time(after) => run.begun.elapsed() >= *after,
                Moment::Opening { call, .. } => is_held(call),
                Moment::FirstPart { .. } => is_stuck,
                Moment::LastPart { .. } => is_stuck && self.stored(&seen) + 1 >= self.parts(),
                Moment::Completing { .. } => false,
                Moment::Share(thousandths) => {
                    let missing = self.round.size.saturating_sub(mark.stored * self.vendor.part);
                    seen.received() - mark.received >= (missing * thousandths / 1000).max(1)
                }
            }
    }

    /// Whether the completing call of this run is open.
    fn is_completing(&self, seen: &Seen, mark: &Mark) -> bool {
        let is_open = |it: &Request| match it.fault.as_deref() {
            Some("delay") => true,
            // At the last part, where that completes the object, it is a part that is stuck.
            Some("stall") => !self.vendor.completes_with_a_part(),
            _ => false,
        };
        seen.requests[mark.requests..].iter().any(|it| it.call == self.vendor.completing && is_open(it))
    }

    /// Where the kill found the upload, by what the emulator saw of it.
    fn found(&self, mark: &Mark) -> Kind {
        let seen = self.server.seen();
        let stored = self.stored(&seen);
        match () {
            () if self.is_completing(&seen, mark) => Kind::Completing,
            () if seen.received() == 0 => Kind::BeforeTheFirstByte,
            () if stored == 0 => Kind::InTheFirstPart,
            () if stored + 1 >= self.parts() => Kind::InTheLastPart,
            () => Kind::Between,
        }
    }

    /// The run that nobody kills. It ends with success, unless the disk is full.
    fn ordeal(&mut self, ordeal: &Ordeal) -> Result<ExitStatus> {
        let Some(trigger) = trigger(ordeal) else { return self.run_to_end() };
        let mark = self.mark();
        if trigger == Trigger::Completing {
            let skip =
                if self.vendor.completes_with_a_part() { self.parts().saturating_sub(mark.stored + 1) } else { 0 };
            let open = json!({ "op": self.vendor.completing, "fault": "delay", "millis": OPEN, "skip": skip });
            self.server.plan(&[open])?;
        }
        if trigger == Trigger::BeforeTheStart {
            self.befall(ordeal, None)?;
        }
        let mut run = self.home.put()?;
        while trigger != Trigger::BeforeTheStart && run.ended()?.is_none() {
            if self.has_come(trigger, &mark) {
                self.befall(ordeal, Some(&run))?;
                break;
            }
            run.must_not_hang()?;
            thread::sleep(LOOKED);
        }
        let status = run.wait()?;
        let is_full = matches!(ordeal, Ordeal::DiskFull { .. });
        if is_full && let Some(disk) = self.home.disk.as_ref().filter(|disk| disk.is_full()) {
            disk.empty()?;
        }
        if is_full && status.code() == Some(1) {
            self.tally.windows += 1;
            self.tally.failed += 1;
        } else {
            must_succeed(status, &run)?;
        }
        Ok(status)
    }

    fn has_come(&self, trigger: Trigger, mark: &Mark) -> bool {
        let seen = self.server.seen();
        match trigger {
            Trigger::BeforeTheStart => true,
            Trigger::Requests(count) => seen.requests.len() - mark.requests >= usize::try_from(count).unwrap_or(0),
            Trigger::Completing => self.is_completing(&seen, mark),
        }
    }

    /// It happens, to this run if there is one already.
    fn befall(&mut self, ordeal: &Ordeal, run: Option<&Run>) -> Result<()> {
        let kind = match ordeal {
            Ordeal::Nothing => return Ok(()),
            Ordeal::EmulatorDies { down, .. } => {
                self.emulator_dies()?;
                thread::sleep(*down);
                self.server.come_back()?;
                self.tally.windows += 1;
                return Ok(());
            }
            Ordeal::CommandStops { pause, .. } => {
                let Some(run) = run else { return Ok(()) };
                run.signal(Signal::SIGSTOP)?;
                thread::sleep(*pause);
                run.signal(Signal::SIGCONT)?;
                Kind::CommandStopped
            }
            Ordeal::EmulatorStops { pause, .. } => {
                self.server.signal(Signal::SIGSTOP)?;
                thread::sleep(*pause);
                self.server.signal(Signal::SIGCONT)?;
                Kind::EmulatorStopped
            }
            Ordeal::DiskFull { .. } => {
                let Some(disk) = &self.home.disk else { return Ok(()) };
                disk.fill()?;
                Kind::DiskFull
            }
            Ordeal::ClockJumps { by, .. } => {
                if !self.home.has_clock() {
                    return Ok(());
                }
                self.home.jump(*by)?;
                Kind::ClockJumped
            }
        };
        self.tally.note(kind);
        // What was on its way may have been for nothing.
        self.tally.windows += 1;
        Ok(())
    }

    /// A run without trouble.
    pub(super) fn run_to_end(&mut self) -> Result<ExitStatus> {
        let mut run = self.home.put()?;
        let status = run.wait()?;
        must_succeed(status, &run)?;
        Ok(status)
    }
}

fn must_succeed(status: ExitStatus, run: &Run) -> Result<()> {
    if status.success() { Ok(()) } else { Err(format!("a run ended with {status}: {}", run.said())) }
}

fn trigger(ordeal: &Ordeal) -> Option<Trigger> {
    match ordeal {
        Ordeal::Nothing => None,
        Ordeal::EmulatorDies { at, .. }
        | Ordeal::CommandStops { at, .. }
        | Ordeal::EmulatorStops { at, .. }
        | Ordeal::DiskFull { at }
        | Ordeal::ClockJumps { at, .. } => Some(*at),
    }
}
