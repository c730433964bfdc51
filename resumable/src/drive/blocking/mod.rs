//! The blocking driver: a thread for each action that is under way, one loop that decides.
//!
//! ```text
//! poll ─► Action ─► thread: transport, source, host ─► channel ─► handle ─► poll
//! ```

mod work;
mod workers;

use std::num::NonZeroU64;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{mem, thread};

use resumable_core::{Acquiring, Action, Failure, Input, OpId, Output, Protocol, Slot, Ticket, Upload};
use resumable_transport::blocking::Transport;
use resumable_transport::{CancelFlag, Clock, Rate, Source};

use self::work::Work;
use self::workers::Workers;
use super::held_slots::{Ends, HeldSlots};
use super::trace;
pub use super::{Command, Grant, Host, Inquiry};

/// Sends commands, and credentials that nobody asked for, to a driver, from any thread. Clones send to the same driver.
///
/// What is sent before a run begins is for that run; what comes too late for one is for the next.
pub struct Remote<P: Protocol>(Sender<Input<P>>);

impl<P: Protocol> Remote<P> {
    /// Hands a [`Command`] or a [`Lease`](resumable_core::Lease) to the driver; without effect once it is gone.
    pub fn send(&self, input: impl Into<Input<P>>) {
        let _ = self.0.send(input.into());
    }
}

impl<P: Protocol> Clone for Remote<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Drives uploads over a blocking transport.
pub struct Driver<P: Protocol> {
    told: Receiver<Input<P>>,
    tell: Sender<Input<P>>,
    clock: Clock,
    rate: Rate,
}

impl<P: Protocol> Default for Driver<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Protocol> Driver<P> {
    /// A driver without a rate limit.
    pub fn new() -> Self {
        let (tell, told) = channel();
        Self { told, tell, clock: Clock::start(), rate: Rate::unlimited() }
    }

    /// Polls by this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sends at most so many bytes of the source per second, over all requests together.
    #[must_use]
    pub fn limit_rate(self, bytes_per_second: NonZeroU64) -> Self {
        self.with_rate(Rate::limited(bytes_per_second))
    }

    /// Keeps to this rate, which others may share, and which may be changed while the upload runs.
    #[must_use]
    pub fn with_rate(mut self, rate: Rate) -> Self {
        self.rate = rate;
        self
    }

    /// A handle for commands.
    pub fn remote(&self) -> Remote<P> {
        Remote(self.tell.clone())
    }

    /// The clock that the driver polls by.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Runs an upload to its end.
    ///
    /// # Panics
    /// With what the transport, the source or the host panicked with, once the upload is saved; with what the protocol,
    /// [`Host::slot`] or [`Host::tell`] panicked with, at once.
    ///
    /// # Errors
    /// Whatever ended the upload.
    pub fn run<T, S, H>(
        &self,
        upload: &mut Upload<P>,
        transport: &T,
        source: &S,
        host: &H,
    ) -> Result<P::Outcome, Failure<P::Fault>>
    where
        T: Transport + ?Sized,
        S: Source + ?Sized,
        H: Host<P> + ?Sized,
    {
        let work = Work { transport, source, host, rate: &self.rate };
        let current = trace::Current::new();
        let (workers, jobs) = Workers::new();
        let inbox = Inbox::open(self);
        // They go back when no thread works for their requests any more.
        let mut slots = HeldSlots::default();
        let ended = thread::scope(|scope| {
            // Dropped when the loop is over: then the threads end.
            let mut workers = workers;
            let mut under_way = UnderWay { flags: Vec::new(), slots: &mut slots };
            loop {
                self.told.try_iter().for_each(|told| hand_over(told, upload, &mut under_way));
                match upload.poll(self.clock.now()) {
                    Output::Do(Action::Cancel(op)) => under_way.cancel(op),
                    Output::Do(Action::Acquire { ticket, lane, question: None }) => {
                        host.slot(lane, Grant::new(inbox.slot(ticket)));
                    }
                    Output::Do(Action::Acquire { ticket, lane, question: Some(question) }) => {
                        host.inquire(Inquiry::new(ticket, lane, question, inbox.tell()));
                    }
                    Output::Do(mut action) => {
                        let (flag, work, tell) = (CancelFlag::new(), work, self.tell.clone());
                        let current = current.clone();
                        under_way.begin(&mut action, flag.clone());
                        let perform = move |(action, flag)| {
                            let _in = current.enter();
                            work.perform(action, &flag, &tell);
                        };
                        workers.start((action, flag), under_way.flags.len(), &jobs, scope, perform);
                    }
                    Output::Tell(event) => host.tell(&event),
                    Output::Share { question, known, serves } => host.share(&question, &known, serves),
                    Output::Wait { until, .. } => {
                        under_way.slots.give_back();
                        self.wait(until, upload, &mut under_way);
                    }
                    Output::Finished(result) => break result,
                }
            }
        });
        jobs.end();
        ended
    }

