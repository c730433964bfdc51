//! Pieces of a draft, in another order than they stand in it.

use std::io;

use super::{Spool, Storage};

const CHUNK: usize = 256 * 1024;

/// Copies pieces of a draft, each an offset and a length, one behind the other.
pub(crate) fn gather(
    storage: &dyn Storage,
    draft: &str,
    pieces: impl IntoIterator<Item = (u64, u64)>,
) -> io::Result<Box<dyn Spool>> {
    let mut spool = storage.spool()?;
    let mut chunk = vec![0; CHUNK];
    for (offset, length) in pieces {
        let mut done = 0;
        while done < length {
            let wanted = usize::try_from(length - done).map_or(CHUNK, |rest| rest.min(CHUNK));
            if storage.read_draft(draft, offset + done, &mut chunk[..wanted])? < wanted {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            spool.write(&chunk[..wanted])?;
            done += wanted as u64;
        }
    }
    Ok(spool)
}
