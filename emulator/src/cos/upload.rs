//! `op=upload`: a whole file in one request (reference §3).
//!
//! Fields: `filecontent`, and optionally `sha`, `biz_attr`, `insertOnly` (`1` by default). -4016, -177, -178, and an HTML
//! 413 for a file over the limit.

use super::api::Api;
use super::call::{Call, Refusal, storage_code};
use super::code;
use super::sha;

/// Whether the object was new; if not, it was there already with these bytes.
pub(crate) fn run<A: Api>(call: &mut Call<'_, A>) -> Result<bool, Refusal> {
    let insert_only = call.insert_only()?;
    let promised = call.sha()?;
    let missing = code::PARAMETER.because("ERROR_CGI_PARAM: filecontent");
    let mut file = call.file.take().ok_or(missing)?;
    if file.length > call.rules.limits.one_request {
        return Err(Refusal::TooLarge);
    }
    let spool = &mut file.spool;
    let digest = sha::of(file.length, &mut |at, buf| spool.read(at, buf)).map_err(storage_code)?;
    if promised.is_some_and(|promised| promised != digest) {
        return Err(code::SHA_MISMATCH.into());
    }
    call.check_name()?;
    let is_new = !call.is_there(Some(digest), insert_only)?;
    if is_new {
        file.spool.into_object(&call.stored()?).map_err(storage_code)?;
        call.stored = file.length;
        call.publish(file.length, Some(digest), call.biz_attr(), None);
    }
    Ok(is_new)
}
