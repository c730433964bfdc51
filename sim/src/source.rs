//! The file that is uploaded, in memory, with every content that it ever had, on a file system that keeps time coarsely.

use std::ops::Range;
use std::time::Duration;

use fastrand::Rng;
use resumable_core::{
    Cause, Comparison, Digest, HashJob, HashPass, Misfed, Modified, SourceFailure, SourceFailureKind, SourceInfo,
};

/// How many bytes at each end the file is recognised by: few, so that tiny files have a midst, too.
const ENDS: usize = 16;

/// What a file system keeps of a file, and how the host reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nature {
    /// How coarsely times are kept.
    pub tick: Duration,
    /// What tells of a change that no program can hide.
    pub tells: Tells,
    /// What was written to since it was looked at, the host does not read on.
    pub guarded: bool,
    /// How long before the upload begins the file was written.
    pub age: Duration,
}

/// What tells of a change that no program can hide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// The time of the last change, which the system keeps.
    ChangeTime,
    /// Nothing.
    Nothing,
    /// A version, which its keeper gives away once.
    Version,
    /// The time of the last change is said to be what it was at first, and long ago: what would come of a machine that
    /// takes every doubt for the same.
    NothingAndClaimsTo,
}

impl Nature {
    /// A file of yesterday, whose times tell everything.
    pub fn plain() -> Self {
        Self {
            tick: Duration::from_nanos(1),
            tells: Tells::ChangeTime,
            guarded: true,
            age: Duration::from_secs(24 * 3600),
        }
    }

    /// Draws one.
    pub fn draw(chance: &mut Rng) -> Self {
        let ticks = [Duration::from_nanos(1), Duration::from_millis(4), Duration::from_secs(1), Duration::from_secs(2)];
        let tells = match chance.u8(0..8) {
            0 | 1 => Tells::Nothing,
            2 => Tells::Version,
            _ => Tells::ChangeTime,
        };
        let fresh = chance.u8(0..4) == 0;
        let age = if fresh { Duration::from_millis(chance.u64(0..4_000)) } else { Self::plain().age };
        Self { tick: ticks[chance.usize(0..ticks.len())], tells, guarded: chance.bool(), age }
    }

    fn time(&self, now: Duration) -> Modified {
        let ticks = now.as_nanos() / self.tick.as_nanos().max(1);
        modified(Duration::from_nanos(u64::try_from(ticks * self.tick.as_nanos()).unwrap_or(u64::MAX)))
    }
}

/// What happens to a file from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is written to: one byte of it changes, or it grows or shrinks.
    Written,
    /// It is written to between its ends, and its time is put back.
    WrittenQuietly,
    /// Its time is set, to now or to anything.
    Touched,
    /// Its attributes are changed.
    Moded,
    /// It is replaced by a copy, with or without its time.
    Moved,
}

/// A source whose bytes come from a seed.
#[derive(Clone, Debug)]
pub struct Source {
    nature: Nature,
    contents: Vec<Content>,
    written: Modified,
    changed: Modified,
    inode: u64,
    /// What the host has open, and what it saw when it looked last.
    open: (u64, u64, Modified),
}

#[derive(Clone, Debug)]
struct Content {
    bytes: Vec<u8>,
    /// Nothing can tell it from the one before it.
    unseen: bool,
}

impl Source {
    /// A source of `len` bytes; two seeds give two contents. `now` is the time on the host's clock.
    pub fn new(len: u64, seed: u64, nature: Nature, now: Duration) -> Self {
        let at = nature.time(now.saturating_sub(nature.age));
        let contents = vec![Content { bytes: pattern(len, seed), unseen: false }];
        Self { nature, contents, written: at, changed: at, inode: 42, open: (42, len, at) }
    }

    /// The host opens the file.
    pub fn open(&mut self) {
        self.open = (self.inode, self.bytes().len() as u64, self.written);
    }

    /// What the source is recognised by now.
    ///
    /// # Errors
    /// When another file is there than is open, and the host heeds that.
    pub fn info(&mut self, now: Duration) -> Result<SourceInfo, SourceFailure> {
        if self.nature.guarded && self.inode != self.open.0 {
            return Err(written_to());
        }
        self.open();
        Ok(self.looks(now))
    }

    fn looks(&self, now: Duration) -> SourceInfo {
        let bytes = self.bytes();
        let ends = ENDS.min(bytes.len());
        let mut info =
            SourceInfo::new(bytes.len() as u64, SourceInfo::sample_of(&bytes[..ends], &bytes[bytes.len() - ends..]));
        (info.modified, info.id, info.looked_at) = (Some(self.written), Some(self.inode), Some(modified(now)));
        match self.nature.tells {
            Tells::ChangeTime => info.changed = Some(self.changed),
            Tells::Nothing => {}
            Tells::Version => info.version = Some(self.latest().to_string()),
            Tells::NothingAndClaimsTo => {
                let first = Some(modified(Duration::ZERO));
                (info.modified, info.changed, info.id) = (first, first, None);
            }
        }
        info
    }

