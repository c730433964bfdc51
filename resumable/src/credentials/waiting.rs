//! Waiting on a thread for what wakes tasks.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use resumable_transport::CancelFlag;

/// How often somebody who waits looks whether nobody wants that any more.
const LOOK: Duration = Duration::from_millis(50);

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls on this thread until it is ready; `None` if it is not and `cancel` is set.
pub(crate) fn block_on<T>(cancel: &CancelFlag, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Option<T> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(done) = poll(&mut context) {
            return Some(done);
        }
        if cancel.is_set() {
            return None;
        }
        thread::park_timeout(LOOK);
    }
}
