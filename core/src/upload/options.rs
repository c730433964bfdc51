use alloc::vec::Vec;
use core::time::Duration;

use crate::protocol::Lane;
use crate::retry::Backoff;

/// The largest window: it keeps a checkpoint below 16 KiB whatever arrived out of order.
pub const MAX_WINDOW: usize = 128;

/// How patient, how parallel, and by which chance an upload goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How many requests may be in flight at once: 1 to [`MAX_WINDOW`]. A vendor may allow fewer. A number outside that
    /// range counts as its nearer end.
    pub window: usize,
    /// How long transient failures (no connection, 5xx, throttling) are sat out: from the first one since the
    /// last progress.
    pub patience: Duration,
    /// How long an upload that never had a connection tries to get one: an endpoint that does not exist is told soon. An
    /// upload that has progress had one, in this process or before. No longer than `patience`.
    pub first_contact: Duration,
    /// How long the vendor may take over an answer once the request is sent, in place of what its protocol says. Either
    /// grows by a second for each MiB of the request, and doubles with each try of the call that got no answer, up to
    /// `patience`.
    pub reply_timeout: Option<Duration>,
    /// How often one call may be refused without progress.
    pub attempts: u32,
    /// How often the session may be lost in the whole upload; never reset by progress.
    pub restarts: u32,
    /// How often the source may be hashed again because the vendor disagrees; never reset by progress.
    pub rehashes: u32,
    /// How many answered calls without progress end the upload, two windows at least: the net under any loop.
    pub answers: u32,
    /// The pause before a call is tried again.
    pub backoff: Backoff,
    /// Lanes on which every call first gets a slot from the host with [`crate::Action::Acquire`].
    pub gated: Vec<Lane>,
    /// How long a stopped upload waits for cancelled requests to end before it saves and ends.
    pub grace: Duration,
    /// How far apart saves are after answers that acknowledged more bytes, where the vendor can be asked what has arrived:
    /// a crash then costs that asking, and with a vendor that answers less than it holds, what was acknowledged since.
    /// Digests of a few MiB, which are soon taken again, wait as long. Every other change is saved at once, and no barrier
    /// waits for this.
    pub save_every: Duration,
    /// Where jitter, boundaries and nonces come from; take it from the operating system's entropy.
    pub seed: u64,
}

impl Options {
    /// The defaults, with this seed.
    pub fn new(seed: u64) -> Self {
        Self {
            window: 4,
            patience: Duration::from_secs(600),
            first_contact: Duration::from_secs(5),
            reply_timeout: None,
            attempts: 6,
            restarts: 3,
            rehashes: 1,
            answers: 64,
            backoff: Backoff::default(),
            gated: Vec::new(),
            grace: Duration::from_secs(2),
            save_every: Duration::from_secs(1),
            seed,
        }
    }

    crate::setters! {
        window: usize,
        patience: Duration,
        first_contact: Duration,
        reply_timeout: Duration,
        attempts: u32,
        restarts: u32,
        rehashes: u32,
        answers: u32,
        backoff: Backoff,
        gated: Vec<Lane>,
        grace: Duration,
        save_every: Duration,
    }
}
