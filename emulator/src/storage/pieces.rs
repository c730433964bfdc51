//! Bytes that are too many to be held at once.

use std::io;

use super::{ObjectName, Spool, Storage};

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

/// The bytes of an object that consists of parts of a draft.
pub(crate) enum Assembled {
    /// The draft is what the object has to be.
    Draft {
        id: String,
        length: u64,
    },
    Spool(Box<dyn Spool>),
}

/// Puts parts of a draft of `end` bytes, each an offset and a length, one behind the other; copies them only if need be.
pub(crate) fn assemble(
    storage: &dyn Storage,
    draft: &str,
    end: u64,
    parts: impl Iterator<Item = (u64, u64)> + Clone,
) -> io::Result<Assembled> {
    if are_all(end, parts.clone()) || !storage.keeps_bytes() {
        return Ok(Assembled::Draft { id: draft.to_owned(), length: end });
    }
    let mut spool = storage.spool()?;
    for part in parts {
        pieces(part, &mut |at, buf| storage.read_draft(draft, at, buf), &mut |piece| spool.write(piece))?;
    }
    Ok(Assembled::Spool(spool))
}

/// Whether a draft of `end` bytes consists of these parts alone, in this order.
pub(crate) fn are_all(end: u64, mut parts: impl Iterator<Item = (u64, u64)>) -> bool {
    parts.try_fold(0, |at, (offset, length)| (offset == at).then_some(at + length)) == Some(end)
}

impl Assembled {
    /// Makes them the object; the draft may still be there.
    pub(crate) fn publish(self, storage: &dyn Storage, object: &ObjectName) -> io::Result<()> {
        match self {
            Assembled::Draft { id, length } => storage.publish_draft(&id, length, object),
            Assembled::Spool(spool) => spool.into_object(object),
        }
    }
}
