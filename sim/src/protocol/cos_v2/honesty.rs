//! Which of the vendor's faults are honest ends, and which settings allow nothing else.

use resumable_emulator::cos_v2::{DateForm, ListShows, MissingDirectory, StatUnfinished, UnknownSession};
use resumable_proto_cos_v2::{Fault, Integrity};

use super::{Before, Setting};
use crate::ledger::{Hazard, Ledger};

/// Whether what was injected, or what was there before, explains this end.
pub(super) fn explains(setting: &Setting, ledger: &Ledger, fault: &Fault) -> bool {
    // A file that changed meets what its older version left, and whatever comes of two versions in one upload.
    if ledger.is_mixed_up() {
        return true;
    }
    match fault {
        Fault::Exists => is_taken(setting, ledger) || cannot_know_its_own(setting, ledger),
        Fault::Occupied => is_occupied(setting, ledger) || cannot_know_its_own(setting, ledger),
        // The unfinished upload may also be gone by the time that the list is asked.
        Fault::Hidden => hides_sessions(setting, ledger) || (!setting.options.insert_only && ledger.sessions() > 0),
        Fault::TooLarge { .. } => ledger.in_case(Hazard::Fatal) > 0,
        Fault::Vendor { code: Some(code), .. } => refused_for_good(setting, ledger, *code),
        _ => false,
    }
}

/// Another file is at the path; without a digest, the same file cannot be told from another one.
fn is_taken(setting: &Setting, ledger: &Ledger) -> bool {
    let unhashed = setting.options.integrity == Integrity::None;
    let insert_only = setting.options.insert_only;
    match setting.before {
        Before::Other { .. } | Before::OtherAndStranger => insert_only,
        Before::Same => insert_only && (unhashed || ledger.changed),
        // An older version of the file may be there by now, finished or not.
        _ => insert_only && (looks_finished(setting) || ledger.changed),
    }
}

fn is_occupied(setting: &Setting, ledger: &Ledger) -> bool {
    // An older version of the file may have been begun and given up; it is not deleted where a stat finds an object.
    let partial = setting.switches.stat_unfinished == StatUnfinished::Partial;
    if ledger.changed && (partial || !setting.options.replace_unfinished || has_older(setting, ledger)) {
        return true;
    }
    match setting.before {
        // A session that changes its name meanwhile is another one, and that one is not to be deleted.
        Before::Stranger { .. } => {
            !setting.options.replace_unfinished || looks_finished(setting) || ledger.sessions() > 0
        }
        Before::OtherAndStranger => true,
        // Without a digest, and without its checkpoint, it is a stranger's.
        Before::Ours { .. } => setting.options.integrity == Integrity::None,
        _ => false,
    }
}

/// A stat that shows an unfinished upload with all its bytes cannot be told from one of a finished object.
fn looks_finished(setting: &Setting) -> bool {
    let partial = setting.switches.stat_unfinished == StatUnfinished::Partial;
    partial && matches!(setting.before, Before::Stranger { has_slices: true, .. } | Before::Ours { .. })
}

/// Without a digest, a stranger's session without bytes is gone on with, even if it was begun with a digest.
fn adopts_hashed(setting: &Setting) -> bool {
    let adopted = matches!(setting.before, Before::Stranger { hashed: true, has_slices: false, .. });
    adopted && setting.options.integrity == Integrity::None
}

/// Without a digest, a session that was said to be lost and is found again, unfinished or finished, is a stranger's.
fn cannot_know_its_own(setting: &Setting, ledger: &Ledger) -> bool {
    setting.options.integrity == Integrity::None && ledger.sessions() > 0
}

fn refused_for_good(setting: &Setting, ledger: &Ledger, code: i64) -> bool {
    // Without a digest, one is taken all the same where nothing else tells of a change.
    let hashed = match setting.options.integrity {
        Integrity::None => ledger.timeless,
        other => other == Integrity::Sha1,
    };
    let picky = setting.switches.uploadparts_with_sha && hashed;
    let refuses_folders = setting.switches.missing_directory == MissingDirectory::Refuse && setting.key.contains('/');
    // A session is also unknown once a straggling finish has made an object of it.
    let unknown = ledger.sessions() + ledger.stragglers > 0;
    let unknown_is_fatal = setting.switches.unknown_session == UnknownSession::Parameter && unknown;
    match code {
        -5999 => picky || unknown_is_fatal || ledger.in_case(Hazard::Fatal) > 0,
        -197 => refuses_folders || ledger.in_case(Hazard::Fatal) > 0,
        -29_094 => adopts_hashed(setting),
        -133 | -12_345 => ledger.in_case(Hazard::Fatal) > 0,
        _ => false,
    }
}

/// The server's clock is ahead by more than a signature lives, and its dates cannot be relied on.
pub(super) fn clock_is_hopeless(setting: &Setting) -> bool {
    let life = setting.options.signature_life.as_secs();
    setting.switches.date == DateForm::AsctimeBeijing && setting.clock_offset + 60 > life.cast_signed()
}

/// The list shows the older object instead of our session: what has arrived cannot be found out.
pub(super) fn hides_sessions(setting: &Setting, ledger: &Ledger) -> bool {
    has_older(setting, ledger) && !setting.options.insert_only && setting.switches.list_shows == ListShows::Finished
}

/// Whether an older object may be at the path.
fn has_older(setting: &Setting, ledger: &Ledger) -> bool {
    let older = matches!(setting.before, Before::Same | Before::Other { .. } | Before::OtherAndStranger);
    // An instant upload of an older version of the file makes one too.
    older || (ledger.changed && setting.before == Before::Elsewhere)
}
