//! Many uploads, side by side.
//!
//! Half of those that run at a time are taken from the small ones, as long as there are some, and half from the others. So
//! small files do not wait for big ones to end, and big ones do not wait for all the small ones.

#[cfg(feature = "async")]
mod asynchronous;
#[cfg(feature = "blocking")]
mod blocking;

use std::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use resumable_core::{Command, Failure, How, Receipt};

use crate::credentials::BoxError;
use crate::error::{Error, ErrorKind};
use crate::foreign_code::panicked;
use crate::handle::{Handle, Progress, Watch};
use crate::put::Put;

/// Uploads of less than this are small: they take a request or two.
pub(crate) const SMALL: u64 = 8 << 20;

/// Many uploads that are about to run. They may lead to different vendors.
#[must_use = "nothing is sent before `send()`"]
pub struct Many<C> {
    puts: Vec<Put<C>>,
    at_once: usize,
    run: Arc<Run>,
    on_progress: Option<OnTotal>,
    on_done: Option<OnDone>,
}

type OnTotal = Arc<dyn Fn(&Total) + Send + Sync>;
type OnDone = Arc<dyn Fn(usize, &Result<Receipt, Error>) + Send + Sync>;

/// How far many uploads are together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Total {
    /// Uploads in all.
    pub uploads: usize,
    /// Those that are complete.
    pub done: usize,
    /// Those of them that were not sent, because they were there already: [`How::SentBefore`], [`How::AlreadyThere`].
    pub skipped: usize,
    /// Those that ended otherwise.
    pub failed: usize,
    /// Bytes that vendors have acknowledged.
    pub confirmed: u64,
    /// Bytes that were read for requests that are not answered yet.
    pub in_flight: u64,
    /// Bytes in all, as far as uploads have begun or are of files.
    pub total: u64,
}

/// A handle to many uploads: those that run, and those that have not begun. Clones are handles to the same uploads.
#[derive(Clone)]
pub struct ManyHandle(Arc<Run>);

/// What the uploads share.
struct Run {
    stopped: AtomicBool,
    /// One of them was complete, so the vendor could be reached.
    reached: AtomicBool,
    state: Mutex<State>,
}

struct State {
    total: Total,
    /// Bytes in flight, acknowledged, and in all: custom sources may say that they have as many as they like.
    sums: [u128; 3],
    /// The same of each upload.
    last: Vec<[u64; 3]>,
    running: Vec<(usize, Arc<Watch>)>,
}

impl ManyHandle {
    /// Begins no more uploads, lets what is under way arrive, for at most `within`, and ends those that run so that they can
    /// be resumed.
    pub fn drain(&self, within: Duration) {
        self.0.end(Command::Drain { within });
    }

    /// Begins no more uploads, and ends those that run within seconds so that they can be resumed.
    pub fn stop(&self) {
        self.0.end(Command::Stop);
    }

    /// How far all of them are together.
    pub fn progress(&self) -> Total {
        self.0.state().total
    }
}

impl std::fmt::Debug for ManyHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ManyHandle").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

impl<C> std::fmt::Debug for Many<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Many")
            .field("uploads", &self.puts.len())
            .field("at_once", &self.at_once)
            .finish_non_exhaustive()
    }
}

impl<C> Many<C> {
    pub(crate) fn new(puts: Vec<Put<C>>, window: usize) -> Self {
        let total = Total { uploads: puts.len(), ..Total::default() };
        let state = Mutex::new(State { total, sums: [0; 3], last: vec![[0; 3]; puts.len()], running: Vec::new() });
        let run = Arc::new(Run { stopped: AtomicBool::new(false), reached: AtomicBool::new(false), state });
        for (at, put) in puts.iter().enumerate() {
            run.count(at, [0, 0, put.settings.len_hint()]);
        }
        Self { puts, at_once: (2 * window).max(4), run, on_progress: None, on_done: None }
    }

    /// How many uploads run at a time: at least one, twice what the window may become by default. All of them share the window, so this
    /// bounds files that are open, threads, and passes over files, not requests.
    pub fn at_once(mut self, uploads: usize) -> Self {
        self.at_once = uploads.max(1);
        self
    }

    /// Calls this with how far all of them are together, some times a second for each that runs. It should return at once.
    pub fn on_progress(mut self, told: impl Fn(&Total) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Arc::new(told));
        self
    }

    /// Calls this as soon as an upload has ended, with its place in the order in which they were given.
    pub fn on_done(mut self, told: impl Fn(usize, &Result<Receipt, Error>) + Send + Sync + 'static) -> Self {
        self.on_done = Some(Arc::new(told));
        self
    }

    /// A handle to all of them, for other threads.
    pub fn handle(&self) -> ManyHandle {
        ManyHandle(Arc::clone(&self.run))
    }

    fn into_queue(self) -> Queue<C> {
        let Self { puts, run, on_progress, on_done, .. } = self;
        let results = puts.iter().map(|_| None).collect();
        let (mut small, mut big) = (VecDeque::new(), VecDeque::new());
        for (at, put) in puts.into_iter().enumerate() {
            if run.state().last[at][2] < SMALL { &mut small } else { &mut big }.push_back((at, put));
        }
        Queue { waiting: Mutex::new((small, big)), results: Mutex::new(results), run, on_progress, on_done }
    }
}

