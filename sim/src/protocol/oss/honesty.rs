//! Which of the vendor's faults are honest ends, and whether what is said of a finished or abandoned upload is true.

use resumable_core::{How, Remains};
use resumable_emulator::Emulator;
use resumable_proto_oss::codes::Class;
use resumable_proto_oss::{Called, Fault, Uploaded};

use super::{BUCKET, Before, Setting, callback, object};
use crate::ledger::{Hazard, Ledger};

/// Whether what was injected, or what was there before, explains this end.
pub(super) fn explains(setting: &Setting, ledger: &Ledger, fault: &Fault) -> bool {
    // A file that changed meets what its older version left.
    if ledger.is_mixed_up() {
        return true;
    }
    let settings = &setting.options.settings;
    let limits = &settings.limits;
    match fault {
        Fault::Vendor { .. } if fault.class() == Some(Class::FileAlreadyExists) => {
            is_taken(setting, ledger) || ledger.in_case(Hazard::Fatal) > 0
        }
        Fault::Vendor { .. } | Fault::TooLarge { .. } => ledger.in_case(Hazard::Fatal) > 0,
        Fault::Taken => is_taken(setting, ledger),
        Fault::CallbackFailed { .. } => setting.listener.is_deaf() || ledger.in_case(Hazard::Fatal) > 0,
        Fault::Integrity { .. } => settings.forbid_overwrite && ledger.in_case(Hazard::Digest) > 0,
        Fault::FileTooBig { .. } => ledger.changed || (!setting.in_one_request() && setting.size > limits.file_max()),
        Fault::BadPartSize { .. } => {
            (ledger.changed || !setting.in_one_request())
                && !(limits.part_min..=limits.part_max).contains(&settings.part_size)
        }
        _ => false,
    }
}

/// An object is at the key that may not be overwritten: one that was there before, or our own, where the vendor denied
/// what it had.
fn is_taken(setting: &Setting, ledger: &Ledger) -> bool {
    let denied = ledger.sessions() > 0 || ledger.in_case(Hazard::Denial) > 0;
    // Or one of an upload that was begun before this one.
    let before = setting.before.is_object() || ledger.rounds > 1 || ledger.changed;
    setting.options.settings.forbid_overwrite && (before || denied)
}

/// Checks what an outcome says besides its receipt.
pub(super) fn check_outcome(
    setting: &Setting,
    server: &Emulator,
    ledger: &Ledger,
    outcome: &Uploaded,
) -> Result<(), String> {
    if outcome.url != object(setting).url() {
        return Err(format!("the url of something else: {}", outcome.url));
    }
    check_callback(setting, ledger, &outcome.called)?;
    if outcome.how == How::AlreadyThere || outcome.how == How::Instant {
        return Err(format!("this vendor takes nothing unseen: {:?}", outcome.how));
    }
    check_uploads(setting, server, ledger, outcome.strays)
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
fn check_uploads(setting: &Setting, server: &Emulator, ledger: &Ledger, strays: u32) -> Result<(), String> {
    let (ours, with_parts) = unfinished(setting, server)?;
    if ledger.in_case(Hazard::Denial) > 0 || ledger.changed {
        return Ok(());
    }
    if with_parts as u64 > ledger.left_before {
        return Err(format!("{with_parts} uploads with parts are left after a success"));
    }
    if ours as u64 > ledger.left_before + u64::from(strays) {
        return Err(format!("{ours} uploads are left, and {strays} strays were told"));
    }
    Ok(())
}

/// Whether what is said to be left is what may be there.
pub(super) fn is_left(setting: &Setting, server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
    let Ok((ours, with_parts)) = unfinished(setting, server) else { return false };
    if ledger.in_case(Hazard::Denial) > 0 || ledger.changed {
        return true;
    }
    match remains {
        Remains::Nothing => {
            let late = ledger.stragglers > 0 || setting.before != Before::Nothing;
            let is_there = read(setting, server).is_some();
            ours as u64 <= ledger.left_before && (late || !is_there)
        }
        Remains::Parts => with_parts > 0,
        Remains::Object => read(setting, server).is_some(),
        Remains::Unknown => true,
        _ => false,
    }
}

/// The object at the key.
pub(super) fn read(setting: &Setting, server: &Emulator) -> Option<Vec<u8>> {
    server.oss().read_object(BUCKET, setting.key).ok().flatten()
}

/// Whether bytes of ours are in an unfinished upload.
pub(super) fn has_unfinished(setting: &Setting, server: &Emulator) -> bool {
    unfinished(setting, server).is_ok_and(|(_, with_parts)| with_parts > 0)
}

/// How many uploads of ours are unfinished.
pub(super) fn left(setting: &Setting, server: &Emulator) -> u64 {
    unfinished(setting, server).map_or(0, |(ours, _)| ours as u64)
}
