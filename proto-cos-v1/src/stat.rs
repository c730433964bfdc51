//! `op=stat`: asks for the attributes of the object at a path ([`resumable_proto_cos::stat`]).

use bytes::Bytes;
use http::Response;

pub use resumable_proto_cos::stat::{Stat, StatReply, encode};

use crate::fault::Refused;
use crate::op::Op;

/// Reads the answer.
///
/// # Errors
/// For every answer that is neither `code` 0 with at least one of `sha`, `filesize`, `filelen` and an address, nor -166
/// or -197: there is no such file.
pub fn decode(response: &Response<Bytes>) -> Result<StatReply, Refused> {
    resumable_proto_cos::stat::decode(Op::Stat, response)
}
