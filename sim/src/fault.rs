//! What an action of the machine meets, and who decides it.

use std::ops::Range;
use std::time::Duration;

use fastrand::Rng;
use resumable_emulator::Fault as ServerFault;

use crate::calls::{CallFacts, Calls as _};
use crate::chance::pick;
use crate::fault_kind::Kind;
use crate::vendor::{Scenario, Wire as _};

/// What an action is, as far as a fault depends on it: a row of the census.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A request.
    Call(&'static CallFacts),
    /// Making a checkpoint durable.
    Save,
    /// Looking at the source again.
    Check,
    /// Taking digests.
    Hash,
    /// Getting a credential.
    Authorize,
    /// Asking the host's limiter.
    Acquire,
}

impl Row {
    /// The rows that are no requests, in the census's order.
    pub const HOST_ACTIONS: [Self; 5] = [Self::Save, Self::Check, Self::Hash, Self::Authorize, Self::Acquire];

    /// Whether an action of this row can meet a kind of fault.
    pub fn can_meet<S: Scenario>(self, kind: Kind) -> bool {
        let ends = matches!(kind, Kind::CrashBefore | Kind::CrashAfter | Kind::HostLost);
        match self {
            Self::Call(call) => call.can_meet(kind),
            Self::Save | Self::Authorize => ends || kind == Kind::Fails,
            Self::Hash => ends && S::HASHES,
            Self::Check | Self::Acquire => ends,
        }
    }
}

/// What an action meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing in particular.
    Clean,
    /// No connection: the host reports `NotSent`.
    Refused,
    /// The connection broke while the body was sent: no effect, the host reports `Unsure`.
    LostBefore,
    /// The effect happened, the answer was lost: `Unsure`.
    LostAfter,
    /// The host gave up waiting (`Unsure`), and the request takes effect only later.
    LostLate,
    /// The process dies before the effect; `late_effect`: the request is on its way, and takes effect later.
    CrashBefore {
        /// Whether the effect still happens.
        late_effect: bool,
    },
    /// The process dies after the effect, before it hears of it.
    CrashAfter,
    /// The host loses the ticket (`Input::Lost`); a request may still take effect.
    HostLost,
    /// The action itself fails: a full disk, no credential to be had.
    Fails,
    /// A bit of the file flips on its way to the server, and what comes then.
    Flipped(Then),
    /// A bit of the answer flips on its way to the client.
    Garbled,
    /// The emulator's own fault in place of the answer, after all was done.
    Done(ServerFault),
    /// The emulator's own fault.
    Server(ServerFault),
}

/// What comes after a request whose bytes are not those that were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// It is answered.
    Answered,
    /// The answer is lost.
    Lost,
    /// The host gives up waiting, and the request takes effect only later.
    Late,
    /// The process dies after the effect.
    Dies,
}

impl Then {
    /// What may come for a call. What completes the object and comes after everything else destroys it: nobody can survive
    /// that.
    pub fn all(call: &CallFacts) -> &'static [Self] {
        const ALL: [Then; 4] = [Then::Answered, Then::Lost, Then::Dies, Then::Late];
        if call.commits() { &ALL[..3] } else { &ALL }
    }
}

impl Fault {
    /// Whether either side has other bytes than were sent because of it.
    pub fn corrupts(&self) -> bool {
        matches!(self, Self::Flipped(_) | Self::Garbled | Self::Server(ServerFault::OtherBytes))
    }

    /// Its kind; `None` for [`Fault::Clean`].
    pub fn kind(&self) -> Option<Kind> {
        Some(match self {
            Self::Clean => return None,
            Self::Refused => Kind::Refused,
            Self::LostBefore => Kind::LostBefore,
            Self::LostAfter => Kind::LostAfter,
            Self::LostLate => Kind::LostLate,
            Self::CrashBefore { .. } => Kind::CrashBefore,
            Self::CrashAfter => Kind::CrashAfter,
            Self::HostLost => Kind::HostLost,
            Self::Fails => Kind::Fails,
            Self::Flipped(_) => Kind::Flipped,
            Self::Garbled => Kind::Garbled,
            Self::Done(_) => Kind::Done,
            Self::Server(server_fault) => match server_fault {
                ServerFault::Unavailable => Kind::Unavailable,
                ServerFault::Throttle { .. } => Kind::Throttle,
                ServerFault::Html { .. } => Kind::Html,
                ServerFault::Garbage => Kind::Garbage,
                ServerFault::CutReply => Kind::CutReply,
                ServerFault::Delay { .. } => Kind::Slow,
                ServerFault::WrongOffset
                | ServerFault::WrongLength
                | ServerFault::OffsetBeyondFile
                | ServerFault::WrongEtag
                | ServerFault::WrongCrc
                | ServerFault::StuckMarker
                | ServerFault::MissingMarker
                | ServerFault::DuplicatePart
                | ServerFault::MissingPart
                | ServerFault::ExtraPart => Kind::WrongEcho,
                ServerFault::OtherBytes => Kind::Spoilt,
                ServerFault::CallbackFailed { .. } => Kind::Callback,
                ServerFault::WrongSession => Kind::WrongSession,
                ServerFault::ForgetSession => Kind::Forget,
                ServerFault::ExpireToken => Kind::Expired,
                ServerFault::DropReply => Kind::LostAfter,
                ServerFault::CutBefore => Kind::LostBefore,
                _ => Kind::Refuse,
            },
        })
    }

