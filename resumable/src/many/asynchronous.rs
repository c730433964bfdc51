use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::join_all;
use resumable_core::Receipt;

use super::{Many, Queue, settled};
use crate::Client;
use crate::error::Error;

impl Many<Client> {
    /// Runs them all, on the task that awaits this, and says what came of each, in the order in which they were given. A
    /// failure of one ends no other, be it a panic, which is an [`ErrorKind::Defect`](crate::ErrorKind::Defect). Dropping
    /// the future stops those that run, and keeps their checkpoints.
    pub async fn send(self) -> Vec<Result<Receipt, Error>> {
        let runners = self.at_once.min(self.puts.len());
        let queue = self.into_queue();
        join_all((0..runners).map(|runner| run(&queue, runner))).await;
        queue.into_results()
    }
}

async fn run(queue: &Queue<Client>, runner: usize) {
    while let Some((at, put)) = queue.take(runner) {
        let watch = Arc::clone(&put.watch);
        let result = match queue.refused() {
            Some(error) => Err(error),
            None => settled(AssertUnwindSafe(put.send()).catch_unwind().await),
        };
        queue.ended(at, &watch, result);
    }
}
