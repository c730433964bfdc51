//! Digests of the source: which, over what, and the one pass that computes several of them.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crc_fast::CrcAlgorithm;
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha1::digest::Digest as _;
use sha1::digest::common::hazmat::SerializableState;
use sha2::Sha256;

use crate::ranges::Ranges;

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HashKind {
    /// SHA-1, 20 bytes.
    Sha1,
    /// MD5, 16 bytes.
    Md5,
    /// SHA-256, 32 bytes.
    Sha256,
    /// CRC-64/XZ (what Aliyun calls ECMA), 8 bytes, big-endian.
    Crc64,
    /// CRC-64/NVME, 8 bytes, big-endian.
    Crc64Nvme,
    /// CRC-32C (Castagnoli), 4 bytes, big-endian.
    Crc32c,
    /// SHA-1 chaining states: 20 bytes for every `every` bytes of the range, and a last entry that is the ordinary
    /// SHA-1 of the range. A state is the five chaining words after that many bytes, without padding, each word
    /// little-endian (a raw dump of `uint32[5]`). A range of n bytes has ceil(n / `every`) entries, at least one.
    Sha1Chain {
        /// Distance between two states in bytes: a multiple of 64, not 0.
        every: u64,
    },
}

/// One digest to take of a range of the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HashJob {
    /// The algorithm.
    pub kind: HashKind,
    /// Which bytes of the source.
    pub range: Range<u64>,
    /// Keep the digest in the checkpoint, so that a resumed upload need not read the source again.
    pub keep: bool,
}

impl HashJob {
    /// True if this can be its digest, in a source of `len` bytes.
    pub(crate) fn can_give(&self, len: u64, digest: &Digest) -> bool {
        let Range { start, end } = self.range;
        let bytes = digest.as_bytes().len() as u64;
        let fits = match self.kind {
            HashKind::Sha1 => bytes == 20,
            HashKind::Md5 => bytes == 16,
            HashKind::Sha256 => bytes == 32,
            HashKind::Crc64 | HashKind::Crc64Nvme => bytes == 8,
            HashKind::Crc32c => bytes == 4,
            HashKind::Sha1Chain { every: 0 } => false,
            HashKind::Sha1Chain { every } => {
                Some(bytes) == end.saturating_sub(start).div_ceil(every).max(1).checked_mul(20)
            }
        };
        fits && start <= end && end <= len
    }
}

/// The bytes of a digest; for [`HashKind::Sha1Chain`] those of all its entries.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest(#[serde(with = "hex::serde")] Vec<u8>);

impl Digest {
    /// Wraps the bytes of a digest.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Lower-case hexadecimal.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.0)
    }
}

impl core::fmt::Debug for Digest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let shown = self.0.len().min(32);
        write!(f, "Digest({}{})", hex::encode(&self.0[..shown]), if shown < self.0.len() { "…" } else { "" })
    }
}

/// Digests that were taken of a request's source bytes while they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observed(Option<Vec<(HashKind, Digest)>>);

impl Observed {
    /// Nothing was observed: not every source byte was read and sent.
    pub fn none() -> Self {
        Self(None)
    }

    /// Every source byte of the body was read and sent, with these digests.
    pub fn all(digests: Vec<(HashKind, Digest)>) -> Self {
        Self(Some(digests))
    }

    /// True when every source byte of the body was read and sent.
    pub fn is_all(&self) -> bool {
        self.0.is_some()
    }

    /// The digest of one kind, if the whole body was sent and this kind was asked for.
    pub fn get(&self, kind: HashKind) -> Option<&Digest> {
        self.0.as_ref()?.iter().find(|(have, _)| *have == kind).map(|(_, digest)| digest)
    }
}

/// A digest in the making.
#[derive(Clone)]
pub struct Hasher(State);

#[derive(Clone)]
enum State {
    Sha1(Sha1),
    Md5(Md5),
    Sha256(Sha256),
    Crc64(crc_fast::Digest),
    Crc32c(crc_fast::Digest),
    Sha1Chain { hash: Sha1, every: u64, fed: u64, states: Vec<u8> },
}

