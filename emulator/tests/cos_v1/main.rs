//! Tencent COS JSON API v1, as a client sees it.

mod answers;
#[path = "../cos_client/mod.rs"]
mod client;
mod disk;
mod faults;
mod fuzz;
mod objects;
mod resume;
mod slices;

use resumable_emulator::Emulator;
use resumable_emulator::cos_v1::Switches;

/// Another path than the client's own.
const OTHER: &str = "/files/v1/10055004/accesslog/other";

fn emulator() -> Emulator {
    switched(|_| {})
}

fn switched(change: impl FnOnce(&mut Switches)) -> Emulator {
    client::with(|config| change(&mut config.cos_v1.switches))
}
