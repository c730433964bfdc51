//! Where work that blocks is done.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{io, thread};

/// What is to be done once, elsewhere.
type Job = Box<dyn FnOnce() + Send>;

/// Does work that blocks. All of an async upload goes through it: reading, hashing, saving.
///
/// No job of a driver waits for another one, so an implementation may run as few at a time as it likes, in any order.
pub trait Offload: Send + Sync {
    /// Does the work somewhere else than on the thread that polls, and returns at once.
    ///
    /// # Errors
    /// When there is no thread to be had. The job is dropped then.
    fn run(&self, work: Work, job: Box<dyn FnOnce() + Send>) -> io::Result<()>;
}

/// What kind of work it is, so that each may be bounded by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Work {
    /// One piece of a body is read, of 128 KiB at most.
    Read,
    /// The whole of a source, or a large part of it, is read for its digests: seconds to hours.
    Hash,
    /// A source is looked at.
    Look,
    /// A checkpoint is made durable.
    Save,
    /// A credential is got.
    Credential,
}

/// How long a thread stays without work.
const IDLE: Duration = Duration::from_secs(1);

/// Threads of the standard library: one for each job that is under way. But no more passes over sources go on at a time
/// than the machine has processors; the others begin in the order in which they came.
///
/// A thread stays for a second for the next job, so that a body does not need a new one for each piece.
pub struct Threads(Arc<Pool>);

#[derive(Default)]
struct Pool {
    state: Mutex<State>,
    comes: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Threads that wait for a job; each of `waiting` is for one of them.
    idle: usize,
    hashing: usize,
    to_hash: VecDeque<Job>,
    closed: bool,
}

impl Default for Threads {
    fn default() -> Self {
        Self::new()
    }
}

impl Threads {
    /// No threads yet.
    pub fn new() -> Self {
        Self(Arc::default())
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.0.state().closed = true;
        self.0.comes.notify_all();
    }
}

impl Offload for Threads {
    fn run(&self, work: Work, job: Job) -> io::Result<()> {
        if work != Work::Hash {
            return self.0.start(job);
        }
        let mut state = self.0.state();
        if state.hashing >= thread::available_parallelism().map_or(1, NonZeroUsize::get) {
            state.to_hash.push_back(job);
            return Ok(());
        }
        state.hashing += 1;
        drop(state);
        let pool = Arc::clone(&self.0);
        let started = self.0.start(Box::new(move || pool.hash(job)));
        if started.is_err() {
            self.0.state().hashing -= 1;
        }
        started
    }
}

impl Pool {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands the job to a thread that waits for one, or to a new one.
    fn start(self: &Arc<Self>, job: Job) -> io::Result<()> {
        let mut state = self.state();
        if state.waiting.len() < state.idle {
            state.waiting.push_back(job);
            self.comes.notify_one();
            return Ok(());
        }
        drop(state);
        let pool = Arc::clone(self);
        thread::Builder::new().name("upload-work".to_owned()).spawn(move || pool.serve(job)).map(drop)
    }

    fn serve(&self, first: Job) {
        let mut next = Some(first);
        while let Some(job) = next {
            perform(job);
            next = self.wait();
        }
    }

    /// The next job, if one comes soon.
    fn wait(&self) -> Option<Job> {
        let mut state = self.state();
        state.idle += 1;
        let nothing = |state: &mut State| state.waiting.is_empty() && !state.closed;
        let (mut state, _) =
            self.comes.wait_timeout_while(state, IDLE, nothing).unwrap_or_else(PoisonError::into_inner);
        state.idle -= 1;
        state.waiting.pop_front()
    }

    /// Does one pass, and then those that wait for their turn.
    fn hash(&self, first: Job) {
        let mut next = Some(first);
        while let Some(job) = next {
            perform(job);
            let mut state = self.state();
            next = state.to_hash.pop_front();
            state.hashing -= usize::from(next.is_none());
        }
    }
}

/// A job that panics has told whoever waits for it, and ends nobody else's.
fn perform(job: Job) {
    let _ = catch_unwind(AssertUnwindSafe(job));
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn jobs_go_side_by_side_on_other_threads() {
        let threads = Threads::new();
        let (tell, told) = channel();
        let (meet, both) = (Arc::new(std::sync::Barrier::new(2)), 2);
        for _ in 0..both {
            let (tell, meet) = (tell.clone(), Arc::clone(&meet));
            let job = move || {
                meet.wait();
                tell.send(thread::current().id()).unwrap();
            };
            threads.run(Work::Read, Box::new(job)).unwrap();
        }
        let ids: Vec<_> = told.iter().take(both).collect();
        assert!(ids[0] != ids[1] && !ids.contains(&thread::current().id()));
    }

    #[test]
    fn passes_are_bounded_and_keep_their_order() {
        let (threads, most) = (Threads::new(), thread::available_parallelism().unwrap().get());
        let (tell, told) = channel();
        let (under_way, release) = (Arc::new(AtomicUsize::new(0)), Arc::new((Mutex::new(0), Condvar::new())));
        for number in 0..3 * most {
            let (tell, under_way, release) = (tell.clone(), Arc::clone(&under_way), Arc::clone(&release));
            let job = move || {
                tell.send((number, under_way.fetch_add(1, Ordering::SeqCst) + 1)).unwrap();
                let free = release.1.wait_while(release.0.lock().unwrap(), |free| *free == 0);
                *free.unwrap() -= 1;
                under_way.fetch_sub(1, Ordering::SeqCst);
                assert!(number % 2 == 0, "a job that panics is no reason to stop");
            };
            threads.run(Work::Hash, Box::new(job)).unwrap();
        }
        let mut begun: Vec<_> = told.iter().take(most).collect();
        assert!(told.try_recv().is_err());
        for _ in most..3 * most {
            *release.0.lock().unwrap() += 1;
            release.1.notify_one();
            begun.push(told.recv().unwrap());
        }
        *release.0.lock().unwrap() += most;
        release.1.notify_all();
        assert!(begun.iter().all(|(_, together)| *together <= most));
        let mut later: Vec<_> = begun[most..].iter().map(|(number, _)| *number).collect();
        later.dedup();
        assert!(later.is_sorted() && later.len() == 2 * most, "{later:?}");
    }
}
