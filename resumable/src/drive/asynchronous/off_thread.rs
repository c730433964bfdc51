//! A blocking host for the async driver.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::lock::Mutex;
use resumable_core::{AuthError, AuthReason, Cause, Checkpoint, Event, Lane, Lease, Protocol, Slot, StoreError};
use resumable_transport::CancelFlag;

use super::Host;
use super::thread::on_thread;
use crate::drive::Host as BlockingHost;

/// A blocking host (a store that syncs files, say) whose every call runs on a thread of its own; only
/// [`tell`](BlockingHost::tell) is called on the upload's task, and must return at once.
///
/// Saves keep their order: one begins when the one before has ended, even if the future that asked for that was dropped
/// meanwhile, so an older checkpoint never overwrites a newer one. The host lives until its last call has ended: a lock
/// that it holds is held until then. So make one of these for one store, and keep it while an upload is run, dropped
/// and run again.
pub struct OffThread<H> {
    host: Arc<H>,
    /// Held by the thread that saves.
    turn: Arc<Mutex<()>>,
}

impl<H> OffThread<H> {
    /// Calls `host` on threads.
    pub fn new(host: Arc<H>) -> Self {
        Self { host, turn: Arc::default() }
    }
}

#[async_trait]
impl<P, H> Host<P> for OffThread<H>
where
    P: Protocol,
    H: BlockingHost<P> + Send + 'static,
{
    async fn save(&self, checkpoint: Checkpoint<P>) -> Result<(), StoreError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let host = Arc::clone(&self.host);
        let save = move |_: &CancelFlag| {
            let saved = host.save(&checkpoint);
            drop(turn);
            saved
        };
        on_thread(save).await.unwrap_or_else(|error| Err(StoreError(Cause(error.into()))))
    }

    async fn settled(&self) {
        drop(self.turn.lock().await);
    }

    async fn credential(
        &self,
        reason: AuthReason,
        refused: Option<P::Credential>,
    ) -> Result<Lease<P::Credential>, AuthError> {
        let host = Arc::clone(&self.host);
        let given = on_thread(move |_| host.credential(reason, refused.as_ref())).await;
        given.unwrap_or_else(|error| Err(AuthError(Cause(error.into()))))
    }

    async fn slot(&self, lane: Lane) -> Result<Slot, Duration> {
        let host = Arc::clone(&self.host);
        // Without a thread to ask on, not yet.
        on_thread(move |_| host.slot(lane)).await.unwrap_or(Err(Duration::from_secs(1)))
    }

    fn tell(&self, event: &Event) {
        self.host.tell(event);
    }
}
