//! SHA-1 values as the wire writes them.

use std::io;

use sha1::{Digest, Sha1};

use crate::storage::{ReadAt, pieces};

/// A SHA-1 value.
pub(crate) type Sha = [u8; 20];

/// 40 hexadecimal digits, in either case.
pub(crate) fn parse_hex(text: &str) -> Option<Sha> {
    let mut sha = [0; 20];
    hex::decode_to_slice(text, &mut sha).ok().map(|()| sha)
}

/// Hashes `length` bytes from `offset` on.
pub(crate) fn update(hasher: &mut Sha1, offset: u64, length: u64, read: &mut ReadAt<'_>) -> io::Result<()> {
    pieces((offset, length), read, &mut |piece| {
        hasher.update(piece);
        Ok(())
    })
}

/// The digest of a whole thing.
pub(crate) fn of(length: u64, read: &mut ReadAt<'_>) -> io::Result<Sha> {
    let mut hasher = Sha1::new();
    update(&mut hasher, 0, length, read)?;
    Ok(hasher.finalize().into())
}
