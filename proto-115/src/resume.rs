//! `POST /open/upload/resume`: takes up an announced file again.
//!
//! Fields: `file_size`, `target`, `fileid`, `pick_code`, all required. Success has `data{pick_code, target, version,
//! bucket, object, callback{callback, callback_var}}`: where the bytes are to go, afresh. It tells neither a `status` nor
//! the upload id at OSS, which only the client knows, and which is of use only if bucket and object are still the same.
//!
//! A refusal means that the task is not there any more: announce the file anew.

use alloc::string::ToString;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{Advice, Body, Digest};

use crate::codes::{self, Class};
use crate::fault::{Fault, Refused};
use crate::op::Op;
use crate::site::Site;
use crate::target::FolderId;
use crate::task::Task;
use crate::token::AccessToken;
use crate::{envelope, form};

/// The request.
#[derive(Clone, Debug)]
pub struct Resume<'a> {
    /// The file's length in bytes.
    pub file_size: u64,
    /// The folder that it gets into.
    pub folder: &'a FolderId,
    /// The SHA-1 of the file.
    pub fileid: &'a Digest,
    /// The task's name.
    pub pick_code: &'a str,
}

/// What became of the task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resumed {
    /// It goes on, here. The name may be a new one; it is empty where the vendor did not say it again.
    Task(Task),
    /// It is not there any more.
    Gone(Fault),
    /// It was refused, and that may pass: a few tries tell.
    Refused(Fault),
}

/// The request, authorised.
pub fn encode(site: &Site, message: &Resume<'_>, token: &AccessToken) -> Request<Body> {
    let (file_size, target) = (message.file_size.to_string(), message.folder.to_target());
    let fileid = message.fileid.to_hex().to_ascii_uppercase();
    let fields = [
        ("file_size", file_size.as_str()),
        ("target", target.as_str()),
        ("fileid", fileid.as_str()),
        ("pick_code", message.pick_code),
    ];
    form::post(site.proapi(Op::Resume.path()), Some(token), &fields)
}

/// Reads the answer.
///
/// # Errors
/// For every answer that says nothing about the task: a token that is not accepted, throttling, a service that is unable.
pub fn decode(response: &Response<Bytes>) -> Result<Resumed, Refused> {
    let success = match envelope::success(Op::Resume, response) {
        Ok(success) => success,
        Err(refused) => return about_the_task(refused),
    };
    match Task::of(&success.object(), Some("")) {
        Ok(task) => Ok(Resumed::Task(task)),
        Err(missing) => Ok(Resumed::Gone(Fault::Incomplete { op: Op::Resume, missing })),
    }
}

/// A refusal of this task, or of what would befall any other call, too.
fn about_the_task(refused: Refused) -> Result<Resumed, Refused> {
    let class = refused.fault.code().and_then(codes::find).map(|row| row.class);
    match (class, refused.advice) {
        (Some(Class::NotFound | Class::NoFolder | Class::Content | Class::Refused), _) => {
            Ok(Resumed::Gone(refused.fault))
        }
        // What a task that is gone is answered with is not documented: an unknown code may be that.
        (Some(Class::Passing), Advice::Retry) | (None, Advice::Retry | Advice::Fatal) => {
            Ok(Resumed::Refused(refused.fault))
        }
        _ => Err(refused),
    }
}
