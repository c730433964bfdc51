//! The digests of a whole source.

use std::ops::Range;

use resumable_core::{Digest, HashError, HashJob, HashKind, SourceInfo};
use resumable_transport::{CancelFlag, Source, SourceError};

use crate::drive::hash;

/// Takes these digests of all that a source holds, in one pass, and gives them in the same order.
///
/// ```no_run
/// use resumable::machine::HashKind;
/// use resumable::transport::CancelFlag;
/// use resumable::{FileSource, digests};
///
/// let file = FileSource::open("big.bin")?;
/// let taken = digests(&file, &[HashKind::Sha1, HashKind::Crc64], &CancelFlag::new(), |_| {})?;
/// println!("sha1 {}", taken[0].to_hex());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `progress` is told some ten times a second how many bytes were read.
///
/// # Errors
/// When the source cannot be read, or changes while it is; [`HashError::Cancelled`] when `cancel` is set.
pub fn digests(
    source: &(impl Source + ?Sized),
    kinds: &[HashKind],
    cancel: &CancelFlag,
    progress: impl Fn(u64),
) -> Result<Vec<Digest>, HashError> {
    let before = source.info()?;
    let whole: Range<u64> = 0..before.len;
    let jobs: Vec<HashJob> =
        kinds.iter().map(|kind| HashJob { kind: *kind, range: whole.clone(), keep: false }).collect();
    let taken = hash(source, &jobs, cancel, progress)?;
    let state = |info: &SourceInfo| (info.len, info.modified, info.changed, info.id, info.version.clone());
    if state(&before) == state(&source.info()?) { Ok(taken) } else { Err(SourceError::Written.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemorySource;

    const KINDS: [HashKind; 4] = [HashKind::Crc64, HashKind::Sha1, HashKind::Md5, HashKind::Sha256];

    fn of(bytes: &[u8]) -> Vec<String> {
        let source = MemorySource::new(bytes.to_vec());
        let taken = digests(&source, &KINDS, &CancelFlag::new(), |_| {}).unwrap();
        taken.iter().map(Digest::to_hex).collect()
    }

    #[test]
    fn they_are_the_known_ones_in_the_order_asked_for() {
        assert_eq!(
            of(b"123456789"),
            [
                "995dc9bbdf1939fa",
                "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
                "25f9e794323b453885f5181f1b624d0b",
                "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
            ]
        );
        assert_eq!(of(b"")[1], "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    }

    #[test]
    fn a_cancelled_pass_is_no_digest() {
        let cancel = CancelFlag::new();
        cancel.cancel();
        let taken = digests(&MemorySource::new(vec![0; 1 << 20]), &KINDS, &cancel, |_| {});
        assert!(matches!(taken, Err(HashError::Cancelled)));
    }
}
