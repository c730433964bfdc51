//! `POST /file/mpupload/init`: begins an upload in slices (reference §3.2).
//!
//! Members: `request_id`, `app_id`, and optionally `cloud_id`. Answers an upload id. Nothing is said of the file.

use super::answer::Data;
use super::call::Call;
use super::code::{self, Code};

pub(super) fn run(call: &Call<'_>) -> Result<Data, Code> {
    let begun = call.server.uploads.begin(call.app_id()?, call.clock, call.storage());
    begun.map(Data::UploadId).map_err(|_| code::CACHE)
}
