//! The 115 open platform, and the Aliyun OSS that it sends its clients to.

mod expectations;
mod host;
mod server;
mod setting;
mod wire;

pub use self::setting::{Before, Folder, Setting, Target};
pub use self::wire::Call;

/// The first access token, one that the platform has never given out, and the refresh token that goes with the first.
const TOKENS: [&str; 3] = ["canary-of-the-first-token", "canary-of-the-wrong-token", "canary-of-the-refresh-token"];
/// None may ever be seen outside a request: those three, how the tokens begin that the platform gives out later, and
/// how the storage's begin.
const CANARIES: [&str; 6] = [TOKENS[0], TOKENS[1], TOKENS[2], "emu-access-", "emu-refresh-", "CAIS"];
