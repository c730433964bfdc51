//! The threads that carry out actions.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;

/// Hands jobs to threads that stay: a thread for each part would cost more than sending a small one.
pub(super) struct Workers<J> {
    give: Sender<J>,
    threads: usize,
}

impl<J: Send> Workers<J> {
    /// No workers yet, and where their jobs are taken from.
    pub(super) fn new() -> (Self, Mutex<Receiver<J>>) {
        let (give, jobs) = channel();
        (Self { give, threads: 0 }, Mutex::new(jobs))
    }

    /// Hands out a job; `under_way` of them, this one included, are not done yet, and each needs a thread.
    pub(super) fn start<'scope>(
        &mut self,
        job: J,
        under_way: usize,
        jobs: &'scope Mutex<Receiver<J>>,
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

/// Does one job after the other until there will be none. A panic waits for that too, for jobs are still handed out.
fn serve<J>(jobs: &Mutex<Receiver<J>>, perform: impl Fn(J)) {
    let mut panicked = None;
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { break };
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| perform(job))) {
            panicked = Some(panic);
        }
    }
    if let Some(panic) = panicked {
        resume_unwind(panic);
    }
}
