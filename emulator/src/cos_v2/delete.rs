//! `op=delete`: removes an object. Needs a once-effect signature.
//!
//! Removes the unfinished upload at that path as well, if there is one: it is the vendor's way out of -4020. -197 if
//! there is neither.

use super::{Call, storage_code};
use crate::code::{self, Code};
use crate::reply::Data;

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let key = call.name.key();
    let session = call.bucket.take_session(key);
    if let Some(session) = &session {
        call.storage.drop_draft(&session.id);
    }
    if call.bucket.object(key).is_some() {
        call.storage.remove_object(call.name).map_err(storage_code)?;
        call.bucket.take_object(key);
    } else if session.is_none() {
        return Err(code::NO_FILE);
    }
    Ok(Data::Nothing)
}
