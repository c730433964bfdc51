//! The vendor's limits, as data.

/// What the vendor takes as slices. The default is what its page says; a simulator makes them tiny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The smallest slice but for the last one, in bytes: the vendor's 5M, which every client reads as 5 MiB.
    pub part_min: u64,
    /// The largest slice, in bytes: the vendor's 5G, read as 5 GiB.
    pub part_max: u64,
    /// The largest number of slices.
    pub parts: u64,
}

impl Default for Limits {
    /// 5 MiB to 5 GiB, 10,000 slices.
    fn default() -> Self {
        Self { part_min: 5 << 20, part_max: 5 << 30, parts: 10_000 }
    }
}

impl Limits {
    /// The largest file that fits, in bytes.
    pub fn file_max(&self) -> u64 {
        self.part_max.saturating_mul(self.parts)
    }
}

/// The largest file that goes in one request by default, in bytes: the vendor's "smaller than 30M", in its smaller reading.
pub const ONE_REQUEST_DEFAULT: u64 = 29_999_999;

/// The largest file that ever goes in one request, in bytes: the same in its larger reading.
pub const ONE_REQUEST_BYTES: u64 = (30 << 20) - 1;

/// The longest `upload_id` that is believed, in bytes. The vendor's have 27; it is kept in every checkpoint.
pub const UPLOAD_ID_BYTES: usize = 256;

/// The longest address of a finished file that is believed, in bytes; it is kept in the checkpoint.
pub const URL_BYTES: usize = 4096;

/// The longest reply that is read, in bytes; replies have some 200.
pub const REPLY_BYTES: u64 = 64 << 10;
