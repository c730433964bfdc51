//! The emulator with what is in the drive before, and its faults.

use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::Response;
use resumable_emulator::p115::User;
use resumable_emulator::{Config, Emulator, Fault, MemoryStorage, VendorCode};
use resumable_proto_115::codes::{self, Class};
use resumable_proto_oss::ErrorReply;
use serde_json::Value;

use super::setting::WAY;
use super::{Before, CHECK, COMPLETE, FOLDER_ADD, Folder, INIT, LIST, LOOK, PART, PROVE, PUT, RESUME, Setting, TOKENS};
use crate::fate::Kind;
use crate::ledger::Hazard;
use crate::protocol::oss;
use crate::source::{Source, pattern};

/// Where the same content is that is somewhere else.
const ELSEWHERE: &str = "elsewhere/other.bin";

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.p115.user =
        User { access_token: TOKENS[0].to_owned(), refresh_token: TOKENS[2].to_owned(), ..User::default() };
    config.p115.oss_endpoint = Some("oss-cn-shenzhen.aliyuncs.com".to_owned());
    config.p115.seed = chance.u64(..);
    config.p115.limits = setting.limits.clone();
    config.p115.switches = setting.switches.clone();
    config.p115.shape = setting.shape.clone();
    config.oss.limits = setting.oss_limits.clone();
    config.oss.switches = setting.oss_switches.clone();
    "cn-shenzhen".clone_into(&mut config.oss.region);
    config.clock_offset = setting.clock_offset;
    config.log_entries = 0;
    let server = Emulator::new(config, Box::new(MemoryStorage::new())).expect("memory, and settings that can be");
    lay_the_way(setting, &server);
    lay_before(setting, &server, source, chance);
    server
}

fn lay_the_way(setting: &Setting, server: &Emulator) {
    let [first, second] = WAY;
    let drive = server.p115();
    let laid = match setting.target.folder {
        Folder::There => drive.put_folder(&format!("{first}/{second}")).map(drop),
        Folder::Half => drive.put_folder(first).map(drop),
        Folder::BehindAFile => drive.put_file(first, b"in the way"),
        Folder::IsAFile => drive.put_file(&format!("{first}/{second}"), b"in the way"),
        Folder::Root | Folder::RootById | Folder::DeadId | Folder::Missing => Ok(()),
    };
    laid.expect("an empty drive");
}

fn lay_before(setting: &Setting, server: &Emulator, source: &Source, chance: &mut Rng) {
    let (drive, ours) = (server.p115(), source.bytes());
    let laid = match setting.before {
        Before::Nothing => Ok(()),
        Before::Elsewhere => drive.put_file(ELSEWHERE, ours),
        Before::Same => drive.put_file(&setting.path(), ours),
        Before::Other { same_length } => {
            let len = if same_length { ours.len() } else { ours.len() / 2 + 1 };
            let mut bytes = pattern(len as u64, chance.u64(..));
            // Two contents of a few bytes might be the same.
            if let Some(first) = bytes.first_mut() {
                *first = ours.first().map_or(1, |byte| byte ^ 0xff);
            }
            drive.put_file(&setting.path(), &bytes)
        }
        Before::Folder => drive.put_folder(&setting.path()).map(drop),
    };
    laid.expect("a drive with nothing in the way");
}

/// Codes of the platform's, with every kind of meaning; 0 is how it throttles, and the last one is in no table.
const CODES: [i64; 34] = [
    0, 99, 406, 413, 911, 10_002, 10_014, 20_004, 20_009, 20_013, 20_018, 31_004, 50_015, 70_004, 91_005, 430_004,
    590_075, 770_004, 990_001, 990_002, 990_003, 990_005, 990_009, 20_130_827, 40_110_000, 40_140_116, 40_140_121,
    40_140_123, 40_140_124, 40_140_125, 40_140_126, 40_140_108, 40_140_117, 12_345,
];
/// What the platform passes on of the cloud's.
const STS_THROTTLED: &str = "Throttling.User";

fn is_of_storage(call: usize) -> bool {
    call >= PUT
}

/// True for faults of what 115 answers its storage.
pub(super) fn is_of_callback(call: usize, fault: &Fault) -> bool {
    let is_shown = matches!(fault, Fault::Refuse { code: VendorCode::Number(_), .. } | Fault::WrongLength);
    matches!(call, PUT | COMPLETE) && is_shown
}

