//! `GET /get/status/?uid=…&time=…&sign=…` (qrcodeapi): asks whether the code was scanned.
//!
//! The vendor holds the answer back until something happens, for half a minute or so; ask again at once. `data.status`
//! is 1 when the code was scanned and 2 when the person has agreed; with anything else nothing has happened yet. Code
//! 40199002 says that the code has expired. That -1 means expired and -2 refused was read about the vendor's older
//! log-in, and not confirmed for this one.

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;

use crate::auth_device_code::DeviceCode;
use crate::codes::{self, Class};
use crate::envelope;
use crate::form;
use crate::log_in::NotLoggedIn;
use crate::op::Op;
use crate::site::Site;

/// How far the person is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// Nothing has happened yet.
    Waiting,
    /// The code was scanned; the person has not agreed yet.
    Scanned,
    /// The person has agreed: fetch the tokens.
    Confirmed,
    /// The code has expired: show a new one.
    Expired,
    /// The person has refused.
    Refused,
}

/// The request.
pub fn encode(site: &Site, code: &DeviceCode) -> Request<Body> {
    let query = form::encoded(&[("uid", &code.uid), ("time", &code.time), ("sign", code.sign())]);
    form::get(site.qrcodeapi(&format!("{}?{query}", Op::QrcodeStatus.path())), None)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that does not tell, with what to do about it.
pub fn decode(response: &Response<Bytes>) -> Result<Scan, NotLoggedIn> {
    let success = match envelope::success(Op::QrcodeStatus, response) {
        Ok(success) => success,
        Err(refused) => {
            let class = refused.fault.code().and_then(codes::find).map(|row| row.class);
            return if class == Some(Class::ScanCode) { Ok(Scan::Expired) } else { Err(refused.into()) };
        }
    };
    Ok(match success.object().integer("status") {
        Some(1) => Scan::Scanned,
        Some(2) => Scan::Confirmed,
        Some(-1) => Scan::Expired,
        Some(-2) => Scan::Refused,
        _ => Scan::Waiting,
    })
}
