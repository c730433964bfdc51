//! A timer without a runtime: a thread sleeps.

use std::thread;
use std::time::Duration;

use futures::channel::oneshot;
use resumable_transport::asynchronous::{Sleep, Timer};

pub(crate) struct ThreadTimer;

impl Timer for ThreadTimer {
    fn sleep(&self, time: Duration) -> Sleep {
        let (tell, told) = oneshot::channel();
        thread::spawn(move || {
            thread::sleep(time);
            let _ = tell.send(());
        });
        Box::pin(async { told.await.unwrap_or_default() })
    }
}
