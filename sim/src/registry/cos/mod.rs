//! What both versions of the Tencent COS JSON API have in common.

mod before;
mod setting;

use std::time::Duration;

use resumable_emulator::cos::{Account, DateForm};
use resumable_proto_cos::{Boundary, Credential, ObjectPath, Place, Signature, Signing, Version, sign};

pub use self::before::Before;
pub(crate) use self::before::{OtherClient, Tie};
pub(crate) use self::setting::Setting;
pub(crate) use self::setting::{OFFSETS, REAL_EVERY, TINY, TINY_ONE_REQUEST, file};
use crate::clock::Clock;
use crate::other_client::server_clock;

pub(crate) const APPID: &str = "10055004";
pub(crate) const BUCKET: &str = "accesslog";
/// The secret keys of the two accounts, and a wrong one. None may ever be seen outside a signature.
pub(crate) const KEYS: [&str; 3] = ["canary-of-the-first-key", "canary-of-the-second-key", "canary-of-the-wrong-key"];
/// The ids that go with them.
const IDS: [&str; 3] = ["AKIDfirst", "AKIDsecond", "AKIDfirst"];

pub(crate) fn credential(number: usize) -> Credential {
    Credential::new(IDS[number], KEYS[number])
}

/// The two accounts at the server.
pub(crate) fn accounts() -> Vec<Account> {
    let account = |number: usize| Account {
        appid: APPID.to_owned(),
        bucket: BUCKET.to_owned(),
        secret_id: IDS[number].to_owned(),
        secret_key: KEYS[number].to_owned(),
    };
    (0..2).map(account).collect()
}

pub(crate) fn place<V: Version>(endpoint: &str, key: &str) -> Place<V> {
    let path = ObjectPath::new(format!("/{key}")).expect("the simulator's own path");
    Place::new(endpoint, APPID, BUCKET, path).expect("the simulator's own place")
}

/// Another client's signature, by the clock of the server before the case begins.
pub(crate) fn signature<V>(place: &Place<V>, clock_offset: i64) -> Signature {
    let credential = credential(0);
    let now = server_clock(Clock::new().server(), clock_offset);
    sign::multi_effect(&Signing::new(&credential, place, now, 1), Duration::from_secs(600), &place.file_id())
}

pub(crate) fn boundary() -> Boundary {
    Boundary::from_nonce(1)
}

/// The server's clock is ahead by more than a signature lives, and its dates cannot be relied on.
pub(crate) fn clock_is_hopeless(date: DateForm, clock_offset: i64, signature_life: Duration) -> bool {
    date == DateForm::AsctimeBeijing && clock_offset + 60 > signature_life.as_secs().cast_signed()
}
