//! The vendor's limits, as data (page 436/14518).

use core::ops::RangeInclusive;

use resumable_proto_multipart::Limits;

/// What the vendor takes: 1 MiB to 5 GiB in a part, 10,000 parts, 5 GiB in one request, pages of 1000.
pub fn limits() -> Limits {
    Limits { part_min: 1 << 20, ..Limits::default() }
}

/// How many bytes a second one request can be held to: 819,200 to 838,860,800 bits.
pub const TRAFFIC: RangeInclusive<u64> = (100 << 10)..=(100 << 20);
