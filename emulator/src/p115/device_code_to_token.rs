//! `POST /open/deviceCodeToToken`: the end of a log-in (reference §1.3).
//!
//! Fields: `uid`, `code_verifier` (43 to 128 characters). Answers a pair of tokens, which ends every other; the device code
//! is gone then.

use super::answer::Success;
use super::call::Call;
use super::code::{self, Code};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Code> {
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
