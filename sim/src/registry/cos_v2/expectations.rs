//! Which of the vendor's faults are honest ends, and which settings allow nothing else.

use bytes::Bytes;
use http::Response;
use resumable_emulator::Emulator;
use resumable_emulator::cos_v2::{ChangedSlice, ListShows, MissingDirectory, StatUnfinished, UnknownSession};
use resumable_proto_cos_v2::{Fault, Integrity};

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
        match fault {
            Fault::Exists => is_taken(self, ledger) || cannot_know_its_own(self, ledger) || ledger.unproven,
            Fault::Occupied => {
                is_occupied(self, ledger)
                    || cannot_know_its_own(self, ledger)
                    || is_occupied_by_other_bytes(self, ledger)
            }
            // The unfinished upload may also be gone by the time that the list is asked.
            Fault::Hidden => self.hides_sessions(ledger) || (!self.options.insert_only && ledger.sessions() > 0),
            Fault::TooLarge { .. } => ledger.in_case(Allowed::Fatal) > 0,
            Fault::Vendor { code: Some(code), .. } => refused_for_good(self, ledger, *code),
            _ => false,
        }
    }

    /// The vendor compares the SHA-1 of the whole, or of each slice, where it has one.
    fn notices(&self, ledger: &Ledger, _: Call, _: Then) -> Noticed {
        if self.options.integrity == Integrity::None && !ledger.timeless {
            return Noticed::Never;
        }
        Noticed::InTime(vec![Allowed::Digest, Allowed::Refusal])
    }

    /// What has arrived cannot be replaced, nor what arrived in a wrong place because an answer named it.
    fn keeps_other_bytes(&self, ledger: &Ledger) -> bool {
        ledger.other_bytes || ledger.garbled
    }

    fn object(&self, server: &Emulator) -> Option<Vec<u8>> {
        server.cos_v2().read_object(APPID, BUCKET, self.key).ok().flatten()
    }

    fn has_unfinished(&self, server: &Emulator) -> bool {
        server.cos_v2().slices(APPID, BUCKET, self.key).is_some_and(|slices| !slices.is_empty())
    }

    fn protects_older(&self) -> bool {
        self.options.insert_only
    }

    fn has_stranger(&self) -> bool {
        self.before.is_begun()
    }

    /// A late init may open another session, beside the object or after the first session was finished.
    fn late_effect(&self, call: Call, _: &Response<Bytes>) -> Option<Allowed> {
        (call == Call::Init).then_some(Allowed::Session)
    }

    fn digests_what_it_sends(&self) -> bool {
        self.options.integrity != Integrity::None
    }

    fn compares_content(&self) -> bool {
        self.options.integrity != Integrity::None
    }

    fn clock_is_hopeless(&self) -> bool {
        clock_is_hopeless(self.switches.date, self.clock_offset, self.options.signature_life)
    }

    /// The list shows the older object instead of our session: what has arrived cannot be found out.
    fn hides_sessions(&self, ledger: &Ledger) -> bool {
        has_older(self, ledger) && !self.options.insert_only && self.switches.list_shows == ListShows::Finished
    }
}

/// Other bytes than were sent cannot be deleted, because a stat shows an object; nor replaced, or not twice.
fn is_occupied_by_other_bytes(setting: &Setting, ledger: &Ledger) -> bool {
    let switches = &setting.switches;
    let stands = switches.stat_unfinished == StatUnfinished::Partial || has_older(setting, ledger);
    let stays = switches.changed_slice == ChangedSlice::Refuse || ledger.in_case(Allowed::Digest) > 1;
    ledger.other_bytes && stands && stays
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
    // A session is also unknown once a late finish has made an object of it.
    let unknown = ledger.sessions() + ledger.late_effects > 0;
    let unknown_is_fatal = setting.switches.unknown_session == UnknownSession::Parameter && unknown;
    match code {
        -5999 => picky || unknown_is_fatal || ledger.in_case(Allowed::Fatal) > 0,
        -197 => refuses_folders || ledger.in_case(Allowed::Fatal) > 0,
        -29_094 => adopts_hashed(setting),
        -133 | -12_345 => ledger.in_case(Allowed::Fatal) > 0,
        _ => false,
    }
}

/// Whether an older object may be at the path.
fn has_older(setting: &Setting, ledger: &Ledger) -> bool {
    let older = matches!(setting.before, Before::Same | Before::Other { .. } | Before::OtherAndStranger);
    // An older version of the file may have been completed, at once or by a finish without an answer.
    older || ledger.changed
}
