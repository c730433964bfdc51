//! What each answer, and each lost one, means: the only writer of the state.

use alloc::string::{String, ToString};
use core::time::Duration;

use resumable_core::{Env, HashKind, How, Intent, Invalidated, Occurrence, Remains, Transition};

use super::Stage;
use super::ephemeral::{Ephemeral, Known, Listing, Look};
use super::phase::{Open, Phase};
use super::settings::Probe;
use super::wire::{Call, Own, Reply};
use crate::checksum::Checksum;
use crate::etag::Etag;
use crate::fault::Fault;
use crate::op::Op;
use crate::{complete_multipart_upload, put_object, upload_part};

/// How often an upload is aborted before its parts are left to the vendor.
const ABORTS: u32 = 3;

/// How long a complete without an answer is left alone before the first look at the key.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// How often an object at the key is looked at because a complete was refused for it.
const TAKEN: u32 = 2;

/// How often the vendor may contradict its own list about one part: fewer times than a call is tried.
const CONTRADICTIONS: u32 = 3;

impl Stage {
    /// Takes an occurrence into the state: the only writer. A step back is for the owner to pass on: the state has taken it in.
    pub fn apply(
        &mut self,
        ephemeral: &mut Ephemeral,
        heard: Occurrence<Call, Reply>,
        env: &Env<'_>,
    ) -> Transition<Fault> {
        match heard {
            Occurrence::Unsure(call) => self.lost_reply(ephemeral, &call, env),
            Occurrence::Hashed => self.hashed(ephemeral, env),
            // Another answer said already what became of the upload.
            Occurrence::Replied(Call::Part { .. } | Call::Complete, _) if self.open().is_none() => Transition::Forward,
            Occurrence::Replied(_, Reply::Put { stored, own }) => self.put(ephemeral, stored, own.as_ref(), env),
            Occurrence::Replied(_, Reply::Opened(opened)) => {
                ephemeral.begin_anew();
                ephemeral.listing = Listing::Whole;
                self.phase = Phase::Open(Open::new(opened.upload_id));
                self.keep_older_sha256(ephemeral, env);
                Transition::Forward
            }
            Occurrence::Replied(Call::Part { number }, Reply::Part { stored, own }) => {
                self.part(ephemeral, number, stored, own.as_ref(), env)
            }
            Occurrence::Replied(Call::Part { number }, Reply::Exists { etag, part_number, own, why }) => {
                let etag = etag.filter(|_| part_number.is_none_or(|there| there == number));
                self.there_already(ephemeral, number, etag, own.as_ref(), why, env)
            }
            Occurrence::Replied(_, Reply::Page(page)) => self.page(ephemeral, page, env),
            Occurrence::Replied(_, Reply::Behind(why)) => self.contradicted(ephemeral, why),
            Occurrence::Replied(_, Reply::InvalidPart(why)) => self.invalid_part(ephemeral, why),
            Occurrence::Replied(_, Reply::Spent(why)) => self.discard(ephemeral, why),
            Occurrence::Replied(_, Reply::Elsewhere { region, why }) => Self::elsewhere(ephemeral, region, why),
            Occurrence::Replied(call, Reply::Gone(why)) => self.gone(ephemeral, &call, why, env),
            Occurrence::Replied(call, Reply::Taken(why)) => self.taken(ephemeral, &call, why),
            Occurrence::Replied(_, Reply::Completed(completed)) => self.completed(ephemeral, completed, env),
            Occurrence::Replied(call, Reply::CallbackFailed { message, request_id, checksum, own }) => {
                let ours = if call == Call::Put { self.observed(own.as_ref()).0 } else { self.own_sum(env) };
                if let Some(why) = self.differs(ours, self.told(checksum)) {
                    return self.not_the_file(ephemeral, why, env);
                }
                self.phase = Phase::CallbackFailed { message, request_id };
                Transition::Forward
            }
            Occurrence::Replied(_, Reply::Aborted(_)) => self.aborted(ephemeral, env.intent),
            Occurrence::Replied(_, Reply::Head(at_key)) => self.probed(ephemeral, at_key, env),
            Occurrence::Replied(_, Reply::Part { .. } | Reply::Exists { .. }) => Transition::Forward,
        }
    }

