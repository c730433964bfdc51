//! The envelope of every reply ([`resumable_proto_cos::reply`]), and what its fields can be here.

pub use resumable_proto_cos::reply::read;

use alloc::string::String;

use resumable_proto_cos::reply::is_session;
pub(crate) use resumable_proto_cos::reply::wrong;

use crate::fault::{Fault, Refused};
use crate::limits::SLICE_SIZE_BELIEVED;
use crate::op::Op;

/// A reply, as far as it is the same for every call.
pub type Envelope = resumable_proto_cos::reply::Envelope<Op>;

/// A slice size that a client can keep to: of slices of other sizes no states can be taken.
pub(crate) fn is_slice_size(slice_size: u64) -> bool {
    (64..=SLICE_SIZE_BELIEVED).contains(&slice_size) && slice_size.is_multiple_of(64)
}

pub(crate) fn checked_slice_size(slice_size: u64) -> Result<u64, Refused> {
    if is_slice_size(slice_size) { Ok(slice_size) } else { Err(wrong(Fault::BadSliceSize { slice_size })) }
}

/// A session that a client can keep.
pub(crate) fn checked_session(session: String) -> Result<String, Refused> {
    if is_session(&session) { Ok(session) } else { Err(wrong(Fault::BadSession { len: session.len() })) }
}
