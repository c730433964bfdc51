//! Which of the vendor's faults are honest ends, and whether what is said of a finished or abandoned upload is true.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::{How, Receipt, Remains};
use resumable_emulator::Emulator;
use resumable_emulator::p115::{CallbackAgain, DriveFile, NameTaken};
use resumable_proto_115::{Fault, Uploaded};
use resumable_proto_oss as proto_oss;
use serde_json::Value;

use super::setting::WAY;
use super::wire::{code, data};
use super::{Before, Call, Folder, Setting};
use crate::calls::Calls as _;
use crate::fault::Then;
use crate::ledger::{Allowed, Ledger};
use crate::registry::oss;
use crate::vendor::{Expectations, Noticed, Scenario};

impl Expectations for Setting {
    fn explains(&self, ledger: &Ledger, fault: &Fault) -> bool {
        let fatal = ledger.in_case(Allowed::Fatal) > 0;
        let limits = &self.options.limits;
        match fault {
            Fault::Vendor { code, .. } => fatal || refuses(self, ledger, *code),
            Fault::NoFolder { .. } => fatal || lacks_a_folder(self),
            Fault::NotAFolder { .. } => matches!(self.target.folder, Folder::BehindAFile | Folder::IsAFile),
            // A file that got shorter is asked for as it was.
            Fault::BadChallenge { .. } => ledger.changed,
            Fault::KeysRefused(_) => ledger.in_case(Allowed::Credential) > 2 || self.keys_die_at_once(),
            Fault::Oss(proto_oss::Fault::FileTooBig { .. }) => {
                ledger.changed || (!self.in_one_request() && self.size > limits.file_max())
            }
            Fault::Oss(proto_oss::Fault::BadPartSize { .. }) => {
                (ledger.changed || !self.in_one_request())
                    && !(limits.part_min..=limits.part_max).contains(&self.options.part_size)
            }
            Fault::Oss(proto_oss::Fault::Vendor { .. } | proto_oss::Fault::TooLarge { .. }) => fatal,
            _ => false,
        }
    }

    /// A part's sum is compared when it is answered, and the SHA-1 at the end, by 115 and by the client. What is there cannot
    /// be replaced.
    fn notices(&self, _: &Ledger, call: Call, _: Then) -> Noticed {
        Noticed::InTime(match call {
            Call::Part => vec![Allowed::Refusal, Allowed::Session],
            _ => vec![Allowed::Digest, Allowed::Session],
        })
    }

    fn object(&self, server: &Emulator) -> Option<Vec<u8>> {
        server.p115().read_file(&self.path()).ok().flatten()
    }

    /// The file of a receipt, if it is where it was to go.
    fn object_of(&self, server: &Emulator, receipt: &Receipt) -> Option<Vec<u8>> {
        let id = receipt.id.as_deref()?;
        let file = server.p115().files().into_iter().find(|file| file.file_id == id)?;
        if !is_at_target(self, &file.path) {
            return None;
        }
        server.p115().read_file(&file.path).ok().flatten()
    }

    /// Whether parts are at the storage that belong to no object.
    fn has_unfinished(&self, server: &Emulator) -> bool {
        let oss = server.oss();
        oss.unfinished(oss.sts_bucket()).iter().any(|(_, _, parts)| *parts > 0)
    }

    fn protects_older(&self) -> bool {
        self.switches.name_taken == NameTaken::Number
    }

    fn answer_allows(&self, ledger: &Ledger, call: Call, answer: &Response<Bytes>, elapsed: Duration) -> Vec<Allowed> {
        if let Some(code) = code(answer) {
            return match (code, call) {
                (40_140_123..=40_140_126, _) => vec![Allowed::Credential],
                (10_002, Call::Put | Call::Complete) if refuses_callbacks(self, ledger, elapsed) => {
                    vec![Allowed::Digest]
                }
                (_, Call::Resume) => vec![Allowed::Session],
                _ => Vec::new(),
            };
        }
        if oss::is_of_key(answer) {
            return vec![Allowed::Credential];
        }
        if oss::code(answer).as_deref() == Some("RequestTimeTooSkewed") {
            return vec![Allowed::Clock];
        }
        match call {
            // The vendor asks for another place, or does not say who is to be called: what was sent is of no use.
            Call::Resume if self.resumes_in_vain() => vec![Allowed::Session],
            // What is not believed often enough leads to hashing the file again.
            Call::Prove if is_refused_proof(answer) => vec![Allowed::Refusal, Allowed::Digest],
            Call::Init | Call::Prove if is_question(answer) && may_ask_too_much(self, ledger) => vec![Allowed::Digest],
            _ => Vec::new(),
        }
    }

