//! Bytes that are too many to be held at once.

use std::io;

use super::{Spool, Storage};

const CHUNK: usize = 64 * 1024;

/// Reads at an offset; fewer bytes than asked for only at the end.
pub(crate) type ReadAt<'a> = dyn FnMut(u64, &mut [u8]) -> io::Result<usize> + 'a;

/// Hands on so many bytes from an offset on, piece by piece; all but the last are of one length, a multiple of 64.
pub(crate) fn pieces(
    (offset, length): (u64, u64),
    read: &mut ReadAt<'_>,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut chunk = vec![0; usize::try_from(length).map_or(CHUNK, |length| length.min(CHUNK))];
    let mut done = 0;
    while done < length {
        let wanted = usize::try_from(length - done).map_or(CHUNK, |rest| rest.min(CHUNK));
        if read(offset + done, &mut chunk[..wanted])? < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        take(&chunk[..wanted])?;
        done += wanted as u64;
    }
    Ok(())
}

/// Copies parts of a draft, each an offset and a length, one behind the other.
pub(crate) fn gather(
    storage: &dyn Storage,
    draft: &str,
    parts: impl IntoIterator<Item = (u64, u64)>,
) -> io::Result<Box<dyn Spool>> {
    let mut spool = storage.spool()?;
    for part in parts {
        pieces(part, &mut |at, buf| storage.read_draft(draft, at, buf), &mut |piece| spool.write(piece))?;
    }
    Ok(spool)
}
