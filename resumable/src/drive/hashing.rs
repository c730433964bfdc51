use std::collections::VecDeque;
use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::mpsc::{channel, sync_channel};
use std::{io, thread};

use resumable_core::{Digest, HashError, HashJob, HashPass};
use resumable_transport::{CancelFlag, Source, SourceError};

use super::throttle::Throttle;

/// How much is hashed between two looks at the cancel flag.
const STEP: usize = 256 * 1024;
/// How many pieces are read ahead of the one that is hashed.
const AHEAD: usize = 2;
/// Where less is read, another thread brings nothing.
const WORTH_A_THREAD: u64 = 4 << 20;

/// One pass over the source; `progress` is told now and then how many bytes were read. Of a large source the next bytes are
/// read while the last ones are hashed.
pub(crate) fn hash(
    source: &(impl Source + ?Sized),
    jobs: &[HashJob],
    cancel: &CancelFlag,
    progress: impl Fn(u64),
) -> Result<Vec<Digest>, HashError> {
    let pass = HashPass::new(jobs).map_err(|error| SourceError::Read(io::Error::other(error)))?;
    let mut reader = Reader { source, left: pass.reads().collect() };
    let total = pass.total();
    let mut hashing = Hashing { pass, done: 0, throttle: Throttle::new(), cancel, progress };
    if total >= WORTH_A_THREAD {
        hash_beside(reader, &mut hashing)?;
    } else {
        let mut piece = Vec::new();
        while reader.read(&mut piece)? {
            hashing.feed(&piece)?;
        }
    }
    Ok(hashing.pass.finish()?)
}

fn hash_beside(
    mut reader: Reader<'_, impl Source + ?Sized>,
    hashing: &mut Hashing<'_, impl Fn(u64)>,
) -> Result<(), HashError> {
    thread::scope(|scope| {
        let (full, filled) = sync_channel(AHEAD);
        let (empty, emptied) = channel();
        for _ in 0..=AHEAD {
            let _ = empty.send(Vec::new());
        }
        // Either side ends when the other one is gone.
        let reading = scope.spawn(move || {
            for mut piece in emptied {
                if !reader.read(&mut piece)? || full.send(piece).is_err() {
                    break;
                }
            }
            Ok::<(), SourceError>(())
        });
        let take_all = move || {
            for piece in filled {
                hashing.feed(&piece)?;
                let _ = empty.send(piece);
            }
            Ok::<(), HashError>(())
        };
        let hashed = take_all();
        let read = reading.join().unwrap_or_else(|panic| resume_unwind(panic));
        hashed.and(read.map_err(HashError::from))
    })
}

/// Reads what a pass wants, piece by piece.
struct Reader<'a, S: ?Sized> {
    source: &'a S,
    left: VecDeque<Range<u64>>,
}

impl<S: Source + ?Sized> Reader<'_, S> {
    /// False at the end.
    fn read(&mut self, piece: &mut Vec<u8>) -> Result<bool, SourceError> {
        let Some(range) = self.left.front_mut() else { return Ok(false) };
        piece.resize(usize::try_from(range.end - range.start).unwrap_or(STEP).min(STEP), 0);
        let count = self.source.read_at(range.start, piece)?;
        if count == 0 {
            return Err(SourceError::Ended { at: range.start, expected: range.end });
        }
        piece.truncate(count);
        range.start += count as u64;
        if range.is_empty() {
            self.left.pop_front();
        }
        Ok(true)
    }
}

struct Hashing<'a, F> {
    pass: HashPass,
    done: u64,
    throttle: Throttle,
    cancel: &'a CancelFlag,
    progress: F,
}

