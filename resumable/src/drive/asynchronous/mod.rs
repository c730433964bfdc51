//! The async driver: one task of any runtime, and plain threads for whatever blocks.
//!
//! ```text
//!          ┌────────────── the future of `Driver::run` ──────────────┐   ┌──── `Offload` ──┐
//!  poll ──►│ Action ─► Transport::send ◄─ Outgoing ◄── pieces ───────┼───┤ reads one piece │
//!    ▲     │           digests, a look at the source ◄───────────────┼───┤ reads, hashes   │
//!    │     │           Host: save, credential ◄──────────────────────┼───┤ OffThread       │
//! handle  ◄┼─ whatever ended first, a slot, a command, the timer     │   └─────────────────┘
//!          └─────────────────────────────────────────────────────────┘
//! ```
//!
//! The driver knows no runtime: timers are the transport's, and nothing is spawned as a task. Whatever blocks goes
//! through an [`Offload`]: threads of the standard library ([`Threads`]), unless a program brings its own. No call of a
//! source is made on the thread that polls.
//!
//! The future of [`Driver::run`] may be dropped at any time, by a `select!` or by a runtime that ends, and nothing is
//! lost: requests under way are given up and count as "no answer", and `run` may be called again with the same upload,
//! at once or later. Or never: what the host has saved is enough for another process.
//!
//! A program's whole part, with a file, a folder of checkpoints, and a transport of your own or of another crate:
//!
//! ```
//! # mod example {
//! use std::error::Error;
//! use std::num::NonZeroU64;
//! use std::sync::Arc;
//!
//! use resumable::drive::Host;
//! use resumable::drive::asynchronous::{Driver, OffThread};
//! use resumable::file::{CheckpointGuard, FileSource, Label};
//! use resumable::machine::{AuthError, AuthReason, Checkpoint, Lease, Options, Protocol, Receipt, StoreError, Upload};
//! use resumable::transport::{CancelFlag, Source};
//! use resumable::transport::asynchronous::Transport;
//!
//! struct Program<P: Protocol> {
//!     guard: CheckpointGuard,
//!     label: Label,
//!     key: P::Credential,
//!     seed: u64,
//! }
//!
//! impl<P: Protocol> Host<P> for Program<P> {
//!     fn save(&self, checkpoint: &Checkpoint<P>) -> Result<(), StoreError> {
//!         self.guard.save(&self.label, checkpoint)
//!     }
//!
//!     fn credential(
//!         &self,
//!         _: AuthReason,
//!         _: Option<&P::Credential>,
//!         _: &CancelFlag,
//!     ) -> Result<Lease<P::Credential>, AuthError> {
//!         Ok(self.key.clone().into())
//!     }
//! }
//!
//! /// Begins an upload, or resumes the one that is saved. Reads the file and the folder: call it where you may block.
//! fn begin<P: Protocol>(vendor: P, program: &Program<P>, source: &FileSource) -> Result<Upload<P>, Box<dyn Error>> {
//!     let (info, key, options) = (source.info()?, Some(program.key.clone()), Options::new(program.seed));
//!     Ok(match program.guard.load()? {
//!         Some((_, saved)) => Upload::resume(vendor, info, key, options, saved)?,
//!         None => Upload::start(vendor, info, key, options),
//!     })
//! }
//!
//! async fn run<P: Protocol<Outcome: Into<Receipt>>>(
//!     mut upload: Upload<P>,
//!     program: Arc<Program<P>>,
//!     source: Arc<FileSource>,
//!     transport: &impl Transport,
//! ) -> Result<Receipt, Box<dyn Error>> {
//!     let mut driver = Driver::new().limit_rate(NonZeroU64::new(10_000_000).unwrap());
//!     let remote = driver.remote(); // to stop it from any thread: `remote.send(Command::Stop)`
//!     let host = OffThread::new(Arc::clone(&program));
//!     let outcome = driver.run(&mut upload, transport, source, &host).await?;
//!     program.guard.remove()?;
//!     Ok(outcome.into())
//! }
//! # }
//! ```

