//! Amazon S3 and what speaks it: the protocol, its options, and what the vendor says.

pub use resumable_proto_s3::*;