/// A fault with details drawn.
pub(super) fn fault(kind: Kind, call: usize, chance: &mut Rng) -> Fault {
    match kind {
        Kind::Throttle => {
            let waits = [None, Some(0), Some(1), Some(7), Some(60), Some(3_000)];
            Fault::Throttle { retry_after_seconds: waits[chance.usize(0..waits.len())] }
        }
        Kind::Html => Fault::Html { status: [502, 504, 404, 405, 302, 413][chance.usize(0..6)] },
        Kind::Garbage => Fault::Garbage,
        Kind::CutReply => Fault::CutReply,
        Kind::Slow => Fault::Delay { millis: chance.u64(1..400_000) },
        Kind::WrongEcho => wrong_echo(call, chance),
        Kind::WrongSession => Fault::WrongSession,
        Kind::Forget => Fault::ForgetSession,
        Kind::Expired => Fault::ExpireToken,
        Kind::Callback => Fault::CallbackFailed { delivered: chance.bool() },
        Kind::Refuse => refuse(call, chance),
        _ => Fault::Unavailable,
    }
}

fn wrong_echo(call: usize, chance: &mut Rng) -> Fault {
    let lies = match call {
        CHECK => vec![Fault::WrongLength],
        LIST => vec![Fault::WrongEtag, Fault::WrongCrc, Fault::StuckMarker, Fault::MissingMarker],
        PART => vec![Fault::WrongEtag, Fault::WrongCrc],
        _ => vec![Fault::WrongEtag, Fault::WrongCrc, Fault::WrongLength],
    };
    lies[chance.usize(0..lies.len())].clone()
}

fn refuse(call: usize, chance: &mut Rng) -> Fault {
    let by_callback = matches!(call, PUT | COMPLETE) && chance.bool();
    if is_of_storage(call) && !by_callback {
        let (status, code) = oss::CODES[chance.usize(0..oss::CODES.len())];
        return Fault::refuse(status, code);
    }
    if !by_callback && chance.u8(0..24) == 0 {
        return Fault::refuse(400, STS_THROTTLED);
    }
    let status = if by_callback { 200 } else { [200, 200, 500][chance.usize(0..3)] };
    Fault::refuse(status, CODES[chance.usize(0..CODES.len())])
}

/// What a fault may lead the client to conclude.
pub(super) fn hazards(call: usize, fault: &Fault) -> Vec<Hazard> {
    if is_of_callback(call, fault) {
        return hazards_of_callback(fault);
    }
    match fault {
        // The platform passes on what the cloud says of too many calls.
        Fault::Refuse { code: VendorCode::Text(_), .. } if !is_of_storage(call) => hazards(call, &Fault::Unavailable),
        Fault::Html { status: 413 } if is_of_storage(call) => vec![Hazard::Fatal],
        Fault::Html { status: 404 | 405 } if is_of_storage(call) => vec![Hazard::Refusal],
        Fault::Html { .. }
        | Fault::Unavailable
        | Fault::Throttle { .. }
        | Fault::Garbage
        | Fault::CutReply
        | Fault::CutBefore
        | Fault::Reset
        | Fault::DropReply => vec![Hazard::Outage],
        Fault::StuckMarker | Fault::MissingMarker => vec![Hazard::Refusal],
        Fault::WrongLength => vec![Hazard::Digest],
        Fault::WrongEtag | Fault::WrongCrc => oss::hazards_of_lie(call - PUT, fault),
        // A proof of what was forgotten is no proof.
        Fault::ForgetSession if call == PROVE => vec![Hazard::Denial],
        Fault::ForgetSession | Fault::WrongSession | Fault::CallbackFailed { .. } => vec![Hazard::Session],
        Fault::ExpireToken => vec![Hazard::Credential],
        Fault::Refuse { code: VendorCode::Number(code), status } => hazards_of_code(*code, *status, call),
        Fault::Refuse { code: VendorCode::Text(code), .. } => oss::hazards_of_code(code, call - PUT),
        _ => Vec::new(),
    }
}

