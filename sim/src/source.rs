//! The file that is uploaded, in memory, with every version that it ever had.

use std::ops::Range;

use fastrand::Rng;
use resumable_core::{Digest, HashJob, HashPass, Modified, SourceError, SourceInfo};

const SAMPLE_BYTES: usize = 16;

/// A source whose bytes come from a seed.
#[derive(Clone, Debug)]
pub struct Source {
    versions: Vec<Version>,
}

#[derive(Clone, Debug)]
struct Version {
    bytes: Vec<u8>,
    info: SourceInfo,
}

impl Source {
    /// A source of `len` bytes; two seeds give two contents.
    pub fn new(len: u64, seed: u64) -> Self {
        Self { versions: vec![Version::new(pattern(len, seed), 0)] }
    }

    /// What the source is recognised by now.
    pub fn info(&self) -> SourceInfo {
        self.current().info.clone()
    }

    /// The bytes as they are now.
    pub fn bytes(&self) -> &[u8] {
        &self.current().bytes
    }

    /// The bytes as they were in a version; 0 is the first.
    pub fn version(&self, number: usize) -> &[u8] {
        &self.versions[number].bytes
    }

    /// Whether bytes are those of a version, as far as the file reached when it was as long as they are: who reads a file
    /// that has grown meanwhile reads no further than he meant to.
    pub fn is_version(&self, number: usize, bytes: &[u8]) -> bool {
        let was_as_long = self.versions.iter().any(|version| version.bytes.len() == bytes.len());
        was_as_long && self.versions[number].bytes.starts_with(bytes)
    }

    /// The number of the version that is current.
    pub fn latest(&self) -> usize {
        self.versions.len() - 1
    }

    /// Somebody writes to the file: one byte of it changes, or it grows or shrinks.
    pub fn change(&mut self, chance: &mut Rng) {
        let mut bytes = self.bytes().to_vec();
        match chance.u8(0..4) {
            0 => bytes.push(chance.u8(..)),
            1 if bytes.len() > 1 => bytes.truncate(chance.usize(1..bytes.len())),
            _ if bytes.is_empty() => bytes.push(7),
            _ => {
                let at = chance.usize(0..bytes.len());
                bytes[at] ^= 1 + chance.u8(0..255);
            }
        }
        self.versions.push(Version::new(bytes, self.versions.len()));
    }

    /// Somebody writes to the midst of the file, and it looks as before: length, time and both ends stay. False if it is
    /// all ends.
    pub fn change_quietly(&mut self, chance: &mut Rng) -> bool {
        let mut bytes = self.bytes().to_vec();
        let ends = sampled(bytes.len());
        if bytes.len() <= 2 * ends {
            return false;
        }
        for _ in 0..=chance.u8(0..2) {
            let at = chance.usize(ends..bytes.len() - ends);
            bytes[at] = bytes[at].wrapping_add(1 + chance.u8(0..100));
        }
        let info = self.info();
        self.versions.push(Version { bytes, info });
        true
    }

    /// The first of the versions up to this one that look alike.
    pub fn first_like(&self, number: usize) -> usize {
        let looks = &self.versions[number].info;
        let unlike = self.versions[..number].iter().rposition(|version| version.info != *looks);
        unlike.map_or(0, |unlike| unlike + 1)
    }

    /// Reads a range.
    ///
    /// # Errors
    /// When the file has become too short for it.
    pub fn read(&self, range: &Range<u64>) -> Result<&[u8], SourceError> {
        let bytes = self.bytes();
        let ended = || SourceError::Ended { at: bytes.len() as u64, expected: range.end };
        let (start, end) = (usize::try_from(range.start), usize::try_from(range.end));
        let (Ok(start), Ok(end)) = (start, end) else { return Err(ended()) };
        bytes.get(start..end).ok_or_else(ended)
    }

    /// Takes digests as they are asked for.
    ///
    /// # Errors
    /// When the file has become too short for them.
    pub fn digests(&self, jobs: &[HashJob]) -> Result<Vec<Digest>, SourceError> {
        let mut pass = HashPass::new(jobs).map_err(|error| SourceError::Read(std::io::Error::other(error)))?;
        while let Some(range) = pass.wants(1 << 20) {
            pass.feed(self.read(&range)?);
        }
        Ok(pass.finish())
    }

    fn current(&self) -> &Version {
        &self.versions[self.latest()]
    }
}

impl Version {
    fn new(bytes: Vec<u8>, number: usize) -> Self {
        let sampled = sampled(bytes.len());
        let at = Modified { secs: 1_469_000_000, nanos: u32::try_from(number).unwrap_or(u32::MAX) };
        let sample = SourceInfo::sample_of(&bytes[..sampled], &bytes[bytes.len() - sampled..]);
        let info = SourceInfo {
            modified: Some(at),
            changed: Some(at),
            looked_at: Some(Modified { secs: i64::MAX, nanos: 0 }),
            id: Some(42),
            ..SourceInfo::new(bytes.len() as u64, sample)
        };
        Self { bytes, info }
    }
}

/// How many bytes at each end the source is recognised by: few, so that tiny files have a midst, too.
fn sampled(len: usize) -> usize {
    SAMPLE_BYTES.min(len)
}

/// Bytes from a seed.
pub fn pattern(len: u64, seed: u64) -> Vec<u8> {
    let mut chance = Rng::with_seed(seed);
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(usize::MAX)];
    chance.fill(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixture_is_no_version_and_the_beginning_of_one_that_has_grown_is() {
        let mut source = Source::new(3, 1);
        let first = source.bytes().to_vec();
        let grown = [&[first[0] ^ 1][..], &first[1..], &[9]].concat();
        source.versions.push(Version::new(grown.clone(), 1));
        assert!(source.is_version(0, &first) && source.is_version(1, &grown) && source.is_version(1, &grown[..3]));
        let mixture = [&first[..1], &grown[1..]].concat();
        assert!(!source.is_version(0, &mixture) && !source.is_version(1, &mixture));
        assert!(!source.is_version(0, &first[..2]), "the file was never so short");
    }
}
