//! Bounds on what is believed of the vendor, and what it takes.

/// The longest answer that is read, in bytes.
pub const REPLY_BYTES: u64 = 1 << 20;

/// The longest text that is taken from an answer, in bytes. The callback strings, which a checkpoint keeps, have about
/// 500; two of this length leave room in it.
pub const TEXT_BYTES: usize = 4096;

/// How many of a file's first bytes `preid` is the SHA-1 of.
pub const PREID_BYTES: u64 = 131_072;

/// How often a second authentication is answered before the upload fails.
pub const CHALLENGES: u8 = 3;

/// The longest file or folder name, in characters (the vendor's page about `folder/add`).
pub const NAME_CHARACTERS: usize = 255;
