//! Tencent COS JSON API v1.

mod expectations;
mod server;
mod setting;
mod wire;

use resumable_emulator::cos_v1::{Limits, Switches};
use resumable_proto_cos_v1::{CosV1, Options, Place};

pub use self::wire::Call;
pub use super::cos::Before;
use super::cos::{self, place};
use crate::vendor::Wrapped;

/// What a case is made of.
pub type Setting = cos::Setting<Options, Switches, Limits>;

/// COS v1 with its own protocol, or with one that is made of it.
pub type CosV1Vendor<P = CosV1> = Wrapped<Setting, P>;

fn place_of(key: &str) -> Place {
    place("http://web.file.myqcloud.com", key)
}
