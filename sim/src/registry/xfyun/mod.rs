//! iFLYTEK OST file upload. The vendor names the objects and can be asked nothing: an object is known by the url of a
//! receipt, copies are left, and the client's checkpoints alone know what has arrived.

mod expectations;
mod setting;
mod wire;

pub use self::setting::Setting;
pub use self::wire::Call;

const ENDPOINT: &str = "https://upload-ost-api.xfyun.cn";
const APP_ID: &str = "4CC5779A";
const OBJECTS_URL: &str = "https://ost.example/objects";
/// The secrets of the two key pairs, and a wrong one. None may ever be seen outside a signature.
const SECRETS: [&str; 3] = ["canary-of-the-first-secret", "canary-of-the-second-secret", "canary-of-the-wrong-secret"];
/// The keys that go with them.
const KEYS: [&str; 3] = ["first-key", "second-key", "first-key"];
