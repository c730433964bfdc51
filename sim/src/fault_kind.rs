//! The kinds of faults: the columns of the census.

/// Declares the kinds, in the census's order, each with the head of its column.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $title:literal,)+) => {
        /// A kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Kind {
            $($(#[$doc])* $kind,)+
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The head of its column.
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$kind => $title,)+
                }
            }
        }
    };
}

kinds! {
    /// No connection.
    Refused "refused",
    /// The connection breaks while the body is sent.
    LostBefore "lost<",
    /// The effect happens, and the answer is lost.
    LostAfter "lost>",
    /// The host gives up waiting, and the effect comes later.
    LostLate "late",
    /// The process dies before the effect.
    CrashBefore "crash<",
    /// The process dies after the effect.
    CrashAfter "crash>",
    /// The host loses the ticket.
    HostLost "ticket",
    /// The action itself fails.
    Fails "fails",
    /// 503.
    Unavailable "503",
    /// 503, or a page, although all was done.
    Done "done 503",
    /// 503 with the vendor's "too many calls".
    Throttle "throttle",
    /// A page instead of a reply.
    Html "html",
    /// 200 with a body that is no reply.
    Garbage "garbage",
    /// The reply ends in its middle.
    CutReply "cut",
    /// A slow reply, sometimes later than the transport waits.
    Slow "slow",
    /// A slice acknowledged with another offset, length or digest; a page of a list that leads nowhere.
    WrongEcho "echo",
    /// Another session acknowledged.
    WrongSession "session",
    /// The server loses the session.
    Forget "forget",
    /// The signature's time is refused.
    Expired "expired",
    /// A code from the vendor's table.
    Refuse "code",
    /// The object is stored, and its callback fails.
    Callback "callback",
    /// A bit of the file flips on its way to the server.
    Flipped "flip>",
    /// A bit of the object is not as its parts have it.
    Spoilt "spoilt",
    /// A bit of an answer flips on its way to the client.
    Garbled "flip<",
}
