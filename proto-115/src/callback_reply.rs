//! What 115 answers the storage about a finished object, and the storage passes on as the answer to the last call of an
//! upload: under HTTP 200, as JSON, whether 115 took the file or not.
//!
//! Only `state` true with a `file_id` means that the file is in the drive. 10002 means that the content is not what was
//! announced: another SHA-1, or parts that were not sent one after the other.

use alloc::string::String;

use bytes::Bytes;
use http::Response;

use crate::envelope;
use crate::fault::Refused;
use crate::op::Op;

/// The file is in the drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Its id.
    pub file_id: String,
    /// Its SHA-1 by the vendor, in upper case.
    pub sha1: Option<String>,
    /// Its length in bytes, by the vendor.
    pub file_size: Option<u64>,
    /// Its name, by the vendor: another one than was asked for if that was taken.
    pub file_name: Option<String>,
}

/// Reads the body of the storage's answer.
///
/// # Errors
/// For every answer that does not say that the file is in the drive.
pub fn decode(body: &Bytes) -> Result<Registered, Refused> {
    let success = envelope::success(Op::Callback, &Response::new(body.clone()))?;
    let data = success.object();
    let file_id = data.name("file_id").filter(|id| id != "0").ok_or_else(|| success.incomplete("file_id"))?;
    let sha1 = data.name("sha1").map(|sha1| sha1.to_ascii_uppercase());
    let (file_size, file_name) = (data.number("file_size"), data.file_name());
    Ok(Registered { file_id, sha1, file_size, file_name })
}
