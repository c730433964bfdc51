//! `POST /open/refreshToken` (passportapi): turns a refresh token into new tokens.
//!
//! One field, `refresh_token`; neither an access token nor a `client_id` is needed. Success has
//! `data{access_token, refresh_token, expires_in}`, and the token that was sent is dead from then on: make the new one
//! durable before anything else. Where several processes share the tokens, one refreshes and the others read.
//!
//! Errors: 40140116, 40140119 (and 114, 115) the token is dead; 40140120 it is not the newest one; 40140117 too often;
//! 40140121 the vendor failed. After a lost reply, ask once more with the same token: if it is dead then, a person must
//! log in.

use core::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;

use crate::log_in::NotLoggedIn;
use crate::op::Op;
use crate::site::Site;
use crate::token::{AccessToken, RefreshToken, Tokens};
use crate::{envelope, form};

/// The request.
pub fn encode(site: &Site, refresh_token: &RefreshToken) -> Request<Body> {
    form::post(site.passportapi(Op::RefreshToken.path()), None, &[("refresh_token", refresh_token.expose())])
}

/// Reads the answer.
///
/// # Errors
/// For every answer without both tokens, with what to do about it.
pub fn decode(response: &Response<Bytes>) -> Result<Tokens, NotLoggedIn> {
    tokens(Op::RefreshToken, response)
}

/// The tokens of a success.
pub(crate) fn tokens(op: Op, response: &Response<Bytes>) -> Result<Tokens, NotLoggedIn> {
    let success = envelope::success(op, response)?;
    let data = success.object();
    let access_token = data.text("access_token").and_then(|text| AccessToken::new(text).ok());
    let refresh_token = data.text("refresh_token").and_then(|text| RefreshToken::new(text).ok());
    Ok(Tokens {
        access_token: access_token.ok_or_else(|| success.incomplete("access_token"))?,
        refresh_token: refresh_token.ok_or_else(|| success.incomplete("refresh_token"))?,
        expires_in: data.number("expires_in").map(Duration::from_secs),
    })
}