    /// The bytes as they are now.
    pub fn bytes(&self) -> &[u8] {
        self.version(self.latest())
    }

    /// The bytes as they were in a version; 0 is the first.
    pub fn version(&self, number: usize) -> &[u8] {
        &self.contents[number].bytes
    }

    /// Whether bytes are those of a version, as far as the file reached when it was as long as they are: who reads a file
    /// that has grown meanwhile reads no further than he meant to.
    pub fn is_version(&self, number: usize, bytes: &[u8]) -> bool {
        let was_as_long = self.contents.iter().any(|content| content.bytes.len() == bytes.len());
        was_as_long && self.version(number).starts_with(bytes)
    }

    /// The number of the version that is current.
    pub fn latest(&self) -> usize {
        self.contents.len() - 1
    }

    /// The first of the versions up to this one that nothing tells apart.
    pub fn first_like(&self, number: usize) -> usize {
        (1..=number).rev().find(|version| !self.contents[*version].unseen).unwrap_or(0)
    }

    /// Whether what happened last to the content can be seen.
    pub fn is_seen(&self) -> bool {
        !self.contents[self.latest()].unseen
    }

    /// Something happens to the file. False if it cannot.
    pub fn happens(&mut self, event: Event, now: Duration, chance: &mut Rng) -> bool {
        let before = self.looks(now);
        let time = self.nature.time(now);
        match event {
            Event::Written => {
                let bytes = rewritten(self.bytes(), chance);
                self.contents.push(Content { bytes, unseen: false });
                self.written = time;
            }
            Event::WrittenQuietly => {
                let Some(bytes) = rewritten_quietly(self.bytes(), chance) else { return false };
                self.contents.push(Content { bytes, unseen: false });
            }
            Event::Touched if chance.bool() => self.written = time,
            Event::Touched => self.written = modified(Duration::from_secs(chance.u64(0..1_400_000_000))),
            Event::Moded => {}
            Event::Moved => {
                self.inode += 1;
                self.written = if chance.bool() { time } else { self.written };
            }
        }
        self.changed = time;
        if matches!(event, Event::Written | Event::WrittenQuietly) {
            let after = self.looks(now);
            let looks_alike = !matches!(before.compare(&after), Comparison::Changed(_))
                && (before.modified, before.id) == (after.modified, after.id);
            let unseen = looks_alike && self.nature.tells == Tells::Nothing;
            if let Some(content) = self.contents.last_mut() {
                content.unseen = unseen;
            }
        }
        true
    }

    /// Reads a range.
    ///
    /// # Errors
    /// When the file has become too short for it, or was written to since it was looked at, and the host heeds that.
    pub fn read(&self, range: &Range<u64>) -> Result<&[u8], SourceFailure> {
        let (_, len, written) = self.open;
        if self.nature.guarded && (len, written) != (self.bytes().len() as u64, self.written) {
            return Err(written_to());
        }
        self.read_version(self.latest(), range)
    }

    /// Reads a range of a version.
    ///
    /// # Errors
    /// When it is too short for it.
    pub fn read_version(&self, number: usize, range: &Range<u64>) -> Result<&[u8], SourceFailure> {
        let bytes = self.version(number);
        let ended = || {
            failure(SourceFailureKind::Ended, format!("it ended at byte {}, {} were expected", bytes.len(), range.end))
        };
        let (start, end) = (usize::try_from(range.start), usize::try_from(range.end));
        let (Ok(start), Ok(end)) = (start, end) else { return Err(ended()) };
        bytes.get(start..end).ok_or_else(ended)
    }

    /// Takes digests as they are asked for.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn digests(&self, jobs: &[HashJob]) -> Result<Vec<Digest>, SourceFailure> {
        let misfed = |error: Misfed| failure(SourceFailureKind::Read, error.to_string());
        let mut pass = HashPass::new(jobs).map_err(|error| failure(SourceFailureKind::Read, error.to_string()))?;
        while let Some(range) = pass.wants(1 << 20) {
            pass.feed(self.read(&range)?).map_err(misfed)?;
        }
        pass.finish().map_err(misfed)
    }
}

fn modified(at: Duration) -> Modified {
    Modified { secs: i64::try_from(at.as_secs()).unwrap_or(i64::MAX), nanos: at.subsec_nanos() }
}

