use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use resumable_core::Limits;

use super::outgoing::Outgoing;
use super::progress::{Phase, Progress};
use super::timer::Timer;
use crate::error::WireError;

/// Gives a request up when nothing moves: for the stall timeout while its body is sent and while its reply is read, for
/// [`Limits::reply_within`] in between. A source that is slow, and a rate that is low, are no stall.
///
/// It sees the body asked for its next bytes, and trusts its user for the reply. A new connection is not its affair: it
/// needs a time limit of its own.
pub struct Watch {
    progress: Arc<Progress>,
    timer: Arc<dyn Timer>,
    stall: Duration,
    reply_within: Duration,
}

impl Watch {
    /// Watches the request that `body` is of.
    pub fn new(body: &Outgoing, stall: Duration, limits: &Limits, timer: Arc<dyn Timer>) -> Self {
        Self { progress: body.progress(), timer, stall, reply_within: limits.reply_within }
    }

    /// Bytes of the reply have come in.
    pub fn reply_moves(&self) {
        self.progress.change(|phase, now| match phase {
            Phase::Replying { since, .. } => Phase::Replying { since, moved: Some(now) },
            _ => Phase::Replying { since: now, moved: Some(now) },
        });
    }

    /// Waits for `work`, for as long as the request moves.
    ///
    /// # Errors
    /// [`WireError::Stalled`] or [`WireError::ReplyLate`] once it does not.
    pub async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, WireError> {
        let mut work = pin!(work);
        let mut alarm = self.timer.sleep(self.next_look());
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(Ok(done));
            }
            // Not only when the alarm goes off: tokio's never does beside work that is never out of work.
            loop {
                if let Some(late) = self.is_late() {
                    return Poll::Ready(Err(late));
                }
                if alarm.as_mut().poll(context).is_pending() {
                    return Poll::Pending;
                }
                alarm = self.timer.sleep(self.next_look());
            }
        })
        .await
    }

    /// Late by a quarter at most.
    fn next_look(&self) -> Duration {
        (self.stall.min(self.reply_within) / 4).max(Duration::from_millis(1))
    }

    fn is_late(&self) -> Option<WireError> {
        let now = self.progress.now();
        let past = |since: Duration, within: Duration| now.saturating_sub(since) >= within;
        match self.progress.phase() {
            Phase::Unsent | Phase::Reading => None,
            Phase::Given(at) => past(at, self.stall).then_some(WireError::Stalled(self.stall)),
            Phase::Replying { moved: Some(at), .. } if past(at, self.stall) => Some(WireError::Stalled(self.stall)),
            Phase::Replying { since, .. } => {
                past(since, self.reply_within).then_some(WireError::ReplyLate(self.reply_within))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use bytes::Bytes;
    use futures::StreamExt as _;
    use futures::executor::block_on;
    use resumable_core::{Body, SourceInfo};

    use super::super::timer::Sleep;
    use super::*;
    use crate::{CancelFlag, Source, SourceError};

    struct AtOnce;

    impl Timer for AtOnce {
        fn sleep(&self, _: Duration) -> Sleep {
            Box::pin(ready(()))
        }
    }

    struct Nothing;

    impl Source for Nothing {
        fn info(&self) -> Result<SourceInfo, SourceError> {
            Err(SourceError::Written)
        }

        fn read_at(&self, _: u64, _: &mut [u8]) -> Result<usize, SourceError> {
            Err(SourceError::Written)
        }
    }

    fn body(text: &'static str) -> Outgoing {
        Outgoing::new(Body::from(Bytes::from_static(text.as_bytes())), Arc::new(Nothing), CancelFlag::new()).0
    }

    #[test]
    fn a_reply_that_does_not_come_is_late() {
        let mut body = body("x");
        let limits = Limits { reply_within: Duration::from_millis(1), ..Limits::default() };
        let watch = Watch::new(&body, Duration::MAX, &limits, Arc::new(AtOnce));
        assert!(watch.is_late().is_none(), "nothing was sent");
        block_on(body.next()).unwrap().unwrap();
        assert!(matches!(block_on(watch.within(pending::<()>())), Err(WireError::ReplyLate(_))));
    }

    #[test]
    fn work_that_never_pauses_is_late_without_an_alarm() {
        struct Never;

        impl Timer for Never {
            fn sleep(&self, _: Duration) -> Sleep {
                Box::pin(pending())
            }
        }

        let limits = Limits { reply_within: Duration::from_millis(1), ..Limits::default() };
        let watch = Watch::new(&body(""), Duration::MAX, &limits, Arc::new(Never));
        watch.progress.gives(true);
        let busy = poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        assert!(matches!(block_on(watch.within(busy)), Err(WireError::ReplyLate(_))));
    }

    #[test]
    fn a_reply_that_has_begun_may_not_stall() {
        let (stall, limits) = (Duration::from_millis(1), Limits { reply_within: Duration::MAX, ..Limits::default() });
        let watch = Watch::new(&body("x"), stall, &limits, Arc::new(AtOnce));
        watch.reply_moves();
        assert!(matches!(block_on(watch.within(pending::<()>())), Err(WireError::Stalled(_))));
    }

    #[test]
    fn bytes_that_are_not_taken_stall_and_a_slow_source_does_not() {
        let stall = Duration::ZERO;
        let watch = Watch::new(&body("x"), stall, &Limits::default(), Arc::new(AtOnce));
        watch.progress.reads();
        assert!(watch.is_late().is_none());
        watch.progress.gives(false);
        assert!(matches!(watch.is_late(), Some(WireError::Stalled(_))));
    }

    #[test]
    fn what_is_done_is_never_late() {
        let watch = Watch::new(&body("x"), Duration::ZERO, &Limits::default(), Arc::new(AtOnce));
        watch.progress.gives(false);
        assert_eq!(block_on(watch.within(ready(5))).unwrap(), 5);
    }
}
