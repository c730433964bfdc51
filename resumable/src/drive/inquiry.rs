use std::fmt;

use resumable_core::{Acquiring, Input, Known, Lane, Protocol, Question, Ticket};

use super::Grant;

/// Gives an answer to the upload that asked.
type Tell<P> = Box<dyn FnOnce(Input<P>) + Send>;

/// A request for a slot of a call that asks something for all uploads to the account. It is answered with what another
/// upload was answered, or becomes a request for a slot like any other ([`into_grant`](Self::into_grant)).
///
/// One that is dropped unanswered is refused for a second, as with a [`Grant`].
#[must_use = "an inquiry that is dropped is refused for a second"]
pub struct Inquiry<P: Protocol> {
    lane: Lane,
    question: Question,
    ticket: Option<(Ticket<Acquiring>, Tell<P>)>,
}

impl<P: Protocol> Inquiry<P> {
    /// An inquiry whose answer is told by `tell`. The drivers make these; so do tests of hosts.
    pub fn new(
        ticket: Ticket<Acquiring>,
        lane: Lane,
        question: Question,
        tell: impl FnOnce(Input<P>) + Send + 'static,
    ) -> Self {
        Self { lane, question, ticket: Some((ticket, Box::new(tell))) }
    }

    /// The lane of the call.
    pub fn lane(&self) -> Lane {
        self.lane
    }

    /// What the call asks.
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// This is the answer: the call does not leave.
    pub fn known(mut self, known: Known<P::Reply>) {
        if let Some((ticket, tell)) = self.ticket.take() {
            tell(Input::Known(ticket, known));
        }
    }

    /// The call itself is to ask.
    pub fn into_grant(mut self) -> Grant {
        self.take_grant()
    }

    fn take_grant(&mut self) -> Grant {
        let asked = self.ticket.take();
        Grant::new(move |slot| {
            if let Some((ticket, tell)) = asked {
                tell(Input::Slot(ticket, slot));
            }
        })
    }
}

impl<P: Protocol> Drop for Inquiry<P> {
    fn drop(&mut self) {
        drop(self.take_grant());
    }
}

impl<P: Protocol> fmt::Debug for Inquiry<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inquiry").field("lane", &self.lane).field("question", &self.question).finish_non_exhaustive()
    }
}
