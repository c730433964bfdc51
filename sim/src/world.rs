//! The world around the machine: time, what is on its way, and what comes of it.

use std::time::Duration;

use fastrand::Rng;
use resumable_core::{OpId, Remains, TICK, Upload};
use resumable_emulator::Emulator;

use crate::answers::Answers;
use crate::calls::Calls as _;
use crate::census::Census;
use crate::clock::Clock;
use crate::fault::{Fault, Row, latency, quick};
use crate::fault_log::FaultLog;
use crate::host_actions::HostAction;
use crate::leases::Leases;
use crate::ledger::{Allowed, Ledger};
use crate::network::Flight;
use crate::profile::{Command, Profile};
use crate::queue::Queue;
use crate::slots::Slots;
use crate::source::{Event, Source, Tells};
use crate::store::{Done, Store};
use crate::transcript::Transcript;
use crate::vendor::{CallOf, Expectations as _, OutcomeOf, Scenario as _, Vendor};

/// Something that is planned to happen. The numbers are those of flights and host actions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Moment {
    /// A request begins to reach the server: its head is there.
    Head(usize),
    /// A request reaches the server.
    Effect(usize),
    /// Its answer, or its loss, reaches the client.
    Answer(usize),
    /// A host action is done.
    Work(usize),
    /// The machine is told.
    Told(usize),
    /// The process dies.
    Crash,
    /// The user does something.
    Command(Command),
    /// A pause is over.
    Unpause,
}

/// One case's world. It outlives the client's processes.
pub(crate) struct World<'a, V: Vendor> {
    pub(crate) vendor: &'a V,
    pub(crate) setting: &'a V::Setting,
    pub(crate) profile: Profile,
    pub(crate) clock: Clock,
    pub(crate) queue: Queue<Moment>,
    pub(crate) source: Source,
    pub(crate) store: Store,
    pub(crate) server: Emulator,
    pub(crate) flights: Vec<Flight<CallOf<V>>>,
    pub(crate) host_actions: Vec<HostAction<V::Protocol>>,
    pub(crate) slots: Slots,
    pub(crate) answers: Answers<V::Protocol>,
    pub(crate) chance: Rng,
    pub(crate) ledger: Ledger,
    pub(crate) census: Census,
    pub(crate) transcript: Transcript,
    pub(crate) process: Process,
    /// Actions of the machine so far, over all processes.
    pub(crate) actions: usize,
    /// What every action was, for enumerations.
    pub(crate) rows: Vec<Row>,
    pub(crate) violation: Option<String>,
    pub(crate) fault_log: FaultLog,
    /// What the last process that finished has said.
    pub(crate) outcome: Option<OutcomeOf<V>>,
    /// What is said to be left, if the upload was abandoned.
    pub(crate) remains: Option<Remains>,
    /// Nothing goes wrong any more.
    pub(crate) calm: bool,
}

/// Whether the process runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ProcessState {
    #[default]
    Running,
    Paused,
    Dead,
}

/// What the world knows of the process that runs now.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each tells of one thing that happened in the process, and none excludes another"
)]
#[derive(Clone, Debug, Default)]
pub(crate) struct Process {
    pub(crate) number: u32,
    pub(crate) window: usize,
    /// The largest window that it had.
    pub(crate) widest: usize,
    pub(crate) state: ProcessState,
    pub(crate) polls: u64,
    pub(crate) requests: u64,
    pub(crate) began: Duration,
    /// The source was checked since the last committing call.
    pub(crate) checked: bool,
    /// Parts that were acknowledged, and how many of them a durable checkpoint holds.
    pub(crate) acknowledged: u64,
    pub(crate) durable: u64,
    /// What the last list said that the client has read.
    pub(crate) listed_finished: bool,
    pub(crate) restarts: u32,
    /// The length of the file that it uploads.
    pub(crate) file_len: u64,
    /// What the server's answers led to was counted.
    pub(crate) was_led: bool,
    /// An answer came after its last checkpoint was made.
    pub(crate) heard_since_save: bool,
    /// An answer came after the last restart that was told.
    pub(crate) heard_since_restart: bool,
    /// A session was given another name meanwhile.
    pub(crate) renamed: bool,
    pub(crate) failing_since: Option<Duration>,
    /// Nothing of the file is sent any more, and until when what is in flight is waited for.
    pub(crate) drained_by: Option<Duration>,
    pub(crate) leases: Leases,
    /// Until when the vendor holds calls back: those with bytes of the file, and the others.
    pub(crate) held: [Duration; 2],
}

