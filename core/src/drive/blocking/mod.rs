//! The blocking driver: a thread per action that is under way, one loop that decides.
//!
//! ```text
//! poll ─► Action ─► thread: transport, source, host ─► channel ─► handle_* ─► poll
//! ```

mod clock;
mod outgoing;
mod transport;
mod work;

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

pub use self::clock::Clock;
pub use self::outgoing::{CancelFlag, OnRead, Outgoing};
pub use self::transport::Transport;
use self::work::{Told, Work};
use crate::checkpoint::Checkpoint;
use crate::failure::Failure;
use crate::host_error::{AuthError, StoreError};
use crate::output::{Action, Event, Output};
use crate::pace::Pace;
use crate::protocol::{AuthReason, Lane, Protocol};
use crate::source::Source;
use crate::ticket::OpId;
use crate::upload::Upload;

/// What an upload needs of the program around it, besides a transport and a source. Called from several threads.
///
/// Every call should return within seconds: an upload that is stopped waits for those that are under way.
pub trait Host<P: Protocol>: Sync {
    /// Makes a checkpoint durable, in place of any older one.
    ///
    /// # Errors
    /// When it might not survive a loss of power.
    fn save(&self, checkpoint: &Checkpoint<P>) -> Result<(), StoreError>;

    /// Gets a credential; `refused` is the one that the vendor refused.
    ///
    /// # Errors
    /// When there is none to be had.
    fn credential(&self, reason: AuthReason, refused: Option<&P::Credential>) -> Result<P::Credential, AuthError>;

    /// Asks the program's own limiter for one call.
    ///
    /// # Errors
    /// How long no call may leave on that lane.
    fn permit(&self, lane: Lane) -> Result<(), Duration> {
        let _ = lane;
        Ok(())
    }

    /// Shows something to a person.
    fn tell(&self, event: &Event) {
        let _ = event;
    }
}

/// What the host may ask of a running upload, from any thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// [`Upload::pause`].
    Pause,
    /// [`Upload::unpause`].
    Unpause,
    /// [`Upload::stop`].
    Stop,
    /// [`Upload::abort`].
    Abort,
    /// [`Upload::set_window`].
    Window(usize),
}

/// Sends commands to a driver, from any thread.
pub struct Remote<P: Protocol>(Sender<Told<P>>);

impl<P: Protocol> Remote<P> {
    /// Hands a command to the driver; without effect once it is gone.
    pub fn send(&self, command: Command) {
        let _ = self.0.send(Told::Command(command));
    }
}

impl<P: Protocol> Clone for Remote<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Drives uploads over a blocking transport.
pub struct Driver<P: Protocol> {
    told: Receiver<Told<P>>,
    tell: Sender<Told<P>>,
    clock: Clock,
    pace: Option<Mutex<Pace>>,
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
        Self { told, tell, clock: Clock::start(), pace: None }
    }

    /// Sends at most so many bytes of the source per second, over all requests together.
    #[must_use]
    pub fn limit_rate(mut self, bytes_per_second: u64) -> Self {
        self.pace = Some(Mutex::new(Pace::new(bytes_per_second)));
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
        P::Credential: Send,
        P::Session: Send,
        P::Call: Send,
    {
        let work = Work { transport, source, host, pace: self.pace.as_ref(), clock: self.clock };
        thread::scope(|scope| {
            let mut flags: Vec<(OpId, CancelFlag)> = Vec::new();
            loop {
                self.told.try_iter().for_each(|told| told.hand_to(upload, &mut flags));
                match upload.poll(self.clock.now()) {
                    Output::Do(Action::Cancel(op)) => {
                        flags.iter().filter(|(id, _)| *id == op).for_each(|(_, flag)| flag.cancel());
                    }
                    Output::Do(action) => {
                        let (flag, work, tell) = (CancelFlag::new(), work, self.tell.clone());
                        flags.push((work::op_of(&action), flag.clone()));
                        scope.spawn(move || work.perform(action, &flag, &tell));
                    }
                    Output::Tell(event) => host.tell(&event),
                    Output::Wait { until, .. } => self.wait(until, upload, &mut flags),
                    Output::Finished(result) => {
                        flags.iter().for_each(|(_, flag)| flag.cancel());
                        return result;
                    }
                }
            }
        })
    }

    fn wait(&self, until: Option<Duration>, upload: &mut Upload<P>, flags: &mut Vec<(OpId, CancelFlag)>) {
        let told = match until {
            None => self.told.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(until) => self.told.recv_timeout(until.saturating_sub(self.clock.now().mono)),
        };
        if let Ok(told) = told {
            told.hand_to(upload, flags);
        }
    }
}