impl Hasher {
    /// Starts a digest over no bytes.
    ///
    /// # Errors
    /// When `every` of a chain is 0 or no multiple of 64.
    pub fn new(kind: HashKind) -> Result<Self, InvalidJob> {
        Ok(Self(match kind {
            HashKind::Sha1 => State::Sha1(Sha1::new()),
            HashKind::Md5 => State::Md5(Md5::new()),
            HashKind::Sha256 => State::Sha256(Sha256::new()),
            HashKind::Crc64 => State::Crc64(crc_fast::Digest::new(CrcAlgorithm::Crc64Xz)),
            HashKind::Crc64Nvme => State::Crc64(crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme)),
            HashKind::Crc32c => State::Crc32c(crc_fast::Digest::new(CrcAlgorithm::Crc32Iscsi)),
            HashKind::Sha1Chain { every } if every == 0 || every % 64 != 0 => return Err(InvalidJob { every }),
            HashKind::Sha1Chain { every } => State::Sha1Chain { hash: Sha1::new(), every, fed: 0, states: Vec::new() },
        }))
    }

    /// Takes the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha1(hash) => hash.update(bytes),
            State::Md5(hash) => hash.update(bytes),
            State::Sha256(hash) => hash.update(bytes),
            State::Crc64(hash) | State::Crc32c(hash) => hash.update(bytes),
            State::Sha1Chain { hash, every, fed, states } => chain(hash, *every, fed, states, bytes),
        }
    }

    /// The digest of all bytes taken.
    pub fn finish(self) -> Digest {
        Digest(match self.0 {
            State::Sha1(hash) => hash.finalize().to_vec(),
            State::Md5(hash) => hash.finalize().to_vec(),
            State::Sha256(hash) => hash.finalize().to_vec(),
            State::Crc64(hash) => hash.finalize().to_be_bytes().to_vec(),
            State::Crc32c(hash) => hash.finalize().to_be_bytes()[4..].to_vec(),
            State::Sha1Chain { hash, mut states, .. } => {
                states.extend_from_slice(&hash.finalize());
                states
            }
        })
    }
}

/// Feeds a chain; the state at a boundary is taken only when a byte follows it, for the last entry is the SHA-1.
fn chain(hash: &mut Sha1, every: u64, fed: &mut u64, states: &mut Vec<u8>, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        if *fed > 0 && (*fed).is_multiple_of(every) {
            states.extend_from_slice(&hash.serialize()[..20]);
        }
        let room = usize::try_from(every - *fed % every).unwrap_or(usize::MAX);
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        hash.update(now);
        *fed += now.len() as u64;
        bytes = later;
    }
}

/// A [`HashKind::Sha1Chain`] whose `every` is 0 or no multiple of 64.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("SHA-1 chaining states exist only at multiples of 64 bytes, not every {every}")]
pub struct InvalidJob {
    /// The distance that was asked for.
    pub every: u64,
}

/// A [`HashPass`] was not fed what it wanted: a defect in whoever reads the source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfed {
    /// It was to finish before it had all bytes.
    #[error("digests were to be taken of {wanted} bytes, and {given} were read")]
    TooLittle {
        /// Bytes fed.
        given: u64,
        /// Bytes wanted in all.
        wanted: u64,
    },
    /// It was given more bytes at once than it wanted.
    #[error("{given} bytes were given where digests are taken of {wanted}")]
    TooMuch {
        /// Bytes given.
        given: u64,
        /// Bytes wanted.
        wanted: u64,
    },
}

/// Several jobs in one pass over the source, in ascending order of offset; bytes that no job needs are never read.
///
/// ```
/// use resumable_core::{HashJob, HashKind, HashPass};
/// let job = |kind, range| HashJob { kind, range, keep: false };
/// let mut pass = HashPass::new(&[job(HashKind::Sha1, 0..3), job(HashKind::Md5, 1..3)])?;
/// while let Some(range) = pass.wants(2) {
///     pass.feed(&b"abc"[range.start as usize..range.end as usize])?;
/// }
/// assert_eq!(pass.finish()?[0].to_hex(), "a9993e364706816aba3e25717850c26c9cd0d89d");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HashPass {
    at: u64,
    fed: u64,
    work: Vec<Work>,
}

#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "a pass has a handful of jobs")]
enum Work {
    Own {
        range: Range<u64>,
        hasher: Hasher,
    },
    /// A SHA-1 over the range of a chain is that chain's last entry.
    LastOf(usize),
}

impl HashPass {
    /// Prepares a pass.
    ///
    /// # Errors
    /// When a job cannot be done at all.
    pub fn new(jobs: &[HashJob]) -> Result<Self, InvalidJob> {
        let chain_over = |range: &Range<u64>| {
            jobs.iter().position(|job| job.range == *range && matches!(job.kind, HashKind::Sha1Chain { .. }))
        };
        let work = jobs.iter().map(|job| match chain_over(&job.range) {
            Some(chain) if job.kind == HashKind::Sha1 => Ok(Work::LastOf(chain)),
            _ => Ok(Work::Own { range: job.range.clone(), hasher: Hasher::new(job.kind)? }),
        });
        Ok(Self { at: 0, fed: 0, work: work.collect::<Result<_, _>>()? })
    }

