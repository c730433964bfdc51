//! The emulator, and its faults.

use bytes::Bytes;
use fastrand::Rng;
use http::Response;
use resumable_emulator::xfyun::Account;
use resumable_emulator::{Config, Emulator, Fault, MemoryStorage, VendorCode};

use super::{APP_ID, KEYS, OBJECTS_URL, SECRETS, SLICE, Setting};
use crate::fate::Kind;
use crate::ledger::Hazard;

/// A server for one case.
pub(super) fn build(setting: &Setting) -> Emulator {
    let mut config = Config::default();
    config.xfyun.accounts = (0..2).map(account).collect();
    OBJECTS_URL.clone_into(&mut config.xfyun.objects_url);
    config.xfyun.limits = setting.limits.clone();
    config.xfyun.switches = setting.switches.clone();
    config.clock_offset = setting.clock_offset;
    config.log_entries = 0;
    Emulator::new(config, Box::new(MemoryStorage::new())).expect("memory, and an account that can be")
}

fn account(number: usize) -> Account {
    Account { app_id: APP_ID.to_owned(), api_key: KEYS[number].to_owned(), api_secret: SECRETS[number].to_owned() }
}

/// True for the vendor's 10005.
pub(super) fn is_gone(response: &Response<Bytes>) -> bool {
    response.body().starts_with(b"{\"code\":10005,")
}

/// Codes of the vendor's, with every kind of meaning; the last two are in no table.
const CODES: [i64; 13] =
    [10_002, 10_003, 10_004, 10_005, 10_005, 10_006, 10_007, 11_202, 11_203, 10_001, 11_201, 10_303, 12_345];

/// Texts of the gateway's, each with its status; the last one is in no table.
const TEXTS: [(u16, &str); 5] = [
    (401, "HMAC signature does not match"),
    (401, "Unauthorized"),
    (403, "Your IP address is not allowed"),
    (429, "API rate limit exceeded"),
    (400, "no such thing"),
];

/// A fault with details drawn.
pub(super) fn fault(kind: Kind, chance: &mut Rng) -> Fault {
    match kind {
        Kind::Throttle => {
            let waits = [None, Some(0), Some(1), Some(7), Some(60), Some(3_000)];
            Fault::Throttle { retry_after_seconds: waits[chance.usize(0..waits.len())] }
        }
        Kind::Html => Fault::Html { status: [502, 504, 404, 302, 413][chance.usize(0..5)] },
        Kind::Garbage => Fault::Garbage,
        Kind::CutReply => Fault::CutReply,
        Kind::Slow => Fault::Delay { millis: chance.u64(1..400_000) },
        Kind::Forget => Fault::ForgetSession,
        Kind::Expired => Fault::ExpireToken,
        Kind::Refuse if chance.u8(0..3) == 0 => {
            let (status, text) = TEXTS[chance.usize(0..TEXTS.len())];
            Fault::Refuse { status, code: VendorCode::Text(text.to_owned()) }
        }
        Kind::Refuse => {
            let status = [200, 500, 400][chance.usize(0..3)];
            Fault::refuse(status, CODES[chance.usize(0..CODES.len())])
        }
        _ => Fault::Unavailable,
    }
}

/// What a fault may lead the client to conclude.
pub(super) fn hazards(call: usize, fault: &Fault) -> Vec<Hazard> {
    match fault {
        Fault::Html { status: 413 } => vec![Hazard::Fatal],
        Fault::Html { .. }
        | Fault::Unavailable
        | Fault::Throttle { .. }
        | Fault::Garbage
        | Fault::CutReply
        | Fault::CutBefore
        | Fault::Reset
        | Fault::DropReply => vec![Hazard::Outage],
        Fault::ForgetSession => vec![Hazard::Session],
        Fault::ExpireToken => vec![Hazard::Clock],
        Fault::Refuse { status, code: VendorCode::Number(code) } => hazards_of_code(*code, *status, call),
        Fault::Refuse { status, code: VendorCode::Text(_) } => vec![match status {
            401 => Hazard::Credential,
            429 => Hazard::Outage,
            400..500 => Hazard::Fatal,
            _ => Hazard::Outage,
        }],
        _ => Vec::new(),
    }
}

fn hazards_of_code(code: i64, status: u16, call: usize) -> Vec<Hazard> {
    match code {
        // A slice that may be there is begun again with all the others.
        10_001 if call == SLICE => vec![Hazard::Fatal, Hazard::Session],
        10_001 | 11_200 | 11_201 => vec![Hazard::Fatal],
        // What is said to be gone is still there, and the client cannot know.
        10_005 => vec![Hazard::Session, Hazard::Denial],
        10_002..=10_007 | 11_202 | 11_203 => vec![Hazard::Outage],
        // The vendor's hosts answer refusals with it: the end, and the call may have had its effect.
        _ if status == 500 => vec![Hazard::Fatal, Hazard::Outage],
        _ if status > 500 => vec![Hazard::Outage],
        _ => vec![Hazard::Fatal],
    }
}