mod host;
mod off_thread;
mod offloaded;
mod work;
mod workers;

use std::num::NonZeroU64;
use std::sync::Arc;

use futures::channel::mpsc;
use futures::stream;
use resumable_core::{Failure, Input, Output, Protocol, Upload};
use resumable_transport::asynchronous::Transport;
use resumable_transport::{Clock, Rate, Source};

pub use self::host::Host;
pub use self::off_thread::OffThread;
pub(crate) use self::offloaded::offloaded;
use self::work::Work;
use self::workers::Workers;
pub use super::{Command, Grant, Inquiry};
pub use resumable_transport::asynchronous::{Offload, Threads};

/// Sends commands, and credentials that nobody asked for, to a driver, from any thread. Clones send to the same driver.
///
/// What is sent before a run begins is for that run; what comes too late for one is for the next.
pub struct Remote<P: Protocol>(mpsc::UnboundedSender<Input<P>>);

impl<P: Protocol> Remote<P> {
    /// Hands a [`Command`] or a [`Lease`](resumable_core::Lease) to the driver, for this run or the next; without effect
    /// once the driver is gone.
    pub fn send(&self, input: impl Into<Input<P>>) {
        let _ = self.0.unbounded_send(input.into());
    }
}

impl<P: Protocol> Clone for Remote<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Drives uploads over an async transport, one at a time.
pub struct Driver<P: Protocol> {
    tell: mpsc::UnboundedSender<Input<P>>,
    told: mpsc::UnboundedReceiver<Input<P>>,
    clock: Clock,
    rate: Rate,
    offload: Arc<dyn Offload>,
}

impl<P: Protocol> Default for Driver<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Protocol> Driver<P> {
    /// A driver without a rate limit.
    pub fn new() -> Self {
        let (tell, told) = mpsc::unbounded();
        Self { tell, told, clock: Clock::start(), rate: Rate::unlimited(), offload: Arc::new(Threads::new()) }
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

    /// Reads and hashes the source there instead of on threads of the driver's own. A host has its own way, see
    /// [`OffThread::on`].
    #[must_use]
    pub fn with_offload(mut self, offload: Arc<dyn Offload>) -> Self {
        self.offload = offload;
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

    /// Runs an upload to its end. The future is `Send`. If it is dropped, the upload can be run again, by this driver or
    /// another.
    ///
    /// # Panics
    /// With what the transport, the source or the host panicked with, once the upload is saved; with what the protocol,
    /// [`Host::slot`] or [`Host::tell`] panicked with, at once.
    ///
    /// # Errors
    /// Whatever ended the upload.
    pub async fn run<T, S, H>(
        &mut self,
        upload: &mut Upload<P>,
        transport: &T,
        source: Arc<S>,
        host: &H,
    ) -> Result<P::Outcome, Failure<P::Fault>>
    where
        T: Transport + ?Sized,
        S: Source + ?Sized + 'static,
        H: Host<P> + ?Sized,
    {
        host.settled().await;
        let clock = self.clock;
        // What belongs to this run: progress and slots.
        let (tell, heard) = mpsc::unbounded();
        let timer = transport.timer();
        let source: Arc<dyn Source> = Arc::new(source);
        let (rate, offload) = (&self.rate, &self.offload);
        let work = Work { transport, source: &source, host, rate, clock, offload, tell: &tell };
        let mut told = stream::select(&mut self.told, heard);
        let mut workers = Workers::new(upload);
        loop {
            let until = match workers.poll(clock.now()) {
                Output::Do(action) => {
                    workers.carry_out(action, work);
                    continue;
                }
                Output::Tell(event) => {
                    host.tell(&event);
                    continue;
                }
                Output::Share { question, known, serves } => {
                    host.share(&question, &known, serves);
                    continue;
                }
                Output::Wait { until, .. } => {
                    workers.slots.give_back();
                    until
                }
                Output::Finished(result) => return workers.end(result),
            };
            let nap = until.map(|until| timer.sleep(clock.until(until)));
            workers.wait(&mut told, nap).await;
        }
    }
}
