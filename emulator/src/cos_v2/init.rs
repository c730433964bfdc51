//! `op=upload_slice_init`: begins a sliced upload (reference §5.1).
//!
//! Fields: `filesize`, `slice_size`, and optionally `sha` with `uploadparts`, `biz_attr`, `insertOnly`. Answers a session
//! and the slice size to use; or the URLs of a finished object, if the bucket has these bytes already; -4019 while an
//! upload with the same sha is unfinished at that path, -4020 with another sha, -177, -178, -284, -5965, -5999.

use super::answer::{Data, SessionData};
use super::call::Call;
use super::config::SerialUpload;
use crate::cos::UploadParts;
use crate::cos::code::{self, Code};
use crate::cos::session::Plan;
use crate::cos::sha::Sha;
use crate::faults::Fault;

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let plan = plan(call)?;
    check_unfinished(call, &plan)?;
    call.check_name()?;
    if call.is_there(plan.sha, plan.insert_only)? || instant(call, &plan)? {
        return Ok(Data::Urls(call.urls()));
    }
    let serial_upload = match call.config.switches.serial_upload {
        SerialUpload::One => Some(1),
        SerialUpload::Zero => Some(0),
        SerialUpload::Absent => None,
    };
    let session = call.begin(plan)?;
    Ok(Data::Session(SessionData { serial_upload, session: session.id.clone(), slice_size: session.slice_size }))
}

fn plan(call: &Call<'_>) -> Result<Plan, Code> {
    let file_size = call.file_size()?;
    let slice_size = slice_size(call)?;
    let sha = call.sha()?;
    Ok(Plan {
        file_size,
        slice_size,
        sha,
        parts: parts(call, file_size, sha)?,
        biz_attr: call.biz_attr(),
        insert_only: call.insert_only()?,
    })
}

pub(super) fn slice_size(call: &Call<'_>) -> Result<u64, Code> {
    let asked = call.number("slice_size")?;
    if !call.config.limits.slice_sizes.contains(&asked) {
        return Err(code::SLICE_SIZE);
    }
    Ok(match call.fault {
        Some(Fault::SliceSize { bytes }) => *bytes,
        _ => call.config.switches.slice_size.unwrap_or(asked),
    })
}

fn parts(call: &Call<'_>, file_size: u64, sha: Option<Sha>) -> Result<Option<UploadParts>, Code> {
    match (call.fields.text("uploadparts"), sha) {
        (Some(text), Some(sha)) => UploadParts::parse(text, file_size, &sha).map(Some),
        (Some(_), None) => Err(code::PARAMETER.because("ERROR_CGI_PARAM: uploadparts without sha")),
        (None, Some(_)) if call.config.switches.uploadparts_with_sha => {
            Err(code::PARAMETER.because("ERROR_CGI_PARAM: sha without uploadparts"))
        }
        (None, _) => Ok(None),
    }
}

/// Without a sha, only the size can tell two files apart.
fn check_unfinished(call: &Call<'_>, plan: &Plan) -> Result<(), Code> {
    match call.sessions.last() {
        None => Ok(()),
        Some(known) if known.sha == plan.sha && known.file_size == plan.file_size => Err(code::UNFINISHED),
        Some(_) => Err(code::UNFINISHED_OTHER),
    }
}

fn instant(call: &mut Call<'_>, plan: &Plan) -> Result<bool, Code> {
    match plan.sha {
        Some(sha) if call.config.switches.instant_upload => call.copy_twin(sha, plan),
        _ => Ok(false),
    }
}
