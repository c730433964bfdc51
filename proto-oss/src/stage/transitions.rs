//! What each answer, and each lost one, means: the only writer of the state.

use alloc::string::ToString;

use resumable_core::{Env, How, Intent, Invalidated, Occurrence, Remains, Transition};

use super::Stage;
use super::ephemeral::{Ephemeral, Known, Listing};
use super::phase::{Open, Phase};
use super::wire::{Call, Own, Reply};
use crate::etag::Etag;
use crate::fault::Fault;
use crate::op::Op;
use crate::{complete_multipart_upload, put_object, upload_part};

/// How often an upload is aborted before its parts are left to the vendor.
const ABORTS: u32 = 3;

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
            Occurrence::Unsure(call) => self.lost_reply(ephemeral, &call),
            Occurrence::Hashed => self.hashed(ephemeral, env),
            // Another answer said already what became of the upload.
            Occurrence::Replied(Call::Part { .. } | Call::Complete, _) if self.open().is_none() => Transition::Forward,
            Occurrence::Replied(_, Reply::Put { stored, own }) => self.put(ephemeral, stored, own, env),
            Occurrence::Replied(_, Reply::Opened(opened)) => {
                *ephemeral = Ephemeral { listing: Listing::Whole, ..Ephemeral::default() };
                self.phase = Phase::Open(Open::new(opened.upload_id));
                Transition::Forward
            }
            Occurrence::Replied(Call::Part { number }, Reply::Part { stored, own }) => {
                self.part(ephemeral, number, stored, own, env)
            }
            Occurrence::Replied(Call::Part { number }, Reply::Exists { etag, part_number, own, why }) => {
                let etag = etag.filter(|_| part_number.is_none_or(|there| there == number));
                self.there_already(ephemeral, number, etag, own, why, env)
            }
            Occurrence::Replied(_, Reply::Page(page)) => self.page(ephemeral, page, env),
            Occurrence::Replied(_, Reply::Behind(why)) => self.contradicted(ephemeral, why),
            Occurrence::Replied(_, Reply::InvalidPart(why)) => self.invalid_part(ephemeral, why),
            Occurrence::Replied(call, Reply::Gone(why)) => self.gone(ephemeral, &call, why, env),
            Occurrence::Replied(call, Reply::Taken(why)) => self.taken(ephemeral, &call, why),
            Occurrence::Replied(_, Reply::Completed(completed)) => self.completed(ephemeral, completed, env),
            Occurrence::Replied(call, Reply::CallbackFailed { message, request_id, crc64, own }) => {
                let ours = if call == Call::Put { own.and_then(|own| own.crc64) } else { self.own_crc64(env) };
                if let Some(why) = differs(ours, crc64) {
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

    fn lost_reply(&mut self, ephemeral: &mut Ephemeral, call: &Call) -> Transition<Fault> {
        let finishes = matches!(call, Call::Put | Call::Complete);
        self.unanswered = self.unanswered.saturating_add(u32::from(finishes));
        match (call, &mut self.phase) {
            (Call::Put, Phase::Fresh) => self.phase = Phase::PutUnsure,
            (Call::Initiate, _) => self.orphans = self.orphans.saturating_add(1),
            (Call::Part { number }, _) => drop(ephemeral.unsure.insert(*number)),
            (Call::Complete, Phase::Open(open)) => open.doubt = true,
            _ => {}
        }
        Transition::Forward
    }

    fn put(
        &mut self,
        ephemeral: &mut Ephemeral,
        stored: put_object::Stored,
        own: Option<Own>,
        env: &Env<'_>,
    ) -> Transition<Fault> {
        let put_object::Stored { etag, crc64, callback } = stored;
        if own.is_none() && self.len > 0 {
            // Nobody knows what the vendor took for the whole.
            self.phase = Phase::PutUnsure;
            self.unanswered = self.unanswered.saturating_add(1);
            return Transition::Regressed { why: Fault::TooEarly { op: Op::PutObject }, drop: Invalidated::Nothing };
        }
        let (ours, md5) = own.map_or((None, None), |own| (own.crc64, own.md5));
        let tagged = |(etag, md5): (&Etag, [u8; 16])| !etag.is_md5(&md5);
        let other = crc64.is_none() && etag.as_ref().zip(md5).is_some_and(tagged);
        let why = differs(ours, crc64).or_else(|| {
            let theirs = etag.as_ref().filter(|_| other)?.to_string();
            Some(Fault::EtagDiffers { theirs })
        });
        if let Some(why) = why {
            return self.not_the_file(ephemeral, why, env);
        }
        ephemeral.callback = callback;
        self.phase = Phase::Stored { how: How::OneRequest, etag, crc64: crc64.or(ours) };
        Transition::Forward
    }

    fn completed(
        &mut self,
        ephemeral: &mut Ephemeral,
        completed: complete_multipart_upload::Completed,
        env: &Env<'_>,
    ) -> Transition<Fault> {
        let complete_multipart_upload::Completed { etag, crc64, callback } = completed;
        let ours = self.own_crc64(env);
        if let Some(why) = differs(ours, crc64) {
            return self.not_the_file(ephemeral, why, env);
        }
        ephemeral.callback = callback;
        self.phase = Phase::Stored { how: How::Parts, etag, crc64: crc64.or(ours) };
        Transition::Forward
    }

    /// The object is complete, and is not the file.
    fn not_the_file(&mut self, ephemeral: &mut Ephemeral, why: Fault, env: &Env<'_>) -> Transition<Fault> {
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
        Transition::Regressed { why, drop: Invalidated::Digests }
    }

    fn part(
        &mut self,
        ephemeral: &mut Ephemeral,
        number: u32,
        stored: upload_part::Stored,
        own: Option<Own>,
        env: &Env<'_>,
    ) -> Transition<Fault> {
        let upload_part::Stored { etag, crc64 } = stored;
        ephemeral.no_crc64 |= crc64.is_none();
        let (ours, md5) = own.map_or((None, None), |own| (own.crc64, own.md5));
        let same = match (ours, crc64, md5) {
            (Some(ours), Some(theirs), _) => Some(ours == theirs),
            (_, None, Some(md5)) => Some(etag.is_md5(&md5)),
            _ => None,
        };
        match same {
            Some(true) => {
                self.acknowledge(ephemeral, number, Known { etag, crc64: ours.or(crc64) });
                if let Some(open) = self.open_mut() {
                    open.contradictions = 0;
                }
                Transition::Forward
            }
            Some(false) => self.other_part(ephemeral, number),
            // Not everything was observed: the part is read again. What is disputed is the vendor's word alone.
            None => self.dispute(ephemeral, number, Known { etag, crc64 }, env),
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
        own: Option<Own>,
        why: Fault,
        env: &Env<'_>,
    ) -> Transition<Fault> {
        let Some(etag) = etag else { return self.contradicted(ephemeral, why) };
        let (crc64, md5) = own.map_or((None, None), |own| (own.crc64, own.md5));
        match md5.map(|md5| etag.is_md5(&md5)) {
            Some(true) => {
                self.acknowledge(ephemeral, number, Known { etag, crc64 });
                Transition::Forward
            }
            // It cannot be replaced, whatever the mode.
            Some(false) => self.discard(ephemeral, Fault::PartDiffers { part_number: number }),
            None => self.dispute(ephemeral, number, Known { etag, crc64: None }, env),
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
        *ephemeral = Ephemeral::default();
        Transition::Regressed { why, drop: Invalidated::Session }
    }

    /// The vendor does not know the upload.
    fn gone(&mut self, ephemeral: &mut Ephemeral, call: &Call, why: Fault, env: &Env<'_>) -> Transition<Fault> {
        if let Phase::Open(Open { doubt: true, crc64, .. }) = self.phase {
            *ephemeral = Ephemeral::default();
            self.phase = Phase::Unknown { how: How::Parts, crc64 };
            return Transition::Forward;
        }
        self.begin_anew(ephemeral);
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
            (Phase::PutUnsure, Call::Put) => self.phase = Phase::Unknown { how: How::OneRequest, crc64: None },
            (Phase::Open(Open { doubt: true, crc64, .. }), Call::Complete) => {
                self.phase = Phase::Unknown { how: How::Parts, crc64: *crc64 };
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
        *ephemeral = Ephemeral::default();
        self.phase = match intent {
            Intent::Finish => Phase::Fresh,
            Intent::Abandon => Phase::Aborted { upload_id, aborts: aborts.saturating_add(1) },
        };
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

/// What is at the vendor is not what was thought.
fn relist(ephemeral: &mut Ephemeral, why: Fault) -> Transition<Fault> {
    ephemeral.listing = Listing::Unasked;
    ephemeral.listed.clear();
    Transition::Regressed { why, drop: Invalidated::Nothing }
}

fn differs(ours: Option<u64>, theirs: Option<u64>) -> Option<Fault> {
    let (ours, theirs) = ours.zip(theirs)?;
    (ours != theirs).then_some(Fault::Integrity { ours, theirs })
}
