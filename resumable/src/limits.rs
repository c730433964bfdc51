//! What all uploads of a client share: how many requests may be under way, how fast they send, how often they call.

mod speed;
mod timetable;
mod window;

use std::collections::VecDeque;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use std::{fmt, mem};

use resumable_core::{AdaptiveWindow, Begun, CallLimit, Command, Place, Sent, Slot};
use resumable_transport::{Clock, Rate};

use self::speed::Speed;
pub use self::timetable::{RateSchedule, Timetable};
pub use self::window::Window;
use crate::credentials::Barrier;
use crate::drive::Grant;
use crate::error::Error;
use crate::handle::Watch;

/// How far apart the calls are that a vendor counts for a whole account, and how many may leave at once: what the
/// clients of 115 get by with.
const CALLS_EVERY: Duration = Duration::from_secs(1);
const CALLS_AT_ONCE: u32 = 2;

/// Limits that uploads share, and that can be changed while they run. Clones share them, too.
///
/// - *Window*: how many requests may be under way at once. It is found by trying ([`Window::Auto`]), or fixed. A request
///   gets its slot before it is signed, and gives it back
///   with its answer. An upload asks for one slot at a time, and slots are given in the order in which they were asked for;
///   but up to three requests of uploads below 8 MiB go before one of a larger upload. So a small file waits for one
///   request of a big one at most.
/// - *Rate*: how many bytes of sources are sent in a second. What is read for digests does not count.
/// - *Parts*: how fast they were taken tells how long those of the next upload with the same account are to be, where its
///   profile does not say it: never longer than the vendor's default, and shorter where one would take more than four seconds.
/// - *Calls*: how far apart calls are that the vendor counts for an account (115's API). One in a second, two at once.
#[derive(Clone)]
pub struct Limits(Arc<Inner>);

struct Inner {
    queue: Mutex<Queue>,
    rate: Rate,
}

struct Queue {
    /// The window, unless it is found by trying.
    fixed: Option<usize>,
    adaptive: AdaptiveWindow,
    used: usize,
    waiting: VecDeque<Waiting>,
    /// How many requests of small uploads went since the last of another.
    small_in_a_row: u32,
    calls: CallLimit,
    clock: Clock,
    uploads: Vec<(Weak<Watch>, usize)>,
    /// How fast the parts were of uploads that share a credential.
    speeds: Vec<(Weak<Barrier>, Speed)>,
    /// Somebody gives slots just now, and goes on until there are none to give.
    giving: bool,
}

/// What a slot is wanted for.
#[derive(Clone, Copy, Default)]
pub(crate) struct Request {
    /// The call is one of those that the vendor counts.
    pub(crate) paced: bool,
    /// It is of a small upload.
    pub(crate) small: bool,
}

/// How many requests of small uploads go before one of another that waits.
const SMALL_IN_A_ROW: u32 = 3;

/// An upload that wants a slot.
struct Waiting {
    request: Request,
    barrier: Arc<Barrier>,
    grant: Grant,
}

/// What an upload that waited is told, once no lock is held: the slot may come back at once.
enum Verdict {
    Slot(Grant, Weak<Barrier>),
    Later(Grant, Duration),
}

impl Default for Limits {
    /// A window that is found by trying, and no limit on bytes.
    fn default() -> Self {
        Self::with_window(Window::Auto)
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let queue = self.queue();
        let (window, used, waiting) = (queue.window(), queue.used, queue.waiting.len());
        f.debug_struct("Limits").field("window", &window).field("used", &used).field("waiting", &waiting).finish()
    }
}

impl Limits {
    /// Limits with this window, and no limit on bytes.
    ///
    /// # Errors
    /// When the window is not from 1 to 128 ([`MAX_WINDOW`](resumable_core::MAX_WINDOW)).
    pub fn new(window: impl Into<Window>) -> Result<Self, Error> {
        window.into().checked().map(Self::with_window)
    }