    /// Signatures are to name another region. A vendor that goes on sending us about has no say.
    fn elsewhere(ephemeral: &mut Ephemeral, region: String, why: Fault) -> Transition<Fault> {
        match ephemeral.region {
            None => ephemeral.region = Some(region),
            Some(_) => ephemeral.verdict = Some(why),
        }
        Transition::Forward
    }

    fn lost_reply(&mut self, ephemeral: &mut Ephemeral, call: &Call, env: &Env<'_>) -> Transition<Fault> {
        let finishes = matches!(call, Call::Put | Call::Complete);
        self.unanswered = self.unanswered.saturating_add(u32::from(finishes));
        match (call, &mut self.phase) {
            (Call::Put, Phase::Fresh) => self.phase = Phase::PutUnsure,
            (Call::Initiate, _) => self.orphans = self.orphans.saturating_add(1),
            (Call::Part { number }, _) => drop(ephemeral.unsure.insert(*number)),
            (Call::Complete, Phase::Open(open)) => {
                open.doubt = true;
                if self.probe == Probe::Look {
                    ephemeral.look = Look::At(env.now.mono.saturating_add(FIRST_LOOK), 0);
                }
            }
            _ => {}
        }
        Transition::Forward
    }

    fn put(
        &mut self,
        ephemeral: &mut Ephemeral,
        stored: put_object::Stored,
        own: Option<&Own>,
        env: &Env<'_>,
    ) -> Transition<Fault> {
        let put_object::Stored { etag, checksum, opaque_tags, callback } = stored;
        ephemeral.evidence.missing(false, opaque_tags);
        if own.is_none() && self.len > 0 {
            // Nobody knows what the vendor took for the whole.
            self.phase = Phase::PutUnsure;
            self.unanswered = self.unanswered.saturating_add(1);
            return Transition::Regressed { why: Fault::TooEarly { op: Op::PutObject }, drop: Invalidated::Nothing };
        }
        let ((ours, md5), theirs) = (self.observed(own), self.told(checksum));
        let tagged = |(etag, md5): (&Etag, [u8; 16])| !etag.is_md5(&md5) && self.has_md5_tags(ephemeral);
        let other = theirs.is_none() && etag.as_ref().zip(md5).is_some_and(tagged);
        let why = self.differs(ours, theirs).or_else(|| {
            let theirs = etag.as_ref().filter(|_| other)?.to_string();
            Some(Fault::EtagDiffers { theirs })
        });
        if let Some(why) = why {
            return self.not_the_file(ephemeral, why, env);
        }
        ephemeral.callback = callback;
        self.phase = Phase::Stored { how: How::OneRequest, etag, sum: theirs.or(ours) };
        Transition::Forward
    }

    fn completed(
        &mut self,
        ephemeral: &mut Ephemeral,
        completed: complete_multipart_upload::Completed,
        env: &Env<'_>,
    ) -> Transition<Fault> {
        let complete_multipart_upload::Completed { etag, checksum, callback } = completed;
        let (ours, theirs) = (self.own_sum(env), self.told(checksum));
        if let Some(why) = self.differs(ours, theirs) {
            return self.not_the_file(ephemeral, why, env);
        }
        ephemeral.callback = callback;
        self.phase = Phase::Stored { how: How::Parts, etag, sum: theirs.or(ours) };
        Transition::Forward
    }

    /// The object is complete, and is not the file.
    pub(super) fn not_the_file(&mut self, ephemeral: &mut Ephemeral, why: Fault, env: &Env<'_>) -> Transition<Fault> {
        self.begin_anew(ephemeral);
        self.spoiled = true;
        if env.intent == Intent::Abandon {
            ephemeral.left = Some(Remains::Object);
            return Transition::Forward;
        }
        if self.forbid_overwrite {
            ephemeral.verdict = Some(why);
            return Transition::Forward;
        }
        ephemeral.sha256.clear();
        Transition::Regressed { why, drop: Invalidated::Digests }
    }

