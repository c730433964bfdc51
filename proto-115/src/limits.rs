//! Bounds on what is believed of the vendor, and what it takes.

/// The longest answer that is read, in bytes.
pub const REPLY_BYTES: u64 = 1 << 20;

/// The longest text that is taken from an answer, in bytes.
pub const TEXT_BYTES: usize = 4096;

/// The longest of either callback string, in bytes. They have some hundred; a checkpoint keeps both, and has room for
/// two of this length.
pub const CALLBACK_BYTES: usize = 3072;

/// How many of a file's first bytes `preid` is the SHA-1 of.
pub const PREID_BYTES: u64 = 131_072;

/// How often a second authentication is answered before the upload fails.
pub const CHALLENGES: u8 = 3;

/// The longest name that is taken, in bytes: 255 characters of four.
pub(crate) const NAME_BYTES: usize = 1020;
