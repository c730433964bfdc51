//! One slice: whether it fits its session, and how it becomes part of it.

use std::io;

use super::call::storage_code;
use super::code::{self, Code};
use super::session::{Proof, Session};
use super::switches::ChangedSlice;
use crate::body_sink::Received;
use crate::storage::Storage;

const CHUNK: usize = 64 * 1024;

/// What a slice has to keep to.
pub(crate) struct Rules {
    /// It starts at a multiple of the slice size and fills it, save the last.
    pub(crate) aligned: bool,
    /// It starts where the one before ended.
    pub(crate) serial: bool,
    pub(crate) changed: ChangedSlice,
}

impl Rules {
    /// Takes a slice, and says how many bytes were stored: none if the same slice was there already.
    pub(crate) fn accept(
        &self,
        session: &mut Session,
        offset: u64,
        mut file: Received,
        proofs: &[Proof],
        storage: &dyn Storage,
    ) -> Result<u64, Code> {
        check_shape(session, offset, file.length, self.aligned)?;
        if is_known(session, offset, &mut file, storage).map_err(storage_code)? {
            return Ok(0);
        }
        if session.length_at(offset).is_some() {
            if session.has_parts() || self.changed == ChangedSlice::Refuse {
                return Err(code::SHA_MISMATCH);
            }
            session.forget(offset, storage).map_err(storage_code)?;
        } else if self.serial && offset != session.frontier() {
            return Err(code::PARAMETER.because("ERROR_CGI_PARAM: slice out of order"));
        }
        store(session, offset, file, proofs, storage)
    }
}

fn check_shape(session: &Session, offset: u64, length: u64, aligned: bool) -> Result<(), Code> {
    let bad = Err(code::PARAMETER.because("ERROR_CGI_PARAM: slice does not fit"));
    let Some(end) = offset.checked_add(length) else {
        return bad;
    };
    if length == 0 || end > session.file_size || length > session.slice_size {
        return bad;
    }
    if aligned {
        let starts = offset.is_multiple_of(session.slice_size);
        let fills = length == session.slice_size || end == session.file_size;
        return if starts && fills { Ok(()) } else { bad };
    }
    let again = session.length_at(offset) == Some(length);
    if again || !session.overlaps(offset, end) { Ok(()) } else { bad }
}

/// Whether the same bytes are there already.
fn is_known(session: &Session, offset: u64, file: &mut Received, storage: &dyn Storage) -> io::Result<bool> {
    if session.length_at(offset) != Some(file.length) {
        return Ok(false);
    }
    if !storage.keeps_bytes() {
        return Ok(true);
    }
    let size = usize::try_from(file.length).map_or(CHUNK, |length| length.min(CHUNK));
    let (mut ours, mut theirs) = (vec![0; size], vec![0; size]);
    let mut done = 0;
    while done < file.length {
        let wanted = usize::try_from(file.length - done).map_or(size, |rest| rest.min(size));
        let (ours, theirs) = (&mut ours[..wanted], &mut theirs[..wanted]);
        storage.read_draft(&session.draft, offset + done, ours)?;
        file.spool.read(done, theirs)?;
        if ours != theirs {
            return Ok(false);
        }
        done += wanted as u64;
    }
    Ok(true)
}

fn store(
    session: &mut Session,
    offset: u64,
    file: Received,
    proofs: &[Proof],
    storage: &dyn Storage,
) -> Result<u64, Code> {
    let Received { spool, length } = file;
    spool.into_draft(&session.draft, offset).map_err(storage_code)?;
    match session.add(offset, length, proofs, storage) {
        Ok(true) => Ok(length),
        Ok(false) => Err(code::SHA_MISMATCH),
        Err(error) => Err(storage_code(error)),
    }
}
