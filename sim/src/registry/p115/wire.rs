//! The calls, what their answers mean, and what a fault may make of them.

use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{Method, Request, Response};
use resumable_core::{Body, Segment};
use resumable_emulator::{Fault, Rule, VendorCode};
use resumable_proto_115::codes::{self, Class};
use resumable_proto_oss::{DIALECT, ErrorReply};
use serde_json::Value;

use crate::calls::{Stake, calls};
use crate::chance::pick;
use crate::fault_kind::Kind;
use crate::ledger::Allowed;
use crate::registry::oss;
use crate::vendor::{Wire, allowed_anywhere};

// An init may put the file into the drive, and so may whatever makes the object complete. An upload at the storage whose
// name is lost can be found by nobody; an abort names the upload that it removes, and no other can have that name.
// Temporary keys may be judged when the request begins, or when it ends.
calls! {
    Look "folder/get_info";
    FolderAdd "folder/add";
    Init "upload/init" { stake: Stake::Result };
    Prove "upload/init" { stake: Stake::Result, meets: &[Kind::Forget] };
    Resume "upload/resume" { meets: &[Kind::WrongSession, Kind::Forget] };
    GetToken "upload/get_token";
    Check "folder/get_info" { meets: &[Kind::WrongEcho] };
    Put "put_object" { stake: Stake::Result, meets: &[Kind::WrongEcho, Kind::Callback, Kind::Flipped] };
    Initiate "initiate" { stake: Stake::Name };
    List "list_parts" { meets: &[Kind::WrongEcho, Kind::Forget] };
    Part "upload_part" { minds_beginnings: true, meets: &[Kind::WrongEcho, Kind::Forget, Kind::Flipped] };
    Complete "complete" {
        stake: Stake::Result, meets: &[Kind::WrongEcho, Kind::Forget, Kind::Callback, Kind::Spoilt]
    };
    Abort "abort" { meets: &[Kind::Forget] };
}

/// The calls that are the storage's, and what they are there.
const STORAGE: [(Call, oss::Call); 6] = [
    (Call::Put, oss::Call::Put),
    (Call::Initiate, oss::Call::Initiate),
    (Call::List, oss::Call::List),
    (Call::Part, oss::Call::Part),
    (Call::Complete, oss::Call::Complete),
    (Call::Abort, oss::Call::Abort),
];

/// Codes of the platform's, with every kind of meaning; 0 is how it throttles, and the last one is in no table.
const CODES: [i64; 34] = [
    0, 99, 406, 413, 911, 10_002, 10_014, 20_004, 20_009, 20_013, 20_018, 31_004, 50_015, 70_004, 91_005, 430_004,
    590_075, 770_004, 990_001, 990_002, 990_003, 990_005, 990_009, 20_130_827, 40_110_000, 40_140_116, 40_140_121,
    40_140_123, 40_140_124, 40_140_125, 40_140_126, 40_140_108, 40_140_117, 12_345,
];
/// What the platform passes on of the cloud's.
const STS_THROTTLED: &str = "Throttling.User";

impl Wire for Call {
    const PAGES: &'static [u16] = &[502, 504, 404, 405, 302, 413];

    fn of(request: &Request<Body>, len: u64) -> Self {
        match (request.uri().path(), request.method()) {
            ("/open/folder/get_info", &Method::POST) => Self::Look,
            ("/open/folder/get_info", _) => Self::Check,
            ("/open/folder/add", _) => Self::FolderAdd,
            ("/open/upload/init", _) if has_proof(request.body()) => Self::Prove,
            ("/open/upload/init", _) => Self::Init,
            ("/open/upload/resume", _) => Self::Resume,
            ("/open/upload/get_token", _) => Self::GetToken,
            _ => {
                let there = oss::Call::of(request, len);
                STORAGE.iter().find(|(_, call)| *call == there).expect("a call to the storage").0
            }
        }
    }

    /// HTTP 203 is how the storage says that the callback failed, and `state` is how 115 says that it refused.
    fn says_success(response: &Response<Bytes>) -> bool {
        let is_good = matches!(response.status().as_u16(), 200 | 204);
        is_good && code(response).is_none() && ErrorReply::read(&DIALECT, response).is_none()
    }

    /// What only the servers say of themselves, and no fault in their place, to a client that does not do as they say.
    fn blames_client(response: &Response<Bytes>) -> bool {
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
        let blamed = code(response) != Some(40_140_123) && WORDS.iter().any(|words| text.contains(words));
        blamed || oss::Call::blames_client(response)
    }

    fn wrong_echo(self, chance: &mut Rng) -> Fault {
        let lies = match self {
            Self::Check => vec![Fault::WrongLength],
            Self::List => oss::LISTS.to_vec(),
            Self::Part => vec![Fault::WrongEtag, Fault::WrongCrc],
            _ => vec![Fault::WrongEtag, Fault::WrongCrc, Fault::WrongLength],
        };
        lies[chance.usize(0..lies.len())].clone()
    }

    fn refusal(self, chance: &mut Rng) -> Fault {
        let by_callback = matches!(self, Self::Put | Self::Complete) && chance.bool();
        if let Some(there) = self.at_storage()
            && !by_callback
        {
            return there.refusal(chance);
        }
        if !by_callback && chance.u8(0..24) == 0 {
            return Fault::refuse(400, STS_THROTTLED);
        }
        let status = if by_callback { 200 } else { pick(chance, &[200, 200, 500]) };
        Fault::refuse(status, pick(chance, &CODES))
    }

