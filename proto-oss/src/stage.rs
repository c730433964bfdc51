//! The data stage as OSS has it, for a vendor that keeps its files there.

use resumable_core::{Answer, CallProps};
use resumable_proto_multipart::stage as shared;
pub use resumable_proto_multipart::stage::*;

use crate::Refused;
use crate::dialect::DIALECT;
pub use crate::wire::Wire;

/// Reads an answer; `called` says whether requests carry a callback.
///
/// # Errors
/// For every answer that the stage cannot go on with, with what to do about it: a refused key
/// ([`Class::Credential`](crate::codes::Class::Credential)) is for the owner to replace.
pub fn decode(call: &Call, called: bool, answer: &Answer) -> Result<Reply, Refused> {
    shared::decode(call, &DIALECT, success(called), answer)
}

/// How to handle a call.
pub fn props(call: &Call) -> CallProps {
    shared::props(call, &DIALECT)
}

pub(crate) fn success(called: bool) -> Success {
    if called { Success::Callback } else { Success::Document }
}
