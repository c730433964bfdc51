//! Waiting on a thread for what wakes tasks.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use resumable_transport::CancelFlag;

/// How often a thread that waits looks whether it is cancelled.
const LOOK: Duration = Duration::from_millis(50);

struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::SeqCst);
        self.thread.unpark();
    }
}

/// Polls on this thread, now and whenever it is woken, until it is ready; `None` if it is not and `cancel` is set. A poll
/// leaves a waker behind, so there is none for a look at `cancel`.
pub(crate) fn block_on<T>(cancel: &CancelFlag, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Option<T> {
    let unpark = Arc::new(Unpark { thread: thread::current(), woken: AtomicBool::new(true) });
    let waker = Waker::from(Arc::clone(&unpark));
    let mut context = Context::from_waker(&waker);
    loop {
        if unpark.woken.swap(false, Ordering::SeqCst)
            && let Poll::Ready(done) = poll(&mut context)
        {
            return Some(done);
        }
        thread::park_timeout(LOOK);
        if cancel.is_set() {
            return None;
        }
    }
}
