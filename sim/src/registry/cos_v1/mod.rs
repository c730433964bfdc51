//! Tencent COS JSON API v1.

mod expectations;
mod server;
mod setting;
mod wire;

use resumable_emulator::cos_v1::{Limits, Switches};
use resumable_proto_cos_v1::{Options, Place};

pub use self::wire::Call;
pub use super::cos::Before;
use super::cos::{self, place};

/// What a case is made of.
pub type Setting = cos::Setting<Options, Switches, Limits>;

fn place_of(key: &str) -> Place {
    place("http://web.file.myqcloud.com", key)
}
