//! `POST /open/authDeviceCode`: begins a log-in (reference §1.3).
//!
//! Fields: `client_id`, `code_challenge` (base64 of the verifier's digest, either alphabet), `code_challenge_method`
//! (`sha256`, `sha1`, `md5`). Answers `uid`, `time`, `qrcode` (the text to draw) and `sign`. Which of 40140100 to 40140107
//! stands for which field is a guess.

use serde_json::json;

use super::answer::Success;
use super::call::Call;
use super::code::{self, Code};
use super::devices::Method;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Code> {
    let config = &call.server.config;
    if call.fields.text("client_id") != Some(&config.client_id) {
        return Err(code::CLIENT_ID);
    }
    let method = call.fields.text("code_challenge_method").and_then(Method::of).ok_or(code::METHOD)?;
    let challenge = call.fields.text("code_challenge").and_then(|text| method.read(text)).ok_or(code::CHALLENGE)?;
    let devices = &call.server.devices;
    let device = devices.begin(method, challenge, call.clock, config.limits.device_life, &call.server.chance);
    let data = json!({
        "uid": device.uid,
        "time": device.time,
        "qrcode": format!("https://115.com/scan/dg-{}", device.uid),
        "sign": device.sign,
    });
    Ok(data.into())
}
