use std::fmt;
use std::time::Duration;

use resumable_core::Slot;

/// For how long no call leaves on a lane if its host lets a request for a slot drop.
const DROPPED: Duration = Duration::from_secs(1);

type Answer = Box<dyn FnOnce(Result<Slot, Duration>) + Send>;

/// A request for a slot that waits for its answer, as long as the host likes and wherever it keeps it. Nothing but calls
/// of that lane waits for it.
///
/// One that is dropped unanswered counts as [`later`](Self::later), in a second. Once the run that asked is over, an answer
/// has no effect, and the slot goes back.
#[must_use = "a request for a slot that is dropped is refused for a second"]
pub struct Grant(Option<Answer>);

impl Grant {
    /// A request that is answered with `answer`: with a slot, or how long no call may leave on that lane. The drivers make
    /// these; so do tests of hosts.
    pub fn new(answer: impl FnOnce(Result<Slot, Duration>) + Send + 'static) -> Self {
        Self(Some(Box::new(answer)))
    }

    /// Lets one call leave. The slot goes back when the upload has acted on the answer to that call.
    pub fn give(mut self, slot: Slot) {
        self.answer(Ok(slot));
    }

    /// No call may leave on that lane for so long. Then it is asked for anew.
    pub fn later(mut self, wait: Duration) {
        self.answer(Err(wait));
    }

    fn answer(&mut self, answered: Result<Slot, Duration>) {
        if let Some(answer) = self.0.take() {
            answer(answered);
        }
    }
}

impl Drop for Grant {
    fn drop(&mut self) {
        self.answer(Err(DROPPED));
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grant")
    }
}
