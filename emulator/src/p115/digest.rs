//! SHA-1 as the vendor writes it.

use std::io;

use sha1::{Digest, Sha1};

use super::chance::hex_of;
use crate::storage::{ObjectName, Storage};

const CHUNK: u64 = 64 * 1024;

/// Of a file without a byte.
pub(super) const EMPTY: &str = "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709";

/// In capitals, of so many bytes of an object.
pub(super) fn sha1_of(storage: &dyn Storage, object: &ObjectName, from: u64, length: u64) -> io::Result<String> {
    let (mut hasher, mut done) = (Sha1::new(), 0);
    let mut chunk = vec![0; usize::try_from(CHUNK.min(length)).map_err(io::Error::other)?];
    while done < length {
        let wanted = usize::try_from(CHUNK.min(length - done)).map_err(io::Error::other)?;
        if storage.read_object(object, from + done, &mut chunk[..wanted])? < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        hasher.update(&chunk[..wanted]);
        done += wanted as u64;
    }
    Ok(hex_of(&hasher.finalize()).to_uppercase())
}

/// A SHA-1 that was sent, in capitals; `None` if it is none.
pub(super) fn read(text: &str) -> Option<String> {
    let is_good = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_good.then(|| text.to_uppercase())
}
