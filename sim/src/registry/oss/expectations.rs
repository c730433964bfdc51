//! Which of the vendor's faults are honest ends, and whether what is said of a finished or abandoned upload is true.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::{How, Remains};
use resumable_emulator::Emulator;
use resumable_proto_oss::codes::Class;
use resumable_proto_oss::{Called, Fault, Options, Uploaded};

use super::{BUCKET, Before, Call, Setting, callback, is_of_key, object};
use crate::calls::Calls as _;
use crate::fault::Then;
use crate::ledger::{Allowed, Ledger};
use crate::vendor::{Expectations, Noticed, Scenario};

impl Expectations for Setting {
    fn explains(&self, ledger: &Ledger, fault: &Fault) -> bool {
        // A file that changed meets what its older version left.
        if ledger.is_mixed_up() {
            return true;
        }
        let Options { limits, part_size, forbid_overwrite, .. } = &self.options;
        match fault {
            Fault::Vendor { .. } if fault.class() == Some(Class::FileAlreadyExists) => {
                is_taken(self, ledger) || ledger.in_case(Allowed::Fatal) > 0
            }
            Fault::Vendor { .. } | Fault::TooLarge { .. } => ledger.in_case(Allowed::Fatal) > 0,
            Fault::Taken => is_taken(self, ledger) || ledger.is_taken_by_other_bytes(),
            Fault::CallbackFailed { .. } => self.listener.is_deaf() || ledger.in_case(Allowed::Fatal) > 0,
            Fault::Integrity { .. } => *forbid_overwrite && ledger.in_case(Allowed::Digest) > 0,
            Fault::FileTooBig { .. } => ledger.changed || (!self.in_one_request() && self.size > limits.file_max()),
            Fault::BadPartSize { .. } => {
                (ledger.changed || !self.in_one_request()) && !(limits.part_min..=limits.part_max).contains(part_size)
            }
            _ => false,
        }
    }

    /// A part's sum is compared when it is answered, and that of the whole at the end; a list may leave out what that is made of.
    fn notices(&self, ledger: &Ledger, call: Call, then: Then) -> Noticed {
        let listed = ledger.requests_of(Call::List.facts()) > 0 && !self.switches.list_crc;
        match call {
            // What is there cannot be replaced.
            Call::Part if self.options.sequential => Noticed::InTime(vec![Allowed::Refusal, Allowed::Session]),
            // It replaces what was acknowledged, and is found out by complete.
            Call::Part if then == Then::Late => Noticed::InTime(vec![Allowed::Refusal, Allowed::Session]),
            Call::Part => Noticed::InTime(vec![Allowed::Refusal]),
            Call::Complete if listed => Noticed::Never,
            _ => Noticed::InTime(vec![Allowed::Digest]),
        }
    }

    fn object(&self, server: &Emulator) -> Option<Vec<u8>> {
        server.oss().read_object(BUCKET, self.key).ok().flatten()
    }

    fn has_unfinished(&self, server: &Emulator) -> bool {
        unfinished(self, server).is_ok_and(|(_, with_parts)| with_parts > 0)
    }

    fn protects_older(&self) -> bool {
        self.options.forbid_overwrite
    }

    fn has_stranger(&self) -> bool {
        self.before.strangers().0 > 0
    }

    /// Temporary keys end by themselves.
    fn answer_allows(&self, _: &Ledger, _: Call, answer: &Response<Bytes>, _: Duration) -> Vec<Allowed> {
        let over = self.sts && is_of_key(answer);
        over.then_some(Allowed::Credential).into_iter().collect()
    }

    /// A late abort takes an upload away that a later process goes on with.
    fn late_effect(&self, call: Call, _: &Response<Bytes>) -> Option<Allowed> {
        (call == Call::Abort).then_some(Allowed::Session)
    }

