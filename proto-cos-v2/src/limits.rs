//! The vendor's limits, as data.

pub use resumable_proto_cos::limits::*;

/// The slice sizes that the vendor's pages allow, in bytes (512 KiB, 1, 2 and 3 MiB).
pub const PART_SIZES: [u64; 4] = [512 << 10, 1 << 20, 2 << 20, 3 << 20];

/// The longest reply to `upload_slice_list`, in bytes: 64 GiB in slices of 64 KiB are 2^20 parts of some 45 bytes.
pub const LIST_REPLY_BYTES: u64 = 64 << 20;
