//! `POST /open/authDeviceCode` (passportapi): asks for a code that a person scans with the 115 app.
//!
//! Fields: `client_id`, `code_challenge`, `code_challenge_method`. No token is needed. Success has
//! `data{uid, time, qrcode, sign}`; the code is good for about five minutes.
//!
//! Errors: 40140100 to 40140110 the application is not in order.

use alloc::string::String;
use core::fmt;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;
use secrecy::{ExposeSecret, SecretString};

use crate::log_in::NotLoggedIn;
use crate::op::Op;
use crate::pkce::CodeVerifier;
use crate::site::Site;
use crate::{envelope, form};

/// A code to scan.
#[derive(Clone)]
pub struct DeviceCode {
    /// The vendor's name for this log-in.
    pub uid: String,
    /// When it was made, as the vendor wants to hear it again.
    pub time: String,
    /// The text that the QR code shows.
    pub qrcode: String,
    sign: SecretString,
}

impl DeviceCode {
    pub(crate) fn sign(&self) -> &str {
        self.sign.expose_secret()
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode").field("uid", &self.uid).field("time", &self.time).finish_non_exhaustive()
    }
}

/// The request. `client_id` is the application's, from the vendor's open platform.
pub fn encode(site: &Site, client_id: &str, verifier: &CodeVerifier) -> Request<Body> {
    let challenge = verifier.challenge();
    let fields =
        [("client_id", client_id), ("code_challenge", challenge.as_str()), ("code_challenge_method", "sha256")];
    form::post(site.passportapi(Op::AuthDeviceCode.path()), None, &fields)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is no code, with what to do about it.
pub fn decode(response: &Response<Bytes>) -> Result<DeviceCode, NotLoggedIn> {
    let success = envelope::success(Op::AuthDeviceCode, response)?;
    let data = success.object();
    let named = |name| data.text(name).ok_or_else(|| success.incomplete(name));
    let (uid, time, qrcode, sign) = (named("uid")?, named("time")?, named("qrcode")?, named("sign")?);
    Ok(DeviceCode { uid, time, qrcode, sign: sign.into() })
}
