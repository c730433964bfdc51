//! What an upload asks of this program.

use std::sync::Arc;

use resumable_core::drive::Host;
use resumable_core::file::{Label, Slot};
use resumable_core::{AuthError, AuthReason, Checkpoint, Event, StoreError};

use crate::progress::Progress;
use crate::vendors::Vendor;

/// Saves into a slot of the state folder, has one credential, and shows progress.
pub(crate) struct CommandHost<P: Vendor> {
    /// Where the checkpoint goes.
    pub(crate) slot: Arc<Slot>,
    /// What it is labelled with.
    pub(crate) label: Label,
    /// The profile's credential.
    pub(crate) credential: P::Credential,
    /// Where events go.
    pub(crate) progress: Arc<Progress>,
    /// Whether it is worth showing how far the upload is: not while it is given up.
    pub(crate) counts: bool,
}

impl<P: Vendor> Host<P> for CommandHost<P> {
    fn save(&self, checkpoint: &Checkpoint<P>) -> Result<(), StoreError> {
        self.slot.save(&self.label, checkpoint)
    }

    /// The same again: a profile has no other, and the upload then ends with the vendor's own words.
    fn credential(&self, _: AuthReason, _: Option<&P::Credential>) -> Result<P::Credential, AuthError> {
        Ok(self.credential.clone())
    }

    fn tell(&self, event: &Event) {
        if self.counts || !matches!(event, Event::Progress { .. }) {
            self.progress.tell(event);
        }
    }
}
