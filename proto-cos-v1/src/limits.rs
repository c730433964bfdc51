//! The vendor's limits, as data.

pub use resumable_proto_cos::limits::*;

/// The slice sizes that the vendor's SDKs ask for, in bytes (512 KiB, 1, 2 and 3 MiB). Its page gives none.
pub const PART_SIZES: [u64; 4] = [512 << 10, 1 << 20, 2 << 20, 3 << 20];
