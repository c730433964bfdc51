//! Which of the vendor's faults are honest ends, and whether what is said of copies and unfinished uploads is true.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::{Receipt, Remains};
use resumable_emulator::Emulator;
use resumable_emulator::xfyun::{CompleteAgain, DigestCheck, ParallelSlices, SliceAgain};
use resumable_proto_xfyun::{Fault, Uploaded};

use super::{Call, OBJECTS_URL, Setting};
use crate::fault::Then;
use crate::ledger::{Allowed, Ledger};
use crate::vendor::{Expectations, Noticed, Scenario};

/// The emulator's words for what some settings refuse.
const AGAIN: &str = "slice is uploaded already";
const PARALLEL: &str = "slices must not be sent in parallel";
const TOO_LONG: &str = "data is too long";

impl Expectations for Setting {
    const TRUSTS_CHECKPOINTS: bool = true;

    fn explains(&self, ledger: &Ledger, fault: &Fault) -> bool {
        let limits = &self.options.limits;
        match fault {
            Fault::Vendor { code: Some(10_001), message, .. } => {
                ledger.in_case(Allowed::Fatal) > 0 || refuses(self, ledger, message)
            }
            Fault::Vendor { code: Some(11_200 | 11_201 | 10_303 | 12_345) | None, .. } | Fault::TooLarge { .. } => {
                ledger.in_case(Allowed::Fatal) > 0
            }
            Fault::UrlLost(_) => ledger.urls_lost > 0 && ledger.sessions() > 1,
            Fault::FileTooBig { .. } => ledger.changed || (!self.in_one_request() && self.size > limits.file_max()),
            Fault::BadPartSize { .. } => {
                (ledger.changed || !self.in_one_request())
                    && !(limits.part_min..=limits.part_max).contains(&self.part_size())
            }
            _ => false,
        }
    }

    /// The vendor tells no digest, and compares none.
    fn notices(&self, _: &Ledger, _: Call, _: Then) -> Noticed {
        Noticed::Never
    }

    /// There are no paths: nothing is where an object would go.
    fn object(&self, _: &Emulator) -> Option<Vec<u8>> {
        None
    }

    fn object_of(&self, server: &Emulator, receipt: &Receipt) -> Option<Vec<u8>> {
        let name = receipt.url.as_deref()?.strip_prefix(OBJECTS_URL)?.strip_prefix('/')?;
        server.xfyun().read_object(name).ok().flatten()
    }

    fn has_unfinished(&self, server: &Emulator) -> bool {
        !server.xfyun().unfinished().is_empty()
    }

    /// Nothing is ever replaced.
    fn protects_older(&self) -> bool {
        true
    }

    fn answer_allows(&self, ledger: &Ledger, call: Call, answer: &Response<Bytes>, elapsed: Duration) -> Vec<Allowed> {
        let is_gone = answer.body().starts_with(b"{\"code\":10005,");
        let lost = (is_gone && can_be_gone(self, ledger, call, elapsed))
            || (call == Call::Slice && is_refused_again(self, ledger, answer));
        lost.then_some(Allowed::Session).into_iter().collect()
    }

    /// Checks how many copies and unfinished uploads are said to be left, besides the object of the receipt.
    fn check_outcome(&self, server: &Emulator, ledger: &Ledger, outcome: &Uploaded) -> Result<(), String> {
        let (there, denied, orphans) = (there(server), ledger.in_case(Allowed::Denial), outcome.orphans);
        if there > 1 + ledger.left_before + u64::from(orphans + denied) {
            return Err(format!("{there} objects and open uploads are there, and {orphans} orphans were told"));
        }
        // A checkpoint that was made before a call and not after it leaves that call in doubt; and an upload that takes no
        // slice twice is left.
        let doubts = ledger.doubts + ledger.unsaved + ledger.sessions() + ledger.rounds - 1;
        if orphans > doubts {
            return Err(format!("{orphans} orphans were told, and {doubts} calls have no answer"));
        }
        Ok(())
    }

    fn is_left(&self, server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
        match remains {
            Remains::Nothing => there(server) <= ledger.left_before + u64::from(ledger.in_case(Allowed::Denial)),
            Remains::Unknown => ledger.doubts + ledger.unsaved + ledger.sessions() > 0 || ledger.rounds > 1,
            _ => false,
        }
    }

    fn left_by_older(&self, server: &Emulator) -> u64 {
        there(server)
    }

    /// A second lost url ends a run; the next one asks once more, and may then upload again.
    fn can_be_run_again(fault: &Fault) -> bool {
        matches!(fault, Fault::UrlLost(_))
    }

    /// The gateway compares a digest that this client does not send.
    fn clock_is_hopeless(&self) -> bool {
        self.switches.digest == DigestCheck::Body
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
fn can_be_gone(setting: &Setting, ledger: &Ledger, call: Call, elapsed: Duration) -> bool {
    let is_old = elapsed.as_secs() >= setting.limits.upload_life;
    let again = setting.switches.complete_again == CompleteAgain::Expired;
    let in_doubt = ledger.doubts + ledger.unsaved > 0 || ledger.rounds > 1;
    is_old || (call == Call::Complete && again && in_doubt)
}

/// Whether the server refuses a slice because it came before, or comes while another process's is on its way: then the
/// client begins again.
fn is_refused_again(setting: &Setting, ledger: &Ledger, response: &Response<Bytes>) -> bool {
    let text = String::from_utf8_lossy(response.body());
    let sent_before = ledger.disturbed + ledger.forgotten > 0;
    let again = setting.switches.slice_again == SliceAgain::Refuse && text.contains(AGAIN);
    let beside = setting.switches.parallel_slices == ParallelSlices::Refuse && text.contains(PARALLEL);
    // A process that took the upload up cannot tell one from the other where slices go side by side.
    (again && sent_before) || (beside && (sent_before || setting.options.parallel))
}

/// What is at the server: objects, and uploads that are open.
fn there(server: &Emulator) -> u64 {
    server.xfyun().stored_objects() + server.xfyun().unfinished().len() as u64
}
