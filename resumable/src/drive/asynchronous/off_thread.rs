//! A blocking host for the async driver.

use std::sync::Arc;

use async_trait::async_trait;
use futures::lock::Mutex;
use resumable_core::{
    AuthError, AuthReason, Cause, Checkpoint, Event, Known, Lane, Lease, Protocol, Serves, StoreError,
};
use resumable_transport::CancelFlag;
use resumable_transport::asynchronous::{Offload, Threads, Work};

use super::Host;
use super::offloaded::offloaded;
use crate::drive::{Grant, Host as BlockingHost, Inquiry};

/// A blocking host (a store that syncs files, say) that saves and gets credentials on other threads. Its
/// [`slot`](BlockingHost::slot), [`inquire`](BlockingHost::inquire), [`share`](BlockingHost::share) and
/// [`tell`](BlockingHost::tell) are called on the upload's task, and must return at once.
///
/// Saves keep their order: one begins when the one before has ended, even if the future that asked for that was dropped
/// meanwhile, so an older checkpoint never overwrites a newer one. The host lives until its last call has ended: a lock
/// that it holds is held until then. So make one of these for one store, and keep it while an upload is run, dropped
/// and run again.
pub struct OffThread<H> {
    host: Arc<H>,
    offload: Arc<dyn Offload>,
    /// Held by the thread that saves.
    turn: Arc<Mutex<()>>,
}

impl<H> OffThread<H> {
    /// Calls `host` on threads of its own.
    pub fn new(host: Arc<H>) -> Self {
        Self { host, offload: Arc::new(Threads::new()), turn: Arc::default() }
    }

    /// Calls it there instead.
    #[must_use]
    pub fn on(mut self, offload: Arc<dyn Offload>) -> Self {
        self.offload = offload;
        self
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
        offloaded(&*self.offload, Work::Save, save).await.unwrap_or_else(|error| Err(StoreError(Cause(error.into()))))
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
        let get = move |over: &CancelFlag| host.credential(reason, refused.as_ref(), over);
        let given = offloaded(&*self.offload, Work::Credential, get).await;
        given.unwrap_or_else(|error| Err(AuthError(Cause(error.into()))))
    }

    fn slot(&self, lane: Lane, grant: Grant) {
        self.host.slot(lane, grant);
    }

    fn inquire(&self, inquiry: Inquiry<P>) {
        self.host.inquire(inquiry);
    }

    fn share(&self, question: &str, known: &Known<P::Reply>, serves: Serves) {
        self.host.share(question, known, serves);
    }

    fn tell(&self, event: &Event) {
        self.host.tell(event);
    }
}
