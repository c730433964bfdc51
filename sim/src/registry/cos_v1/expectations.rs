//! Which of the vendor's faults are honest ends, and which settings allow nothing else.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_emulator::Emulator;
use resumable_emulator::cos_v1::{
    ChangedSlice, FailedCheck, InsertOnly, NoFile, OddSliceSize, OtherSha, ResumeOffset, ResumeSession, StraySession,
    Switches,
};
use resumable_proto_cos_v1::Fault;

use super::{Before, Call, Setting};
use crate::fault::Then;
use crate::ledger::{Allowed, Ledger};
use crate::registry::cos::{APPID, BUCKET, clock_is_hopeless};
use crate::vendor::{Expectations, Noticed};

impl Expectations for Setting {
    fn explains(&self, ledger: &Ledger, fault: &Fault) -> bool {
        // A file that changed meets what its older version left, and whatever comes of two versions in one upload.
        if ledger.is_mixed_up() {
            return true;
        }
        let fatal = ledger.in_case(Allowed::Fatal) > 0;
        match fault {
            // The vendor may say so of an object that could be overwritten.
            Fault::Exists => (has_other(self) || ledger.changed) && (self.protects_older() || fatal),
            Fault::FileTooBig { filesize, .. } => *filesize > self.options.file_max,
            Fault::Answer(_) => match fault.code() {
                // Where one session after the other is unknown, it looks like the slice.
                Some(-5999) if ledger.sessions() > 3 => true,
                Some(code) => fatal || refused_for_good(self, ledger, code),
                None => fatal,
            },
            _ => false,
        }
    }

    /// A vendor that keeps all slices of a file that is not what was promised says so of each slice that comes again, and one
    /// that replaces no slice does of the one that is wrong, before it has them all. There is no call to take an upload back.
    fn takes_no_content(&self, ledger: &Ledger, _: Duration) -> bool {
        let Switches { failed_check, changed_slice, .. } = &self.switches;
        ledger.other_bytes && (*failed_check == FailedCheck::Keep || *changed_slice == ChangedSlice::Refuse)
    }

    /// The vendor compares the SHA-1 of the whole when the last slice is there.
    fn notices(&self, _: &Ledger, _: Call, _: Then) -> Noticed {
        let kept = self.switches.failed_check == FailedCheck::Keep;
        Noticed::InTime(vec![Allowed::Digest, if kept { Allowed::Digest } else { Allowed::Refusal }, Allowed::Refusal])
    }

    /// What has arrived cannot be replaced.
    fn keeps_other_bytes(&self, ledger: &Ledger) -> bool {
        ledger.other_bytes
    }

    fn object(&self, server: &Emulator) -> Option<Vec<u8>> {
        server.cos_v1().read_object(APPID, BUCKET, self.key).ok().flatten()
    }

    fn has_unfinished(&self, server: &Emulator) -> bool {
        server.cos_v1().slices(APPID, BUCKET, self.key).iter().any(|slices| !slices.is_empty())
    }

    fn protects_older(&self) -> bool {
        self.options.insert_only || self.switches.insert_only == InsertOnly::Ignored
    }

    fn has_stranger(&self) -> bool {
        self.before.is_begun()
    }

    /// An offset behind a gap is believed where nothing tells of the gap, and everything is sent again once it shows.
    fn allowed_before(&self) -> Vec<Allowed> {
        let gap = matches!(self.before, Before::Ours { gap: true, slices: 1.. });
        let hidden = gap && self.switches.resume_offset == ResumeOffset::LastByte;
        if hidden { vec![Allowed::Session] } else { Vec::new() }
    }

    /// A late init may give the session another name. A late slice may complete the object, and the session is gone with
    /// it.
    fn late_effect(&self, call: Call, response: &Response<Bytes>) -> Option<Allowed> {
        let lost = match call {
            Call::Init => self.switches.resume_session == ResumeSession::Fresh,
            Call::Slice | Call::Last => completes(response),
            _ => false,
        };
        lost.then_some(Allowed::Session)
    }

    fn renames(&self, call: Call) -> bool {
        let fresh = self.switches.resume_session == ResumeSession::Fresh;
        call == Call::Init && fresh && self.switches.stray_session == StraySession::Refuse
    }

    /// A vendor that takes slices only in their order is found out by trying. Where slices of somebody else are there, one
    /// in the midst may complete the object, and those beside it find the session gone.
    fn leads_to(&self, call: Call, response: &Response<Bytes>) -> Option<Allowed> {
        let out_of_order = String::from_utf8_lossy(response.body()).contains("slice out of order");
        let found = out_of_order || (call == Call::Slice && completes(response));
        (self.options.parallel && found).then_some(Allowed::Session)
    }

    fn compares_content(&self) -> bool {
        true
    }

    fn clock_is_hopeless(&self) -> bool {
        clock_is_hopeless(self.switches.date, self.clock_offset, self.options.signature_life)
    }

    /// A folder that is missing is told by the code that an unknown session has.
    fn sessions_are_hopeless(&self) -> bool {
        self.folder_is_missing() && self.switches.no_file == NoFile::Index
    }

    /// So it is side by side, and once the offset was found to prove nothing.
    fn has_only_a_journal(&self, ledger: &Ledger) -> bool {
        self.options.parallel || ledger.sessions() > 0
    }
}

fn completes(response: &Response<Bytes>) -> bool {
    String::from_utf8_lossy(response.body()).contains("access_url")
}

fn has_other(setting: &Setting) -> bool {
    matches!(setting.before, Before::Other { .. } | Before::OtherAndStranger)
}

fn refused_for_good(setting: &Setting, ledger: &Ledger, code: i64) -> bool {
    let (switches, options) = (&setting.switches, &setting.options);
    let too_large = setting.size + u64::from(ledger.changed) > setting.limits.max_file;
    let odd = !setting.limits.slice_sizes.contains(&options.part_size);
    match code {
        -5999 => too_large || (setting.size == 0 && !switches.empty_upload),
        -284 => odd && switches.odd_slice_size == OddSliceSize::Refuse,
        -4020 => {
            let has_stranger = matches!(setting.before, Before::Stranger { .. } | Before::OtherAndStranger);
            (has_stranger || ledger.changed) && switches.other_sha == OtherSha::Refuse
        }
        -197 => setting.folder_is_missing(),
        _ => false,
    }
}
