//! What an upload asks of this program.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use resumable::drive::{Grant, Host};
use resumable::file::{CheckpointGuard, Label};
use resumable::vendors::Vendor;
use resumable::{Credentials, command_host};
use resumable_core::{AuthError, AuthReason, CallLimit, Cause, Checkpoint, Event, Lane, Lease, Slot, StoreError};
use resumable_transport::CancelFlag;

use crate::clock::clock;
use crate::progress::Progress;

/// How far apart the calls are that a vendor counts, and how many may leave at once: what the clients of 115 get by with.
const EVERY: Duration = Duration::from_secs(1);
const BURST: u32 = 2;

/// Saves into a guard of the state folder, hands credentials on, limits calls, and shows progress.
pub(crate) struct CommandHost<P: Vendor> {
    guard: Arc<CheckpointGuard>,
    label: Label,
    credentials: Credentials<P::Credential>,
    limit: &'static Mutex<CallLimit>,
    progress: Arc<Progress>,
    counts: bool,
}

/// The one limiter of this process.
fn limit() -> &'static Mutex<CallLimit> {
    static LIMIT: OnceLock<Mutex<CallLimit>> = OnceLock::new();
    LIMIT.get_or_init(|| Mutex::new(CallLimit::new(EVERY, BURST)))
}

impl<P: Vendor> CommandHost<P> {
    /// A host that saves into `guard` under `label`. `counts`: whether it is worth showing how far the upload is; not
    /// while it is given up.
    pub(crate) fn new(
        guard: Arc<CheckpointGuard>,
        label: Label,
        credentials: Credentials<P::Credential>,
        progress: Arc<Progress>,
        counts: bool,
    ) -> Self {
        Self { guard, label, credentials, limit: limit(), progress, counts }
    }
}

impl<P: Vendor> Host<P> for CommandHost<P> {
    fn save(&self, checkpoint: &Checkpoint<P>) -> Result<(), StoreError> {
        self.guard.save(&self.label, checkpoint)
    }

    fn credential(
        &self,
        _: AuthReason,
        refused: Option<&P::Credential>,
        cancel: &CancelFlag,
    ) -> Result<Lease<P::Credential>, AuthError> {
        let other = command_host::other(&self.credentials, refused, cancel, clock());
        other.map_err(|error| AuthError(Cause(error)))
    }

    fn slot(&self, _: Lane, grant: Grant) {
        let taken = self.limit.lock().unwrap_or_else(PoisonError::into_inner).take(clock().now().mono);
        match taken {
            Ok(()) => {
                command_host::used(&self.credentials);
                grant.give(Slot::free());
            }
            Err(wait) => grant.later(wait),
        }
    }

    fn tell(&self, event: &Event) {
        if self.counts || !matches!(event, Event::Progress { .. }) {
            self.progress.tell(event);
        }
    }
}
