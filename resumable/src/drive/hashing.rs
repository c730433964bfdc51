use std::io;

use resumable_core::{Digest, HashError, HashJob, HashPass};
use resumable_transport::{CancelFlag, Source, SourceError};

use super::throttle::Throttle;

/// How much is hashed between two looks at the cancel flag.
const STEP: usize = 256 * 1024;

/// One pass over the source; `progress` is told now and then how many bytes were read.
pub(crate) fn hash(
    source: &(impl Source + ?Sized),
    jobs: &[HashJob],
    cancel: &CancelFlag,
    progress: impl Fn(u64),
) -> Result<Vec<Digest>, HashError> {
    let mut pass = HashPass::new(jobs).map_err(|error| SourceError::Read(io::Error::other(error)))?;
    let (mut buffer, mut done, mut throttle) = (vec![0; STEP], 0, Throttle::new());
    while let Some(range) = pass.wants(STEP as u64) {
        if cancel.is_set() {
            return Err(HashError::Cancelled);
        }
        let room = usize::try_from(range.end - range.start).unwrap_or(STEP);
        let count = source.read_at(range.start, &mut buffer[..room])?;
        if count == 0 {
            return Err(SourceError::Ended { at: range.start, expected: range.end }.into());
        }
        pass.feed(&buffer[..count])?;
        done += count as u64;
        if throttle.is_due() {
            progress(done);
        }
    }
    Ok(pass.finish()?)
}
