//! The kinds of faults: the columns of the census.

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// No connection.
    Refused,
    /// The connection breaks while the body is sent.
    LostBefore,
    /// The effect happens, and the answer is lost.
    LostAfter,
    /// The host gives up waiting, and the effect comes later.
    LostLate,
    /// The process dies before the effect.
    CrashBefore,
    /// The process dies after the effect.
    CrashAfter,
    /// The host loses the ticket.
    HostLost,
    /// The action itself fails.
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
}
