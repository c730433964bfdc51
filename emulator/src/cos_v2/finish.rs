//! `op=upload_slice_finish`: makes the slices an object (reference §5.4).
//!
//! Fields: `session`, `filesize`, and `sha` if init had one. Answers the object's URLs; -175 for another length, -29094
//! for a missing sha, -4016 if the bytes are not those the sha promised, -4019 or -175 (a switch) while slices are missing.

use super::answer::Data;
use super::call::{Call, check_sha, session};
use super::config::{FinishAgain, FinishWithGaps};
use crate::cos::call::storage_code;
use crate::cos::code::{self, Code};
use crate::cos::session::Verdict;
use crate::cos::sha::Sha;

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let file_size = call.number("filesize")?;
    if call.config.switches.finish_again == FinishAgain::UrlsAgain && made_the_object(call) {
        return Ok(Data::Urls(call.urls()));
    }
    let begun = session(call)?;
    let (expected, promised) = (begun.file_size, begun.sha);
    if expected != file_size {
        return Err(code::FINISH_LENGTH);
    }
    check_sha(call, promised)?;
    let digest = digest(call)?;
    if call.sha()?.is_some_and(|sha| digest.is_some_and(|digest| sha != digest)) {
        return Err(code::SHA_MISMATCH);
    }
    call.check_name()?;
    let digest = digest.or(call.sha()?);
    call.seal(0, digest)?;
    Ok(Data::Urls(call.urls()))
}

/// Whether the session that the request names is the one that became the object.
pub(super) fn made_the_object(call: &Call<'_>) -> bool {
    let object = call.bucket.object(call.name.key());
    let maker = object.and_then(|object| object.session);
    maker.is_some() && maker.as_deref() == call.fields.text("session")
}

fn digest(call: &mut Call<'_>) -> Result<Option<Sha>, Code> {
    let storage = call.storage;
    let gaps = match call.config.switches.finish_with_gaps {
        FinishWithGaps::Unfinished => code::UNFINISHED,
        FinishWithGaps::Length => code::FINISH_LENGTH,
    };
    let session = session(call)?;
    if session.frontier() != session.file_size {
        return Err(gaps);
    }
    match session.verdict(storage).map_err(storage_code)? {
        Verdict::Whole(digest) => Ok(Some(digest)),
        Verdict::Unknown => Ok(None),
        Verdict::Broken => Err(code::SHA_MISMATCH),
    }
}
