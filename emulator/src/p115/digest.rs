//! SHA-1 as the vendor writes it.

use std::io;

use sha1::{Digest, Sha1};

use crate::storage::{ObjectName, Storage, pieces};

/// Of a file without a byte.
pub(super) const EMPTY: &str = "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709";

/// In capitals, of so many bytes of an object.
pub(super) fn sha1_of(storage: &dyn Storage, object: &ObjectName, from: u64, length: u64) -> io::Result<String> {
    let mut hasher = Sha1::new();
    pieces((from, length), &mut |at, buf| storage.read_object(object, at, buf), &mut |piece| {
        hasher.update(piece);
        Ok(())
    })?;
    Ok(hex::encode_upper(hasher.finalize()))
}

/// A SHA-1 that was sent, in capitals; `None` if it is none.
pub(super) fn read(text: &str) -> Option<String> {
    let is_good = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_good.then(|| text.to_uppercase())
}
