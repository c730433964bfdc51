//! What both versions of the Tencent COS JSON API have in common.

mod before;
mod setting;

use std::time::Duration;

use resumable_emulator::cos::{Account, DateForm};
use resumable_proto_cos::{Credential, ObjectPath, Place, Version};

pub use self::before::Before;
pub(crate) use self::before::{OtherClient, Tie, Visitor, boundary, digests};
pub(crate) use self::setting::{OFFSETS, REAL_EVERY, Setting, TINY, TINY_ONE_REQUEST, file};

pub(crate) const APPID: &str = "10055004";
pub(crate) const BUCKET: &str = "accesslog";
/// The secret keys of the two accounts, and a wrong one. None may ever be seen outside a signature.
pub(crate) const KEYS: [&str; 3] = ["canary-of-the-first-key", "canary-of-the-second-key", "canary-of-the-wrong-key"];
/// The ids that go with them.
const IDS: [&str; 3] = ["AKIDfirst", "AKIDsecond", "AKIDfirst"];

pub(crate) fn credential(number: usize) -> Credential {
    Credential::new(IDS[number], KEYS[number]).expect("the simulator's own keys")
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

/// The server's clock is ahead by more than a signature lives, and its dates cannot be relied on.
pub(crate) fn clock_is_hopeless(date: DateForm, clock_offset: i64, signature_life: Duration) -> bool {
    date == DateForm::AsctimeBeijing && clock_offset + 60 > signature_life.as_secs().cast_signed()
}
