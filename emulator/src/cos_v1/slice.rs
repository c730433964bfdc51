//! `op=upload_slice` with a file: one slice, and with the last that was missing the end of the upload (reference §4.2).
//!
//! Fields: `session`, `offset`, `filecontent`, and optionally the slice's own `sha`. Answers `offset` and `session` as
//! echoes; the one that completes the file also the URLs. A slice sent again unchanged changes nothing. -4016 if the whole
//! file is not what init's `sha` promised; -177, -178, -288, -5999.

use super::answer::{Data, LastData, SliceData};
use super::call::{Call, again, unknown_session};
use super::config::{Again, FailedCheck, SliceAfterEnd, SliceOrder, SliceSha};
use crate::body_sink::Received;
use crate::cos::call::storage_code;
use crate::cos::code::{self, Code};
use crate::cos::session::Verdict;
use crate::cos::sha;
use crate::cos::slice::Rules;

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let offset = call.number("offset")?;
    let id = call.need("session")?.to_owned();
    let mut file = call.file.take().ok_or(code::PARAMETER.because("ERROR_CGI_PARAM: filecontent"))?;
    let Some(index) = call.sessions.iter().position(|session| session.id == id) else {
        return after_end(call, SliceData { offset, session: id, file_size: 0 }, file.length);
    };
    check_sha(call, &mut file)?;
    let switches = &call.config.switches;
    let rules = Rules {
        aligned: switches.aligned_slices,
        serial: switches.slice_order == SliceOrder::Serial,
        changed: switches.changed_slice,
    };
    let session = &mut call.sessions[index];
    let echo = SliceData { offset, session: id, file_size: session.file_size };
    call.stored = rules.accept(session, offset, file, &[], call.storage)?;
    if session.frontier() < session.file_size {
        return Ok(Data::Slice(echo));
    }
    complete(call, index)?;
    Ok(last(call, echo))
}

fn check_sha(call: &Call<'_>, file: &mut Received) -> Result<(), Code> {
    if call.config.switches.slice_sha == SliceSha::Ignored {
        return Ok(());
    }
    let Some(promised) = call.sha()? else {
        return Ok(());
    };
    let digest = sha::of(file.length, &mut |at, buf| file.spool.read(at, buf)).map_err(storage_code)?;
    if digest == promised { Ok(()) } else { Err(code::SHA_MISMATCH) }
}

fn complete(call: &mut Call<'_>, index: usize) -> Result<(), Code> {
    call.check_name()?;
    match call.sessions[index].verdict(call.storage).map_err(storage_code)? {
        Verdict::Whole(digest) => call.seal(index, Some(digest)),
        Verdict::Unknown => call.seal(index, None),
        Verdict::Broken => {
            if call.config.switches.failed_check == FailedCheck::Forget {
                let session = call.sessions.remove(index);
                call.storage.drop_draft(&session.draft);
            }
            Err(code::SHA_MISMATCH)
        }
    }
}

/// A slice that nobody waits for: its upload may have been completed, and only the client does not know.
fn after_end(call: &Call<'_>, echo: SliceData, length: u64) -> Result<Data, Code> {
    let object = call.bucket.object(call.name.key());
    let Some(object) = object.filter(|object| object.session.as_deref() == Some(&echo.session)) else {
        return Err(unknown_session(call));
    };
    if echo.offset.checked_add(length).is_none_or(|end| end > object.length) {
        return Err(code::PARAMETER.because("ERROR_CGI_PARAM: slice does not fit"));
    }
    match call.config.switches.slice_after_end {
        SliceAfterEnd::Urls => Ok(last(call, SliceData { file_size: object.length, ..echo })),
        SliceAfterEnd::Refuse => again(call, Again::Refuse),
        SliceAfterEnd::Gone => Err(unknown_session(call)),
    }
}

fn last(call: &Call<'_>, echo: SliceData) -> Data {
    if call.config.switches.echo_at_end {
        Data::Last(LastData::new(echo, call.urls()))
    } else {
        Data::Urls(call.urls())
    }
}
