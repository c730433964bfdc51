//! Which of the vendor's faults are honest ends, and whether what is said of a finished or abandoned upload is true.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::{How, Receipt, Remains};
use resumable_emulator::Emulator;
use resumable_emulator::p115::{CallbackAgain, DriveFile};
use resumable_proto_115::{Fault, Uploaded};
use resumable_proto_oss as oss;
use serde_json::Value;

use super::setting::WAY;
use super::{Before, CHECK, COMPLETE, Folder, INIT, PROVE, PUT, RESUME, Setting, server};
use crate::ledger::{Hazard, Ledger};
use crate::protocol::oss as storage;

/// What an answer leads to that the servers give of their own accord.
pub(super) fn hazards_of_answer(
    setting: &Setting,
    ledger: &Ledger,
    call: usize,
    response: &Response<Bytes>,
    elapsed: Duration,
) -> Vec<Hazard> {
    if let Some(code) = server::code(response) {
        return match (code, call) {
            (40_140_123..=40_140_126, _) => vec![Hazard::Credential],
            (10_002, PUT | COMPLETE) if refuses_callbacks(setting, ledger, elapsed) => vec![Hazard::Digest],
            (_, RESUME) => vec![Hazard::Session],
            _ => Vec::new(),
        };
    }
    if storage::is_of_key(response) {
        return vec![Hazard::Credential];
    }
    if storage::code(response).as_deref() == Some("RequestTimeTooSkewed") {
        return vec![Hazard::Clock];
    }
    match call {
        // The vendor asks for another place, or does not say who is to be called: what was sent is of no use.
        RESUME if setting.resumes_in_vain() => vec![Hazard::Session],
        // What is not believed often enough leads to hashing the file again.
        PROVE if is_refused_proof(response) => vec![Hazard::Refusal, Hazard::Digest],
        INIT | PROVE if is_question(response) && may_ask_too_much(setting, ledger) => vec![Hazard::Digest],
        _ => Vec::new(),
    }
}

/// Whether 115 may refuse what its storage tells of a file that is whole: it was told before, or too late, or the file
/// changed.
fn refuses_callbacks(setting: &Setting, ledger: &Ledger, elapsed: Duration) -> bool {
    let again = setting.switches.callback_again == CallbackAgain::Refuse;
    again || ledger.changed || elapsed.as_secs() >= setting.limits.task_life
}

fn may_ask_too_much(setting: &Setting, ledger: &Ledger) -> bool {
    setting.asks_too_much(ledger.rests) || ledger.in_case(Hazard::Denial) > 0 || ledger.changed
}

/// A proof is asked for.
fn is_question(response: &Response<Bytes>) -> bool {
    server::data(response).is_some_and(|data| data["sign_key"].as_str().is_some_and(|key| !key.is_empty()))
}

/// Status 6, and nothing to go on with.
fn is_refused_proof(response: &Response<Bytes>) -> bool {
    let Some(data) = server::data(response) else { return false };
    let status = match &data["status"] {
        Value::String(text) => text.parse().unwrap_or_default(),
        other => other.as_i64().unwrap_or_default(),
    };
    status == 6 && data["sign_key"] == ""
}

/// Whether what was injected, or the setting, explains this end.
pub(super) fn explains(setting: &Setting, ledger: &Ledger, fault: &Fault) -> bool {
    let fatal = ledger.in_case(Hazard::Fatal) > 0;
    let limits = &setting.options.limits;
    match fault {
        Fault::Vendor { code, .. } => fatal || refuses(setting, ledger, *code),
        Fault::NoFolder { .. } => fatal || lacks_a_folder(setting),
        Fault::NotAFolder { .. } => matches!(setting.target.folder, Folder::BehindAFile | Folder::IsAFile),
        // A file that got shorter is asked for as it was.
        Fault::BadChallenge { .. } => ledger.changed,
        Fault::KeysRefused(_) => ledger.in_case(Hazard::Credential) > 2,
        Fault::Oss(oss::Fault::FileTooBig { .. }) => {
            ledger.changed || (!setting.in_one_request() && setting.size > limits.file_max())
        }
        Fault::Oss(oss::Fault::BadPartSize { .. }) => {
            (ledger.changed || !setting.in_one_request())
                && !(limits.part_min..=limits.part_max).contains(&setting.options.part_size)
        }
        Fault::Oss(oss::Fault::Vendor { .. } | oss::Fault::TooLarge { .. }) => fatal,
        _ => false,
    }
}

/// Whether the setting is one that refuses this file.
fn refuses(setting: &Setting, ledger: &Ledger, code: i64) -> bool {
    match code {
        990_002 => {
            setting.is_forbidden() || setting.limits.max_file.is_some_and(|most| setting.size > most || ledger.changed)
        }
        91_005 => setting.limits.space.is_some(),
        10_014 => setting.target.folder == Folder::DeadId,
        _ => false,
    }
}

fn lacks_a_folder(setting: &Setting) -> bool {
    let lacks = matches!(setting.target.folder, Folder::Half | Folder::Missing | Folder::BehindAFile);
    lacks && !setting.options.create_folders
}

