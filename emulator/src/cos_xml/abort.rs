//! `DELETE /<key>?uploadId=U`: gives an upload up (reference §3.7). Answers 204; 404 for an upload that is not there.

use super::answer::Success;
use super::call::Call;
use super::error::Error;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    call.with_upload(|upload| {
        upload.open(call.upload_id())?;
        upload.leave(call.storage());
        Ok(Success::empty(204))
    })
}