    fn with_window(window: Window) -> Self {
        let queue = Queue {
            fixed: window.fixed(),
            adaptive: AdaptiveWindow::new(window.most()),
            used: 0,
            waiting: VecDeque::new(),
            small_in_a_row: 0,
            calls: CallLimit::new(CALLS_EVERY, CALLS_AT_ONCE),
            clock: Clock::start(),
            uploads: Vec::new(),
            speeds: Vec::new(),
            giving: false,
        };
        Self(Arc::new(Inner { queue: Mutex::new(queue), rate: Rate::unlimited() }))
    }

    /// How many requests may be under way at once, as of now.
    pub fn window(&self) -> usize {
        self.queue().window()
    }

    /// How many it may become at most.
    pub(crate) fn most(&self) -> usize {
        let queue = self.queue();
        queue.fixed.unwrap_or(queue.adaptive.most())
    }

    /// How many are under way now, or about to leave.
    pub fn in_use(&self) -> usize {
        self.queue().used
    }

    /// Changes the window, also of uploads that run. What is under way is let finish.
    ///
    /// # Errors
    /// When it is not from 1 to 128 ([`MAX_WINDOW`](resumable_core::MAX_WINDOW)).
    pub fn set_window(&self, window: impl Into<Window>) -> Result<(), Error> {
        let window = window.into().checked()?;
        let mut queue = self.queue();
        queue.fixed = window.fixed();
        if window.fixed().is_none() {
            queue.adaptive.set_most(window.most());
        }
        self.changed(queue);
        Ok(())
    }

    /// The uploads hear of the window, and whoever waits for a slot may go.
    fn changed(&self, mut queue: MutexGuard<'_, Queue>) {
        queue.uploads.retain(|(upload, _)| upload.strong_count() > 0);
        let (window, uploads) = (queue.window(), queue.uploads.clone());
        drop(queue);
        for (upload, own) in uploads {
            if let Some(upload) = upload.upgrade() {
                upload.send(Command::Window(window.min(own)));
            }
        }
        self.turn();
    }

    /// Changes how many bytes of sources are sent in a second, over all requests together; `None` for no limit. Uploads
    /// that run follow within a second.
    pub fn set_rate(&self, bytes_per_second: impl Into<Option<NonZeroU64>>) {
        self.0.rate.set(bytes_per_second.into());
    }

    /// Changes how far apart calls are that the vendor counts for an account, and how many of them may leave at once.
    pub fn set_calls(&self, every: Duration, at_once: u32) {
        self.queue().calls = CallLimit::new(every, at_once);
        self.turn();
    }

    /// Counts calls by this clock.
    pub(crate) fn use_clock(&self, clock: Clock) {
        self.queue().clock = clock;
    }

    pub(crate) fn rate(&self) -> &Rate {
        &self.0.rate
    }

    /// How long parts are to be in place of `own`, so that each is acknowledged within seconds: as far as is known from uploads
    /// with the same credential, or else from the rate.
    pub(crate) fn part_size(&self, account: &Arc<Barrier>, own: u64) -> u64 {
        let measured = self.queue().speed_of(&Arc::downgrade(account)).per_second();
        let speed = measured.or_else(|| self.0.rate.per_second().map(NonZeroU64::get));
        speed.map_or(own, |speed| speed::part_size(own, speed))
    }

    /// From now on this upload hears of a new window, which for it is no larger than `own`. Gives the one of today.
    pub(crate) fn tell(&self, upload: &Arc<Watch>, own: usize) -> usize {
        let mut queue = self.queue();
        queue.uploads.retain(|(upload, _)| upload.strong_count() > 0);
        queue.uploads.push((Arc::downgrade(upload), own));
        queue.window().min(own)
    }

