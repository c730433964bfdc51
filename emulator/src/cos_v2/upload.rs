//! `op=upload`: a whole file in one request (reference §3).
//!
//! Fields: `filecontent`, and optionally `sha`, `biz_attr`, `insertOnly` (`1` by default). Answers the object's URLs;
//! -4016, -177, -178, and an HTML 413 for a file over the limit.

use super::answer::Data;
use super::call::{Call, Refusal, storage_code};
use crate::cos::code;
use crate::cos::sha;

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Refusal> {
    let insert_only = call.insert_only()?;
    let promised = call.sha()?;
    let missing = code::PARAMETER.because("ERROR_CGI_PARAM: filecontent");
    let mut file = call.file.take().ok_or(missing)?;
    if file.length > call.config.limits.one_request {
        return Err(Refusal::TooLarge);
    }
    let spool = &mut file.spool;
    let digest = sha::of(file.length, &mut |at, buf| spool.read(at, buf)).map_err(storage_code)?;
    if promised.is_some_and(|promised| promised != digest) {
        return Err(code::SHA_MISMATCH.into());
    }
    call.check_name()?;
    if !call.is_there(Some(digest), insert_only)? {
        file.spool.into_object(&call.stored()?).map_err(storage_code)?;
        call.stored = file.length;
        call.publish(file.length, Some(digest), call.biz_attr(), None);
    }
    Ok(Data::Urls(call.urls()))
}