    fn check_outcome(&self, server: &Emulator, ledger: &Ledger, outcome: &Uploaded) -> Result<(), String> {
        if outcome.url != object(self).url() {
            return Err(format!("the url of something else: {}", outcome.url));
        }
        check_callback(self, ledger, &outcome.called)?;
        if outcome.how == How::AlreadyThere || outcome.how == How::Instant {
            return Err(format!("this vendor takes nothing unseen: {:?}", outcome.how));
        }
        check_uploads(self, server, ledger, outcome.orphans)
    }

    fn is_left(&self, server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
        let Ok((ours, with_parts)) = unfinished(self, server) else { return false };
        if ledger.in_case(Allowed::Denial) > 0 || ledger.changed {
            return true;
        }
        match remains {
            Remains::Nothing => {
                let late = ledger.late_effects > 0 || self.before != Before::Nothing;
                let is_there = self.object(server).is_some();
                ours as u64 <= ledger.left_before && (late || !is_there)
            }
            Remains::Parts => with_parts > 0,
            Remains::Object => self.object(server).is_some(),
            Remains::Unknown => true,
            _ => false,
        }
    }

    fn left_by_older(&self, server: &Emulator) -> u64 {
        unfinished(self, server).map_or(0, |(ours, _)| ours as u64)
    }

    /// The object is there, and its callback failed: that is not sent again.
    fn asks_to_begin_anew(fault: &Fault) -> bool {
        matches!(fault, Fault::CallbackFailed { .. })
    }
}

/// An object is at the key that may not be overwritten: one that was there before, or our own, where the vendor denied
/// what it had.
fn is_taken(setting: &Setting, ledger: &Ledger) -> bool {
    let denied = ledger.sessions() > 0 || ledger.in_case(Allowed::Denial) > 0;
    // Or one of an upload that was begun before this one.
    let before = setting.before.is_object() || ledger.rounds > 1 || ledger.changed;
    setting.options.forbid_overwrite && (before || denied)
}

fn check_callback(setting: &Setting, ledger: &Ledger, called: &Called) -> Result<(), String> {
    let asked = setting.callback().is_some();
    // A later process, or one whose answer was lost, does not know what was answered.
    let unheard = ledger.doubts + ledger.unsaved > 0 || ledger.rounds > 1;
    let is_true = match called {
        Called::No => !asked,
        Called::Replied(answer) => asked && !setting.listener.is_deaf() && *answer == callback::ANSWER,
        Called::Unknown => asked && (unheard || ledger.stopped || ledger.store_failed),
        _ => false,
    };
    if is_true { Ok(()) } else { Err(format!("the callback is said to have come to {called:?}")) }
}

/// Uploads at the server, and how many of them have parts; without those of strangers.
fn unfinished(setting: &Setting, server: &Emulator) -> Result<(usize, usize), String> {
    let all = server.oss().unfinished(BUCKET);
    let with_parts = all.iter().filter(|(_, _, parts)| *parts > 0).count();
    let (strangers, theirs_with_parts) = setting.before.strangers();
    match (all.len().checked_sub(strangers), with_parts.checked_sub(theirs_with_parts)) {
        (Some(ours), Some(with_parts)) => Ok((ours, with_parts)),
        _ => Err("a stranger's unfinished upload is gone".to_owned()),
    }
}

/// Checks how many uploads are said to be left; none of them has parts.
fn check_uploads(setting: &Setting, server: &Emulator, ledger: &Ledger, orphans: u32) -> Result<(), String> {
    let (ours, with_parts) = unfinished(setting, server)?;
    if ledger.in_case(Allowed::Denial) > 0 || ledger.changed {
        return Ok(());
    }
    if with_parts as u64 > ledger.left_before {
        return Err(format!("{with_parts} uploads with parts are left after a success"));
    }
    if ours as u64 > ledger.left_before + u64::from(orphans) {
        return Err(format!("{ours} uploads are left, and {orphans} orphans were told"));
    }
    Ok(())
}
