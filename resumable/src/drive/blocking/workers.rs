//! The threads that carry out actions.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::Scope;

/// Hands jobs to threads that stay: a thread for each part would cost more than sending a small one.
pub(super) struct Workers<J> {
    give: Sender<J>,
    threads: usize,
}

/// Where workers take their jobs from, and what the first one panicked with that did.
pub(super) struct Jobs<J> {
    given: Mutex<Receiver<J>>,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

impl<J> Jobs<J> {
    fn panic(&self) -> MutexGuard<'_, Option<Box<dyn Any + Send>>> {
        self.panic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All workers are done: a panic goes on here.
    pub(super) fn end(self) {
        let panic = self.panic().take();
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}

impl<J: Send> Workers<J> {
    /// No workers yet, and where their jobs are taken from.
    pub(super) fn new() -> (Self, Jobs<J>) {
        let (give, jobs) = channel();
        (Self { give, threads: 0 }, Jobs { given: Mutex::new(jobs), panic: Mutex::default() })
    }

    /// Hands out a job; `under_way` of them, this one included, are not done yet, and each needs a thread.
    pub(super) fn start<'scope>(
        &mut self,
        job: J,
        under_way: usize,
        jobs: &'scope Jobs<J>,
        scope: &'scope Scope<'scope, '_>,
        perform: impl Fn(J) + Send + 'scope,
    ) {
        if self.threads < under_way {
            self.threads += 1;
            scope.spawn(move || serve(jobs, perform));
        }
        // The other end outlives the scope.
        let _ = self.give.send(job);
    }
}

/// Does one job after the other until there will be none, also after a panic, because jobs are still handed out.
fn serve<J>(jobs: &Jobs<J>, perform: impl Fn(J)) {
    loop {
        let job = jobs.given.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { break };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| perform(job))) {
            jobs.panic().get_or_insert(panic);
        }
    }
}
