//! `POST /open/deviceCodeToToken` (passportapi): turns a code that a person agreed to into tokens.
//!
//! Fields: `uid`, `code_verifier`. Success has `data{access_token, refresh_token, expires_in}`.
//!
//! Errors: 40140112 and 40140113 the verifier is not the code's; 40140122 the person has authorised too many
//! applications. After a lost reply, ask again; if that is refused, show a new code.

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;

use crate::auth_device_code::DeviceCode;
use crate::form;
use crate::log_in::NotLoggedIn;
use crate::op::Op;
use crate::pkce::CodeVerifier;
use crate::refresh_token;
use crate::site::Site;
use crate::token::Tokens;

/// The request.
pub fn encode(site: &Site, code: &DeviceCode, verifier: &CodeVerifier) -> Request<Body> {
    let fields = [("uid", code.uid.as_str()), ("code_verifier", verifier.expose())];
    form::post(site.passportapi(Op::DeviceCodeToToken.path()), None, &fields)
}

/// Reads the answer.
///
/// # Errors
/// For every answer without both tokens, with what to do about it.
pub fn decode(response: &Response<Bytes>) -> Result<Tokens, NotLoggedIn> {
    refresh_token::tokens(Op::DeviceCodeToToken, response)
}