impl<'a, V: Vendor> World<'a, V> {
    pub(crate) fn new(
        vendor: &'a V,
        setting: &'a V::Setting,
        profile: Profile,
        mut chance: Rng,
        transcript: Transcript,
    ) -> Self {
        let clock = Clock::new();
        let source = Source::new(setting.size(), chance.u64(..), profile.nature, clock.server());
        let server = setting.server(&source, &mut chance);
        let mut ledger = Ledger::default();
        ledger.timeless = profile.nature.tells == Tells::Nothing;
        ledger.fresh = profile.nature.age < 2 * TICK;
        setting.allowed_before().into_iter().for_each(|outcome| ledger.allow(outcome));
        Self {
            vendor,
            setting,
            profile,
            clock,
            queue: Queue::new(),
            source,
            store: Store::new(),
            server,
            flights: Vec::new(),
            host_actions: Vec::new(),
            slots: Slots::default(),
            answers: Answers::default(),
            chance,
            ledger,
            census: Census::new(CallOf::<V>::ALL.len()),
            transcript,
            process: Process::default(),
            actions: 0,
            rows: Vec::new(),
            violation: None,
            fault_log: FaultLog::default(),
            outcome: None,
            remains: None,
            calm: false,
        }
    }

    /// The fault of the action that begins now.
    pub(crate) fn draw_fault(&mut self, row: Row) -> Fault {
        let number = self.actions;
        self.actions += 1;
        self.rows.push(row);
        let due: Vec<Command> =
            self.profile.commands.iter().filter(|(at, _)| *at == number).map(|(_, command)| *command).collect();
        for command in due {
            let soon = self.latency();
            self.plan(soon, Moment::Command(command));
        }
        let fault = self.profile.script.fault::<V::Setting>(number, row, &mut self.chance);
        self.census.count(row, fault.kind());
        fault
    }

    /// Plans something for so long from now.
    pub(crate) fn plan(&mut self, after: Duration, what: Moment) {
        self.queue.plan(self.clock.elapsed() + after, what);
    }

    pub(crate) fn latency(&mut self) -> Duration {
        if self.calm { quick(&mut self.chance) } else { latency(&mut self.chance) }
    }

    pub(crate) fn sloppy(&mut self) -> bool {
        self.profile.sloppy > 0 && self.chance.u8(0..100) < self.profile.sloppy
    }

    pub(crate) fn note(&mut self, line: impl FnOnce() -> String) {
        self.transcript.note(self.clock.elapsed(), line);
    }

    /// Writes a violation down; the first one stands.
    pub(crate) fn violated(&mut self, what: impl FnOnce() -> String) {
        if self.violation.is_none() {
            let what = what();
            self.transcript.note(self.clock.elapsed(), || format!("VIOLATION: {what}"));
            self.violation = Some(what);
        }
    }

    /// Makes one planned thing happen; `upload` is `None` between two processes.
    pub(crate) fn happen(&mut self, moment: Moment, upload: Option<&mut Upload<V::Protocol>>) {
        match (moment, upload) {
            (Moment::Head(flight), Some(_)) => self.arrive(flight),
            (Moment::Effect(flight), _) => self.take_effect(flight),
            (Moment::Answer(flight), Some(upload)) => self.answer(flight, upload),
            (Moment::Work(host_action), Some(_)) => self.work(host_action),
            (Moment::Told(host_action), Some(upload)) => self.tell(host_action, upload),
            (Moment::Crash, Some(_)) => {
                self.note(|| "the process dies".to_owned());
                self.process.state = ProcessState::Dead;
                self.break_off_saves();
                if self.chance.bool() {
                    self.lose_power("power lost");
                }
            }
            (Moment::Command(command), upload) => self.command(command, upload),
            (Moment::Unpause, Some(upload)) => {
                self.note(|| "unpause".to_owned());
                self.process.state = ProcessState::Running;
                upload.handle(resumable_core::Command::Unpause);
            }
            (_, None) => {}
        }
    }