fn rewritten(bytes: &[u8], chance: &mut Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    match chance.u8(0..4) {
        0 => bytes.push(chance.u8(..)),
        1 if bytes.len() > 1 => bytes.truncate(chance.usize(1..bytes.len())),
        _ if bytes.is_empty() => bytes.push(7),
        _ => {
            let at = chance.usize(0..bytes.len());
            bytes[at] ^= 1 + chance.u8(0..255);
        }
    }
    bytes
}

/// One or two bytes between the ends; `None` if it is all ends.
fn rewritten_quietly(bytes: &[u8], chance: &mut Rng) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let midst = ENDS..bytes.len().checked_sub(ENDS).filter(|end| *end > ENDS)?;
    for _ in 0..=chance.u8(0..2) {
        let at = chance.usize(midst.clone());
        bytes[at] = bytes[at].wrapping_add(1 + chance.u8(0..100));
    }
    Some(bytes)
}

/// Bytes from a seed.
pub fn pattern(len: u64, seed: u64) -> Vec<u8> {
    let mut chance = Rng::with_seed(seed);
    let mut bytes = vec![0; usize::try_from(len).unwrap_or(usize::MAX)];
    chance.fill(&mut bytes);
    bytes
}

fn failure(kind: SourceFailureKind, words: String) -> SourceFailure {
    SourceFailure { kind, cause: Cause::text(words) }
}

fn written_to() -> SourceFailure {
    failure(SourceFailureKind::Written, "the file was written to while it was read".to_owned())
}

#[cfg(test)]
mod tests {
    use resumable_core::Doubt;

    use super::*;

    const NOW: Duration = Duration::from_secs(1_470_000_001);

    fn source(len: u64, nature: Nature) -> Source {
        Source::new(len, 1, nature, NOW)
    }

    #[test]
    fn a_mixture_is_no_version_and_the_beginning_of_one_that_has_grown_is() {
        let mut source = source(3, Nature::plain());
        let first = source.bytes().to_vec();
        let grown = [&[first[0] ^ 1][..], &first[1..], &[9]].concat();
        source.contents.push(Content { bytes: grown.clone(), unseen: false });
        assert!(source.is_version(0, &first) && source.is_version(1, &grown) && source.is_version(1, &grown[..3]));
        let mixture = [&first[..1], &grown[1..]].concat();
        assert!(!source.is_version(0, &mixture) && !source.is_version(1, &mixture));
        assert!(!source.is_version(0, &first[..2]), "the file was never so short");
    }

    #[test]
    fn what_is_written_quietly_shows_in_the_time_of_change_alone() {
        let tells = [Tells::ChangeTime, Tells::Nothing, Tells::NothingAndClaimsTo, Tells::Version];
        let seen = tells.map(|tells| {
            let mut source = source(100, Nature { tells, ..Nature::plain() });
            let before = source.info(NOW).unwrap();
            assert!(source.happens(Event::WrittenQuietly, NOW, &mut Rng::with_seed(1)));
            assert_ne!(source.version(0), source.version(1));
            (before.compare(&source.info(NOW).unwrap()), source.is_seen(), source.first_like(1))
        });
        assert_eq!(seen[0], (Comparison::Doubt(Doubt::Touched), true, 1));
        assert_eq!(seen[1], (Comparison::Doubt(Doubt::Timeless), false, 0));
        assert_eq!(seen[2], (Comparison::Same, true, 1));
        assert!(matches!(seen[3], (Comparison::Changed(_), true, 1)));
    }

    #[test]
    fn a_coarse_clock_hides_a_write_and_a_fresh_look_knows_that_it_may() {
        let tick = Duration::from_secs(2);
        let mut source = source(100, Nature { tick, age: Duration::ZERO, ..Nature::plain() });
        let before = source.info(NOW).unwrap();
        assert!(source.happens(Event::WrittenQuietly, NOW, &mut Rng::with_seed(1)));
        assert_eq!(before.compare(&source.info(NOW).unwrap()), Comparison::Doubt(Doubt::Fresh));
        assert!(source.is_seen());
    }

    #[test]
    fn a_host_that_heeds_it_reads_no_mixture_of_two_looks() {
        let mut source = source(100, Nature::plain());
        assert!(source.happens(Event::Touched, NOW, &mut Rng::with_seed(1)));
        assert!(matches!(source.read(&(0..1)), Err(SourceFailure { kind: SourceFailureKind::Written, .. })));
        source.info(NOW).unwrap();
        assert!(source.read(&(0..1)).is_ok());
        assert!(source.happens(Event::Moved, NOW, &mut Rng::with_seed(1)));
        assert!(matches!(source.info(NOW), Err(SourceFailure { kind: SourceFailureKind::Written, .. })));
        source.open();
        assert!(source.info(NOW).is_ok());
    }
}
