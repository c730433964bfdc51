//! How far a request is, and how long it may stay there.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use resumable_core::Limits;
use resumable_transport::WireError;
use resumable_transport::net::Config;
use tokio::time::{Instant, sleep_until};

/// How many pieces of a body may be on their way to the system. hyper asks for no more than 16 of them at a time; with
/// fewer it always asks, and can always be told that the request is given up.
const PIECES: usize = 8;

/// One request, seen by the task that waits for its reply and by the connection that asks for its body.
#[derive(Debug)]
pub(crate) struct Watch {
    stall: Duration,
    reply_within: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// How many pieces were given to the connection and not taken by the system.
    under_way: usize,
    /// When the system last took a piece.
    taken: Instant,
    /// When bytes of the reply last came in, if any did.
    replied: Option<Instant>,
    source_error: Option<io::Error>,
    /// The task that waits for the reply.
    caller: Option<Waker>,
    /// The connection's task, and whether it waits for room.
    connection: Option<Waker>,
    room_wanted: bool,
}

/// How far a request is.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The connection did not ask for the body: no byte of the request has left.
    Unsent,
    /// Some bytes may be on their way.
    Sending,
    /// All were given to the connection, not all were taken by the system.
    Flushing,
    /// Nothing more is sent, be it that all was, or that the rest is of no use.
    Replying { since: Instant },
    /// The connection is gone, or is to go.
    Over,
}

impl Watch {
    pub(crate) fn new(config: &Config, limits: &Limits) -> Self {
        let state = State {
            phase: Phase::Unsent,
            under_way: 0,
            taken: Instant::now(),
            replied: None,
            source_error: None,
            caller: None,
            connection: None,
            room_wanted: false,
        };
        Self { stall: config.stall_timeout, reply_within: limits.reply_within, state: Mutex::new(state) }
    }