impl<F: Fn(u64)> Hashing<'_, F> {
    fn feed(&mut self, piece: &[u8]) -> Result<(), HashError> {
        if self.cancel.is_set() {
            return Err(HashError::Cancelled);
        }
        self.pass.feed(piece)?;
        self.done += piece.len() as u64;
        if self.throttle.is_due() {
            (self.progress)(self.done);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Mutex;
    use std::thread::{ThreadId, current};

    use resumable_core::{HashKind, SourceInfo};

    use super::*;

    /// Gives short pieces of some bytes, and may fail at one of them.
    struct Given {
        content: Vec<u8>,
        fails_at: Option<(u64, Failing)>,
        cancel: CancelFlag,
        reader: Mutex<Option<ThreadId>>,
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Failing {
        Ends,
        Panics,
        Cancels,
    }

    impl Given {
        fn of(len: usize) -> Self {
            let content = (0..len).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect();
            Self { content, fails_at: None, cancel: CancelFlag::new(), reader: Mutex::default() }
        }
    }

    impl Source for Given {
        fn info(&self) -> Result<SourceInfo, SourceError> {
            Ok(SourceInfo::new(self.content.len() as u64, [0; 32]))
        }

        fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize, SourceError> {
            *self.reader.lock().unwrap() = Some(current().id());
            match self.fails_at {
                Some((at, Failing::Ends)) if at <= offset => return Ok(0),
                Some((at, Failing::Panics)) if at <= offset => panic!("the source broke"),
                Some((at, Failing::Cancels)) if at <= offset => self.cancel.cancel(),
                _ => {}
            }
            let from = usize::try_from(offset).unwrap();
            let count = buffer.len().min(100_000).min(self.content.len() - from);
            buffer[..count].copy_from_slice(&self.content[from..from + count]);
            Ok(count)
        }
    }

    fn job(range: Range<u64>) -> HashJob {
        HashJob { kind: HashKind::Sha1, range, keep: false }
    }

    const LARGE: u64 = 6 << 20;

    #[test]
    fn what_is_read_beside_has_the_same_digests() {
        let large = Given::of(usize::try_from(LARGE).unwrap());
        let ranges = [0..2_000_000, 1_000_000..3_000_000, 3_000_000..3_000_016, 3_500_000..LARGE, LARGE..LARGE];
        let read = Mutex::new(0);
        let taken = hash(&large, &ranges.clone().map(job), &CancelFlag::new(), |now| *read.lock().unwrap() = now);
        let alone = |range: Range<u64>| hash(&large, &[job(range)], &CancelFlag::new(), |_| {}).unwrap().remove(0);
        assert_eq!(taken.unwrap(), ranges.map(alone));
        assert!(*read.lock().unwrap() <= LARGE);
    }

    #[test]
    fn only_large_sources_are_read_by_another_thread() {
        for (len, other) in [(WORTH_A_THREAD - 1, false), (WORTH_A_THREAD, true)] {
            let source = Given::of(usize::try_from(len).unwrap());
            hash(&source, &[job(0..len)], &CancelFlag::new(), |_| {}).unwrap();
            assert_eq!(source.reader.into_inner().unwrap() != Some(current().id()), other, "{len} bytes");
        }
    }

    #[test]
    fn a_pass_that_fails_ends_whoever_reads() {
        for fails_at in [0, 3 << 20, LARGE - 100_000] {
            let mut source = Given::of(usize::try_from(LARGE).unwrap());
            source.fails_at = Some((fails_at, Failing::Ends));
            let failed = hash(&source, &[job(0..LARGE)], &CancelFlag::new(), |_| {});
            assert!(matches!(failed, Err(HashError::Source(_))), "{failed:?}");
            source.fails_at = Some((fails_at, Failing::Panics));
            let panicked =
                catch_unwind(AssertUnwindSafe(|| hash(&source, &[job(0..LARGE)], &CancelFlag::new(), |_| {})));
            assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"the source broke"));
        }
    }

    #[test]
    fn a_pass_is_cancelled_while_it_is_read_ahead() {
        let mut source = Given::of(usize::try_from(LARGE).unwrap());
        source.fails_at = Some((3 << 20, Failing::Cancels));
        let cancelled = hash(&source, &[job(0..LARGE)], &source.cancel, |_| {});
        assert!(matches!(cancelled, Err(HashError::Cancelled)), "{cancelled:?}");
    }
}