    /// Puts somebody in line.
    pub(crate) fn ask(&self, request: Request, barrier: &Arc<Barrier>, grant: Grant) {
        self.queue().waiting.push_back(Waiting { request, barrier: Arc::clone(barrier), grant });
        self.turn();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives slots as long as there are some. An upload that is gone gives its slot back at once, which leads here again. That
    /// call leaves the rest to the loop that runs already.
    fn turn(&self) {
        if mem::replace(&mut self.queue().giving, true) {
            return;
        }
        let giving = Giving(self);
        while let Some(verdict) = self.next() {
            match verdict {
                Verdict::Later(grant, wait) => grant.later(wait),
                Verdict::Slot(grant, account) => grant.give(Slot::of(self.place(account))),
            }
        }
        mem::forget(giving);
    }

    fn place(&self, account: Weak<Barrier>) -> Placed {
        let mut queue = self.queue();
        let at = queue.clock.now().mono;
        let begun = queue.fixed.is_none().then(|| queue.adaptive.begin(at));
        drop(queue);
        Placed { limits: self.clone(), account, at, begun, sent: Sent::Nothing }
    }

    /// The first in line who can have a slot; if there is none, nobody gives slots any more.
    fn next(&self) -> Option<Verdict> {
        let mut queue = self.queue();
        let verdict = self.first(&mut queue);
        queue.giving = verdict.is_some();
        verdict
    }

    /// A request that may not leave now, because its credential was refused, keeps its place.
    fn first(&self, queue: &mut Queue) -> Option<Verdict> {
        if queue.used >= queue.window() {
            return None;
        }
        let again = || -> Box<dyn FnOnce() + Send> {
            let limits = Arc::downgrade(&self.0);
            Box::new(move || limits.upgrade().into_iter().for_each(|limits| Self(limits).turn()))
        };
        let own = Arc::as_ptr(&self.0).addr();
        let (mut small, mut other) = (None, None);
        for (at, waiting) in queue.waiting.iter().enumerate() {
            let first = if waiting.request.small { &mut small } else { &mut other };
            if first.is_none() && waiting.barrier.is_open_or(own, again) {
                *first = Some(at);
            }
        }
        let at = if queue.small_in_a_row < SMALL_IN_A_ROW { small.or(other) } else { other.or(small) }?;
        let Waiting { request: Request { paced, small }, grant, barrier } = queue.waiting.remove(at)?;
        queue.small_in_a_row = if small { queue.small_in_a_row.saturating_add(1) } else { 0 };
        if paced {
            let now = queue.clock.now().mono;
            if let Err(wait) = queue.calls.take(now) {
                return Some(Verdict::Later(grant, wait));
            }
        }
        queue.used += 1;
        Some(Verdict::Slot(grant, Arc::downgrade(&barrier)))
    }
}

impl Queue {
    fn window(&self) -> usize {
        self.fixed.unwrap_or(self.adaptive.window())
    }

    fn speed_of(&mut self, account: &Weak<Barrier>) -> &mut Speed {
        let known = self.speeds.iter().position(|(whose, _)| whose.ptr_eq(account));
        let at = known.unwrap_or_else(|| {
            self.speeds.retain(|(whose, _)| whose.strong_count() > 0);
            self.speeds.push((Weak::clone(account), Speed::default()));
            self.speeds.len() - 1
        });
        &mut self.speeds[at].1
    }
}

/// If what a slot is given to panics, the next call goes on giving.
struct Giving<'a>(&'a Limits);

impl Drop for Giving<'_> {
    fn drop(&mut self) {
        self.0.queue().giving = false;
    }
}

/// One request's place in the window.
struct Placed {
    limits: Limits,
    account: Weak<Barrier>,
    at: Duration,
    /// The window is found by trying.
    begun: Option<Begun>,
    sent: Sent,
}

impl Place for Placed {
    fn ended(&mut self, sent: Sent) {
        self.sent = sent;
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        let mut queue = self.limits.queue();
        queue.used -= 1;
        let before = queue.window();
        let now = queue.clock.now().mono;
        if let Sent::Acknowledged(bytes) = self.sent {
            queue.speed_of(&self.account).add(bytes, now.saturating_sub(self.at));
        }
        if let Some(begun) = self.begun.take() {
            queue.adaptive.end(begun, self.sent, now);
        }
        if queue.window() == before {
            drop(queue);
            self.limits.turn();
        } else {
            self.limits.changed(queue);
        }
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
