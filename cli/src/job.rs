//! Running one upload, whatever it is to end in, with everything around it.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use resumable::file::{CheckpointGuard, Label};
use resumable::vendors::Vendor;
use resumable::{Credentials, command_host};
use resumable_core::{Checkpoint, Failure, Options, ResumeError, SourceInfo, Upload};
use resumable_transport::Source;

use crate::clock::clock;
use crate::exit::{Code, Problem, Stand};
use crate::host::CommandHost;
use crate::interrupt::Interrupt;
use crate::no_source::NoSource;
use crate::progress::Progress;
use crate::transport::{Connection, Transport};

/// What is around an upload.
pub(crate) struct Job<'a, P: Vendor> {
    /// The vendor's protocol.
    pub(crate) protocol: P,
    /// Where credentials come from.
    pub(crate) credentials: Credentials<P::Credential>,
    /// What carries the requests.
    pub(crate) transport: Transport,
    /// Where the checkpoint is.
    pub(crate) guard: Arc<CheckpointGuard>,
    /// What the checkpoint is labelled with.
    pub(crate) label: Label,
    /// How patient and how parallel.
    pub(crate) options: Options,
    /// Bytes per second at most.
    pub(crate) limit_rate: Option<NonZeroU64>,
    /// Where events go.
    pub(crate) progress: Arc<Progress>,
    /// What stops it.
    pub(crate) interrupt: &'a Interrupt,
}

impl<P: Vendor> Job<'_, P> {
    /// A new upload of `source`.
    pub(crate) fn start(&self, source: SourceInfo) -> Upload<P> {
        Upload::start(self.protocol.clone(), source, self.at_hand(), self.options.clone())
    }

    /// Goes on with one.
    pub(crate) fn resume(&self, source: SourceInfo, saved: Checkpoint<P>) -> Result<Upload<P>, ResumeError> {
        Upload::resume(self.protocol.clone(), source, self.at_hand(), self.options.clone(), saved)
    }

    /// Gives one up.
    pub(crate) fn abandon(&self, saved: Checkpoint<P>) -> Result<Upload<P>, ResumeError> {
        Upload::abandon(self.protocol.clone(), self.at_hand(), self.options.clone(), saved)
    }

    fn at_hand(&self) -> Option<P::Credential> {
        command_host::at_hand(&self.credentials, clock())
    }

    /// Runs an upload to its end; the first Ctrl-C stops it so that it can be resumed.
    pub(crate) fn run(&self, upload: &mut Upload<P>, source: Arc<impl Source + 'static>) -> Ended<P> {
        self.drive(upload, source, true)
    }

    /// The same for an upload that is given up, which reads nothing.
    pub(crate) fn give_up(&self, upload: &mut Upload<P>) -> Ended<P> {
        self.drive(upload, Arc::new(NoSource), false)
    }

    /// Nobody may have got the result: the same command has it again. `end`: what it ended in.
    pub(crate) fn keep(&self, last: &Checkpoint<P>, problem: Problem, end: &str) -> Problem {
        problem.next(match self.guard.save(&self.label, last) {
            Ok(()) => format!("{end} Run the same command again to have its result once more."),
            Err(error) => format!("{end} That could not be saved: {error}"),
        })
    }

    fn drive(&self, upload: &mut Upload<P>, source: Arc<impl Source + 'static>, counts: bool) -> Ended<P> {
        let (guard, progress) = (Arc::clone(&self.guard), Arc::clone(&self.progress));
        let (label, credentials) = (self.label.clone(), self.credentials.clone());
        let host = Arc::new(CommandHost::<P>::new(guard, label, credentials, progress, counts));
        let (result, now) = self.transport.run(upload, source, host, self.limit_rate, |stop| {
            let progress = Arc::clone(&self.progress);
            self.interrupt.arm(move || {
                stop();
                progress.note("stopping at a safe point (once more: at once)");
            });
        });
        let last = upload.checkpoint(now);
        let stand = Stand { confirmed: last.confirmed(), total: last.source().len };
        Ended { result, last, stand }
    }
}

/// How an upload ended.
pub(crate) struct Ended<P: Vendor> {
    /// What it ended in.
    pub(crate) result: Result<P::Outcome, Failure<P::Fault>>,
    /// Its last checkpoint.
    pub(crate) last: Checkpoint<P>,
    /// How far it was.
    pub(crate) stand: Stand,
}

/// The core's options for a vendor, seeded with the system's entropy.
pub(crate) fn options<P: Vendor>(
    patience: Duration,
    window: Option<usize>,
    connection: &Connection,
) -> Result<Options, Problem> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed)
        .map_err(|error| Problem::new(Code::Other, format!("the system gives no random numbers: {error}")))?;
    let mut options = Options::new(u64::from_le_bytes(seed));
    options.patience = patience;
    options.reply_timeout = connection.reply_timeout();
    options.gated = P::PACED.to_vec();
    if let Some(window) = window {
        options.window = window;
    }
    Ok(options)
}
