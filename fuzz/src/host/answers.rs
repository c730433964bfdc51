//! What the host answers to all actions but requests.

use std::time::Duration;

use resumable_core::{
    AuthError, Cause, Digest, HashError, HashJob, HashKind, Input, Modified, Question, Slot, SourceFailure,
    SourceFailureKind, SourceInfo, StoreError, Upload,
};
use resumable_sim::vendor::Scenario;

use super::{Content, Host, Open, ProtocolOf};

/// The longest digest that the host takes of a file that it does not have.
const LONGEST_DIGEST: usize = 1 << 16;

impl<S: Scenario> Host<'_, '_, S> {
    pub(super) fn answer(&mut self, open: Open<ProtocolOf<S>>, upload: &mut Upload<ProtocolOf<S>>) {
        if matches!(open, Open::Send(..)) {
            return self.answer_request(open, upload);
        }
        let decision = self.draw.byte();
        if decision >= 248 {
            return upload.handle(Input::Lost(open.op()));
        }
        let fails = decision >= 240;
        upload.handle(match open {
            Open::Send(..) => return,
            Open::Save(ticket, _) if fails => Input::Saved(ticket, Err(StoreError(Cause::text("the disk is full")))),
            Open::Save(ticket, bytes) => {
                if let Some(record) = &mut self.record {
                    record.saves.push(bytes.clone());
                }
                self.saved = Some(bytes);
                Input::Saved(ticket, Ok(()))
            }
            Open::Check(ticket) if fails => Input::Source(ticket, Err(gone())),
            Open::Check(ticket) => Input::Source(ticket, Ok(self.looks(decision))),
            Open::Hash(ticket, _) if fails => Input::Digests(ticket, Err(HashError::Cancelled)),
            Open::Hash(ticket, jobs) => Input::Digests(ticket, self.digests(&jobs)),
            Open::Authorize(ticket, _) if fails => {
                Input::Credential(ticket, Err(AuthError(Cause::text("the key ring is locked"))))
            }
            Open::Authorize(ticket, refused) => {
                let credential = match refused {
                    Some(refused) if decision >= 232 => refused,
                    refused => self.credential(refused.as_ref()),
                };
                Input::Credential(ticket, Ok(self.lease(credential)))
            }
            Open::Acquire(ticket, question) => match question.and_then(|question| self.known(&question)) {
                Some(known) if decision >= 128 => Input::Known(ticket, known),
                _ if decision % 8 == 7 => Input::Slot(ticket, Err(Duration::from_millis(self.draw.small().into()))),
                _ => Input::Slot(ticket, Ok(Slot::free())),
            },
        });
    }

    fn known(&self, question: &Question) -> Option<resumable_core::Known<super::ReplyOf<S>>> {
        let known = self.known.iter().rev().find(|(name, _)| *name == question.name)?;
        question.is_answered_at(known.1.at.mono).then(|| known.1.clone())
    }

    /// The file as it looks, or as it would after somebody did something to it.
    fn looks(&mut self, decision: u8) -> SourceInfo {
        let mut info = self.look();
        let later = Modified { secs: i64::from(decision) << 24, nanos: 0 };
        match decision {
            200..=207 => info.modified = Some(later),
            208..=211 => info.changed = Some(later),
            212..=215 => info.id = None,
            216..=219 => info.changed = None,
            220..=223 => info.len = self.draw.number(),
            224..=227 => info.version = Some(decision.to_string()),
            228..=231 => info.sample = [decision; 32],
            _ => {}
        }
        info
    }

    fn digests(&self, jobs: &[HashJob]) -> Result<Vec<Digest>, HashError> {
        match &self.content {
            Content::Bytes(source) => source.digests(jobs).map_err(HashError::Source),
            Content::Looks(_) => jobs.iter().map(|job| made_up(job).ok_or_else(|| HashError::Source(gone()))).collect(),
        }
    }
}

fn gone() -> SourceFailure {
    SourceFailure { kind: SourceFailureKind::Missing, cause: Cause::text("no such file") }
}

/// A digest of the right length.
pub(super) fn made_up(job: &HashJob) -> Option<Digest> {
    let len = match job.kind {
        HashKind::Md5 => 16,
        HashKind::Sha256 => 32,
        HashKind::Crc64 | HashKind::Crc64Nvme => 8,
        HashKind::Crc32c => 4,
        HashKind::Sha1Chain { every } => {
            let states = (job.range.end - job.range.start).div_ceil(every).max(1);
            usize::try_from(states).ok()?.checked_mul(20)?
        }
        _ => 20,
    };
    (len <= LONGEST_DIGEST).then(|| Digest::new(vec![0; len]))
}