    fn part(
        &mut self,
        ephemeral: &mut Ephemeral,
        number: u32,
        stored: upload_part::Stored,
        own: Option<&Own>,
        env: &Env<'_>,
    ) -> Transition<Fault> {
        let upload_part::Stored { etag, checksum, opaque_tags } = stored;
        let ((ours, md5), theirs) = (self.observed(own), self.told(checksum));
        ephemeral.evidence.missing(theirs.is_none(), opaque_tags);
        let has_md5_tags = self.has_md5_tags(ephemeral);
        let same = match (ours, theirs, md5) {
            (Some(ours), Some(theirs), _) => Some(ours == theirs),
            (_, None, Some(md5)) if has_md5_tags => Some(etag.is_md5(&md5)),
            // Nothing will ever tell more than that all of it was sent, and taken.
            (_, None, _) if !has_md5_tags && own.is_some() => Some(true),
            _ => None,
        };
        match same {
            Some(true) => {
                self.acknowledge(ephemeral, number, Known { etag, sum: ours.or(theirs) });
                if let Some(open) = self.open_mut() {
                    open.contradictions = 0;
                }
                Transition::Forward
            }
            Some(false) => self.other_part(ephemeral, number),
            // Not everything was observed: the part is read again. What is disputed is the vendor's word alone.
            None => self.dispute(ephemeral, number, Known { etag, sum: theirs }, env),
        }
    }

    /// A part at the vendor is not the file's.
    pub(super) fn other_part(&mut self, ephemeral: &mut Ephemeral, number: u32) -> Transition<Fault> {
        let why = Fault::PartDiffers { part_number: number };
        if self.sequential {
            return self.discard(ephemeral, why);
        }
        Transition::Regressed { why, drop: Invalidated::Nothing }
    }

    fn there_already(
        &mut self,
        ephemeral: &mut Ephemeral,
        number: u32,
        etag: Option<Etag>,
        own: Option<&Own>,
        why: Fault,
        env: &Env<'_>,
    ) -> Transition<Fault> {
        let Some(etag) = etag else { return self.contradicted(ephemeral, why) };
        let (sum, md5) = self.observed(own);
        match md5.map(|md5| etag.is_md5(&md5)) {
            Some(true) => {
                self.acknowledge(ephemeral, number, Known { etag, sum });
                Transition::Forward
            }
            // It cannot be replaced, whatever the mode.
            Some(false) => self.discard(ephemeral, Fault::PartDiffers { part_number: number }),
            None => self.dispute(ephemeral, number, Known { etag, sum: None }, env),
        }
    }

    /// The parts that were named are not those that are there: the list tells; if it told the same before, the upload is
    /// of no use.
    fn invalid_part(&mut self, ephemeral: &mut Ephemeral, why: Fault) -> Transition<Fault> {
        let Some(open) = self.open_mut() else { return Transition::Forward };
        open.invalid = open.invalid.saturating_add(1);
        if open.invalid > 1 {
            return self.discard(ephemeral, why);
        }
        relist(ephemeral, why)
    }

    /// What the vendor says of a part is not what its list says: the list is asked again. If they go on contradicting
    /// each other, the upload is of no use, in this run or any other.
    fn contradicted(&mut self, ephemeral: &mut Ephemeral, why: Fault) -> Transition<Fault> {
        let Some(open) = self.open_mut() else { return Transition::Forward };
        open.contradictions = open.contradictions.saturating_add(1);
        if open.contradictions > CONTRADICTIONS {
            return self.discard(ephemeral, why);
        }
        relist(ephemeral, why)
    }

    /// The upload is of no use: it is aborted, and another one opened.
    pub(super) fn discard(&mut self, ephemeral: &mut Ephemeral, why: Fault) -> Transition<Fault> {
        if let Some(open) = self.open() {
            self.phase = Phase::Discard { upload_id: open.upload_id.clone(), aborts: 0 };
        }
        ephemeral.begin_anew();
        Transition::Regressed { why, drop: Invalidated::Session }
    }

