//! Tencent COS, XML API.

mod expectations;
mod server;
mod setting;
mod wire;

use resumable_proto_cos_xml::{Bucket, Credential, Object, ObjectKey, Region};

pub use self::setting::Setting;
pub use self::wire::Call;

const BUCKET: &str = "emubucket-1250000000";
const REGION: &str = "ap-guangzhou";
/// The secrets of the two accounts, and a wrong one.
const KEYS: [&str; 3] = ["canary-of-the-first-secret", "canary-of-the-second-secret", "canary-of-the-wrong-secret"];
/// The ids that go with them.
const IDS: [&str; 3] = ["AKIDfirst", "AKIDsecond", "AKIDfirst"];

/// The two right key pairs of accounts, and a wrong one.
fn key_pair(number: usize) -> Credential {
    Credential::new(IDS[number], KEYS[number]).expect("the simulator's own keys")
}

fn object(setting: &Setting) -> Object {
    let (region, bucket) = (Region::new(REGION).expect("a region"), Bucket::new(BUCKET).expect("a bucket"));
    let key = ObjectKey::new(setting.key).expect("the simulator's own key");
    Object::in_region(&region, bucket, key).expect("the simulator's own object")
}