    fn command(&mut self, command: Command, upload: Option<&mut Upload<V::Protocol>>) {
        if let Command::File(event) = command {
            self.happens_to_file(event, upload.is_some());
        }
        if command == Command::Elsewhere {
            self.note(|| "the account is used elsewhere".to_owned());
            self.census.mark("account used elsewhere");
            V::Setting::intrude(&self.server, self.clock.server());
        }
        let Some(upload) = upload else { return };
        self.note(|| format!("the user: {command:?}"));
        match command {
            Command::Pause(time) => {
                self.census.mark("paused");
                self.process.state = ProcessState::Paused;
                self.ledger.rests += 1;
                upload.handle(resumable_core::Command::Pause);
                self.plan(time, Moment::Unpause);
            }
            Command::Stop => {
                self.census.mark("stopped");
                self.ledger.stopped = true;
                upload.handle(resumable_core::Command::Stop);
            }
            Command::Drain(within) => {
                self.census.mark("drained");
                self.ledger.stopped = true;
                self.process.state = ProcessState::Running;
                let end = self.clock.now().mono + within;
                self.process.drained_by = Some(self.process.drained_by.map_or(end, |earlier| earlier.min(end)));
                upload.handle(resumable_core::Command::Drain { within });
            }
            Command::Abort => {
                self.census.mark("aborted");
                self.ledger.aborted = true;
                self.process.state = ProcessState::Running;
                upload.handle(resumable_core::Command::Abort);
            }
            Command::Window(window) => {
                self.census.mark("window changed");
                self.process.window = window;
                self.process.widest = self.process.widest.max(window);
                upload.handle(resumable_core::Command::Window(window));
            }
            Command::Sleep(time) => {
                self.census.mark("machine slept");
                self.ledger.rests += 1;
                // What was signed before it is too old after it.
                self.ledger.allow(Allowed::Clock);
                self.clock.advance_to(self.clock.elapsed() + time);
            }
            Command::SetClock(ahead) => {
                self.census.mark("clock stepped");
                self.clock.set_ahead(ahead);
                // By its own clock the machine may have looked before the last write.
                self.ledger.fresh = true;
                self.allow_wrong_clock();
            }
            Command::File(_) | Command::Elsewhere => {}
        }
    }

    /// What is signed by a clock that was set may be refused, before and after it is corrected.
    pub(crate) fn allow_wrong_clock(&mut self) {
        self.ledger.allow(Allowed::Clock);
        self.ledger.allow(Allowed::Clock);
    }

    fn happens_to_file(&mut self, event: Event, in_a_run: bool) {
        if !self.source.happens(event, self.clock.wall(), &mut self.chance) {
            return;
        }
        self.note(|| format!("to the file: {event:?}"));
        self.census.mark(match (event, in_a_run) {
            (Event::Written, true) => "file written to",
            (Event::WrittenQuietly, true) => "file written to quietly",
            (Event::Touched, true) => "file touched",
            (Event::Moded, true) => "file's mode changed",
            (Event::Moved, true) => "file moved",
            (Event::Written, false) => "file written to between two runs",
            (Event::WrittenQuietly, false) => "file written to quietly between two runs",
            (Event::Touched, false) => "file touched between two runs",
            (Event::Moded, false) => "file's mode changed between two runs",
            (Event::Moved, false) => "file moved between two runs",
        });
        match event {
            Event::Written | Event::WrittenQuietly => {
                self.ledger.changed = true;
                self.ledger.unseen |= in_a_run && !self.source.is_seen();
                self.ledger.ever_unseen |= self.ledger.unseen;
            }
            Event::Touched | Event::Moded | Event::Moved => self.ledger.touched = true,
        }
    }

    /// The power goes, and with it what was not synced.
    fn lose_power(&mut self, mark: &'static str) {
        self.note(|| "the power goes".to_owned());
        self.census.mark(mark);
        if let Err(what) = self.store.lose_power(&mut self.chance) {
            self.violated(|| what);
        }
    }

    /// What happens between two processes.
    pub(crate) fn meanwhile(&mut self) {
        if self.chance.u8(0..16) == 0 {
            self.lose_power("power lost between two processes");
        }
        if let Some(event) = self.profile.meanwhile.take() {
            self.happens_to_file(event, false);
        }
        if self.store.get().is_some()
            && let Some(damage) = self.profile.damage.take()
        {
            self.census.mark(damage.name());
            let done = self.store.damage(damage, &mut self.chance);
            self.note(|| format!("to the checkpoint: {done:?}"));
            match done {
                Done::Spoilt => self.ledger.spoilt = true,
                Done::Edited => self.ledger.edited = true,
                Done::OfFirstFormat => {
                    self.ledger.of_first_format = true;
                    self.ledger.older_hole = self.ledger.changed;
                }
            }
        }
    }

    /// The machine wants an operation to end soon.
    pub(crate) fn cancel(&mut self, op: OpId) {
        self.note(|| format!("cancel {op:?}"));
        if !self.cancel_flight(op) {
            self.cancel_hash(op);
        }
    }

    /// How many actions have not been answered.
    pub(crate) fn unanswered(&self) -> usize {
        self.requests() + self.host_actions.iter().filter(|host_action| host_action.is_open()).count()
    }
}
