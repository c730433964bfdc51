//! Aliyun OSS: the protocol, its options, and what the vendor says.

pub use resumable_proto_oss::*;
