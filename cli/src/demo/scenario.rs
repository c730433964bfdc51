//! One run of the demo.

use std::thread;
use std::time::{Duration, Instant};

use resumable_emulator::{Fault, Rule, Totals};

use super::child::Put;
use super::environment::Environment;
use super::fixture;
use super::vendors::End;
use crate::exit::{Code, Problem};
use crate::say;
use resumable::units::show_size;

/// The process is killed once so many per cent are stored; it has until [`LATEST`].
const KILL_AT: u64 = 35;
const EARLIEST: u64 = 25;
const LATEST: u64 = 75;
/// How often the kill is tried again, each time with half the rate.
const TRIES: u32 = 3;
/// How often the emulator's totals are looked at.
const LOOK: Duration = Duration::from_millis(2);
/// For how long they must not move, once no connection is open, before what a killed process sent has arrived.
const QUIET: Duration = Duration::from_millis(100);
/// How long any process may take before the demo gives up on it.
const LONGEST: Duration = Duration::from_secs(600);

/// What the server does to a resumed upload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing.
    None,
    /// The answers to a slice and to what completes the object are lost after they took effect.
    LostReplies,
    /// A slice is refused with "too many requests".
    Throttled,
}

/// A run.
pub(super) struct Scenario {
    /// What it is called.
    pub(super) name: &'static str,
    /// How long its file is.
    pub(super) len: u64,
    /// What the server does to it.
    pub(super) trouble: Trouble,
    /// Whether the process is killed and resumed.
    pub(super) killed: bool,
    /// Which file it uploads.
    pub(super) file: &'static str,
    /// Whether the vendor has the content already.
    pub(super) instant: bool,
}

/// What came of a run.
pub(super) struct Row {
    /// The vendor.
    pub(super) vendor: &'static str,
    /// What carried the requests.
    pub(super) transport: &'static str,
    /// The run's name.
    pub(super) name: &'static str,
    /// The file's length.
    pub(super) len: u64,
    /// Bytes of the file that the emulator received.
    pub(super) received: u64,
    /// The most that it may have received.
    pub(super) allowed: u64,
    /// Requests that the emulator received, answered or cut.
    pub(super) requests: u64,
    /// Calls that the last process made again.
    pub(super) retries: String,
    /// Bytes stored when the process was killed.
    pub(super) killed_at: Option<u64>,
    /// How long it took, over all processes.
    pub(super) time: Duration,
    /// Whether the object is the file, byte for byte.
    pub(super) verified: bool,
}

impl Row {
    /// What is not as it should be.
    pub(super) fn complaints(&self) -> Vec<String> {
        let Self { vendor, transport, name, received, allowed, .. } = self;
        let mut complaints = Vec::new();
        if !self.verified {
            complaints.push(format!("{vendor}, {transport}, {name}: the stored object differs from the file"));
        }
        if received > allowed {
            complaints
                .push(format!("{vendor}, {transport}, {name}: {received} bytes were sent, {allowed} are allowed"));
        }
        complaints
    }
}

/// What the last process said.
struct Finished {
    url: String,
    retries: String,
}

/// Where to, when, and after how much.
struct Attempt {
    path: String,
    begun: Instant,
    before: Totals,
    log: usize,
}

impl Scenario {
    /// Runs it.
    pub(super) fn run(&self, environment: &Environment<'_>) -> Result<Row, Problem> {
        let file = environment.file(self.file);
        if !file.exists() {
            let seed = self.name.bytes().fold(self.len, |seed, byte| seed.wrapping_mul(31) + u64::from(byte));
            fixture::make(&file, self.len, seed).map_err(|error| unusable(&error))?;
        }
        let (attempt, killed_at) =
            if self.killed { self.break_off(environment)? } else { (self.attempt(environment, 0), None) };
        for rule in self.rules(environment, killed_at) {
            environment.server.emulator.inject(rule);
        }
        let Finished { url, retries } = self.finish(environment, &attempt)?;
        environment.server.emulator.clear_faults();
        let time = attempt.begun.elapsed();
        let same = fixture::same(&file, &environment.object(&attempt.path, &url)).map_err(|error| unusable(&error))?;
        let after = environment.server.emulator.totals();
        let before = attempt.before;
        Ok(Row {
            vendor: environment.vendor.name,
            transport: environment.transport,
            name: self.name,
            len: self.len,
            received: after.received_file_bytes - before.received_file_bytes,
            allowed: self.allowed(environment, &attempt),
            requests: after.requests + after.cut - before.requests - before.cut,
            retries,
            killed_at,
            time,
            verified: same,
        })
    }