    /// A late abort takes an upload away that a later process goes on with; and a late complete is told to 115 by a name
    /// that a resume may have replaced, and then the object is of no use. Where every resume names another place, a late one
    /// takes that of the next.
    fn late_effect(&self, call: Call, response: &Response<Bytes>) -> Option<Allowed> {
        let takes = matches!(call, Call::Abort | Call::Resume) || code(response) == Some(10_002);
        takes.then_some(Allowed::Session)
    }

    /// Where 115 does not know its own files again, nobody can find out what became of a call without an answer; and of a
    /// task that is over, it takes no file.
    fn doubts_into(&self, call: Option<Call>) -> Option<Allowed> {
        let finishes = matches!(call, None | Some(Call::Put | Call::Complete));
        (finishes && !(self.knows_again() && self.outlives_uploads())).then_some(Allowed::Session)
    }

    /// Checks what an outcome says besides its receipt, and that no more copies are there than calls without an answer.
    fn check_outcome(&self, server: &Emulator, ledger: &Ledger, outcome: &Uploaded) -> Result<(), String> {
        if outcome.sha1.is_none() {
            return Err("a success without the SHA-1".to_owned());
        }
        let files = files(self, server);
        if let Some(stray) = files.iter().find(|file| !is_at_target(self, &file.path)) {
            return Err(format!("{} is nothing that was to be made", stray.path));
        }
        // What 115 does not show is announced again, and may be there twice then.
        let unseen = if self.is_slow_to_show() { ledger.requests_of(Call::Check.facts()) } else { 0 };
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
    fn check_requests(ledger: &Ledger, processes: u32) -> Result<(), String> {
        let announced = ledger.requests_of(Call::Init.facts()) + ledger.requests_of(Call::Prove.facts());
        let doubts = ledger.doubts + ledger.unsaved + ledger.sessions();
        let times = processes + ledger.rounds + ledger.sessions() + 4 * doubts;
        let failed: u32 = [Allowed::Outage, Allowed::Refusal, Allowed::Credential, Allowed::Clock]
            .map(|it| ledger.in_case(it))
            .iter()
            .sum();
        // What an outage refuses is in no ledger.
        let refused = ledger.refused;
        let allowed = 5 * times + 5 * (failed + refused);
        if announced > allowed {
            return Err(format!("{announced} announcements; {allowed} are explained"));
        }
        let (renewals, refusals) = (ledger.renewals, ledger.in_case(Allowed::Credential));
        if renewals > 2 * refusals {
            return Err(format!("tokens were refreshed {renewals} times, and {refusals} were refused"));
        }
        Ok(())
    }

    fn is_left(&self, server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
        let there = files(self, server).len();
        // What was left behind with an older session is nobody's, and what arrives late nobody can know.
        let orphans = ledger.sessions() > 0 || ledger.changed || ledger.late_effects > 0 || ledger.rounds > 1;
        match remains {
            Remains::Nothing => orphans || (there == 0 && !self.has_unfinished(server)),
            Remains::Parts => orphans || self.has_unfinished(server),
            Remains::Object => orphans || there > 0 || matches!(self.before, Before::Same | Before::Other { .. }),
            _ => true,
        }
    }

    /// 115 counts no bytes but those whose SHA-1 was announced.
    fn compares_content(&self) -> bool {
        true
    }

    /// What was announced must be there within the task's life, and no proof may be asked for again and again.
    fn takes_no_content(&self, ledger: &Ledger, took: Duration) -> bool {
        took.as_secs() >= self.limits.task_life || self.asks_too_much(ledger.rests)
    }

    fn keys_die_at_once(&self) -> bool {
        self.oss_limits.sts_life <= 20
    }
}

/// Whether 115 may refuse what its storage tells of a file that is whole: it was told before, or too late, or the file
/// changed.
fn refuses_callbacks(setting: &Setting, ledger: &Ledger, elapsed: Duration) -> bool {
    let again = setting.switches.callback_again == CallbackAgain::Refuse;
    again || ledger.changed || elapsed.as_secs() >= setting.limits.task_life
}

fn may_ask_too_much(setting: &Setting, ledger: &Ledger) -> bool {
    setting.asks_too_much(ledger.rests) || ledger.in_case(Allowed::Denial) > 0 || ledger.changed
}

/// A proof is asked for.
fn is_question(response: &Response<Bytes>) -> bool {
    data(response).is_some_and(|data| data["sign_key"].as_str().is_some_and(|key| !key.is_empty()))
}

/// Status 6, and nothing to go on with.
fn is_refused_proof(response: &Response<Bytes>) -> bool {
    let Some(data) = data(response) else { return false };
    let status = match &data["status"] {
        Value::String(text) => text.parse().unwrap_or_default(),
        other => other.as_i64().unwrap_or_default(),
    };
    status == 6 && data["sign_key"] == ""
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
