//! A source in memory: any length, no space.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use std::{io, thread};

use resumable_core::SourceInfo;
use resumable_transport::{Source, SourceError};

use crate::server::patience;

/// Bytes that differ from their neighbours, and a length that is no power of two: a shift would be seen.
static BLOCK: LazyLock<Vec<u8>> =
    LazyLock::new(|| (0..65521_u32).map(|at| u8::try_from(at * 31 / 7 % 251).unwrap_or_default()).collect());

/// A source that makes its bytes up, fails where it is told to, and counts what is read of it.
#[derive(Debug, Default)]
pub struct Memory {
    len: u64,
    broken_at: Option<u64>,
    pause: Duration,
    read: AtomicU64,
    largest: AtomicU64,
}

impl Memory {
    /// A source of this many bytes.
    pub fn of_len(len: u64) -> Arc<Self> {
        Arc::new(Self { len, ..Self::default() })
    }

    /// A source that cannot be read from an offset on.
    pub fn broken_at(len: u64, at: u64) -> Arc<Self> {
        Arc::new(Self { len, broken_at: Some(at), ..Self::default() })
    }

    /// A source that takes this long for each read.
    pub fn slow(len: u64, pause: Duration) -> Arc<Self> {
        Arc::new(Self { len, pause, ..Self::default() })
    }

    /// Its length in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True for a source without bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes of a range, which need not lie within the length.
    pub fn bytes(range: Range<u64>) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(range.end - range.start).unwrap()];
        fill(range.start, &mut bytes);
        bytes
    }

    /// How many bytes were read so far, each as often as it was read.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// The most that was asked for at a time.
    pub fn largest_read(&self) -> u64 {
        self.largest.load(Ordering::Relaxed)
    }

    /// Returns when it was read from, and nothing more is read: whoever sends it is blocked.
    pub fn until_still(&self) {
        let since = Instant::now();
        let mut before = 0;
        while before == 0 || before != self.read() {
            assert!(since.elapsed() < patience(), "nobody reads the source, or it is read for ever");
            before = self.read();
            thread::sleep(Duration::from_millis(200));
        }
    }
}

fn fill(from: u64, buffer: &mut [u8]) {
    let block = &*BLOCK;
    let mut at = usize::try_from(from % block.len() as u64).unwrap_or_default();
    let mut left = buffer;
    while !left.is_empty() {
        let count = left.len().min(block.len() - at);
        left[..count].copy_from_slice(&block[at..at + count]);
        left = &mut left[count..];
        at = 0;
    }
}

impl Source for Memory {
    fn info(&self) -> Result<SourceInfo, SourceError> {
        let sample = SourceInfo::sample_of(&[], &[]);
        Ok(SourceInfo::new(self.len, sample))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
        self.largest.fetch_max(buffer.len() as u64, Ordering::Relaxed);
        thread::sleep(self.pause);
        if self.broken_at.is_some_and(|at| offset >= at) {
            return Err(io::Error::other("the disk is broken").into());
        }
        let end = self.broken_at.unwrap_or(self.len);
        let count = end.saturating_sub(offset).min(buffer.len() as u64);
        fill(offset, &mut buffer[..usize::try_from(count).unwrap_or_default()]);
        self.read.fetch_add(count, Ordering::Relaxed);
        Ok(usize::try_from(count).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_the_same_however_it_is_read() {
        let source = Memory::of_len(200_000);
        let mut seen = vec![0; 150_000];
        let first = source.read_at(30_000, &mut seen[..70_000]).unwrap();
        let second = source.read_at(100_000, &mut seen[70_000..]).unwrap();
        assert_eq!((first, second, source.read()), (70_000, 80_000, 150_000));
        assert!(seen == Memory::bytes(30_000..180_000));
        assert_eq!(source.read_at(200_000, &mut seen).unwrap(), 0);
    }
}
