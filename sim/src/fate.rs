//! What an action of the machine meets, and who decides it.

use std::time::Duration;

use fastrand::Rng;
use resumable_emulator::Fault;

use crate::protocol::Vendor;

/// What an action is, as far as a fate depends on it: a row of the census.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A request; the number is the vendor's ([`Vendor::calls`]).
    Call(usize),
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
    pub const ERRANDS: [Self; 5] = [Self::Save, Self::Check, Self::Hash, Self::Authorize, Self::Acquire];
}

/// What an action meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
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
    /// The process dies before the effect; `straggles`: the request is on its way, and takes effect later.
    CrashBefore {
        /// Whether the effect still happens.
        straggles: bool,
    },
    /// The process dies after the effect, before it hears of it.
    CrashAfter,
    /// The host loses the ticket (`Input::Lost`); a request may still take effect.
    HostLost,
    /// The action itself fails: a full disk, no credential to be had.
    Fails,
    /// The emulator's own fault.
    Server(Fault),
}

/// The kinds of fates: the columns of the census.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// [`Fate::Refused`].
    Refused,
    /// [`Fate::LostBefore`].
    LostBefore,
    /// [`Fate::LostAfter`].
    LostAfter,
    /// [`Fate::LostLate`].
    LostLate,
    /// [`Fate::CrashBefore`].
    CrashBefore,
    /// [`Fate::CrashAfter`].
    CrashAfter,
    /// [`Fate::HostLost`].
    HostLost,
    /// [`Fate::Fails`].
    Fails,
    /// 503.
    Unavailable,
    /// 503 with the vendor's "too many calls".
    Throttle,
    /// A page instead of a reply.
    Html,
    /// 200 with a body that is no reply.
    Garbage,
    /// The reply ends in its middle.
    CutReply,
    /// A slow reply, sometimes later than the transport waits.
    Slow,
    /// A slice acknowledged with another offset, length or digest; a page of a list that leads nowhere.
    WrongEcho,
    /// Another session acknowledged.
    WrongSession,
    /// The server loses the session.
    Forget,
    /// The signature's time is refused.
    Expired,
    /// A code from the vendor's table.
    Refuse,
    /// The object is stored, and its callback fails.
    Callback,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 20] = [
        Self::Refused,
        Self::LostBefore,
        Self::LostAfter,
        Self::LostLate,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::HostLost,
        Self::Fails,
        Self::Unavailable,
        Self::Throttle,
        Self::Html,
        Self::Garbage,
        Self::CutReply,
        Self::Slow,
        Self::WrongEcho,
        Self::WrongSession,
        Self::Forget,
        Self::Expired,
        Self::Refuse,
        Self::Callback,
    ];

    /// The kinds that a case of this vendor is drawn from. Callbacks are left out where there are none, so that chance
    /// goes on to give the same cases there.
    pub fn drawn_for<V: Vendor>(vendor: &V) -> Vec<Self> {
        let calls_back = (0..vendor.calls().len()).any(|call| vendor.can_meet(call, Self::Callback));
        Self::ALL.into_iter().filter(|kind| *kind != Self::Callback || calls_back).collect()
    }

    /// The head of its column.
    pub fn title(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::LostBefore => "lost<",
            Self::LostAfter => "lost>",
            Self::LostLate => "late",
            Self::CrashBefore => "crash<",
            Self::CrashAfter => "crash>",
            Self::HostLost => "ticket",
            Self::Fails => "fails",
            Self::Unavailable => "503",
            Self::Throttle => "throttle",
            Self::Html => "html",
            Self::Garbage => "garbage",
            Self::CutReply => "cut",
            Self::Slow => "slow",
            Self::WrongEcho => "echo",
            Self::WrongSession => "session",
            Self::Forget => "forget",
            Self::Expired => "expired",
            Self::Refuse => "code",
            Self::Callback => "callback",
        }
    }

    /// True for what the emulator does, whose details are the vendor's.
    pub fn at_server(self) -> bool {
        self >= Self::Unavailable
    }

    /// Whether an action of this row can meet it.
    pub fn possible<V: Vendor>(self, row: Row, vendor: &V) -> bool {
        match row {
            Row::Call(call) => vendor.can_meet(call, self),
            Row::Save | Row::Authorize => {
                matches!(self, Self::CrashBefore | Self::CrashAfter | Self::HostLost | Self::Fails)
            }
            Row::Hash if !vendor.hashes() => false,
            Row::Check | Row::Hash | Row::Acquire => {
                matches!(self, Self::CrashBefore | Self::CrashAfter | Self::HostLost)
            }
        }
    }
}