type Waiting<C> = VecDeque<(usize, Put<C>)>;

/// What is still to run, and what came of the rest.
struct Queue<C> {
    waiting: Mutex<(Waiting<C>, Waiting<C>)>,
    results: Mutex<Vec<Option<Result<Receipt, Error>>>>,
    run: Arc<Run>,
    on_progress: Option<OnTotal>,
    on_done: Option<OnDone>,
}

impl<C> Queue<C> {
    /// The next one: every other runner prefers small ones.
    fn take(&self, runner: usize) -> Option<(usize, Put<C>)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (small, big) = &mut *waiting;
        let (first, second) = if runner.is_multiple_of(2) { (big, small) } else { (small, big) };
        let (at, put) = first.pop_front().or_else(|| second.pop_front())?;
        drop(waiting);
        Some((at, self.watched(at, put)))
    }

    fn watched(&self, at: usize, put: Put<C>) -> Put<C> {
        self.run.state().running.push((at, Arc::clone(&put.watch)));
        let (run, on_progress) = (Arc::clone(&self.run), self.on_progress.clone());
        // Since another one had an answer, the vendor is known to be there: an outage is sat out.
        let put = if run.reached.load(Ordering::SeqCst) { put.first_contact(Duration::MAX) } else { put };
        put.on_progress(move |progress| {
            let total = run.count(at, [progress.in_flight, progress.confirmed, progress.total]);
            if let Some(told) = &on_progress {
                told(&total);
            }
        })
    }

    /// What becomes of one that is not begun any more.
    fn refused(&self) -> Option<Error> {
        let stopped = self.run.stopped.load(Ordering::SeqCst);
        stopped.then(|| Error::from(Failure::<BoxError>::Stopped))
    }

    fn ended(&self, at: usize, watch: &Arc<Watch>, result: Result<Receipt, Error>) {
        let total = self.run.ended(at, &Handle(Arc::clone(watch)).progress(), &result);
        if result.as_ref().is_ok_and(|receipt| receipt.how != How::SentBefore) {
            self.run.reached.store(true, Ordering::SeqCst);
        }
        if let Some(told) = &self.on_progress {
            told(&total);
        }
        if let Some(told) = &self.on_done {
            told(at, &result);
        }
        self.results.lock().unwrap_or_else(PoisonError::into_inner)[at] = Some(result);
    }

    fn into_results(self) -> Vec<Result<Receipt, Error>> {
        let results = self.results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.into_iter().map(|result| result.unwrap_or_else(|| Err(Failure::<BoxError>::Stopped.into()))).collect()
    }
}

impl Run {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, command: Command) {
        self.stopped.store(true, Ordering::SeqCst);
        let running: Vec<Arc<Watch>> = self.state().running.iter().map(|(_, watch)| Arc::clone(watch)).collect();
        running.iter().for_each(|watch| watch.send(command));
    }

    /// One of them is this far. A length that is known is never unknown again.
    fn count(&self, at: usize, [in_flight, confirmed, len]: [u64; 3]) -> Total {
        let mut state = self.state();
        let State { total, sums, last, .. } = &mut *state;
        let (before, now) = (last[at], [in_flight, confirmed, len.max(last[at][2])]);
        for (sum, (before, now)) in sums.iter_mut().zip(before.into_iter().zip(now)) {
            *sum = *sum - u128::from(before) + u128::from(now);
        }
        let [in_flight, confirmed, len] = sums.map(|sum| u64::try_from(sum).unwrap_or(u64::MAX));
        (total.in_flight, total.confirmed, total.total) = (in_flight, confirmed, len);
        last[at] = now;
        *total
    }

    fn ended(&self, at: usize, progress: &Progress, result: &Result<Receipt, Error>) -> Total {
        self.count(at, [0, progress.confirmed, progress.total]);
        let mut state = self.state();
        state.running.retain(|(running, _)| *running != at);
        let total = &mut state.total;
        match result {
            Ok(receipt) => {
                total.done += 1;
                total.skipped += usize::from(matches!(receipt.how, How::SentBefore | How::AlreadyThere));
            }
            Err(_) => total.failed += 1,
        }
        *total
    }
}

/// A panic of one upload is an error of it alone.
fn settled(ran: Result<Result<Receipt, Error>, Box<dyn Any + Send>>) -> Result<Receipt, Error> {
    ran.unwrap_or_else(|panic| Err(Error::new(ErrorKind::Defect, panicked("the upload", &*panic))))
}
