//! Work that blocks, away from the thread that polls.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use futures::channel::oneshot;

use resumable_transport::CancelFlag;
use resumable_transport::asynchronous::{Offload, Work};

/// Does `job` there; a panic there goes on in whoever awaits. When the future is dropped, the flag
/// is set and the job ends by itself.
pub(crate) async fn offloaded<T, J>(offload: &dyn Offload, work: Work, job: J) -> io::Result<T>
where
    T: Send + 'static,
    J: FnOnce(&CancelFlag) -> T + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    let flag = CancelFlag::new();
    let _dropped = flag.cancel_on_drop();
    let job = move || drop(tell.send(catch_unwind(AssertUnwindSafe(|| job(&flag)))));
    offload.run(work, Box::new(job))?;
    match told.await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panic)) => resume_unwind(panic),
        Err(oneshot::Canceled) => Err(io::Error::other("the work was given up before it was done")),
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use futures::FutureExt as _;
    use futures::executor::block_on;
    use resumable_transport::asynchronous::Threads;

    use super::*;

    #[test]
    fn what_was_done_comes_back_from_another_thread() {
        let here = thread::current().id();
        assert_ne!(block_on(offloaded(&Threads::new(), Work::Look, |_| thread::current().id())).unwrap(), here);
    }

    #[test]
    fn a_panic_goes_on_in_whoever_awaits() {
        let panic =
            block_on(AssertUnwindSafe(offloaded(&Threads::new(), Work::Look, |_| panic!("a defect"))).catch_unwind());
        assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"a defect"));
    }

    #[test]
    fn work_that_nobody_waits_for_is_told_so() {
        let (tell, told) = std::sync::mpsc::channel();
        let work = move |dropped: &CancelFlag| {
            while !dropped.is_set() {
                thread::yield_now();
            }
            tell.send(()).unwrap();
        };
        assert!(offloaded(&Threads::new(), Work::Hash, work).now_or_never().is_none());
        told.recv().unwrap();
    }
}
