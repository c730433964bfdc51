//! What is known of a source's content without keeping a digest a part.

use alloc::vec::Vec;
use core::ops::Range;

use serde::{Deserialize, Serialize};

use crate::crc64;
use crate::digest::{Digest, HashJob, HashKind};
use crate::ranges::Ranges;
use crate::source::Difference;

/// One CRC-64 over everything that was read of a source for the vendor: over the ranges that it acknowledged, and over
/// those that were compared with what it holds. When the source is in doubt, they are read again and compared.
///
/// It is a CRC-64 of a content that is zero wherever nothing was read, in which zeros count as nothing. So it depends
/// neither on the order nor on the bounds of what was read: neighbouring ranges become one, and a few hundred bytes do
/// for any number of parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub(crate) struct Fingerprint {
    ranges: Ranges,
    crc64: u64,
    coverage: Coverage,
}

/// Whether all that the vendor holds was digested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Coverage {
    Complete,
    /// The user wanted no digests, or one could not be had.
    NotDigested,
    /// The upload was begun by a version that kept no digests.
    OldCheckpoint,
}

/// Ranges as lengths, of what is not in and of what is in by turns: half as long as their bounds.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    lengths: Vec<u64>,
    #[serde(with = "hex::serde")]
    crc64: [u8; 8],
    coverage: Coverage,
}

impl Fingerprint {
    /// Of nothing.
    pub(crate) fn new(coverage: Coverage) -> Self {
        Self { ranges: Ranges::new(), crc64: 0, coverage }
    }

    /// Takes in a range of a source of `len` bytes. Bytes that are in it already are the same, or the source would have
    /// been in doubt first.
    pub(crate) fn add(&mut self, range: &Range<u64>, digest: &Digest, len: u64) {
        if self.ranges.contains(range) {
            return;
        }
        let crc64 = digest.as_bytes().try_into().ok().map(u64::from_be_bytes);
        match crc64 {
            Some(crc64) if range.end <= len && !self.ranges.overlaps(range) => {
                self.ranges.add(range.clone());
                self.crc64 ^= crc64::shifted(crc64, following(len, range.end));
            }
            _ => {
                self.leave_out();
            }
        }
    }

    /// Whether some of a range is in it.
    pub(crate) fn overlaps(&self, range: &Range<u64>) -> bool {
        self.ranges.overlaps(range)
    }

    /// The vendor gets bytes of which no digest is taken. True if that was not known.
    pub(crate) fn leave_out(&mut self) -> bool {
        let was_complete = self.coverage == Coverage::Complete;
        if was_complete {
            self.coverage = Coverage::NotDigested;
        }
        was_complete
    }

    /// How many bytes it covers.
    pub(crate) fn bytes(&self) -> u64 {
        self.ranges.bytes()
    }

    /// What is to be read again; the vendor has acknowledged `confirmed` bytes.
    ///
    /// # Errors
    /// When that would not cover all that the vendor holds.
    pub(crate) fn jobs(&self, confirmed: u64) -> Result<Vec<HashJob>, Difference> {
        match self.coverage {
            Coverage::OldCheckpoint => Err(Difference::OldCheckpoint),
            Coverage::Complete if confirmed <= self.bytes() => {
                let job = |range: &Range<u64>| HashJob { kind: HashKind::Crc64, range: range.clone(), keep: false };
                Ok(self.ranges.iter().map(job).collect())
            }
            Coverage::NotDigested | Coverage::Complete => Err(Difference::NotDigested),
        }
    }

    /// True if these digests are of the same content.
    pub(crate) fn agrees(&self, jobs: &[HashJob], digests: &[Digest], len: u64) -> bool {
        let mut again = Self::new(Coverage::Complete);
        jobs.iter().zip(digests).for_each(|(job, digest)| again.add(&job.range, digest, len));
        again.ranges == self.ranges && again.crc64 == self.crc64
    }

    /// True if all of it lies within `len` bytes.
    pub(crate) fn is_within(&self, len: u64) -> bool {
        self.ranges.iter().all(|range| range.end <= len)
    }
}

/// How many bytes are taken to follow: as if the source ended at a power of two, because what follows a part is then a
/// number with few bits, and each costs.
fn following(len: u64, end: u64) -> u64 {
    len.checked_next_power_of_two().unwrap_or(len).saturating_sub(end)
}

