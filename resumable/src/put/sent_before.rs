//! An upload that need not be sent, because the record of what was sent has it.
//!
//! What the record has of a key is never older than the checkpoint of that key: before an upload begins, the record forgets
//! the one before. So a checkpoint of what the record has was left by a process that was killed just before it removed it.

use resumable_core::{Digest, Failure, HashError, IfExists, Located, Receipt, SourceInfo};
use resumable_transport::CancelFlag;

use super::session::Session;
use crate::credentials::BoxError;
use crate::error::Error;
use crate::event::Event;
use crate::handle::ends;
use crate::sent::{Check, Sent, SentError, SentRecord, check, has_digest};

/// What is known of an earlier upload of the same key.
pub(crate) struct Earlier {
    record: Option<SentRecord>,
    /// Where it leads, by the name that was asked for.
    target: String,
    /// It is sent again all the same.
    resend: bool,
    /// Its content is read even if its looks leave no doubt.
    reads: bool,
    sent: Option<Sent>,
}

/// Whether there is anything to send.
pub(crate) enum ToSend {
    Yes,
    /// The source is read first, and compared: [`Session::is_as_sent`].
    IfItDiffers,
    /// It was sent.
    No(Box<Receipt>),
}

impl Earlier {
    pub(crate) fn new(record: Option<SentRecord>, target: String, resend: bool, reads: bool) -> Self {
        Self { record, target, resend, reads, sent: None }
    }
}

impl<P: Located> Session<P> {
    /// Looks into the record.
    pub(crate) fn consult_record(&mut self) -> ToSend {
        let Some(sent) = self.recorded() else { return ToSend::Yes };
        self.drop_leftover(&sent);
        let Some(info) = self.info.as_ref().filter(|_| !self.earlier.resend) else { return ToSend::Yes };
        match check(&sent, info, self.earlier.reads) {
            Check::Unsent => ToSend::Yes,
            Check::Sent => ToSend::No(Box::new(sent.receipt())),
            Check::Read => {
                self.earlier.sent = Some(sent);
                ToSend::IfItDiffers
            }
        }
    }

    fn recorded(&self) -> Option<Sent> {
        let record = self.earlier.record.as_ref()?;
        let found = record.find(&self.key).unwrap_or_else(|error| self.not_recorded(&error));
        // A key is a short hash, or the program's own choice.
        found.filter(|sent| sent.protocol == P::ID && sent.target == self.earlier.target && self.may_be_at(sent))
    }

    /// The checkpoint of what the record has is of no use.
    fn drop_leftover(&mut self, sent: &Sent) {
        // One that is continued from another key is none of its own.
        if self.host.origin.is_set() {
            return;
        }
        // However soon after its last change it was looked at.
        let looks = |info: &SourceInfo| SourceInfo { looked_at: None, ..info.clone() };
        let is_of_it = |saved: &SourceInfo| looks(saved) == looks(&sent.source);
        if self.saved.take_if(|saved| is_of_it(saved.source())).is_some() {
            self.fresh = true;
            self.remove_checkpoint();
        }
    }

    /// Reads the source, as long as it takes, and compares it with what was sent. `None` if it has to be sent.
    pub(crate) fn is_as_sent(&mut self) -> Result<Option<Box<Receipt>>, Error> {
        let (Some(mut sent), Some(info)) = (self.earlier.sent.take(), self.info.clone()) else { return Ok(None) };
        let Some(digest) = &sent.digest else { return Ok(None) };
        let cancel = CancelFlag::new();
        let flag = cancel.clone();
        self.host.watch.open(move |command| {
            if ends(command) {
                flag.cancel();
            }
        });
        let told = |done| self.tell_of_hashing(done, info.len);
        told(0);
        match has_digest(&*self.source, info.len, digest, &cancel, told) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let receipt = Box::new(sent.receipt());
                // The next run need not read it again, if it is left alone.
                sent.source = info;
                self.write_down(&sent);
                Ok(Some(receipt))
            }
            Err(HashError::Source(why)) => Err(Failure::<BoxError>::Source(why).into()),
            Err(HashError::Cancelled) => Err(Failure::<BoxError>::Stopped.into()),
            Err(error) => Err(Failure::<BoxError>::Defect(error.to_string()).into()),
        }
    }

    fn tell_of_hashing(&self, done: u64, total: u64) {
        let event = resumable_core::Event::Hashing { done, total };
        self.host.watch.note(&event);
        self.host.show(&Event::Machine(event));
    }

    /// The SHA-1 of the source, if it was taken for another destination already.
    pub(crate) fn known_sha1(&self, info: &SourceInfo) -> Option<Digest> {
        let record = self.earlier.record.as_ref().filter(|_| !self.earlier.reads)?;
        record.sha1_of(info).unwrap_or_else(|error| self.not_recorded(&error))
    }

    /// Another upload of this key begins.
    pub(crate) fn forget_what_was_sent(&self) {
        if let Some(Err(error)) = self.earlier.record.as_ref().map(|record| record.forget(&self.key)) {
            self.not_recorded::<()>(&error);
        }
    }

    /// It is complete.
    pub(crate) fn record_as_sent(&self, receipt: &Receipt, source: &SourceInfo) {
        if self.earlier.record.is_some() {
            let to = (P::ID, self.earlier.target.clone());
            let at = self.clock.now().unix.as_secs();
            let mut sent = Sent::new(to, self.host.label.clone(), source.clone(), receipt, at);
            sent.name.clone_from(&self.name);
            sent.replaces = self.replaces();
            self.write_down(&sent);
        }
    }

    /// Whether what stood at the destination is gone.
    fn replaces(&self) -> bool {
        self.policy() == Some(IfExists::Replace) && self.name.is_none()
    }

    /// What took another name is not at the one that was asked for.
    fn may_be_at(&self, sent: &Sent) -> bool {
        sent.name.is_none() || self.policy() == Some(IfExists::Rename)
    }

    fn policy(&self) -> Option<IfExists> {
        self.choice.if_exists.or_else(|| self.to.protocol.if_exists())
    }

    fn write_down(&self, sent: &Sent) {
        if let Some(Err(error)) = self.earlier.record.as_ref().map(|record| record.add(&self.key, sent)) {
            self.not_recorded::<()>(&error);
        }
    }

    fn not_recorded<T>(&self, error: &SentError) -> Option<T> {
        self.host.show(&Event::NotRecorded { why: error.to_string() });
        None
    }
}
