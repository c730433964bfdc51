//! `DELETE /<key>`: takes an object away. Answers 204, whether or not there was one.

use super::answer::Success;
use super::call::Call;
use super::error::{Error, INTERNAL_ERROR};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let removed = call.server.objects.remove((call.bucket, call.key), |name| call.storage().remove_object(name));
    removed.map(|_| Success::empty(204)).map_err(|_| INTERNAL_ERROR.error())
}
