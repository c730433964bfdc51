//! What is at the key, after an answer that may have said "complete" was lost.

use core::time::Duration;

use resumable_core::{Env, HashKind, How, Intent, Invalidated, Remains, Transition};

use super::Stage;
use super::ephemeral::{Ephemeral, Listing, Look};
use super::phase::Phase;
use super::settings::{Payload, Probe};
use crate::checksum::ChecksumKind;
use crate::fault::{Fault, Found};
use crate::head_object::{AtKey, Head};

/// No vendor takes more parts; a test may.
const MOST_PARTS: u32 = 10_000;

/// What proves a content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    Sum(u64),
    Md5([u8; 16]),
}

impl Probe {
    /// How long to wait before it is asked again, when there is nothing: a vendor goes on with a call whose connection
    /// broke, and one wrong "no such key" is no proof.
    fn pauses(self) -> &'static [Duration] {
        const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15)];
        match self {
            Self::Look => &PAUSES,
            Self::Head | Self::Owner => &PAUSES[..2],
        }
    }
}

impl Stage {
    pub(super) fn probed(&mut self, ephemeral: &mut Ephemeral, at_key: AtKey, env: &Env<'_>) -> Transition<Fault> {
        match at_key {
            AtKey::Nothing => self.nothing_there(ephemeral, env),
            AtKey::Object(head) => self.compare_object(ephemeral, head, env),
            AtKey::Hidden(why) => self.hidden(ephemeral, *why, env),
        }
    }

    pub(super) fn hashed(&mut self, ephemeral: &mut Ephemeral, env: &Env<'_>) -> Transition<Fault> {
        if let Some(head) = ephemeral.seen.take() {
            return self.compare_object(ephemeral, head, env);
        }
        if self.payload == Payload::Signed {
            self.keep_sha256(ephemeral, env);
        }
        self.settle_disputes(ephemeral, env)
    }

    /// Keeps what was asked for: the next part that is to be sent, and the whole of a file in one request.
    fn keep_sha256(&self, ephemeral: &mut Ephemeral, env: &Env<'_>) {
        let missing = self.open().and_then(|open| {
            let sent = |number: u64| ephemeral.sha256.contains_key(&u32::try_from(number).unwrap_or(u32::MAX));
            open.acknowledged.next_missing(self.count(), 1, u64::MAX, |index| sent(index + 1))
        });
        self.keep_sha256_of(
            missing.map_or(1, |index| u32::try_from(index.start + 1).unwrap_or(u32::MAX)),
            ephemeral,
            env,
        );
    }

    /// Keeps what was told while no upload was open: it was asked for by the one before.
    pub(super) fn keep_older_sha256(&self, ephemeral: &mut Ephemeral, env: &Env<'_>) {
        if self.payload == Payload::Signed {
            let parts = u32::try_from(self.count()).unwrap_or(u32::MAX).min(MOST_PARTS);
            (1..=parts).for_each(|number| self.keep_sha256_of(number, ephemeral, env));
        }
    }

    fn keep_sha256_of(&self, number: u32, ephemeral: &mut Ephemeral, env: &Env<'_>) {
        let digest = env.digest(HashKind::Sha256, &self.span(number));
        if let Some(sha256) = digest.and_then(|digest| digest.as_bytes().try_into().ok()) {
            ephemeral.sha256.insert(number, sha256);
        }
    }

    fn nothing_there(&mut self, ephemeral: &mut Ephemeral, env: &Env<'_>) -> Transition<Fault> {
        if self.open().is_some() {
            return Self::looked(ephemeral);
        }
        let times = if let Look::At(_, times) = ephemeral.look { times } else { 0 };
        match self.probe.pauses().get(times as usize) {
            Some(pause) => {
                ephemeral.look = Look::At(env.now.mono.saturating_add(*pause), times + 1);
                Transition::Forward
            }
            None => self.not_there(ephemeral, Found::Nothing, env),
        }
    }