    fn wait(&self, until: Option<Duration>, upload: &mut Upload<P>, under_way: &mut UnderWay<'_>) {
        let told = match until {
            None => self.told.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(until) => self.told.recv_timeout(self.clock.until(until)),
        };
        if let Ok(told) = told {
            hand_over(told, upload, under_way);
        }
    }
}

fn hand_over<P: Protocol>(input: Input<P>, upload: &mut Upload<P>, under_way: &mut UnderWay<'_>) {
    let (ended, ends) = (input.ends(), Ends::of(&input));
    upload.handle(input);
    if let Some(op) = ended {
        under_way.ended(op, &ends);
    }
}

/// What threads work at. All of it is cancelled when the loop is over, be it by a panic: the scope waits for them.
struct UnderWay<'a> {
    flags: Vec<(OpId, CancelFlag)>,
    slots: &'a mut HeldSlots,
}

impl UnderWay<'_> {
    fn begin<P: Protocol>(&mut self, action: &mut Action<P>, flag: CancelFlag) {
        self.flags.push((action.op(), flag));
        if let Action::Send { ticket, slot, request, .. } = action {
            self.slots.keep(ticket.id(), mem::replace(slot, Slot::free()), request.body().len());
        }
    }

    fn cancel(&self, op: OpId) {
        self.flags.iter().filter(|(id, _)| *id == op).for_each(|(_, flag)| flag.cancel());
    }

    fn ended(&mut self, op: OpId, ends: &Ends) {
        self.flags.retain(|(id, _)| *id != op);
        self.slots.answered(op, ends);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.flags.iter().for_each(|(_, flag)| flag.cancel());
    }
}

/// Where slots come in, for as long as a run goes on: one that comes later goes back at once, and does not lie in the
/// driver until its next run.
struct Inbox<'a, P: Protocol> {
    driver: &'a Driver<P>,
    door: Door<P>,
}

type Door<P> = Arc<Mutex<Option<Sender<Input<P>>>>>;

impl<'a, P: Protocol> Inbox<'a, P> {
    fn open(driver: &'a Driver<P>) -> Self {
        Self { driver, door: Arc::new(Mutex::new(Some(driver.tell.clone()))) }
    }

    fn tell(&self) -> impl FnOnce(Input<P>) + Send + use<P> {
        let door = Arc::clone(&self.door);
        move |input| {
            if let Some(tell) = &*door.lock().unwrap_or_else(PoisonError::into_inner) {
                // The driver holds the other end.
                let _ = tell.send(input);
            }
        }
    }

    fn slot(&self, ticket: Ticket<Acquiring>) -> impl FnOnce(Result<Slot, Duration>) + Send + use<P> {
        let tell = self.tell();
        move |slot| tell(Input::Slot(ticket, slot))
    }
}

impl<P: Protocol> Drop for Inbox<'_, P> {
    fn drop(&mut self) {
        self.door.lock().unwrap_or_else(PoisonError::into_inner).take();
        // What belongs to this run is dropped. What its remote sent is for the next one.
        let left: Vec<Input<P>> = self.driver.told.try_iter().collect();
        for input in left {
            if input.ends().is_none() && !matches!(input, Input::Progress(..)) {
                let _ = self.driver.tell.send(input);
            }
        }
    }
}
