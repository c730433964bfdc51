//! What is at the key, after an answer that may have said "complete" was lost.

use core::time::Duration;

use resumable_core::{Env, How, Intent, Invalidated, Remains, Transition};

use super::Stage;
use super::ephemeral::Ephemeral;
use super::phase::Phase;
use crate::fault::{Fault, Found};
use crate::head_object::{AtKey, Head};

/// How long to wait before it is asked again, when there is nothing: the vendor goes on with a call whose connection
/// broke, and one wrong "no such key" is no proof.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(5)];

impl Stage {
    pub(super) fn probed(&mut self, ephemeral: &mut Ephemeral, at_key: AtKey, env: &Env<'_>) -> Transition<Fault> {
        match at_key {
            AtKey::Nothing => self.nothing_there(ephemeral, env),
            AtKey::Object(head) => self.compare_object(ephemeral, head, env),
        }
    }

    pub(super) fn hashed(&mut self, ephemeral: &mut Ephemeral, env: &Env<'_>) -> Transition<Fault> {
        match ephemeral.seen.take() {
            Some(head) => self.compare_object(ephemeral, head, env),
            None => self.settle_disputes(ephemeral, env),
        }
    }

    fn nothing_there(&mut self, ephemeral: &mut Ephemeral, env: &Env<'_>) -> Transition<Fault> {
        let times = ephemeral.absences.map_or(0, |(times, _)| times);
        match PAUSES.get(times as usize) {
            Some(pause) => {
                ephemeral.absences = Some((times + 1, env.now.mono.saturating_add(*pause)));
                Transition::Forward
            }
            None => self.not_there(ephemeral, Found::Nothing, env),
        }
    }

    fn compare_object(&mut self, ephemeral: &mut Ephemeral, head: Head, env: &Env<'_>) -> Transition<Fault> {
        let how = if self.is_one_request() { How::OneRequest } else { How::Parts };
        match (head.crc64, self.own_crc64(env)) {
            _ if head.size != self.len => self.not_there(ephemeral, Found::Other, env),
            (None, _) => self.not_there(ephemeral, Found::Unproven, env),
            (Some(theirs), Some(ours)) if theirs != ours => self.not_there(ephemeral, Found::Other, env),
            (crc64, Some(_)) => {
                *ephemeral = Ephemeral::default();
                self.phase = Phase::Stored { how, etag: head.etag, crc64 };
                Transition::Forward
            }
            // The file may be gone when an upload is given up.
            (Some(_), None) if env.intent == Intent::Abandon => self.not_there(ephemeral, Found::Unproven, env),
            (Some(_), None) => {
                ephemeral.seen = Some(head);
                Transition::Forward
            }
        }
    }

    /// What is at the key is not known to be the file: it is sent again, if it may be.
    fn not_there(&mut self, ephemeral: &mut Ephemeral, found: Found, env: &Env<'_>) -> Transition<Fault> {
        if env.intent == Intent::Abandon {
            // A call of ours has no answer, and a digest can be wrong on its way: what is there may be ours.
            ephemeral.left = Some(match (found, self.nothing_left()) {
                (Found::Nothing, left) | (_, left @ Remains::Object) => left,
                _ => Remains::Unknown,
            });
            return Transition::Forward;
        }
        if self.forbid_overwrite && found != Found::Nothing {
            ephemeral.verdict = Some(Fault::Taken);
            return Transition::Forward;
        }
        self.begin_anew(ephemeral);
        Transition::Regressed { why: Fault::Lost { found }, drop: Invalidated::Session }
    }
}
