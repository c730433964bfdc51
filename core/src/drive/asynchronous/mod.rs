//! The async driver: one task of any runtime, and plain threads for whatever blocks.
//!
//! ```text
//!                ┌──────────────────────── Driver::run, one future ────────────────────────┐
//! poll ─► Action ─► future: Transport::send ◄─ Outgoing ◄─┐                                 │
//!    ▲              Transport::sleep, Host                │ channels ◄─ threads: the file, │
//!    │              digests, a look at the source ◄───────┘              hashing, OffThread│
//!    └── handle_* ◄─ whatever ended first, a command, the time                             │
//!                └─────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! The core knows no runtime: timers are the transport's, threads are the standard library's, and nothing is spawned
//! as a task. No call of a source is made on the thread that polls.
//!
//! The future of [`Driver::run`] may be dropped at any time, in a `select!` or by a runtime that ends, and nothing is
//! lost: requests under way are given up and counted as "no answer", and `run` may be called again with the same
//! upload, at once or later. Or never: what the host has saved is enough for another process.

mod crew;
mod host;
mod off_thread;
mod outgoing;
mod thread;
mod transport;
mod work;

use std::sync::Arc;

use futures::channel::mpsc;
use futures::{StreamExt as _, stream};

use self::crew::Crew;
pub use self::host::Host;
pub use self::off_thread::OffThread;
pub use self::outgoing::{Outgoing, Report};
pub use self::transport::Transport;
use self::work::Work;
use super::news::News;
use super::rate::Rate;
pub use super::{Clock, Command};
use crate::failure::Failure;
use crate::output::Output;
use crate::protocol::Protocol;
use crate::source::Source;
use crate::upload::Upload;

/// Sends commands to a driver, from any thread.
#[derive(Clone, Debug)]
pub struct Remote(mpsc::UnboundedSender<Command>);

impl Remote {
    /// Hands a command to the driver, for this run or the next; without effect once the driver is gone.
    pub fn send(&self, command: Command) {
        let _ = self.0.unbounded_send(command);
    }
}

/// Drives uploads over an async transport, one at a time.
pub struct Driver {
    tell: mpsc::UnboundedSender<Command>,
    told: mpsc::UnboundedReceiver<Command>,
    clock: Clock,
    rate: Rate,
}

impl Default for Driver {
    fn default() -> Self {
        Self::new()
    }
}

impl Driver {
    /// A driver without a rate limit.
    pub fn new() -> Self {
        let (tell, told) = mpsc::unbounded();
        Self { tell, told, clock: Clock::start(), rate: Rate::unlimited() }
    }

    /// Sends at most so many bytes of the source per second, over all requests together.
    #[must_use]
    pub fn limit_rate(mut self, bytes_per_second: u64) -> Self {
        self.rate = Rate::limited(bytes_per_second);
        self
    }

    /// A handle for commands.
    pub fn remote(&self) -> Remote {
        Remote(self.tell.clone())
    }

    /// The clock that the driver polls by.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Runs an upload to its end. The future is `Send` if the protocol, the credential and the like are; if it is
    /// dropped, the upload can be run again.
    ///
    /// # Errors
    /// Whatever ended the upload.
    pub async fn run<P, T, S, H>(
        &mut self,
        upload: &mut Upload<P>,
        transport: &T,
        source: Arc<S>,
        host: &H,
    ) -> Result<P::Outcome, Failure<P::Fault>>
    where
        P: Protocol,
        T: Transport + ?Sized,
        S: Source + 'static,
        H: Host<P> + ?Sized,
        P::Credential: Send,
        P::Session: Send,
        P::Call: Send,
    {
        host.settled().await;
        let clock = self.clock;
        let (progress, read) = mpsc::unbounded();
        let work = Work { transport, source: &source, host, rate: &self.rate, clock, progress: &progress };
        let commands = (&mut self.told).map(News::Command);
        let mut told = stream::select(commands, read.map(|(op, bytes)| News::Progress(op, bytes)));
        let mut crew = Crew::new(upload);
        loop {
            let until = match crew.poll(clock.now()) {
                Output::Do(action) => {
                    crew.carry_out(action, work);
                    continue;
                }
                Output::Tell(event) => {
                    host.tell(&event);
                    continue;
                }
                Output::Wait { until, .. } => until,
                Output::Finished(result) => return crew.end(result),
            };
            let nap = until.map(|until| transport.sleep(until.saturating_sub(clock.now().mono)));
            crew.wait(&mut told, nap).await;
        }
    }
}