impl Fate {
    /// Its kind; `None` for [`Fate::Clean`].
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
            Self::Server(fault) => match fault {
                Fault::Unavailable => Kind::Unavailable,
                Fault::Throttle { .. } => Kind::Throttle,
                Fault::Html { .. } => Kind::Html,
                Fault::Garbage => Kind::Garbage,
                Fault::CutReply => Kind::CutReply,
                Fault::Delay { .. } => Kind::Slow,
                Fault::WrongOffset
                | Fault::WrongLength
                | Fault::OffsetBeyondFile
                | Fault::WrongEtag
                | Fault::WrongCrc
                | Fault::StuckMarker
                | Fault::MissingMarker => Kind::WrongEcho,
                Fault::CallbackFailed { .. } => Kind::Callback,
                Fault::WrongSession => Kind::WrongSession,
                Fault::ForgetSession => Kind::Forget,
                Fault::ExpireToken => Kind::Expired,
                Fault::DropReply => Kind::LostAfter,
                Fault::CutBefore => Kind::LostBefore,
                _ => Kind::Refuse,
            },
        })
    }

    /// A fate of this kind, with details drawn.
    pub fn draw<V: Vendor>(kind: Kind, row: Row, vendor: &V, chance: &mut Rng) -> Self {
        match (kind, row) {
            (Kind::Refused, _) => Self::Refused,
            (Kind::LostBefore, _) if chance.u8(0..4) == 0 => Self::Server(Fault::CutBefore),
            (Kind::LostBefore, _) => Self::LostBefore,
            (Kind::LostAfter, _) if chance.u8(0..4) == 0 => Self::Server(Fault::DropReply),
            (Kind::LostAfter, _) => Self::LostAfter,
            (Kind::LostLate, _) => Self::LostLate,
            (Kind::CrashBefore, _) => Self::CrashBefore { straggles: chance.bool() },
            (Kind::CrashAfter, _) => Self::CrashAfter,
            (Kind::HostLost, _) => Self::HostLost,
            (Kind::Fails, _) => Self::Fails,
            (_, Row::Call(call)) => Self::Server(vendor.fault(kind, call, chance)),
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
    Placed(Vec<(usize, Fate)>),
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
    pub only: Option<usize>,
}

impl Script {
    /// The fate of the next action.
    pub fn fate<V: Vendor>(&mut self, number: usize, row: Row, vendor: &V, chance: &mut Rng) -> Fate {
        match self {
            Self::Placed(fates) => {
                fates.iter().find(|(at, _)| *at == number).map_or(Fate::Clean, |(_, fate)| fate.clone())
            }
            Self::Chance(odds) => {
                let hit = chance.u32(0..1000) < odds.per_mille;
                if odds.left == 0 || !hit || odds.only.is_some_and(|call| row != Row::Call(call)) {
                    return Fate::Clean;
                }
                let possible: Vec<Kind> =
                    odds.kinds.iter().copied().filter(|kind| kind.possible(row, vendor)).collect();
                let Some(kind) = chance.choice(&possible) else { return Fate::Clean };
                odds.left -= 1;
                Fate::draw(*kind, row, vendor, chance)
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