impl From<Fingerprint> for Saved {
    fn from(fingerprint: Fingerprint) -> Self {
        let mut at = 0;
        let lengths = fingerprint.ranges.iter().flat_map(|range| {
            let gap = range.start - at;
            at = range.end;
            [gap, range.end - range.start]
        });
        let lengths = lengths.collect();
        Self { lengths, crc64: fingerprint.crc64.to_be_bytes(), coverage: fingerprint.coverage }
    }
}

impl TryFrom<Saved> for Fingerprint {
    type Error = &'static str;

    fn try_from(saved: Saved) -> Result<Self, Self::Error> {
        let (mut ranges, mut at) = (Ranges::new(), 0u64);
        for pair in saved.lengths.chunks(2) {
            let &[gap, len] = pair else { return Err("a range without a length") };
            let start = at.checked_add(gap).ok_or("a range beyond all numbers")?;
            at = start.checked_add(len).ok_or("a range beyond all numbers")?;
            ranges.add(start..at);
        }
        Ok(Self { ranges, crc64: u64::from_be_bytes(saved.crc64), coverage: saved.coverage })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::digest::Hasher;

    fn crc64(bytes: &[u8]) -> Digest {
        let mut hasher = Hasher::new(HashKind::Crc64).unwrap();
        hasher.update(bytes);
        hasher.finish()
    }

    fn index(at: u64) -> usize {
        usize::try_from(at).unwrap()
    }

    fn of(content: &[u8], ranges: &[Range<u64>]) -> Fingerprint {
        let mut fingerprint = Fingerprint::new(Coverage::Complete);
        for range in ranges {
            let bytes = &content[index(range.start)..index(range.end)];
            fingerprint.add(range, &crc64(bytes), content.len() as u64);
        }
        fingerprint
    }

    /// What a pass over the jobs would say.
    fn again(fingerprint: &Fingerprint, content: &[u8]) -> bool {
        let jobs = fingerprint.jobs(0).unwrap();
        let digests: Vec<Digest> =
            jobs.iter().map(|job| crc64(&content[index(job.range.start)..index(job.range.end)])).collect();
        fingerprint.agrees(&jobs, &digests, content.len() as u64)
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_same_bytes_and_with_no_others(
            parts in Just((0u64..20).collect::<Vec<_>>()).prop_shuffle(), sent in 0usize..20, last in 1u64..6, changed in 0usize..200,
        ) {
            let len = 19 * 5 + last;
            let mut content: Vec<u8> = (0..len).map(|at| u8::try_from(at * 7 % 251).unwrap()).collect();
            let ranges: Vec<_> = parts[..sent].iter().map(|part| part * 5..(part * 5 + 5).min(len)).collect();
            let fingerprint = of(&content, &ranges);
            let saved = serde_json::to_string(&fingerprint).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Fingerprint>(&saved).unwrap(), &fingerprint);
            prop_assert!(again(&fingerprint, &content));
            let changed = changed % content.len();
            content[changed] ^= 1;
            let within = ranges.iter().any(|range| range.contains(&(changed as u64)));
            prop_assert_eq!(again(&fingerprint, &content), !within);
        }
    }

    #[test]
    fn what_was_not_digested_cannot_be_compared() {
        let content = [7; 30];
        let mut fingerprint = of(&content, core::slice::from_ref(&(0..10)));
        assert_eq!(fingerprint.jobs(11), Err(Difference::NotDigested), "the vendor holds more");
        assert!(fingerprint.jobs(10).is_ok());
        fingerprint.add(&(2..8), &crc64(b"whatever"), 30);
        assert!(fingerprint.jobs(10).is_ok(), "it is in already");
        fingerprint.add(&(5..15), &crc64(&content[5..15]), 30);
        assert_eq!(fingerprint.jobs(10), Err(Difference::NotDigested), "half of it is in");
        let mut fingerprint = of(&content, core::slice::from_ref(&(0..10)));
        fingerprint.leave_out();
        assert_eq!(fingerprint.jobs(10), Err(Difference::NotDigested));
    }

    #[test]
    fn numbers_that_cannot_be_are_refused() {
        let saved =
            |lengths: &str| format!(r#"{{"lengths":{lengths},"crc64":"0000000000000000","coverage":"complete"}}"#);
        for lengths in ["[1]", "[18446744073709551615,1]", "[0,1,18446744073709551615,5]"] {
            assert!(serde_json::from_str::<Fingerprint>(&saved(lengths)).is_err(), "{lengths}");
        }
        let far = serde_json::from_str::<Fingerprint>(&saved("[10,5]")).unwrap();
        assert!(far.is_within(15) && !far.is_within(14));
    }
}
