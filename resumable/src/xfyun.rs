//! iFLYTEK's OST file upload: the protocol, its options, and what the vendor says.

pub use resumable_proto_xfyun::*;