    fn attempt(&self, environment: &Environment<'_>, number: u32) -> Attempt {
        let path = format!("/demo/{}-{number}.bin", self.name.replace(' ', "-"));
        let emulator = &environment.server.emulator;
        Attempt { path, begun: Instant::now(), before: emulator.totals(), log: emulator.log().len() }
    }

    /// Uploads in a process that is killed half-way. A machine may be too fast for that, so the process is slowed down,
    /// and more so each time that it was not caught.
    fn break_off(&self, environment: &Environment<'_>) -> Result<(Attempt, Option<u64>), Problem> {
        let mut rate = self.len;
        for number in 0..TRIES {
            let attempt = self.attempt(environment, number);
            let put = Put::start(environment, self.file, &attempt.path, Some(rate))?;
            let stored = self.kill_half_way(environment, put, &attempt)?;
            if (self.len * EARLIEST / 100..=self.len * LATEST / 100).contains(&stored) {
                return Ok((attempt, Some(stored)));
            }
            say::err(format!("  {} were stored when the process ended: again, slower", show_size(stored)));
            fixture::make(&environment.file(self.file), self.len, u64::from(number) ^ self.len)
                .map_err(|error| unusable(&error))?;
            rate /= 2;
        }
        Err(Problem::new(Code::Other, format!("no process could be killed half-way in {TRIES} tries")))
    }

    /// Gives how many bytes were stored when the process was dead and what it had sent had arrived.
    fn kill_half_way(&self, environment: &Environment<'_>, mut put: Put, attempt: &Attempt) -> Result<u64, Problem> {
        let stored = || environment.server.emulator.totals().file_bytes - attempt.before.file_bytes;
        while stored() < self.len * KILL_AT / 100 {
            environment.go_on()?;
            match put.ended()? {
                Some(status) if !status.success() => return Err(put.trouble(status)),
                Some(_) => return Ok(stored()),
                None if attempt.begun.elapsed() > LONGEST => return Err(late()),
                None => thread::sleep(LOOK),
            }
        }
        put.kill()?;
        let received = || environment.server.emulator.totals().received_file_bytes;
        let (mut seen, mut since) = (received(), Instant::now());
        while since.elapsed() < QUIET || environment.server.connections() > 0 {
            thread::sleep(LOOK);
            if received() != seen {
                (seen, since) = (received(), Instant::now());
            }
            if attempt.begun.elapsed() > LONGEST {
                return Err(late());
            }
        }
        Ok(stored())
    }

    /// Uploads to the end, and gives what the process said of it.
    fn finish(&self, environment: &Environment<'_>, attempt: &Attempt) -> Result<Finished, Problem> {
        let mut put = Put::start(environment, self.file, &attempt.path, None)?;
        loop {
            environment.go_on()?;
            match put.ended()? {
                Some(status) if status.success() => {
                    let said = |name| put.result(name).unwrap_or_else(|| "?".to_owned());
                    return Ok(Finished { url: said("url"), retries: said("retries") });
                }
                Some(status) => return Err(put.trouble(status)),
                None if attempt.begun.elapsed() > LONGEST => return Err(late()),
                None => thread::sleep(LOOK),
            }
        }
    }

    /// The first slice of a resumed upload goes through; what is for the last one stands first, so that it counts all.
    fn rules(&self, environment: &Environment<'_>, stored: Option<u64>) -> Vec<Rule> {
        let vendor = environment.vendor;
        let slice = |skip, fault| Rule::once(vendor.slice_op, fault).skip(skip);
        match self.trouble {
            Trouble::None => Vec::new(),
            Trouble::LostReplies => {
                let slices = (self.len - stored.unwrap_or(0)).div_ceil(vendor.slice);
                let end = match vendor.end {
                    End::Call(op) => Rule::once(op, Fault::DropReply),
                    End::LastSlice => slice(slices - 1, Fault::DropReply),
                };
                vec![end, slice(1, Fault::DropReply)]
            }
            Trouble::Throttled => vec![slice(1, Fault::Throttle { retry_after_seconds: Some(1) })],
        }
    }

    /// The file once, a window for each kill, and a part for each slice whose answer was lost or was a refusal.
    fn allowed(&self, environment: &Environment<'_>, attempt: &Attempt) -> u64 {
        let log = environment.server.emulator.log();
        let spoiled = log.iter().skip(attempt.log).filter(|entry| entry.fault.is_some() && entry.received_bytes > 0);
        let once = if self.instant { 0 } else { self.len };
        let slices = u64::from(self.killed) * environment.vendor.window + spoiled.count() as u64;
        once + slices * environment.vendor.slice
    }
}

fn unusable(error: &std::io::Error) -> Problem {
    Problem::new(Code::Other, format!("a file of the demo cannot be used: {error}"))
}

fn late() -> Problem {
    Problem::new(Code::Other, format!("the uploading process did not end within {} s", LONGEST.as_secs()))
}
