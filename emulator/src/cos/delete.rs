//! `op=delete`: removes an object. Needs a once-effect signature.
//!
//! Removes the unfinished uploads at that path as well, if there are any: with v2 it is the vendor's way out of -4020.
//! Refused if there is neither.

use super::api::Api;
use super::call::{Call, storage_code};
use super::code::Code;

pub(crate) fn run<A: Api>(call: &mut Call<'_, A>) -> Result<(), Code> {
    let key = call.name.key();
    let had_sessions = call.forget_sessions();
    if call.bucket.object(key).is_some() {
        call.storage.remove_object(&call.stored()?).map_err(storage_code)?;
        call.bucket.take_object(key);
    } else if !had_sessions {
        return Err(call.rules.no_file);
    }
    Ok(())
}
