//! Tencent COS, JSON API v2: the protocol, its options, and what the vendor says.

pub use resumable_proto_cos_v2::*;
