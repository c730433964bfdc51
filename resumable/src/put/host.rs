//! What an upload asks of the library around it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use resumable_core::{AuthError, AuthReason, Cause, Checkpoint, Command, Lane, Lease, Protocol, StoreError};
use resumable_transport::{CancelFlag, Clock};

use super::origin::Place;
use crate::credentials::{Asking, BoxError, Credentials, Hold, Other, block_on};
use crate::drive::{Grant, Host};
use crate::event::Event;
use crate::file::{Key, Label, record};
use crate::foreign_code::of_store;
use crate::handle::Watch;
use crate::limits::{Limits, Request};
use crate::store::StoreGuard;

/// Takes events.
pub(crate) type OnEvent = Arc<dyn Fn(&Event) + Send + Sync>;

/// Saves into a place of the store, hands credentials on, puts calls in line, and tells of events.
pub(crate) struct UploadHost<P: Protocol> {
    pub(crate) guard: Box<dyn StoreGuard>,
    pub(crate) key: Key,
    /// Where an upload that continues another one is kept, until it moves to its own place.
    pub(crate) origin: Place,
    pub(crate) label: Label,
    pub(crate) credentials: Credentials<P::Credential>,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) watch: Arc<Watch>,
    pub(crate) on_event: Vec<OnEvent>,
    /// The source is short enough not to wait behind others.
    pub(crate) small: bool,
    /// The generation of the credential that this upload signs with.
    pub(crate) generation: Arc<AtomicU64>,
    pub(crate) holding: Mutex<Holding>,
}

/// Whether other uploads are held back, because this one has been refused.
#[derive(Default)]
pub(crate) struct Holding {
    /// Kept while another credential is asked for in place of the refused one.
    hold: Option<Hold>,
    /// A paused upload asks for nothing, so it holds nobody back.
    paused: bool,
}

impl<P: Protocol> UploadHost<P> {
    /// Another credential than the one in use.
    pub(crate) fn asking<'a>(
        &self,
        reason: AuthReason,
        refused: Option<&'a P::Credential>,
    ) -> Asking<'a, P::Credential> {
        Asking::new(reason, refused, self.generation.load(Ordering::Relaxed), self.clock)
    }

    /// This came of asking. Uploads that were held back go on.
    pub(crate) fn answered(
        &self,
        given: Result<(Lease<P::Credential>, u64), BoxError>,
    ) -> Result<Lease<P::Credential>, AuthError> {
        if let Ok((_, generation)) = &given {
            self.generation.store(*generation, Ordering::Relaxed);
        }
        self.let_go();
        given.map(|(lease, _)| lease).map_err(|error| AuthError(Cause(error)))
    }

    fn holding(&self) -> MutexGuard<'_, Holding> {
        self.holding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uploads that are held back go on, once no lock is held.
    fn let_go(&self) {
        let hold = self.holding().hold.take();
        drop(hold);
    }

    fn hold_back(&self) {
        let mut holding = self.holding();
        if !holding.paused {
            let before = holding.hold.replace(self.credentials.barrier().close());
            drop(holding);
            drop(before);
        }
    }

    /// A command is on its way to the upload.
    pub(crate) fn commanded(&self, command: Command) {
        let paused = matches!(command, Command::Pause);
        if paused || matches!(command, Command::Unpause) {
            self.holding().paused = paused;
            self.let_go();
        }
    }

    /// The credentials hear of each call that leaves.
    fn counted(&self, grant: Grant) -> Grant {
        let credentials = self.credentials.clone();
        Grant::new(move |answer| match answer {
            Ok(slot) => {
                credentials.used();
                grant.give(slot);
            }
            Err(wait) => grant.later(wait),
        })
    }

    /// Tells the program.
    pub(crate) fn show(&self, event: &Event) {
        self.on_event.iter().for_each(|told| told(event));
    }

    /// The upload has ended: nobody waits for it.
    pub(crate) fn end(&self) {
        self.let_go();
    }

    /// Nothing is kept of the upload any more.
    pub(crate) fn forget(&self) -> Result<(), BoxError> {
        of_store(|| {
            self.origin.remove()?;
            Ok(self.guard.remove()?)
        })
    }
}

impl<P: Protocol> Host<P> for UploadHost<P> {
    fn save(&self, checkpoint: &Checkpoint<P>) -> Result<(), StoreError> {
        // Nothing is sent before it is known whose upload this is, so nothing is lost.
        if !self.origin.move_to(&self.key, checkpoint.source())? {
            return Ok(());
        }
        let bytes = record(&self.label, checkpoint)?;
        of_store(|| Ok(self.guard.save(&bytes)?)).map_err(|error| StoreError(Cause(error)))
    }

    fn credential(
        &self,
        reason: AuthReason,
        refused: Option<&P::Credential>,
        cancel: &CancelFlag,
    ) -> Result<Lease<P::Credential>, AuthError> {
        let mut asking = self.asking(reason, refused);
        let given = match block_on(cancel, |context| self.credentials.poll_other(&mut asking, context)) {
            None => Err("nobody waits for it any more".into()),
            Some(Other::Given(lease, generation)) => Ok((lease, generation)),
            Some(Other::Failed(error)) => Err(error),
            Some(Other::YourTurn) => self.credentials.turn().refresh(refused, cancel, self.clock),
        };
        self.answered(given)
    }

    fn slot(&self, lane: Lane, grant: Grant) {
        let paced = P::PACED.contains(&lane);
        let grant = if paced { self.counted(grant) } else { grant };
        self.limits.ask(Request { paced, small: self.small }, self.credentials.barrier(), grant);
    }

    fn tell(&self, event: &resumable_core::Event) {
        match event {
            resumable_core::Event::Reauthorizing { .. } => self.hold_back(),
            resumable_core::Event::Reauthorized => self.let_go(),
            _ => {}
        }
        self.watch.note(event);
        if !self.on_event.is_empty() {
            self.show(&Event::Machine(event.clone()));
        }
    }
}
