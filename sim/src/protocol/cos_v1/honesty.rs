//! Which of the vendor's faults are honest ends, and which settings allow nothing else.

use resumable_emulator::cos_v1::{DateForm, NoFile, OddSliceSize, OtherSha};
use resumable_proto_cos_v1::Fault;

use super::{Before, Setting};
use crate::ledger::{Hazard, Ledger};

/// Whether what was injected, or what was there before, explains this end.
pub(super) fn explains(setting: &Setting, ledger: &Ledger, fault: &Fault) -> bool {
    // A file that changed meets what its older version left, and whatever comes of two versions in one upload.
    if ledger.is_mixed_up() {
        return true;
    }
    let fatal = ledger.in_case(Hazard::Fatal) > 0;
    match fault {
        // The vendor may say so of an object that could be overwritten.
        Fault::Exists => (has_other(setting) || ledger.changed) && (setting.protects_older() || fatal),
        Fault::FileTooBig { filesize, .. } => *filesize > setting.options.file_max,
        Fault::Answer(_) => match fault.code() {
            // Where one session after the other is unknown, it looks like the slice.
            Some(-5999) if ledger.sessions() > 3 => true,
            Some(code) => fatal || refused_for_good(setting, ledger, code),
            None => fatal,
        },
        _ => false,
    }
}

fn has_other(setting: &Setting) -> bool {
    matches!(setting.before, Before::Other { .. } | Before::OtherAndStranger)
}

fn refused_for_good(setting: &Setting, ledger: &Ledger, code: i64) -> bool {
    let (switches, options) = (&setting.switches, &setting.options);
    let too_large = setting.size + u64::from(ledger.changed) > setting.limits.max_file;
    let odd = !setting.limits.slice_sizes.contains(&options.slice_size);
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

/// The server's clock is ahead by more than a signature lives, and its dates cannot be relied on.
pub(super) fn clock_is_hopeless(setting: &Setting) -> bool {
    let life = setting.options.signature_life.as_secs();
    setting.switches.date == DateForm::AsctimeBeijing && setting.clock_offset + 60 > life.cast_signed()
}

/// A folder that is missing is told by the code that an unknown session has.
pub(super) fn sessions_are_hopeless(setting: &Setting) -> bool {
    setting.folder_is_missing() && setting.switches.no_file == NoFile::Index
}