    /// A fault of this kind, with details drawn.
    pub fn draw<S: Scenario>(kind: Kind, row: Row, chance: &mut Rng) -> Self {
        match (kind, row) {
            (Kind::Refused, _) => Self::Refused,
            (Kind::LostBefore, _) if chance.u8(0..4) == 0 => Self::Server(ServerFault::CutBefore),
            (Kind::LostBefore, _) => Self::LostBefore,
            (Kind::LostAfter, _) if chance.u8(0..4) == 0 => Self::Server(ServerFault::DropReply),
            (Kind::LostAfter, _) => Self::LostAfter,
            (Kind::LostLate, _) => Self::LostLate,
            (Kind::CrashBefore, _) => Self::CrashBefore { late_effect: chance.bool() },
            (Kind::CrashAfter, _) => Self::CrashAfter,
            (Kind::HostLost, _) => Self::HostLost,
            (Kind::Fails, _) => Self::Fails,
            (Kind::Garbled, _) => Self::Garbled,
            (Kind::Done, _) => Self::Done(match chance.u8(0..3) {
                0 => ServerFault::Garbage,
                1 => ServerFault::Html { status: 502 },
                _ => ServerFault::Unavailable,
            }),
            (Kind::Flipped, Row::Call(call)) => Self::Flipped(pick(chance, Then::all(call))),
            (_, Row::Call(call)) => Self::Server(S::Call::ALL[call.number].fault(kind, chance)),
            _ => Self::Clean,
        }
    }
}

/// Who decides what each action meets.
#[derive(Clone, Debug)]
pub enum Script {
    /// Chance, as long as there are faults left.
    Chance(Odds),
    /// These actions, by their number in the case; all others are clean.
    Placed(Vec<(usize, Fault)>),
    /// Actions of some rows fail in the first process, by their number among those; all others are clean.
    Failing {
        /// Which rows.
        which: fn(Row) -> bool,
        /// How many actions of them there were.
        met: usize,
        /// Which of them fail.
        failing: Range<usize>,
    },
}

/// How likely faults are.
#[derive(Clone, Debug)]
pub struct Odds {
    /// Faults per 1,000 actions.
    pub per_mille: u32,
    /// How many faults are left.
    pub left: u32,
    /// Which kinds this case has.
    pub kinds: Vec<Kind>,
    /// The only call that is hit, so that calls that are rare meet enough.
    pub only: Option<&'static CallFacts>,
}

impl Script {
    /// What fails does so in one process, and the next one is clean.
    pub(crate) fn end_process(&mut self) {
        if let Self::Failing { failing, .. } = self {
            *failing = 0..0;
        }
    }

    /// The fault of the next action.
    pub fn fault<S: Scenario>(&mut self, number: usize, row: Row, chance: &mut Rng) -> Fault {
        match self {
            Self::Placed(faults) => {
                faults.iter().find(|(at, _)| *at == number).map_or(Fault::Clean, |(_, fault)| fault.clone())
            }
            Self::Failing { which, met, failing } if which(row) => {
                let fails = failing.contains(met);
                *met += 1;
                if fails { Fault::Fails } else { Fault::Clean }
            }
            Self::Failing { .. } => Fault::Clean,
            Self::Chance(odds) => {
                let hit = chance.u32(0..1000) < odds.per_mille;
                if odds.left == 0 || !hit || odds.only.is_some_and(|call| row != Row::Call(call)) {
                    return Fault::Clean;
                }
                let possible: Vec<Kind> = odds.kinds.iter().copied().filter(|kind| row.can_meet::<S>(*kind)).collect();
                let Some(kind) = chance.choice(&possible) else { return Fault::Clean };
                odds.left -= 1;
                Fault::draw::<S>(*kind, row, chance)
            }
        }
    }
}

/// How long something takes: mostly milliseconds, sometimes seconds.
pub fn latency(chance: &mut Rng) -> Duration {
    if chance.u8(0..16) == 0 { Duration::from_micros(chance.u64(200_000..20_000_000)) } else { quick(chance) }
}

/// How long something takes if nothing is slow.
pub fn quick(chance: &mut Rng) -> Duration {
    Duration::from_micros(chance.u64(500..200_000))
}