    /// Waits for `work`, as long as the limits of the request allow.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, WireError> {
        let mut work = pin!(work);
        let mut alarm = pin!(sleep_until(Instant::now()));
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Ok(done));
            }
            self.state().caller = Some(context.waker().clone());
            loop {
                let now = Instant::now();
                let Some((by, error)) = self.limit(now) else { break };
                if by <= now {
                    return Poll::Ready(Err(error));
                }
                alarm.as_mut().reset(by);
                if alarm.as_mut().poll(context).is_pending() {
                    break;
                }
            }
            Poll::Pending
        })
        .await
    }

    /// Waits until nothing more is sent.
    pub(crate) async fn sent(&self) -> Result<(), WireError> {
        let look = || if self.is_sending() { Poll::Pending } else { Poll::Ready(()) };
        self.within(poll_fn(|_| look())).await
    }

    /// When the request is given up unless something moves, and why.
    fn limit(&self, now: Instant) -> Option<(Instant, WireError)> {
        let state = self.state();
        let stalls = |moved| (far(moved, self.stall), WireError::Stalled(self.stall));
        match state.phase {
            // A connection has a limit of its own.
            Phase::Unsent | Phase::Over => None,
            // A source that is slow is no stall; what comes from it now may stall from now on.
            Phase::Sending | Phase::Flushing if state.under_way == 0 => Some(stalls(now)),
            Phase::Sending | Phase::Flushing => Some(stalls(state.moved())),
            Phase::Replying { since } => {
                let late = (far(since, self.reply_within), WireError::ReplyLate(self.reply_within));
                // Before the reply begins, the vendor may think as long as the limits of the request say.
                let stalled = state.replied.map(|replied| stalls(replied.max(since)));
                Some(match stalled {
                    Some(stalled) if stalled.0 < late.0 => stalled,
                    _ => late,
                })
            }
        }
    }

    /// The head of the reply is here. One that refuses the request ends the sending (RFC 9112, 9.5).
    pub(crate) fn reply_begins(&self, refuses: bool) {
        let mut state = self.state();
        state.replied = Some(Instant::now());
        if refuses && state.is_sending() {
            state.phase = Phase::Replying { since: Instant::now() };
        }
    }

    /// Bytes of the reply are here.
    pub(crate) fn reply_moves(&self) {
        self.state().replied = Some(Instant::now());
    }

    /// True if the connection never asked for the body.
    pub(crate) fn is_unsent(&self) -> bool {
        matches!(self.state().phase, Phase::Unsent)
    }

    /// True once the system has taken all of the request, or will be given no more of it.
    pub(crate) fn is_replying(&self) -> bool {
        matches!(self.state().phase, Phase::Replying { .. })
    }

    fn is_sending(&self) -> bool {
        self.state().is_sending()
    }

    /// Nobody waits for the reply any more: the body fails when it is asked for. True if it will be asked for.
    pub(crate) fn give_up(&self) -> bool {
        let mut state = self.state();
        let asked = matches!(state.phase, Phase::Sending);
        state.phase = Phase::Over;
        state.wake_connection();
        asked
    }

    /// Why the body could not be read, if that is what ended the request.
    pub(crate) fn take_source_error(&self) -> Option<io::Error> {
        self.state().source_error.take()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the body tells.
impl Watch {
    /// The connection asks for a piece: ready when it may be given while `most` others are under way.
    pub(crate) fn poll_room(&self, context: &mut Context<'_>, most: Room) -> Poll<io::Result<()>> {
        let mut state = self.state();
        if !state.connection.as_ref().is_some_and(|known| known.will_wake(context.waker())) {
            state.connection = Some(context.waker().clone());
        }
        match state.phase {
            Phase::Unsent => state.begin(),
            Phase::Sending => {}
            // The rest is of no use; the connection ends with the request.
            Phase::Flushing | Phase::Replying { .. } => return Poll::Pending,
            Phase::Over => return Poll::Ready(Err(io::Error::other("the request was given up"))),
        }
        let room = match most {
            Room::ForOneMore => state.under_way < PIECES,
            Room::ForTheLast => state.under_way == 0,
        };
        state.room_wanted = !room;
        if room { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// These bytes, on their way.
    pub(crate) fn give(self: &Arc<Self>, bytes: Bytes, which: Room) -> Bytes {
        let mut state = self.state();
        if state.under_way == 0 {
            state.taken = Instant::now();
        }
        state.under_way += 1;
        if matches!((which, state.phase), (Room::ForTheLast, Phase::Sending)) {
            state.phase = Phase::Flushing;
        }
        drop(state);
        Bytes::from_owner(Piece { bytes, watch: Arc::clone(self) })
    }

    fn piece_is_taken(&self) {
        let mut state = self.state();
        state.under_way -= 1;
        state.taken = Instant::now();
        if state.under_way == 0 && matches!(state.phase, Phase::Flushing) {
            state.end();
        }
        if std::mem::take(&mut state.room_wanted) {
            state.wake_connection();
        }
    }

    pub(crate) fn source_failed(&self, error: io::Error) {
        self.state().source_error = Some(error);
    }

    /// The connection dropped the body of `len` bytes.
    pub(crate) fn body_is_dropped(&self, len: u64) {
        let mut state = self.state();
        match state.phase {
            // The connection has no use for a body without bytes: it has begun.
            Phase::Unsent if len == 0 => state.end(),
            Phase::Sending => {
                state.phase = Phase::Over;
                state.wake_caller();
            }
            _ => {}
        }
    }
}

/// What a piece needs room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    ForOneMore,
    /// After the last one the connection asks for nothing, and can be told nothing: it is given when the system has
    /// taken all others.
    ForTheLast,
}

impl State {
    fn begin(&mut self) {
        self.phase = Phase::Sending;
        self.taken = Instant::now();
        // The stall timeout starts.
        self.wake_caller();
    }

    fn end(&mut self) {
        self.phase = Phase::Replying { since: Instant::now() };
        self.wake_caller();
    }

    fn is_sending(&self) -> bool {
        matches!(self.phase, Phase::Sending | Phase::Flushing)
    }

    /// When bytes last moved, in or out.
    fn moved(&self) -> Instant {
        self.replied.map_or(self.taken, |replied| replied.max(self.taken))
    }

    fn wake_caller(&mut self) {
        if let Some(caller) = &self.caller {
            caller.wake_by_ref();
        }
    }

    fn wake_connection(&mut self) {
        if let Some(connection) = &self.connection {
            connection.wake_by_ref();
        }
    }
}

/// Bytes on their way to the system: the connection lets go of them when they are taken.
struct Piece {
    bytes: Bytes,
    watch: Arc<Watch>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.watch.piece_is_taken();
    }
}

/// This much later, or in a year if that is no time.
fn far(from: Instant, within: Duration) -> Instant {
    from.checked_add(within).unwrap_or_else(|| from + Duration::from_secs(365 * 24 * 3600))
}
