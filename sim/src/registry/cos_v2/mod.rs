//! Tencent COS JSON API v2.

mod expectations;
mod server;
mod setting;
mod wire;

use resumable_emulator::cos_v2::{Limits, Switches};
use resumable_proto_cos_v2::{Options, Place};

pub use self::wire::Call;
pub use super::cos::Before;
use super::cos::{self, place};

/// What a case is made of.
pub type Setting = cos::Setting<Options, Switches, Limits>;

fn place_of(key: &str) -> Place {
    place("https://sh.file.myqcloud.com", key)
}
