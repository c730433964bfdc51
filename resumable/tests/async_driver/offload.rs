//! All that blocks goes through one door: a whole upload on one thread, one job at a time, when it is told to.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::{io, thread};

use resumable::drive::asynchronous::{Driver, OffThread};
use resumable_transport::asynchronous::{Offload, Work};

use crate::world::{World, content};

type Job = Box<dyn FnOnce() + Send>;

/// Keeps jobs until they are done by hand.
#[derive(Default)]
struct ByHand(Mutex<VecDeque<(Work, Job)>>);

impl Offload for ByHand {
    fn run(&self, work: Work, job: Job) -> io::Result<()> {
        self.0.lock().unwrap().push_back((work, job));
        Ok(())
    }
}

/// Says in which order jobs were done; takes them from the front, or from the back.
fn drive_by_hand(oldest_first: bool) -> Vec<Work> {
    let (by_hand, mut world) = (Arc::new(ByHand::default()), World::new());
    world.driver = Driver::new().with_offload(Arc::clone(&by_hand) as _);
    world.host = OffThread::new(Arc::clone(&world.program)).on(Arc::clone(&by_hand) as _);
    let (mut upload, mut done) = (world.upload(), Vec::new());
    {
        let mut run = pin!(world.driver.run(&mut upload, &world.wire, Arc::clone(&world.source), &world.host));
        let mut without = 0;
        loop {
            if let Poll::Ready(end) = run.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                end.unwrap();
                break;
            }
            let mut jobs = by_hand.0.lock().unwrap();
            let job = if oldest_first { jobs.pop_front() } else { jobs.pop_back() };
            drop(jobs);
            without = if job.is_some() { 0 } else { without + 1 };
            assert!(without < 1000, "it waits for something else than its jobs: {done:?}");
            if let Some((work, job)) = job {
                done.push(work);
                job();
            }
        }
    }
    assert_eq!(world.object(), Some(content()));
    assert!(world.source.threads.lock().unwrap().iter().all(|id| *id == thread::current().id()));
    done
}

#[test]
fn an_upload_needs_no_other_thread_and_no_order_of_its_jobs() {
    for oldest_first in [true, false] {
        let done = drive_by_hand(oldest_first);
        let count = |work| done.iter().filter(|one| **one == work).count();
        assert_eq!((count(Work::Hash), count(Work::Look), count(Work::Credential)), (1, 1, 1), "{done:?}");
        // Each body of ten bytes has a memory segment before it, which is a piece of its own.
        assert_eq!(count(Work::Read), 2 * 10, "{done:?}");
        assert!(count(Work::Save) > 2, "{done:?}");
    }
}

/// A pool that is full, or gone.
struct Nobody;

impl Offload for Nobody {
    fn run(&self, _: Work, _: Job) -> io::Result<()> {
        Err(io::Error::other("no thread is free"))
    }
}

#[test]
fn where_nobody_does_the_work_the_upload_ends_and_says_so() {
    let mut world = World::new();
    world.host = OffThread::new(Arc::clone(&world.program)).on(Arc::new(Nobody));
    assert_eq!(world.run().unwrap_err().to_string(), "the checkpoint could not be saved: no thread is free");
}
