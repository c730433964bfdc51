//! `POST /open/upload/init`: announces a file. The vendor's page calls the body "form-data"; every client sends it
//! urlencoded, and so does this one.
//!
//! Fields: `file_name`, `file_size`, `target` (`U_1_<cid>`), `fileid` (SHA-1 of the file, upper case), `preid` (SHA-1 of
//! the first 128 KiB), `topupload`; in a second authentication also `pick_code`, `sign_key` and `sign_val`.
//!
//! | `data.status` | |
//! |---|---|
//! | 1 | bytes are needed: `bucket`, `object` and `callback` say where |
//! | 2 | the vendor had the content: the file is in the drive |
//! | 7, 8, 6 | prove that you have the content: `sign_key`, `sign_check`; 8 and 6 after a wrong proof |
//!
//! Whether a proof is wanted is told by the presence of `sign_key` and `sign_check`. `sign_check` is `A-B`, both ends
//! included; `sign_val` is the SHA-1 of those bytes in upper case.
//!
//! Errors: 990002 a parameter (the target) is wrong, 10014 and 20009 no such folder, 91005 no space, 413 a passing
//! failure of unknown cause.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use core::ops::Range;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{Advice, Body, Digest, Rejection};

use crate::envelope::{self, Fields};
use crate::fault::{Fault, Refused};
use crate::form;
use crate::op::Op;
use crate::site::Site;
use crate::target::FolderId;
use crate::task::Task;
use crate::token::AccessToken;

/// The request.
#[derive(Clone, Debug)]
pub struct Init<'a> {
    /// The name that the file gets.
    pub file_name: &'a str,
    /// Its length in bytes.
    pub file_size: u64,
    /// The folder that it gets into.
    pub folder: &'a FolderId,
    /// The SHA-1 of the file.
    pub fileid: &'a Digest,
    /// The SHA-1 of its first [`crate::limits::PREID_BYTES`], or of all if there are fewer.
    pub preid: &'a Digest,
    /// The answer to a second authentication.
    pub proof: Option<Proof<'a>>,
}

/// The answer to a [`Challenge`].
#[derive(Clone, Debug)]
pub struct Proof<'a> {
    /// What is answered.
    pub challenge: &'a Challenge,
    /// The SHA-1 of [`Challenge::range`].
    pub sign_val: &'a Digest,
}

/// What the vendor says to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announced {
    /// Bytes are needed.
    Wanted(Task),
    /// The file is in the drive.
    Instant {
        /// The file's id, where the vendor says it.
        file_id: Option<String>,
        /// The name that it got, where the vendor says it.
        file_name: Option<String>,
    },
    /// A proof is wanted.
    Challenged(Challenge),
    /// A proof was refused, and no other one is asked for.
    Disbelieved(Fault),
}

/// The vendor wants to see that the content is here.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// To be sent back as it is.
    pub sign_key: String,
    /// The bytes of the file that are asked for. May lie outside the file, if the vendor is mistaken.
    pub range: Range<u64>,
    /// The task's name, to be sent back if it was given.
    pub pick_code: Option<String>,
}

/// The request, authorised.
pub fn encode(site: &Site, message: &Init<'_>, token: &AccessToken) -> Request<Body> {
    let upper = |digest: &Digest| digest.to_hex().to_ascii_uppercase();
    let (file_size, target) = (message.file_size.to_string(), message.folder.to_target());
    let (fileid, preid) = (upper(message.fileid), upper(message.preid));
    let mut fields = vec![
        ("file_name", message.file_name),
        ("file_size", &file_size),
        ("target", &target),
        ("fileid", &fileid),
        ("preid", &preid),
        ("topupload", "0"),
    ];
    let sign_val = message.proof.as_ref().map(|proof| upper(proof.sign_val)).unwrap_or_default();
    if let Some(Proof { challenge, .. }) = &message.proof {
        if let Some(pick_code) = &challenge.pick_code {
            fields.push(("pick_code", pick_code));
        }
        fields.extend([("sign_key", challenge.sign_key.as_str()), ("sign_val", sign_val.as_str())]);
    }
    form::post(site.proapi(Op::Init.path()), Some(token), &fields)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that is none of [`Announced`].
pub fn decode(response: &Response<Bytes>) -> Result<Announced, Refused> {
    let success = envelope::success(Op::Init, response)?;
    let data = success.object();
    let status = data.integer("status");
    let task = Task::of(&data, None);
    match (status, task) {
        (Some(2), _) => Ok(Announced::Instant { file_id: data.name("file_id"), file_name: data.file_name() }),
        (Some(1), Ok(task)) => Ok(Announced::Wanted(task)),
        (status, task) => match (challenge(&data), task) {
            (Some(Ok(challenge)), _) => Ok(Announced::Challenged(challenge)),
            (Some(Err(missing)), _) => Err(success.incomplete(missing)),
            (None, Ok(task)) => Ok(Announced::Wanted(task)),
            (None, Err(_)) if matches!(status, Some(6 | 8)) => {
                Ok(Announced::Disbelieved(unproven(response, data.integer("code"))))
            }
            (None, Err(_)) if status == Some(7) => {
                let fault = Fault::Incomplete { op: Op::Init, missing: "sign_key" };
                Err(Rejection { fault, advice: Advice::Retry })
            }
            (None, Err(missing)) => Err(success.incomplete(if status.is_none() { "status" } else { missing })),
        },
    }
}

/// A proof was refused, and no other one is asked for.
fn unproven(response: &Response<Bytes>, code: Option<i64>) -> Fault {
    let message = "the second authentication failed, and no new one is offered".to_owned();
    let (code, status) = (code.unwrap_or_default(), response.status().as_u16());
    Fault::Vendor { op: Op::Init, code, message, status }
}

/// The challenge, if there is one; else what it lacks.
fn challenge(data: &Fields) -> Option<Result<Challenge, &'static str>> {
    data.text("sign_key")?;
    let text = data.text("sign_check")?;
    let range = text.split_once('-').and_then(|(first, last)| {
        let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first <= last).then_some(first..last.checked_add(1)?)
    });
    let sign_key = data.name("sign_key");
    Some(match (sign_key, range) {
        (Some(sign_key), Some(range)) => Ok(Challenge { sign_key, range, pick_code: data.name("pick_code") }),
        (None, _) => Err("sign_key"),
        (_, None) => Err("sign_check"),
    })
}
