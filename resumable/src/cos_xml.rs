//! Tencent COS, XML API: the protocol, its options, and what the vendor says.

pub use resumable_proto_cos_xml::*;
