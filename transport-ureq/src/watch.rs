//! What a connection needs to know of the request that uses it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use resumable_core::Limits;
use resumable_transport::net::Config;
use resumable_transport::{CancelFlag, WireError};

// ureq hands a pooled connection nothing of the request that it is reused for. But ureq has no threads of its own: all
// that happens between the start and the end of a send happens on the caller's thread, so a slot of that thread is the
// one place where a connection, new or pooled, finds its request and no other.
thread_local! {
    static CURRENT: RefCell<Option<Rc<Watch>>> = const { RefCell::new(None) };
}

/// The limits of one request, and how far it is.
#[derive(Debug)]
pub(crate) struct Watch {
    cancel: CancelFlag,
    pub(crate) connect_within: Duration,
    pub(crate) stall: Duration,
    reply_within: Duration,
    phase: Cell<Phase>,
    answered: Cell<bool>,
    trouble: RefCell<Option<WireError>>,
}

/// How far a request is.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The system took no byte of it.
    Unsent,
    /// Some bytes may be on their way.
    Sending,
    /// Nothing more is sent; the reply is due.
    Replying { by: Instant },
}

/// Ends the watch when it goes out of scope.
pub(crate) struct Watching {
    pub(crate) watch: Rc<Watch>,
    before: Option<Rc<Watch>>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        CURRENT.set(self.before.take());
    }
}

impl Watch {
    /// Starts to watch a request on this thread.
    pub(crate) fn begin(config: &Config, limits: &Limits, cancel: CancelFlag) -> Watching {
        let watch = Rc::new(Self {
            cancel,
            connect_within: config.connect_timeout,
            stall: config.stall_timeout,
            reply_within: limits.reply_within,
            phase: Cell::new(Phase::Unsent),
            answered: Cell::new(false),
            trouble: RefCell::new(None),
        });
        let before = CURRENT.replace(Some(Rc::clone(&watch)));
        Watching { watch, before }
    }

    /// The request under way on this thread.
    pub(crate) fn current() -> Rc<Self> {
        CURRENT.with_borrow(Clone::clone).expect("a connection is used only while a request is sent on this thread")
    }

    /// Fails once the request is cancelled.
    pub(crate) fn check(&self) -> Result<(), WireError> {
        if self.cancel.is_set() { Err(WireError::Cancelled) } else { Ok(()) }
    }

    /// The system took bytes of the request.
    pub(crate) fn sent(&self) {
        if self.is_unsent() {
            self.phase.set(Phase::Sending);
        }
    }

    /// True while the system took no byte of the request.
    pub(crate) fn is_unsent(&self) -> bool {
        matches!(self.phase.get(), Phase::Unsent)
    }

    /// True once nothing more is sent, be it that all was, or that the rest is of no use.
    pub(crate) fn is_replying(&self) -> bool {
        matches!(self.phase.get(), Phase::Replying { .. })
    }

    /// The first bytes of the reply are here, interim ones not counted.
    pub(crate) fn reply_begins(&self) {
        self.answered.set(true);
    }

    /// True once the reply has begun: from then on it may not stall. Before, the vendor may think as long as the limits
    /// of the request say, be it that it assembles a whole file.
    pub(crate) fn has_reply_begun(&self) -> bool {
        self.answered.get()
    }

    /// Nothing more is sent for this reason, which is the error if no reply is found either.
    pub(crate) fn cut(&self, trouble: Option<WireError>) {
        self.trouble.replace(trouble);
        self.reply_due();
    }

    /// Why the request was cut, if it was for a reason.
    pub(crate) fn take_trouble(&self) -> Option<WireError> {
        self.trouble.take()
    }

    /// Fails once the reply is late; its time starts with the first call.
    pub(crate) fn check_reply(&self) -> Result<(), WireError> {
        self.check()?;
        if Instant::now() < self.reply_due() { Ok(()) } else { Err(WireError::ReplyLate(self.reply_within)) }
    }

    fn reply_due(&self) -> Instant {
        if let Phase::Replying { by } = self.phase.get() {
            return by;
        }
        let by = far(Instant::now(), self.reply_within);
        self.phase.set(Phase::Replying { by });
        by
    }
}

/// This much later, or in a year if that is no time.
pub(crate) fn far(from: Instant, within: Duration) -> Instant {
    from.checked_add(within).unwrap_or_else(|| from + Duration::from_secs(365 * 24 * 3600))
}