    /// The next bytes to feed, by their offset in the source: at most `most` (at least 1) of them; `None` when every job
    /// has all it needs.
    pub fn wants(&self, most: u64) -> Option<Range<u64>> {
        self.wants_from(self.at, most)
    }

    fn wants_from(&self, at: u64, most: u64) -> Option<Range<u64>> {
        let open = || self.ranges().filter(|range| range.start < range.end && range.end > at);
        let start = open().map(|range| range.start.max(at)).min()?;
        let end = open().filter(|range| range.start <= start).map(|range| range.end).max()?;
        Some(start..end.min(start.saturating_add(most.max(1))))
    }

    /// Takes bytes from the start of what the pass [wants](Self::wants), as many as there are.
    ///
    /// # Errors
    /// When there are more than it wants; nothing is taken then.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Misfed> {
        let given = bytes.len() as u64;
        let Range { start, end: most } = self.wants(u64::MAX).unwrap_or(self.at..self.at);
        if given > most - start {
            return Err(Misfed::TooMuch { given, wanted: most - start });
        }
        let end = start + given;
        for work in &mut self.work {
            let Work::Own { range, hasher } = work else { continue };
            let (from, to) = (range.start.clamp(start, end), range.end.clamp(start, end));
            if from < to {
                hasher.update(&bytes[at(from - start)..at(to - start)]);
            }
        }
        self.at = end;
        self.fed += given;
        Ok(())
    }

    /// The digests, in the order of the jobs.
    ///
    /// # Errors
    /// When the pass wants more.
    pub fn finish(self) -> Result<Vec<Digest>, Misfed> {
        if self.wants(1).is_some() {
            return Err(Misfed::TooLittle { given: self.fed, wanted: self.total() });
        }
        let own: Vec<Option<Digest>> = self.work.iter().map(Work::own_digest).collect();
        let digest = |work: &Work, own: &[Option<Digest>], index: usize| match work {
            Work::Own { .. } => own[index].clone(),
            Work::LastOf(chain) => own[*chain].as_ref().map(|chain| Digest::new(&chain.0[chain.0.len() - 20..])),
        };
        Ok(self.work.iter().enumerate().filter_map(|(index, work)| digest(work, &own, index)).collect())
    }

    /// All that the pass [wants](Self::wants) from here on, in order; what several jobs need is read once. For who reads
    /// ahead of what is fed.
    pub fn reads(&self) -> impl Iterator<Item = Range<u64>> {
        let next = |at| self.wants_from(at, u64::MAX);
        core::iter::successors(next(self.at), move |range| next(range.end))
    }

    /// How many bytes the pass reads in all.
    pub fn total(&self) -> u64 {
        self.ranges().cloned().collect::<Ranges>().bytes()
    }

    fn ranges(&self) -> impl Iterator<Item = &Range<u64>> {
        self.work.iter().filter_map(|work| match work {
            Work::Own { range, .. } => Some(range),
            Work::LastOf(_) => None,
        })
    }
}

impl Work {
    fn own_digest(&self) -> Option<Digest> {
        match self {
            Self::Own { hasher, .. } => Some(hasher.clone().finish()),
            Self::LastOf(_) => None,
        }
    }
}