    /// What is at the key is not ours, as far as can be seen, and the upload may be open still: its list tells.
    fn looked(ephemeral: &mut Ephemeral) -> Transition<Fault> {
        ephemeral.look = Look::Done;
        if ephemeral.listing == Listing::Whole {
            ephemeral.listing = Listing::IfOpen;
        }
        Transition::Forward
    }

    /// The vendor does not tell what is at the key.
    fn hidden(&mut self, ephemeral: &mut Ephemeral, why: Fault, env: &Env<'_>) -> Transition<Fault> {
        if self.open().is_some() {
            return Self::looked(ephemeral);
        }
        if env.intent == Intent::Abandon {
            return self.not_there(ephemeral, Found::Unproven, env);
        }
        ephemeral.verdict = Some(why);
        Transition::Forward
    }

    fn compare_object(&mut self, ephemeral: &mut Ephemeral, head: Head, env: &Env<'_>) -> Transition<Fault> {
        let how = if self.is_one_request() { How::OneRequest } else { How::Parts };
        // What parts sent is proven. What one request sent is not: the file may be another one since.
        let named = !self.is_one_request() && head.name.is_some() && head.name == self.name();
        let (theirs, ours) = self.contents(ephemeral, &head, env);
        let same = head.size == self.len && theirs.is_some() && theirs == ours;
        if same && !named && self.open().is_some() {
            // The same content may have been there before: if the upload is open still, it is not what put it there.
            return Self::looked(ephemeral);
        }
        let named = named && head.size == self.len;
        let (own, told) = (self.own_sum(env), self.told(head.checksum));
        if let Some(why) = self.differs(own, told).filter(|_| named) {
            return self.not_the_file(ephemeral, why, env);
        }
        if same || named {
            let sum = told.or(own);
            ephemeral.begin_anew();
            self.phase = Phase::Stored { how, etag: head.etag, sum };
            return Transition::Forward;
        }
        let is_anothers = head.size != self.len
            || theirs.zip(ours).is_some_and(|(theirs, ours)| theirs != ours)
            || (head.name.is_some() && head.name != self.name());
        if is_anothers && self.open().is_some() && ephemeral.taken > 0 {
            ephemeral.verdict = Some(Fault::Taken);
            return Transition::Forward;
        }
        match (theirs, ours) {
            _ if self.open().is_some() && (head.size != self.len || theirs.is_none() || ours.is_some()) => {
                Self::looked(ephemeral)
            }
            _ if head.size != self.len => self.not_there(ephemeral, Found::Other, env),
            // Whoever gave it another name of that kind is another upload.
            (None, _) if head.name.is_some() && head.name != self.name() => {
                self.not_there(ephemeral, Found::Other, env)
            }
            (None, _) => self.not_there(ephemeral, Found::Unproven, env),
            (Some(_), Some(_)) => self.not_there(ephemeral, Found::Other, env),
            // The file may be gone when an upload is given up.
            (Some(_), None) if env.intent == Intent::Abandon => self.not_there(ephemeral, Found::Unproven, env),
            (Some(_), None) => {
                ephemeral.seen = Some(head);
                Transition::Forward
            }
        }
    }

    /// What is known of the content at the key, and the same of the file's: the sum, or the MD5 that is the tag of an object in
    /// one request.
    fn contents(&self, ephemeral: &Ephemeral, head: &Head, env: &Env<'_>) -> (Option<Content>, Option<Content>) {
        let sum = self.told(head.checksum).map(Content::Sum);
        let tag = head.etag.as_ref().filter(|_| sum.is_none() && self.is_one_request());
        let md5 = tag.and_then(|etag| self.md5_of(ephemeral, etag)).map(Content::Md5);
        let ours = match md5 {
            Some(_) => {
                let md5 = env.digest(HashKind::Md5, &(0..self.len));
                md5.and_then(|md5| md5.as_bytes().try_into().ok()).map(Content::Md5)
            }
            None => self.own_sum(env).map(Content::Sum),
        };
        (sum.or(md5), ours)
    }

    /// The digest of the file that an object at the key is to be compared by.
    pub(super) fn compared_by(&self, head: &Head) -> HashKind {
        self.told(head.checksum).and(self.checksum).map_or(HashKind::Md5, ChecksumKind::hash)
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
