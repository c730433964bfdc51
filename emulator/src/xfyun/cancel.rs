//! `POST /file/mpupload/cancel`: gives an upload up, with all that came (reference §3.5).
//!
//! Members: `request_id`, `app_id`, `upload_id`. Answers nothing but success. 10005 for an upload that is unknown, complete,
//! cancelled, too old, or another's.

use super::call::Call;
use super::code::Code;

pub(super) fn run(call: &Call<'_>) -> Result<(), Code> {
    let storage = call.storage();
    call.with_upload(|upload| {
        upload.open()?;
        upload.leave(storage);
        Ok(())
    })
}
