//! `op=upload`: the whole file in one request ([`resumable_proto_cos::upload`]).

use bytes::Bytes;
use http::Response;

pub use resumable_proto_cos::upload::{Upload, UploadReply, encode};

use crate::fault::Refused;
use crate::op::Op;

/// Reads the answer.
///
/// # Errors
/// For every answer that is neither `code` 0 with an address of the object, nor one of the other ordinary replies.
pub fn decode(response: &Response<Bytes>) -> Result<UploadReply, Refused> {
    resumable_proto_cos::upload::decode(Op::Upload, response)
}
