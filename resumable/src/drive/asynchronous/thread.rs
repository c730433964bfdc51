//! Work that blocks, away from the thread that polls.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::{io, thread};

use futures::channel::oneshot;

use resumable_transport::CancelFlag;

/// Does `work` on a thread of its own; a panic there goes on in whoever awaits. When the future is dropped, the flag
/// is set and the thread ends by itself.
pub(super) async fn on_thread<T, W>(work: W) -> io::Result<T>
where
    T: Send + 'static,
    W: FnOnce(&CancelFlag) -> T + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    let flag = CancelFlag::new();
    let _dropped = flag.cancel_on_drop();
    thread::Builder::new().name("upload-work".to_owned()).spawn(move || {
        let _ = tell.send(catch_unwind(AssertUnwindSafe(|| work(&flag))));
    })?;
    match told.await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(panic)) => resume_unwind(panic),
        Err(oneshot::Canceled) => Err(io::Error::other("the thread was lost")),
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn what_was_done_comes_back_from_another_thread() {
        let here = thread::current().id();
        assert_ne!(block_on(on_thread(|_| thread::current().id())).unwrap(), here);
    }

    #[test]
    fn a_panic_goes_on_in_whoever_awaits() {
        let panic = block_on(AssertUnwindSafe(on_thread(|_| panic!("a defect"))).catch_unwind());
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
        assert!(on_thread(work).now_or_never().is_none());
        told.recv().unwrap();
    }
}
