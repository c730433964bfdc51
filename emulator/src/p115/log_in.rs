//! The calls that give tokens and keys.

use serde_json::json;

use super::answer::Success;
use super::call::Call;
use super::code::{self, Code};
use super::devices::{Method, State};
use crate::date;

/// `POST /open/authDeviceCode`: begins a log-in (reference §1.3).
///
/// Fields: `client_id`, `code_challenge` (base64 of the verifier's digest, either alphabet), `code_challenge_method`
/// (`sha256`, `sha1`, `md5`). Answers `uid`, `time`, `qrcode` (the text to draw) and `sign`. Which of 40140100 to 40140107
/// stands for which field is a guess.
pub(super) fn auth_device_code(call: &Call<'_>) -> Result<Success, Code> {
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

/// `GET /get/status/`: how far a log-in is (reference §1.3).
///
/// Query: `uid`, `time`, `sign`, as they were answered. Answers `data.status` 1 for a code that was scanned, 2 for one that
/// was confirmed, and an empty `data` before: an object, or what `shape` says. At the vendor's this waits for a change; here it is answered at once.
pub(super) fn get_status(call: &Call<'_>) -> Result<Success, Code> {
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

/// `POST /open/deviceCodeToToken`: the end of a log-in (reference §1.3).
///
/// Fields: `uid`, `code_verifier` (43 to 128 characters). Answers a pair of tokens, which ends every other; the device code
/// is gone then.
pub(super) fn device_code_to_token(call: &Call<'_>) -> Result<Success, Code> {
    let server = call.server;
    let uid = call.fields.text("uid").ok_or(code::DEVICE_CODE)?;
    let verifier = call.fields.text("code_verifier").unwrap_or_default();
    if !(43..=128).contains(&verifier.len()) {
        return Err(code::VERIFIER_LENGTH);
    }
    server.devices.redeem(uid, verifier, call.clock, server.config.limits.device_life)?;
    let pair = server.tokens.log_in(&server.config, call.clock, &server.chance, &server.journal)?;
    Ok(pair.data(call.clock).into())
}

/// `POST /open/refreshToken`: another pair of tokens for the one that is good (reference §1.4).
///
/// Field: `refresh_token`; no `Authorization`. The refresh token is good once: 40140116 from then on. Too soon after the one
/// before it is 40140117, and nothing is used up.
pub(super) fn refresh_token(call: &Call<'_>) -> Result<Success, Code> {
    let server = call.server;
    let token = call.fields.text("refresh_token").filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
    let token = token.ok_or(code::REFRESH_MALFORMED)?;
    let pair = server.tokens.refresh(token, &server.config, call.clock, &server.chance, &server.journal)?;
    Ok(pair.data(call.clock).into())
}

/// `GET /open/upload/get_token`: a temporary key for OSS (reference §3).
///
/// No parameters. Answers `endpoint`, `AccessKeyId`, `AccessKeySecret`, `SecurityToken`, `Expiration`.
pub(super) fn get_token(call: &Call<'_>) -> Success {
    let sts = call.server.oss.grant(call.clock);
    let config = &call.server.config;
    let host = config.oss_endpoint.as_deref().unwrap_or(call.host);
    json!({
        "endpoint": config.shape.endpoint(host),
        "AccessKeyId": sts.access_key_id,
        "AccessKeySecret": sts.access_key_secret,
        "SecurityToken": sts.security_token,
        "Expiration": date::iso8601_seconds(sts.expiration),
    })
    .into()
}
