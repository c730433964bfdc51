use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// A sleep that has begun.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The timer of a runtime.
pub trait Timer: Send + Sync {
    /// Sleeps for `time`. To end early is allowed, to end late by more than a moment is not.
    fn sleep(&self, time: Duration) -> Sleep;
}
