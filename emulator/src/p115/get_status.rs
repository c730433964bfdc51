//! `GET /get/status/`: how far a log-in is (reference §1.3).
//!
//! Query: `uid`, `time`, `sign`, as they were answered. Answers `data.status` 1 for a code that was scanned, 2 for one that
//! was confirmed, and an empty `data` before: an object, or what `shape` says. At the vendor's this waits for a change; here it is answered at once.

use serde_json::json;

use super::answer::Success;
use super::call::Call;
use super::code::{self, Code};
use super::devices::State;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Code> {
    let config = &call.server.config;
    let text = |name| call.fields.text(name).unwrap_or_default();
    let uid = call.fields.text("uid").ok_or(code::DEVICE_CODE)?;
    let asked = (uid, text("time"), text("sign"));
    let state = call.server.devices.poll(asked, call.clock, config.limits.device_life, config.confirm_at_poll)?;
    let data = match state {
        State::Waiting => config.shape.waiting(),
        State::Scanned => json!({ "status": 1, "msg": "scanned" }),
        State::Confirmed => json!({ "status": 2, "msg": "confirmed" }),
    };
    Ok(data.into())
}
