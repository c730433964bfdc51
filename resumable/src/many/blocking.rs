use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{self, Builder};

use resumable_core::Receipt;

use super::{Many, Queue, settled};
use crate::blocking::Client;
use crate::error::Error;

impl Many<Client> {
    /// Runs them all, on as many threads as run at a time, and says what came of each, in the order in which they were
    /// given. A failure of one ends no other, be it a panic, which is an [`ErrorKind::Defect`](crate::ErrorKind::Defect).
    pub fn send(self) -> Vec<Result<Receipt, Error>> {
        let runners = self.at_once.min(self.puts.len());
        let queue = self.into_queue();
        thread::scope(|scope| {
            // This thread runs some, too, so all are run even if the system has no more threads.
            for runner in 1..runners {
                let queue = &queue;
                let _ = Builder::new().spawn_scoped(scope, move || run(queue, runner));
            }
            run(&queue, 0);
        });
        queue.into_results()
    }
}

fn run(queue: &Queue<Client>, runner: usize) {
    while let Some((at, put)) = queue.take(runner) {
        let watch = Arc::clone(&put.watch);
        let result = match queue.refused() {
            Some(error) => Err(error),
            None => settled(catch_unwind(AssertUnwindSafe(|| put.send()))),
        };
        queue.ended(at, &watch, result);
    }
}
