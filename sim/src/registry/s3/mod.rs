//! Amazon S3, and servers that speak it.

mod expectations;
mod server;
mod setting;
mod wire;

use resumable_proto_s3::{Addressing, Credential, Object, ObjectKey};

pub use self::setting::{Before, Setting};
pub use self::wire::Call;

const BUCKET: &str = "emubucket";
/// Where the client thinks that the bucket is.
const REGION: &str = "us-east-1";
/// The secrets of the two accounts, and a wrong one.
const KEYS: [&str; 3] = ["canary-of-the-first-secret", "canary-of-the-second-secret", "canary-of-the-wrong-secret"];
/// The ids that go with them.
const IDS: [&str; 3] = ["AKIAfirst", "AKIAsecond", "AKIAfirst"];
/// None may ever be seen outside a request.
const CANARIES: [&str; 3] = KEYS;

/// The two right key pairs of accounts, and a wrong one.
fn key_pair(number: usize) -> Credential {
    Credential::new(IDS[number], KEYS[number]).expect("the simulator's own keys")
}

fn object(setting: &Setting) -> Object {
    let key = ObjectKey::new(setting.key).expect("the simulator's own key");
    Object::in_region(REGION, BUCKET, key, Addressing::Auto).expect("the simulator's own object")
}
