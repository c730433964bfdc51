use std::time::Duration;

use resumable_core::{
    Answer, AuthError, Authorizing, Checking, Digest, HashError, Hashing, OpId, Permitting, Protocol, Saving,
    SendError, Sending, SourceFailure, SourceInfo, StoreError, Ticket, Upload,
};

use super::Command;

/// What a driver's loop is told by what works for it, and by the host.
pub(super) enum News<P: Protocol> {
    Response(Ticket<Sending>, Result<Answer, SendError>),
    Digest(Ticket<Hashing>, Result<Vec<Digest>, HashError>),
    Saved(Ticket<Saving>, Result<(), StoreError>),
    Source(Ticket<Checking>, Result<SourceInfo, SourceFailure>),
    Credential(Ticket<Authorizing>, Result<P::Credential, AuthError>),
    Permit(Ticket<Permitting>, Result<(), Duration>),
    Lost(OpId),
    Progress(OpId, u64),
    Command(Command),
}

impl<P: Protocol> News<P> {
    /// Hands it over, and gives the operation that ended with it.
    pub(super) fn hand_to(self, upload: &mut Upload<P>) -> Option<OpId> {
        let ended = self.ends();
        match self {
            Self::Response(ticket, answer) => upload.handle_response(ticket, answer),
            Self::Digest(ticket, digests) => upload.handle_digest(ticket, digests),
            Self::Saved(ticket, saved) => upload.handle_saved(ticket, saved),
            Self::Source(ticket, source) => upload.handle_source(ticket, source),
            Self::Credential(ticket, credential) => upload.handle_credential(ticket, credential),
            Self::Permit(ticket, permit) => upload.handle_permit(ticket, permit),
            Self::Lost(op) => upload.handle_lost(op),
            Self::Progress(op, bytes) => upload.handle_progress(op, bytes),
            Self::Command(command) => command.hand_to(upload),
        }
        ended
    }

    fn ends(&self) -> Option<OpId> {
        match self {
            Self::Response(ticket, _) => Some(ticket.id()),
            Self::Digest(ticket, _) => Some(ticket.id()),
            Self::Saved(ticket, _) => Some(ticket.id()),
            Self::Source(ticket, _) => Some(ticket.id()),
            Self::Credential(ticket, _) => Some(ticket.id()),
            Self::Permit(ticket, _) => Some(ticket.id()),
            Self::Lost(op) => Some(*op),
            Self::Progress(..) | Self::Command(_) => None,
        }
    }
}
