//! `POST /open/refreshToken`: another pair of tokens for the one that is good (reference §1.4).
//!
//! Field: `refresh_token`; no `Authorization`. The refresh token is good once: 40140116 from then on. Too soon after the one
//! before it is 40140117, and nothing is used up.

use super::answer::Success;
use super::call::Call;
use super::code::{self, Code};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Code> {
    let server = call.server;
    let token = call.fields.text("refresh_token").filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
    let token = token.ok_or(code::REFRESH_MALFORMED)?;
    let pair = server.tokens.refresh(token, &server.config, call.clock, &server.chance, &server.journal)?;
    Ok(pair.data(call.clock).into())
}