fn at(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digests(jobs: &[HashJob], data: &[u8], step: u64) -> Vec<Digest> {
        let mut pass = HashPass::new(jobs).unwrap();
        while let Some(range) = pass.wants(step) {
            pass.feed(&data[at(range.start)..at(range.end)]).unwrap();
        }
        pass.finish().unwrap()
    }

    fn job(kind: HashKind, range: Range<u64>) -> HashJob {
        HashJob { kind, range, keep: false }
    }

    fn chain_of(data: &[u8], every: u64) -> Vec<String> {
        let all = &digests(&[job(HashKind::Sha1Chain { every }, 0..data.len() as u64)], data, 1000)[0];
        all.as_bytes().chunks(20).map(hex::encode).collect()
    }

    #[test]
    fn known_digests() {
        use HashKind::{Crc32c, Crc64, Crc64Nvme, Md5, Sha1, Sha256};
        let kinds = [Sha1, Md5, Sha256, Crc64, Crc64Nvme, Crc32c];
        let jobs: Vec<_> = kinds.into_iter().map(|kind| job(kind, 0..9)).collect();
        let hex: Vec<_> = digests(&jobs, b"123456789", 4).iter().map(Digest::to_hex).collect();
        assert_eq!(hex[0], "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
        assert_eq!(hex[1], "25f9e794323b453885f5181f1b624d0b");
        assert_eq!(hex[2], "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
        assert_eq!(hex[3], "995dc9bbdf1939fa");
        assert_eq!(hex[4], "ae8b14860a799888");
        assert_eq!(hex[5], "e3069283");
        assert!(jobs.iter().zip(&digests(&jobs, b"123456789", 4)).all(|(job, digest)| job.can_give(9, digest)));
    }

    #[test]
    fn chaining_states_are_dumps_of_the_words() {
        let a = vec![b'a'; 130];
        let states = [
            "eb6849da1f7c372e528f4e88eb4b5283bdbd4ee7",
            "4929a00b382871dee5769e6881f85b884434ba17",
            "e1cd437ec3e8a60db34e1d150a4fc73882d83b41",
        ];
        assert_eq!(chain_of(&a, 64), states);
        assert_eq!(chain_of(&a[..64], 64), ["0098ba824b5c16427bd7a1122a5a442a25ec644d"]);
        assert_eq!(chain_of(&a[..128], 64), [states[0], "ad5b3fdbcb526778c2839d2f151ea753995e26a0"]);
    }

    #[test]
    fn an_empty_range_has_a_digest_and_reads_nothing() {
        let jobs = [job(HashKind::Sha1, 0..0), job(HashKind::Sha1Chain { every: 64 }, 0..0)];
        let empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
        assert!(HashPass::new(&jobs).unwrap().wants(10).is_none());
        assert!(digests(&jobs, b"", 10).iter().all(|digest| digest.to_hex() == empty));
    }

    #[test]
    fn states_off_the_block_grid_are_refused() {
        for every in [0, 1, 63, 65] {
            assert_eq!(HashPass::new(&[job(HashKind::Sha1Chain { every }, 0..9)]).err(), Some(InvalidJob { every }));
        }
    }

    #[test]
    fn bytes_that_no_job_needs_are_skipped() {
        let pass = HashPass::new(&[job(HashKind::Md5, 10..20), job(HashKind::Md5, 40..50)]).unwrap();
        assert_eq!(pass.total(), 20);
        assert_eq!(pass.wants(100), Some(10..20));
    }

    #[test]
    fn a_pass_takes_no_more_and_no_less_than_it_wants() {
        let mut pass = HashPass::new(&[job(HashKind::Md5, 10..20), job(HashKind::Sha1, 15..30)]).unwrap();
        assert_eq!(pass.feed(&[0; 11]), Err(Misfed::TooMuch { given: 11, wanted: 10 }));
        pass.feed(&[0; 10]).unwrap();
        assert_eq!(pass.clone().finish(), Err(Misfed::TooLittle { given: 10, wanted: 20 }));
        pass.feed(&[0; 4]).unwrap();
        pass.feed(&[]).unwrap();
        assert_eq!(pass.wants(100), Some(24..30));
        pass.feed(&[0; 6]).unwrap();
        assert_eq!(pass.feed(&[0]), Err(Misfed::TooMuch { given: 1, wanted: 0 }));
        assert_eq!(pass.finish().unwrap().len(), 2);
    }

    proptest! {
        #[test]
        fn one_pass_gives_what_single_passes_give(
            jobs in prop::collection::vec((0usize..5, 0u64..300, 0u64..300), 1..6), step in 1u64..200,
        ) {
            let kinds = [HashKind::Sha1, HashKind::Md5, HashKind::Sha256, HashKind::Crc64, HashKind::Sha1Chain { every: 64 }];
            let data: Vec<u8> = (0..300u32).map(|i| (i * 7 % 251) as u8).collect();
            let jobs: Vec<_> = jobs.into_iter().map(|(kind, a, b)| job(kinds[kind], a.min(b)..a.max(b))).collect();
            let together = digests(&jobs, &data, step);
            let mut pass = HashPass::new(&jobs).unwrap();
            let (reads, mut wanted) = (pass.reads().collect::<Vec<_>>(), Vec::new());
            while let Some(range) = pass.wants(u64::MAX) {
                pass.feed(&data[at(range.start)..at(range.end)]).unwrap();
                wanted.push(range);
            }
            prop_assert_eq!(reads, wanted);
            for (job, digest) in jobs.iter().zip(&together) {
                let mut alone = Hasher::new(job.kind).unwrap();
                alone.update(&data[at(job.range.start)..at(job.range.end)]);
                prop_assert_eq!(&alone.finish(), digest);
            }
        }
    }
}
