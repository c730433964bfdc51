//! The vendor's limits, as data.

/// What the vendor takes. The default is what its pages say; a simulator makes it tiny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The smallest part but for the last one, in bytes; the vendor looks at it only when the object is put together.
    pub part_min: u64,
    /// The largest part, in bytes.
    pub part_max: u64,
    /// The largest part number, and so the largest number of parts.
    pub parts: u32,
    /// The largest object in one request, in bytes.
    pub put_max: u64,
    /// The largest object in parts, in bytes.
    pub object_max: u64,
    /// The most parts that a page of `ListParts` is asked for: 1 to [`PAGE_MAX`].
    pub page: u32,
}

impl Default for Limits {
    /// 100 KiB to 5 GiB in a part, 10,000 parts, 5 GiB in one request, pages of 1000.
    fn default() -> Self {
        Self {
            part_min: 100 << 10,
            part_max: 5 << 30,
            parts: 10_000,
            put_max: 5 << 30,
            object_max: u64::MAX,
            page: PAGE_MAX,
        }
    }
}

impl Limits {
    /// The largest file that fits, in bytes.
    pub fn file_max(&self) -> u64 {
        self.part_max.saturating_mul(u64::from(self.parts)).min(self.object_max)
    }
}

/// The most parts that the vendor gives on one page of `ListParts`.
pub const PAGE_MAX: u32 = 1000;

/// The longest `ETag` that is believed, in bytes. Vendors' have 32 to 40.
pub const ETAG_BYTES: usize = 128;

/// The longest reply that is read, in bytes: a page of 1000 parts has some 300 KB, and servers that know no pages give 10,000
/// parts in one.
pub const REPLY_BYTES: u64 = 4 << 20;

/// The longest reply of a callback that is read, in bytes: the vendor passes on up to 3 MB.
pub const CALLBACK_REPLY_BYTES: u64 = 4 << 20;
