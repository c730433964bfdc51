//! `DELETE /<key>`: takes an object away. Answers 204, whether or not it was there.

use super::answer::Success;
use super::call::Call;
use super::error::{Error, INTERNAL_ERROR};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let storage = call.storage();
    let removed = call.server.objects.remove((call.bucket, call.key), |name| storage.remove_object(name));
    removed.map_err(|_| INTERNAL_ERROR.error())?;
    Ok(Success::empty(204))
}
