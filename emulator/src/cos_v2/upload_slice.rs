//! `op=upload_slice`: version 1's operation on version 2's path, as one official SDK sends it (reference §5.5). Whether the
//! vendor ever took it is not known; it is a switch.
//!
//! Without a file it begins an upload, or goes on with one: `filesize`, `sha`, `slice_size`, and optionally `session`,
//! `insertOnly`, `biz_attr`. Answers `session`, `offset` and `slice_size`, or the URLs of a finished object. With a file it is
//! a slice: `session`, `offset`, `filecontent`. Answers `session` and `offset`; the slice that was missing last makes the
//! object, and answers its URLs. -177, -178, -284, -4016, -4020, -5999.

use super::answer::{BegunData, Data, EchoData};
use super::call::{Call, session};
use super::config::FinishAgain;
use super::{data, finish, init};
use crate::cos::call::storage_code;
use crate::cos::code::{self, Code};
use crate::cos::session::{Plan, Verdict};

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    if call.fields.has_file() { slice(call) } else { begin(call) }
}

fn begin(call: &mut Call<'_>) -> Result<Data, Code> {
    let sha = call.sha()?.ok_or(code::PARAMETER.because("ERROR_CGI_PARAM: sha"))?;
    let plan = Plan {
        file_size: call.file_size()?,
        slice_size: init::slice_size(call)?,
        sha: Some(sha),
        parts: None,
        biz_attr: call.biz_attr(),
        insert_only: call.insert_only()?,
    };
    call.check_name()?;
    if call.is_there(plan.sha, plan.insert_only)? {
        return Ok(Data::Urls(call.urls()));
    }
    if let Some(known) = call.sessions.last() {
        let is_it = known.sha == plan.sha && known.file_size == plan.file_size;
        let begun = || BegunData { offset: known.frontier(), session: known.id.clone(), slice_size: known.slice_size };
        return if is_it { Ok(Data::Begun(begun())) } else { Err(code::UNFINISHED_OTHER) };
    }
    if call.config.switches.instant_upload && call.copy_twin(sha, &plan)? {
        return Ok(Data::Urls(call.urls()));
    }
    let session = call.begin(plan)?;
    Ok(Data::Begun(BegunData { offset: 0, session: session.id.clone(), slice_size: session.slice_size }))
}

fn slice(call: &mut Call<'_>) -> Result<Data, Code> {
    if call.config.switches.finish_again == FinishAgain::UrlsAgain && finish::made_the_object(call) {
        return Ok(Data::Urls(call.urls()));
    }
    let offset = call.number("offset")?;
    let file = call.file.take().ok_or(code::PARAMETER.because("ERROR_CGI_PARAM: filecontent"))?;
    let (rules, storage) = (data::rules(call), call.storage);
    let session = session(call)?;
    let echo = EchoData { offset, session: session.id.clone() };
    let stored = rules.accept(session, offset, file, &[], storage)?;
    let is_whole = session.frontier() == session.file_size;
    call.stored = stored;
    if !is_whole {
        return Ok(Data::Echo(echo));
    }
    complete(call)?;
    Ok(Data::Urls(call.urls()))
}

fn complete(call: &mut Call<'_>) -> Result<(), Code> {
    call.check_name()?;
    let storage = call.storage;
    match session(call)?.verdict(storage).map_err(storage_code)? {
        Verdict::Whole(digest) => call.seal(0, Some(digest)),
        Verdict::Unknown => call.seal(0, None),
        Verdict::Broken => Err(code::SHA_MISMATCH),
    }
}
