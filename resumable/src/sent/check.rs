//! Whether a source is what was sent.

use resumable_core::{Comparison, Digest, HashError, HashJob, HashKind, SourceInfo};
use resumable_transport::{CancelFlag, Source};

use super::Sent;
use crate::drive::hash;

/// What its looks say about a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// It is what was sent.
    Sent,
    /// It may be: its content tells.
    Read,
    /// It is not, or nothing can tell.
    Unsent,
}

/// `reads`: the content is to be read even if the looks leave no doubt.
pub(crate) fn check(sent: &Sent, now: &SourceInfo, reads: bool) -> Check {
    match sent.source.compare(now) {
        Comparison::Changed(_) => Check::Unsent,
        Comparison::Same if !reads => Check::Sent,
        _ if sent.digest.is_some() => Check::Read,
        _ => Check::Unsent,
    }
}

/// Whether the whole source, of `len` bytes, has this digest.
pub(crate) fn has_digest(
    source: &dyn Source,
    len: u64,
    (kind, digest): &(HashKind, Digest),
    cancel: &CancelFlag,
    progress: impl Fn(u64),
) -> Result<bool, HashError> {
    let job = HashJob { kind: *kind, range: 0..len, keep: false };
    Ok(hash(source, &[job], cancel, progress)? == [digest.clone()])
}

#[cfg(test)]
mod tests {
    use resumable_core::{How, Modified, Receipt};

    use super::*;
    use crate::file::Label;
    use crate::sources::MemorySource;

    fn info() -> SourceInfo {
        let at = |secs| Some(Modified { secs, nanos: 0 });
        SourceInfo { modified: at(10), changed: at(10), looked_at: at(12), id: Some(1), ..SourceInfo::new(3, [0; 32]) }
    }

    fn sent(source: SourceInfo, digest: Option<(HashKind, Digest)>) -> Sent {
        let mut receipt = Receipt::new(How::Parts);
        receipt.digest = digest;
        let label = Label { profile: String::new(), path: String::new(), destination: String::new() };
        Sent::new(("p", "t".to_owned()), label, source, &receipt, 0)
    }

    #[test]
    fn times_inode_and_ends_tell_and_a_length_alone_never_does() {
        let with_digest = || sent(info(), Some((HashKind::Md5, Digest::new([0; 16]))));
        let later = Some(Modified { secs: 11, nanos: 0 });
        let rows: [(SourceInfo, Check); 7] = [
            (info(), Check::Sent),
            (SourceInfo { modified: later, ..info() }, Check::Read),
            (SourceInfo { changed: later, ..info() }, Check::Read),
            (SourceInfo { id: Some(2), ..info() }, Check::Read),
            (SourceInfo { changed: None, ..info() }, Check::Read),
            (SourceInfo { sample: [1; 32], ..info() }, Check::Unsent),
            (SourceInfo { len: 4, ..info() }, Check::Unsent),
        ];
        for (now, expected) in rows {
            assert_eq!(check(&with_digest(), &now, false), expected, "{now:?}");
            let without = if expected == Check::Read { Check::Unsent } else { expected };
            assert_eq!(check(&sent(info(), None), &now, false), without, "{now:?}");
        }
        assert_eq!(check(&with_digest(), &info(), true), Check::Read);
        assert_eq!(check(&sent(info(), None), &info(), true), Check::Unsent);
    }

    #[test]
    fn a_file_that_was_written_to_just_before_the_look_is_in_doubt() {
        let fresh = SourceInfo { looked_at: Some(Modified { secs: 11, nanos: 999_999_999 }), ..info() };
        let sent = sent(fresh, Some((HashKind::Md5, Digest::new([0; 16]))));
        assert_eq!(check(&sent, &info(), false), Check::Read);
    }

    #[test]
    fn the_whole_content_has_the_digest() {
        let source = MemorySource::new("123456789");
        let crc64 = |bytes: u64| (HashKind::Crc64, Digest::new(bytes.to_be_bytes()));
        let same = |digest| has_digest(&source, 9, &digest, &CancelFlag::new(), |_| {}).unwrap();
        assert!(same(crc64(0x995D_C9BB_DF19_39FA)), "the check value of CRC-64/XZ");
        assert!(!same(crc64(0x995D_C9BB_DF19_39FB)));
        let cancel = CancelFlag::new();
        cancel.cancel();
        assert!(matches!(has_digest(&source, 9, &crc64(0), &cancel, |_| {}), Err(HashError::Cancelled)));
    }
}