/// The files of the drive, without those that were there before.
fn files(setting: &Setting, server: &Emulator) -> Vec<DriveFile> {
    let at_target = format!("/{}", setting.path());
    let [first, second] = WAY.map(|name| format!("/{name}"));
    let way = [first.clone(), format!("{first}{second}")];
    let mut all = server.p115().files();
    all.retain(|file| {
        let was_there = match setting.before {
            Before::Elsewhere => file.path.starts_with("/elsewhere/"),
            // What replaces the other one is not counted.
            Before::Same | Before::Other { .. } => file.path == at_target,
            Before::Nothing | Before::Folder => false,
        };
        let in_the_way = matches!(setting.target.folder, Folder::BehindAFile | Folder::IsAFile);
        !(was_there || (in_the_way && way.contains(&file.path)))
    });
    all
}

/// True for the target's name, and for that name with a number.
fn is_at_target(setting: &Setting, path: &str) -> bool {
    let target = format!("/{}", setting.path());
    let at = target.rfind('.').unwrap_or(target.len());
    let (stem, extension) = target.split_at(at);
    let number = path.strip_prefix(stem).and_then(|rest| rest.strip_suffix(extension));
    let is_number = |text: &str| {
        let digits = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
    };
    number.is_some_and(|number| number.is_empty() || is_number(number))
}

/// The file of a receipt, if it is where it was to go.
pub(super) fn object_of(setting: &Setting, server: &Emulator, receipt: &Receipt) -> Option<Vec<u8>> {
    let id = receipt.id.as_deref()?;
    let file = server.p115().files().into_iter().find(|file| file.file_id == id)?;
    if !is_at_target(setting, &file.path) {
        return None;
    }
    server.p115().read_file(&file.path).ok().flatten()
}

/// Checks what an outcome says besides its receipt, and that no more copies are there than calls without an answer.
pub(super) fn check_outcome(
    setting: &Setting,
    server: &Emulator,
    ledger: &Ledger,
    outcome: &Uploaded,
) -> Result<(), String> {
    if outcome.sha1.is_none() {
        return Err("a success without the SHA-1".to_owned());
    }
    let files = files(setting, server);
    if let Some(stray) = files.iter().find(|file| !is_at_target(setting, &file.path)) {
        return Err(format!("{} is nothing that was to be made", stray.path));
    }
    // What 115 does not show is announced again, and may be there twice then.
    let unseen = if setting.is_slow_to_show() { ledger.requests_of(CHECK) } else { 0 };
    let unsaid = ledger.doubts + ledger.unsaved + ledger.sessions() + unseen;
    if files.len() as u64 > u64::from(ledger.rounds + unsaid) {
        return Err(format!("{} copies are there, and {unsaid} calls have no answer", files.len()));
    }
    let unheard = ledger.sessions() + ledger.doubts;
    if outcome.how == How::Instant && ledger.acknowledged > 0 && unheard == 0 {
        return Err("it is said to be instant, and bytes were taken".to_owned());
    }
    Ok(())
}

/// Announcements are bounded: each process and each lost session announces once, each doubt asks four times whether the
/// file is there, and each of these may be challenged; whatever failed comes again. Tokens are refreshed when one was
/// refused, and not otherwise.
pub(super) fn check_requests(ledger: &Ledger, processes: u32) -> Result<(), String> {
    let announced = ledger.requests_of(INIT) + ledger.requests_of(PROVE);
    let doubts = ledger.doubts + ledger.unsaved + ledger.sessions();
    let times = processes + ledger.rounds + ledger.sessions() + 4 * doubts;
    let failed: u32 =
        [Hazard::Outage, Hazard::Refusal, Hazard::Credential, Hazard::Clock].map(|it| ledger.in_case(it)).iter().sum();
    // What an outage refuses is in no ledger.
    let refused = ledger.refused;
    let allowed = 5 * times + 5 * (failed + refused);
    if announced > allowed {
        return Err(format!("{announced} announcements; {allowed} are explained"));
    }
    let (renewals, refusals) = (ledger.renewals, ledger.in_case(Hazard::Credential));
    if renewals > 2 * refusals {
        return Err(format!("tokens were refreshed {renewals} times, and {refusals} were refused"));
    }
    Ok(())
}

/// Whether parts are at the storage that belong to no object.
pub(super) fn has_parts(server: &Emulator) -> bool {
    let oss = server.oss();
    oss.unfinished(oss.sts_bucket()).iter().any(|(_, _, parts)| *parts > 0)
}

/// Whether what is said to be left is what may be there.
pub(super) fn is_left(setting: &Setting, server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
    let there = files(setting, server).len();
    // What was left behind with an older session is nobody's, and what arrives late nobody can know.
    let orphans = ledger.sessions() > 0 || ledger.changed || ledger.stragglers > 0 || ledger.rounds > 1;
    match remains {
        Remains::Nothing => orphans || (there == 0 && !has_parts(server)),
        Remains::Parts => orphans || has_parts(server),
        Remains::Object => orphans || there > 0 || matches!(setting.before, Before::Same | Before::Other { .. }),
        _ => true,
    }
}
