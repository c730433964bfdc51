//! `op=delete`: removes an object. Needs a once-effect signature.
//!
//! Removes the unfinished upload at that path as well, if there is one: it is the vendor's way out of -4020. -197 if
//! there is neither.

use super::answer::Data;
use super::call::{Call, storage_code};
use crate::cos::code::{self, Code};

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let key = call.name.key();
    let session = call.slot.take();
    if let Some(session) = &session {
        call.storage.drop_draft(&session.draft());
    }
    if call.bucket.object(key).is_some() {
        call.storage.remove_object(&call.stored()?).map_err(storage_code)?;
        call.bucket.take_object(key);
    } else if session.is_none() {
        return Err(code::NO_FILE);
    }
    Ok(Data::Nothing)
}