/// The object is stored; whether the file is in the drive, 115 has not said, or it has said no.
fn hazards_of_callback(fault: &Fault) -> Vec<Hazard> {
    let Fault::Refuse { code: VendorCode::Number(code), .. } = fault else { return vec![Hazard::Digest] };
    match codes::find(*code).map(|row| row.class) {
        Some(Class::Content) => vec![Hazard::Digest],
        Some(Class::Person | Class::NoFolder | Class::Refused) => vec![Hazard::Fatal, Hazard::Session],
        None if *code != 0 => vec![Hazard::Fatal, Hazard::Session],
        _ => vec![Hazard::Session],
    }
}

fn hazards_of_code(code: i64, status: u16, call: usize) -> Vec<Hazard> {
    use Class as C;
    let Some(class) = codes::find(code).map(|row| row.class) else {
        return match (code, call) {
            (0, _) if status < 500 => vec![Hazard::Outage],
            _ if status >= 500 => vec![Hazard::Outage],
            (_, RESUME) => vec![Hazard::Refusal, Hazard::Session],
            _ => vec![Hazard::Fatal],
        };
    };
    match (class, call) {
        (C::AccessToken, _) => vec![Hazard::Credential],
        (C::Throttled | C::Unable, _) => vec![Hazard::Outage],
        // It says that the task, or the file, is not there, and it is.
        (C::Content | C::NotFound | C::NoFolder | C::Refused, RESUME) | (C::NotFound | C::NoFolder, CHECK) => {
            vec![Hazard::Session]
        }
        (C::Passing, RESUME) => vec![Hazard::Refusal, Hazard::Session],
        (C::Content, _) => vec![Hazard::Digest],
        (C::NotFound | C::NoFolder, LOOK) => vec![Hazard::Fatal, Hazard::Refusal],
        (C::NoFolder, INIT | PROVE) => vec![Hazard::Fatal, Hazard::Session],
        (C::FolderExists, FOLDER_ADD) | (C::Passing | C::NotFound, _) => vec![Hazard::Refusal],
        _ => vec![Hazard::Fatal],
    }
}

/// The platform does not say how long; the client waits as long as the platform's users found to be enough.
pub(super) fn asks_to_wait(call: usize, fault: &Fault) -> Duration {
    let is_throttling = match fault {
        Fault::Throttle { .. } | Fault::Refuse { code: VendorCode::Text(_), .. } => true,
        Fault::Html { status } => *status < 500,
        Fault::Refuse { code: VendorCode::Number(code), .. } => {
            *code == 0 || codes::find(*code).is_some_and(|row| row.class == Class::Throttled)
        }
        _ => false,
    };
    if is_throttling && !is_of_storage(call) { codes::THROTTLED_MOST } else { Duration::ZERO }
}

/// The members of an answer of the platform's.
fn envelope(response: &Response<Bytes>) -> Option<Value> {
    let value: Value = serde_json::from_slice(response.body()).ok()?;
    value.get("state").is_some().then_some(value)
}

/// The platform's code, if the answer is one of its refusals.
pub(super) fn code(response: &Response<Bytes>) -> Option<i64> {
    let envelope = envelope(response)?;
    let code = envelope.get("code")?.as_i64()?;
    let is_true = matches!(&envelope["state"], Value::Bool(true)) || envelope["state"] == 1 || envelope["state"] == "1";
    (!is_true || code != 0).then_some(code)
}

/// The members of a success's `data`, however they are wrapped.
pub(super) fn data(response: &Response<Bytes>) -> Option<Value> {
    if code(response).is_some() {
        return None;
    }
    let data = envelope(response)?.get("data")?.clone();
    if let Value::Array(mut items) = data { items.pop() } else { Some(data) }
}

/// HTTP 203 is how the storage says that the callback failed, and `state` is how 115 says that it refused.
pub(super) fn says_success(response: &Response<Bytes>) -> bool {
    let is_good = matches!(response.status().as_u16(), 200 | 204);
    is_good && code(response).is_none() && ErrorReply::read(response).is_none()
}

/// What only the servers say of themselves, and no fault in their place, to a client that does not do as they say.
pub(super) fn blames_client(response: &Response<Bytes>) -> bool {
    const WORDS: [&str; 8] = [
        "is missing",
        "is no number",
        "is no SHA-1",
        "is not U_1_",
        "topupload is unknown",
        "this is not the task's file",
        "access_token is malformed",
        "no service of the emulator",
    ];
    let text = String::from_utf8_lossy(response.body());
    let has = |what: &str| text.contains(what);
    oss::blames_client(response) || (code(response) != Some(40_140_123) && WORDS.iter().any(|words| has(words)))
}
