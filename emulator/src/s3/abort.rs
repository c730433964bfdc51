//! `DELETE /<key>?uploadId=U`: gives an upload up (reference §3.6). Answers 204; 404 for an upload that is not there, unless a
//! switch says otherwise. The object of a complete upload stays.

use super::answer::Success;
use super::call::Call;
use super::error::Error;
use super::switches::AbortAgain;
use crate::faults::Fault;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    if call.fault == Some(&Fault::PartSurvives) {
        return Ok(Success::empty(204));
    }
    let left = call.with_upload(|upload| {
        upload.open(call.upload_id()).map_err(|_| call.no_such_upload())?;
        upload.leave(call.storage());
        Ok(())
    });
    match left {
        Err(error) if call.server.config.switches.abort_again == AbortAgain::NoSuchUpload => Err(error),
        _ => Ok(Success::empty(204)),
    }
}
