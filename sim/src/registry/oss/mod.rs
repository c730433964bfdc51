//! Aliyun OSS.

mod callback;
mod expectations;
mod server;
mod setting;
mod wire;

use resumable_proto_oss::{Addressing, Credential, Endpoint, Object, ObjectKey};

pub use self::callback::Listener;
pub use self::setting::{Before, Setting};
pub(crate) use self::setting::{before, storage_limits, storage_switches, tiny_limits};
pub use self::wire::Call;
pub(crate) use self::wire::{LISTS, code, is_of_key};

const BUCKET: &str = "emubucket";
const REGION: &str = "cn-shenzhen";
/// The secrets of the two accounts, and a wrong one.
const KEYS: [&str; 3] = ["canary-of-the-first-secret", "canary-of-the-second-secret", "canary-of-the-wrong-secret"];
/// The ids that go with them.
const IDS: [&str; 3] = ["LTAIfirst", "LTAIsecond", "LTAIfirst"];
/// None may ever be seen outside a request; the last one begins every token of temporary keys.
const CANARIES: [&str; 5] = [KEYS[0], KEYS[1], KEYS[2], callback::CANARY, "CAIS"];

/// The two right key pairs of accounts, and a wrong one.
fn key_pair(number: usize) -> Credential {
    Credential::new(IDS[number], KEYS[number]).expect("the simulator's own keys")
}

fn object(setting: &Setting) -> Object {
    let endpoint = Endpoint::new("https://oss-cn-shenzhen.aliyuncs.com").expect("the simulator's own endpoint");
    let key = ObjectKey::new(setting.key).expect("the simulator's own key");
    Object::new(endpoint, BUCKET, key, Addressing::Auto).expect("the simulator's own object")
}