    /// The vendor does not know the upload.
    fn gone(&mut self, ephemeral: &mut Ephemeral, call: &Call, why: Fault, env: &Env<'_>) -> Transition<Fault> {
        // A box on the way may have asked twice: then the first answer, which said "complete", never came here.
        let asked_twice = self.probe == Probe::Look && *call == Call::Complete;
        match self.phase {
            Phase::Open(Open { doubt, sum, .. }) if doubt || asked_twice => {
                ephemeral.begin_anew();
                self.phase = Phase::Unknown { how: How::Parts, sum };
                return Transition::Forward;
            }
            _ => self.begin_anew(ephemeral),
        }
        match env.intent {
            // What is at the key is asked first.
            Intent::Abandon if self.may_be_there() => {}
            Intent::Abandon => ephemeral.left = Some(self.nothing_left()),
            Intent::Finish if *call == Call::Abort => {}
            Intent::Finish => return Transition::Regressed { why, drop: Invalidated::Session },
        }
        Transition::Forward
    }

    /// An object is there that may not be overwritten: perhaps ours.
    fn taken(&mut self, ephemeral: &mut Ephemeral, call: &Call, why: Fault) -> Transition<Fault> {
        match (&self.phase, call) {
            (Phase::PutUnsure, Call::Put) => self.phase = Phase::Unknown { how: How::OneRequest, sum: None },
            // The object may be ours, and a late one; then the upload is gone, or the object has its name.
            (Phase::Open(Open { doubt: true, .. }), Call::Complete)
                if self.probe == Probe::Look && ephemeral.taken < TAKEN =>
            {
                ephemeral.taken += 1;
                ephemeral.look = Look::Now;
            }
            (Phase::Open(Open { doubt: true, sum, .. }), Call::Complete) if self.probe != Probe::Look => {
                self.phase = Phase::Unknown { how: How::Parts, sum: *sum };
            }
            _ => ephemeral.verdict = Some(why),
        }
        Transition::Forward
    }

    fn aborted(&mut self, ephemeral: &mut Ephemeral, intent: Intent) -> Transition<Fault> {
        let (upload_id, aborts) = match &self.phase {
            Phase::Open(open) => (open.upload_id.clone(), 0),
            Phase::Discard { upload_id, aborts } => (upload_id.clone(), *aborts),
            _ => return Transition::Forward,
        };
        ephemeral.begin_anew();
        match intent {
            Intent::Finish => self.nothing_begun(),
            Intent::Abandon => self.phase = Phase::Aborted { upload_id, aborts: aborts.saturating_add(1) },
        }
        Transition::Forward
    }

    /// The upload that was aborted is there still: parts came after it.
    pub(super) fn not_aborted(&mut self, ephemeral: &mut Ephemeral) -> Transition<Fault> {
        if let Phase::Aborted { upload_id, aborts } = &self.phase {
            if *aborts >= ABORTS {
                ephemeral.left = Some(Remains::Parts);
            } else {
                self.phase = Phase::Discard { upload_id: upload_id.clone(), aborts: *aborts };
            }
        }
        Transition::Forward
    }
}

impl Stage {
    /// Sum and MD5 of what was sent, as far as they were taken.
    fn observed(&self, own: Option<&Own>) -> (Option<u64>, Option<[u8; 16]>) {
        let Some(own) = own else { return (None, None) };
        let sum = self.checksum.and_then(|kind| kind.of_digest(own.get(kind.hash())?));
        (sum, own.get(HashKind::Md5).and_then(|md5| md5.as_bytes().try_into().ok()))
    }

    pub(super) fn differs(&self, ours: Option<u64>, theirs: Option<u64>) -> Option<Fault> {
        let ((ours, theirs), kind) = (ours.zip(theirs)?, self.checksum?);
        let of = |value| Checksum { kind, value };
        (ours != theirs).then(|| Fault::Integrity { ours: of(ours), theirs: of(theirs) })
    }
}

/// What is at the vendor is not what was thought.
fn relist(ephemeral: &mut Ephemeral, why: Fault) -> Transition<Fault> {
    ephemeral.listing = Listing::Unasked;
    ephemeral.listed.clear();
    Transition::Regressed { why, drop: Invalidated::Nothing }
}
