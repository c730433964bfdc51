//! Which of the vendor's faults are honest ends, and whether what is said of copies and unfinished uploads is true.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::Remains;
use resumable_emulator::Emulator;
use resumable_emulator::xfyun::{CompleteAgain, DigestCheck, ParallelSlices, SliceAgain};
use resumable_proto_xfyun::Fault;

use super::{COMPLETE, Setting};
use crate::ledger::{Hazard, Ledger};

/// The emulator's words for a request that no client makes that counts slices from 1, fills all but the last, and sends
/// all of them.
const BLAME: [&str; 4] = ["must not be empty", "is too short", "are missing", "does not belong"];
/// Its words for what some settings refuse.
const AGAIN: &str = "slice is uploaded already";
const PARALLEL: &str = "slices must not be sent in parallel";
const TOO_LONG: &str = "data is too long";

/// True for an answer that no client gets that keeps to the vendor's rules.
pub(super) fn blames_client(response: &Response<Bytes>) -> bool {
    let text = String::from_utf8_lossy(response.body());
    BLAME.iter().any(|words| text.contains(words))
}

/// Whether what was injected, or the setting, explains this end.
pub(super) fn explains(setting: &Setting, ledger: &Ledger, fault: &Fault) -> bool {
    let limits = &setting.options.limits;
    match fault {
        Fault::Vendor { code: Some(10_001), message, .. } => {
            ledger.in_case(Hazard::Fatal) > 0 || refuses(setting, ledger, message)
        }
        Fault::Vendor { code: Some(11_200 | 11_201 | 10_303 | 12_345) | None, .. } | Fault::TooLarge { .. } => {
            ledger.in_case(Hazard::Fatal) > 0
        }
        Fault::UrlLost(_) => ledger.urls_lost > 0 && ledger.sessions() > 1,
        Fault::FileTooBig { .. } => ledger.changed || (!setting.in_one_request() && setting.size > limits.file_max()),
        Fault::BadSliceSize { .. } => {
            (ledger.changed || !setting.in_one_request())
                && !(limits.slice_min..=limits.slice_max).contains(&setting.slice_size())
        }
        _ => false,
    }
}

/// Whether the setting is one that refuses what this client does.
fn refuses(setting: &Setting, ledger: &Ledger, message: &str) -> bool {
    let switches = &setting.switches;
    match message {
        PARALLEL => switches.parallel_slices == ParallelSlices::Refuse && setting.options.parallel,
        // A file that changed may have become longer.
        _ if message.starts_with(TOO_LONG) => {
            ledger.changed || (setting.in_one_request() && setting.is_too_long_for_one_request())
        }
        _ => false,
    }
}

/// Whether the server's own 10005 is an upload that was lost, and not what the client brought about.
pub(super) fn can_be_gone(setting: &Setting, ledger: &Ledger, call: usize, elapsed: Duration) -> bool {
    let is_old = elapsed.as_secs() >= setting.limits.upload_life;
    let again = setting.switches.complete_again == CompleteAgain::Expired;
    let in_doubt = ledger.doubts + ledger.unsaved > 0 || ledger.rounds > 1;
    is_old || (call == COMPLETE && again && in_doubt)
}

/// Whether the server refuses a slice because it came before, or comes while another process's is on its way: then the
/// client begins again.
pub(super) fn is_refused_again(setting: &Setting, ledger: &Ledger, response: &Response<Bytes>) -> bool {
    let text = String::from_utf8_lossy(response.body());
    let sent_before = ledger.disturbed + ledger.forgotten > 0;
    let again = setting.switches.slice_again == SliceAgain::Refuse && text.contains(AGAIN);
    let beside = setting.switches.parallel_slices == ParallelSlices::Refuse && text.contains(PARALLEL);
    // A process that took the upload up cannot tell one from the other where slices go side by side.
    (again && sent_before) || (beside && (sent_before || setting.options.parallel))
}

/// The gateway compares a digest that this client does not send.
pub(super) fn no_signature_will_do(setting: &Setting) -> bool {
    setting.switches.digest == DigestCheck::Body
}

/// What is at the server: objects, and uploads that are open.
pub(super) fn there(server: &Emulator) -> u64 {
    server.xfyun().stored_objects() + server.xfyun().unfinished().len() as u64
}

/// Checks how many copies and unfinished uploads are said to be left, besides the object of the receipt.
pub(super) fn check_strays(server: &Emulator, ledger: &Ledger, strays: u32) -> Result<(), String> {
    let (there, denied) = (there(server), ledger.in_case(Hazard::Denial));
    if there > 1 + ledger.left_before + u64::from(strays + denied) {
        return Err(format!("{there} objects and open uploads are there, and {strays} strays were told"));
    }
    // A checkpoint that was made before a call and not after it leaves that call in doubt; and an upload that takes no
    // slice twice is left.
    let doubts = ledger.doubts + ledger.unsaved + ledger.sessions() + ledger.rounds - 1;
    if strays > doubts {
        return Err(format!("{strays} strays were told, and {doubts} calls have no answer"));
    }
    Ok(())
}

/// Whether what is said to be left is what may be there.
pub(super) fn is_left(server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
    match remains {
        Remains::Nothing => there(server) <= ledger.left_before + u64::from(ledger.in_case(Hazard::Denial)),
        Remains::Unknown => ledger.doubts + ledger.unsaved + ledger.sessions() > 0 || ledger.rounds > 1,
        _ => false,
    }
}
