//! `op=upload_slice` without a file: begins a sliced upload, or finds the place where one goes on (reference §4.1, §4.5).
//!
//! Fields: `filesize`, `sha`, and optionally `session`, `slice_size`, `insertOnly`, `biz_attr`. Answers the session, the
//! slice size to use and the offset to begin at; or the URLs of a finished object, if these bytes are there already.
//! -177, -178, -284, -4018, -4020, -5999.

use super::answer::{Data, SessionData};
use super::call::{Call, again, unknown_session};
use super::config::{Config, OddSliceSize, OtherSha, ResumeOffset, ResumeSession, StraySession};
use crate::cos::api::Api;
use crate::cos::call::storage_code;
use crate::cos::code::{self, Code};
use crate::cos::session::{Plan, Session};
use crate::cos::sha::Sha;
use crate::faults::Fault;

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let (plan, sha) = plan(call)?;
    call.check_name()?;
    let known = call.bucket.sha_of(call.name.key(), call.storage).map_err(storage_code)?;
    if known == Some(sha) {
        check_length(call, plan.file_size)?;
        return again(call, call.config.switches.init_again);
    }
    call.is_there(Some(sha), plan.insert_only)?;
    if let Some(index) = unfinished(call, &plan)? {
        return resume(call, index);
    }
    if call.config.switches.instant_upload && call.copy_twin(sha, &plan)? {
        return Ok(Data::Urls(call.urls()));
    }
    check_others(call)?;
    let session = call.begin(plan)?;
    Ok(Data::Session(answer(session, 0)))
}

fn plan(call: &Call<'_>) -> Result<(Plan, Sha), Code> {
    let sha = call.sha()?.ok_or(code::PARAMETER.because("ERROR_CGI_PARAM: sha"))?;
    let plan = Plan {
        file_size: call.file_size()?,
        slice_size: slice_size(call)?,
        sha: Some(sha),
        parts: None,
        biz_attr: call.biz_attr(),
        insert_only: call.insert_only()?,
    };
    Ok((plan, sha))
}

/// One SHA-1 has one length.
fn check_length(call: &Call<'_>, file_size: u64) -> Result<(), Code> {
    let object = call.bucket.object(call.name.key());
    if object.is_none_or(|object| object.length == file_size) {
        return Ok(());
    }
    Err(code::PARAMETER.because("ERROR_CGI_PARAM: filesize"))
}

fn slice_size(call: &Call<'_>) -> Result<u64, Code> {
    let sizes = &call.config.limits.slice_sizes;
    let smallest = sizes.iter().copied().min().ok_or(code::SLICE_SIZE)?;
    let asked = match call.fields.text("slice_size") {
        None => smallest,
        Some(_) => call.number("slice_size")?,
    };
    if !sizes.contains(&asked) && call.config.switches.odd_slice_size == OddSliceSize::Refuse {
        return Err(code::SLICE_SIZE);
    }
    let nearest = sizes.iter().copied().filter(|size| *size <= asked).max().unwrap_or(smallest);
    Ok(match call.fault {
        Some(Fault::SliceSize { bytes }) => *bytes,
        _ => call.config.switches.slice_size.unwrap_or(nearest),
    })
}

/// The unfinished upload of these bytes; whether the request names its session makes no difference.
fn unfinished(call: &Call<'_>, plan: &Plan) -> Result<Option<usize>, Code> {
    let is_it = |session: &Session| session.sha == plan.sha && session.file_size == plan.file_size;
    let found = call.sessions.iter().position(is_it);
    let known = found.map(|index| call.sessions[index].id.as_str());
    let named = call.fields.text("session");
    if named.is_some() && named != known && call.config.switches.stray_session == StraySession::Refuse {
        return Err(unknown_session(call));
    }
    Ok(found)
}

fn resume(call: &mut Call<'_>, index: usize) -> Result<Data, Code> {
    let switches = &call.config.switches;
    let session = &mut call.sessions[index];
    if switches.resume_session == ResumeSession::Fresh {
        session.rename(Config::session_id(&call.fresh), call.storage).map_err(storage_code)?;
    }
    let offset = match switches.resume_offset {
        ResumeOffset::FirstGap => session.frontier(),
        ResumeOffset::LastByte => session.end(),
    };
    Ok(Data::Session(answer(session, offset)))
}

fn check_others(call: &mut Call<'_>) -> Result<(), Code> {
    match call.config.switches.other_sha {
        OtherSha::Refuse if !call.sessions.is_empty() => return Err(code::UNFINISHED_OTHER),
        OtherSha::Replace => {
            call.forget_sessions();
        }
        OtherSha::Beside | OtherSha::Refuse => {}
    }
    Ok(())
}

fn answer(session: &Session, offset: u64) -> SessionData {
    SessionData { offset, session: session.id.clone(), slice_size: session.slice_size, file_size: session.file_size }
}