    /// What 115 answers its storage is no request, and has an operation of its own.
    fn rule(self, fault: Fault) -> Rule {
        match fault {
            // The storage puts other bytes together, and 115 takes them.
            Fault::OtherBytes => Rule::any(fault).times(2),
            _ if self.is_of_callback(&fault) => Rule::once("callback", fault),
            _ => Rule::any(fault),
        }
    }

    /// The platform does not say how long; the client waits as long as the platform's users found to be enough.
    fn asks_to_wait(self, fault: &Fault) -> Duration {
        let is_throttling = match fault {
            Fault::Throttle { .. } | Fault::Refuse { code: VendorCode::Text(_), .. } => true,
            Fault::Html { status } => *status < 500,
            Fault::Refuse { code: VendorCode::Number(code), .. } => {
                *code == 0 || codes::find(*code).is_some_and(|row| row.class == Class::Throttled)
            }
            _ => false,
        };
        if is_throttling && self.at_storage().is_none() { codes::THROTTLED_MOST } else { Duration::ZERO }
    }

    fn allows(self, fault: &Fault) -> Vec<Allowed> {
        if self.is_of_callback(fault) {
            return callback_allows(fault);
        }
        match (self.at_storage(), fault) {
            // The platform passes on what the cloud says of too many calls.
            (None, Fault::Refuse { code: VendorCode::Text(_), .. } | Fault::Html { .. }) => vec![Allowed::Outage],
            (_, Fault::WrongLength) if self != Self::List => vec![Allowed::Digest],
            // A proof of what was forgotten is no proof.
            (_, Fault::ForgetSession) if self == Self::Prove => vec![Allowed::Denial],
            // A challenge does not outlive the longest delays: its proof, and the one after it, may be too late.
            (_, Fault::Delay { .. }) if self == Self::Prove => vec![Allowed::Digest, Allowed::Digest],
            (_, Fault::WrongSession | Fault::CallbackFailed { .. }) => vec![Allowed::Session],
            (_, Fault::ExpireToken) => vec![Allowed::Credential],
            (_, Fault::Refuse { code: VendorCode::Number(code), status }) => self.code_allows(*code, *status),
            (Some(there), _) => there.allows(fault),
            (None, _) => allowed_anywhere(fault),
        }
    }
}

impl Call {
    /// What it is at the storage.
    fn at_storage(self) -> Option<oss::Call> {
        STORAGE.iter().find(|(call, _)| *call == self).map(|(_, there)| *there)
    }

    /// True for faults of what 115 answers its storage.
    fn is_of_callback(self, fault: &Fault) -> bool {
        let is_shown = matches!(fault, Fault::Refuse { code: VendorCode::Number(_), .. } | Fault::WrongLength);
        matches!(self, Self::Put | Self::Complete) && is_shown
    }

    fn code_allows(self, code: i64, status: u16) -> Vec<Allowed> {
        use Class as C;
        let Some(class) = codes::find(code).map(|row| row.class) else {
            return match (code, self) {
                (0, _) if status < 500 => vec![Allowed::Outage],
                _ if status >= 500 => vec![Allowed::Outage],
                (_, Self::Resume) => vec![Allowed::Refusal, Allowed::Session],
                _ => vec![Allowed::Fatal],
            };
        };
        match (class, self) {
            (C::AccessToken, _) => vec![Allowed::Credential],
            (C::Throttled | C::Unable, _) => vec![Allowed::Outage],
            // It says that the task, or the file, is not there, and it is.
            (C::Content | C::NotFound | C::NoFolder | C::Refused, Self::Resume)
            | (C::NotFound | C::NoFolder, Self::Check) => {
                vec![Allowed::Session]
            }
            (C::Passing, Self::Resume) => vec![Allowed::Refusal, Allowed::Session],
            (C::Content, _) => vec![Allowed::Digest],
            (C::NotFound | C::NoFolder, Self::Look) => vec![Allowed::Fatal, Allowed::Refusal],
            (C::NoFolder, Self::Init | Self::Prove) => vec![Allowed::Fatal, Allowed::Session],
            (C::FolderExists, Self::FolderAdd) | (C::Passing | C::NotFound, _) => vec![Allowed::Refusal],
            _ => vec![Allowed::Fatal],
        }
    }
}

fn has_proof(body: &Body) -> bool {
    let holds = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8_lossy(bytes).contains("sign_key="),
        Segment::Source(_) => false,
    };
    body.segments().iter().any(holds)
}

/// The object is stored; whether the file is in the drive, 115 has not said, or it has said no.
fn callback_allows(fault: &Fault) -> Vec<Allowed> {
    let Fault::Refuse { code: VendorCode::Number(code), .. } = fault else { return vec![Allowed::Digest] };
    match codes::find(*code).map(|row| row.class) {
        Some(Class::Content) => vec![Allowed::Digest],
        Some(Class::Person | Class::NoFolder | Class::Refused) => vec![Allowed::Fatal, Allowed::Session],
        None if *code != 0 => vec![Allowed::Fatal, Allowed::Session],
        _ => vec![Allowed::Session],
    }
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
