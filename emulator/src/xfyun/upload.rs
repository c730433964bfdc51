//! `POST /file/upload`: a whole file in one request (reference §3.1).
//!
//! Parts: `request_id`, `app_id`, `data`, and optionally `cloud_id`. Answers the object's URL; 10001 for a missing part, and
//! for a file that is too long for one request.

use super::answer::Data;
use super::call::Call;
use super::code::{self, Code};

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let file = call.take_file()?;
    if call.server.config.limits.one_request.is_some_and(|limit| file.length >= limit) {
        return Err(code::PARAMETER.because("data is too long for one request"));
    }
    let length = file.length;
    let (object, url) = call.server.fresh_object(call.clock).map_err(|_| code::S3)?;
    file.spool.into_object(&object).map_err(|_| code::S3)?;
    call.server.count_object();
    call.stored = length;
    Ok(Data::Url(url))
}
