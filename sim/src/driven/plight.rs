//! What goes wrong in a case: drawn before it begins, and used up by its requests.

use std::time::Duration;

use fastrand::Rng;
use resumable_emulator::Fault;

use crate::chance::pick;

/// What a request meets.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fate {
    /// Nothing.
    Clean,
    /// There is no connection.
    Refused,
    /// The connection breaks while the body is sent.
    Cut,
    /// It takes effect, and its answer is lost.
    Unheard,
    /// It takes effect when nobody waits for it any more.
    Late,
    /// The server fails.
    Server(Fault),
    /// The process is killed as soon as it has taken effect.
    Killed,
}

/// How a run ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doom {
    /// The process is killed at this event: no destructor runs.
    Killed(u32),
    /// The future is dropped at this event; what was begun elsewhere goes on.
    Dropped(u32),
}

/// What a user does in the middle of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Stop,
    Drain(Duration),
    Pause(Duration),
}

/// What happens to a step of the store: a save, or a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    DiesBefore,
    DiesAfter,
    /// The disk is full.
    Fails,
    /// It is done, and that could not be made durable.
    FailsAfter,
}

/// What happens to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It is written to.
    Written,
    /// Its time is set.
    Touched,
    /// It is replaced by another one with the same bytes.
    Copied,
    /// It is what it was first, with the time that it had.
    Restored,
}

/// How a run ends early, and what the user does in it, and when.
pub(super) type Run = (Option<Doom>, Option<(Duration, Command)>);

/// One case's trouble.
#[derive(Clone, Debug)]
pub(super) struct Plight {
    /// So many requests meet something, one in so many.
    pub(super) faults: u32,
    pub(super) one_in: u32,
    /// The troubled runs.
    pub(super) runs: Vec<Run>,
    /// What happens to the file, in which run, and whether after it has begun.
    pub(super) change: Option<(usize, Option<Duration>, Change)>,
    /// After so many steps of the store, this happens to one.
    pub(super) step: Option<(u32, Step)>,
    /// The client looks first what is at the destination.
    pub(super) looks_first: bool,
    /// At most so many bytes a second.
    pub(super) rate: Option<u64>,
}

impl Plight {
    pub(super) fn draw(chance: &mut Rng) -> Self {
        let runs = (0..chance.usize(1..5)).map(|_| (doom(chance), command(chance))).collect::<Vec<_>>();
        let to_file = (chance.u8(0..4) == 0).then(|| {
            let within = chance.bool().then(|| Duration::from_millis(chance.u64(0..2_000)));
            (chance.usize(0..=runs.len()), within, pick(chance, &[Change::Written, Change::Touched, Change::Copied]))
        });
        Self {
            faults: pick(chance, &[0, 1, 1, 2, 3, 5]),
            one_in: pick(chance, &[1, 2, 3, 6]),
            runs,
            change: to_file,
            step: (chance.u8(0..3) == 0).then(|| {
                let all = [Step::DiesBefore, Step::DiesAfter, Step::Fails, Step::FailsAfter];
                (chance.u32(0..12), pick(chance, &all))
            }),
            looks_first: chance.u8(0..4) == 0,
            rate: (chance.u8(0..8) == 0).then(|| pick(chance, &[10, 100, 1_000])),
        }
    }

    /// Trouble for another version of the file.
    pub(super) fn draw_second(&mut self, chance: &mut Rng) {
        let Self { faults, runs, change: to_file, step, .. } = Self::draw(chance);
        (self.faults, self.runs, self.step) = (faults, runs, step);
        self.change = to_file.map(|(_, within, _)| (self.runs.len(), within, Change::Restored));
    }

    /// What the next request meets. `late` is false where late effects would make the outcome a matter of luck.
    pub(super) fn fate(&mut self, late: bool, chance: &mut Rng) -> Fate {
        if self.faults == 0 || chance.u32(0..self.one_in) > 0 {
            return Fate::Clean;
        }
        self.faults -= 1;
        match chance.u8(0..12) {
            0 => Fate::Refused,
            1 | 2 => Fate::Cut,
            3 | 4 => Fate::Unheard,
            5 if late => Fate::Late,
            5 | 6 => Fate::Killed,
            _ => Fate::Server(server_fault(chance)),
        }
    }
}

fn doom(chance: &mut Rng) -> Option<Doom> {
    let most = pick(chance, &[8, 20, 60, 150]);
    let at = chance.u32(0..most);
    match chance.u8(0..4) {
        0 | 1 => Some(Doom::Killed(at)),
        2 => Some(Doom::Dropped(at)),
        _ => None,
    }
}

fn command(chance: &mut Rng) -> Option<(Duration, Command)> {
    let at = Duration::from_millis(chance.u64(0..1_500));
    let time = Duration::from_millis(pick(chance, &[0, 100, 5_000]));
    match chance.u8(0..8) {
        0 => Some((at, Command::Stop)),
        1 => Some((at, Command::Drain(time))),
        2 => Some((at, Command::Pause(time))),
        _ => None,
    }
}

fn server_fault(chance: &mut Rng) -> Fault {
    match chance.u8(0..12) {
        0 => Fault::Unavailable,
        1 => Fault::Throttle { retry_after_seconds: pick(chance, &[None, Some(0), Some(7)]) },
        2 => Fault::Html { status: pick(chance, &[502, 504]) },
        3 => Fault::Garbage,
        4 => Fault::CutReply,
        5 | 6 => Fault::Stall,
        7..10 => Fault::Delay { millis: chance.u64(1..200_000) },
        10 => Fault::Trickle { millis: chance.u64(1..100) },
        _ => Fault::CutBefore,
    }
}
