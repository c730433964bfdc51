//! Tencent COS JSON API v2.

mod expectations;
mod server;
mod setting;
mod wire;

use resumable_emulator::cos_v2::{Limits, Switches};
use resumable_proto_cos_v2::{CosV2, Options, Place};

pub use self::wire::Call;
pub use super::cos::Before;
use super::cos::{self, place};
use crate::vendor::Wrapped;

/// What a case is made of.
pub type Setting = cos::Setting<Options, Switches, Limits>;

/// COS v2 with its own protocol, or with one that is made of it.
pub type CosV2Vendor<P = CosV2> = Wrapped<Setting, P>;

fn place_of(key: &str) -> Place {
    place("https://sh.file.myqcloud.com", key)
}
