//! The blocking driver: a thread for each action that is under way, one loop that decides.
//!
//! ```text
//! poll ─► Action ─► thread: transport, source, host ─► channel ─► handle ─► poll
//! ```

mod work;
mod workers;

use std::num::NonZeroU64;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use resumable_core::{Action, Failure, Input, OpId, Output, Protocol, Upload};
use resumable_transport::blocking::Transport;
use resumable_transport::{CancelFlag, Clock, Rate, Source};

use self::work::Work;
use self::workers::Workers;
pub use super::{Command, Host};

/// Sends commands, and credentials that nobody asked for, to a driver, from any thread.
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
    pub fn limit_rate(mut self, bytes_per_second: NonZeroU64) -> Self {
        self.rate = Rate::limited(bytes_per_second);
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
        T: Transport,
        S: Source,
        H: Host<P>,
    {
        let work = Work { transport, source, host, rate: &self.rate };
        let (workers, jobs) = Workers::new();
        thread::scope(|scope| {
            // Dropped when the loop is over: then the threads end.
            let mut workers = workers;
            let mut under_way = UnderWay(Vec::new());
            loop {
                self.told.try_iter().for_each(|told| hand_over(told, upload, &mut under_way));
                match upload.poll(self.clock.now()) {
                    Output::Do(Action::Cancel(op)) => {
                        under_way.0.iter().filter(|(id, _)| *id == op).for_each(|(_, flag)| flag.cancel());
                    }
                    Output::Do(action) => {
                        let (flag, work, tell) = (CancelFlag::new(), work, self.tell.clone());
                        under_way.0.push((action.op(), flag.clone()));
                        let perform = move |(action, flag)| work.perform(action, &flag, &tell);
                        workers.start((action, flag), under_way.0.len(), &jobs, scope, perform);
                    }
                    Output::Tell(event) => host.tell(&event),
                    Output::Wait { until, .. } => self.wait(until, upload, &mut under_way),
                    Output::Finished(result) => return result,
                }
            }
        })
    }

    fn wait(&self, until: Option<Duration>, upload: &mut Upload<P>, under_way: &mut UnderWay) {
        let told = match until {
            None => self.told.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(until) => self.told.recv_timeout(self.clock.until(until)),
        };
        if let Ok(told) = told {
            hand_over(told, upload, under_way);
        }
    }
}

fn hand_over<P: Protocol>(input: Input<P>, upload: &mut Upload<P>, under_way: &mut UnderWay) {
    if let Some(done) = input.ends() {
        under_way.0.retain(|(op, _)| *op != done);
    }
    upload.handle(input);
}

/// What threads work at. All of it is cancelled when the loop is over, be it by a panic: the scope waits for them.
struct UnderWay(Vec<(OpId, CancelFlag)>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.iter().for_each(|(_, flag)| flag.cancel());
    }
}
