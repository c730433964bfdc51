//! How an upload ends: cancel, wait for that, save (once more, if something arrived meanwhile), finish.

use alloc::borrow::ToOwned;
use core::time::Duration;

use super::plan::Turn;
use super::{Upload, cx};
use crate::failure::{Budget, Failure};
use crate::output::{Action, Output};
use crate::protocol::{Next, Now, Protocol};
use crate::ticket::OpId;

pub(super) type Verdict<P> = Result<<P as Protocol>::Outcome, Failure<<P as Protocol>::Fault>>;

/// Where the upload is on its way.
pub(super) enum Lifecycle<P: Protocol> {
    Running,
    Paused {
        since: Duration,
    },
    /// What is in flight may arrive until then.
    Draining {
        by: Duration,
    },
    Ending(Ending<P>),
    Over,
}

/// An upload that will not go on.
pub(super) struct Ending<P: Protocol> {
    verdict: Verdict<P>,
    stage: Stage,
}

enum Stage {
    /// What was cancelled may still arrive until then.
    Cancelling { by: Duration },
    /// The last checkpoint is on its way, or waits for the save that is open.
    Saving { op: Option<OpId> },
    /// It is durable.
    Saved,
}

impl<P: Protocol> Lifecycle<P> {
    pub(super) fn plans(&self) -> bool {
        matches!(self, Self::Running | Self::Draining { .. })
    }
}

impl<P: Protocol> Upload<P> {
    /// Plans what carries nothing, until there is nothing left to wait for.
    pub(super) fn drain(&mut self, by: Duration, now: Now) -> Turn<P> {
        if now.mono >= by {
            self.end(Err(Failure::Stopped), now);
            return Turn::Again;
        }
        match self.advance(now) {
            Turn::Idle(_) if self.outstanding() == 0 => {
                self.end(Err(Failure::Stopped), now);
                Turn::Again
            }
            Turn::Idle(until) => Turn::Idle(until.into_iter().chain([by]).min()),
            turn => turn,
        }
    }

    /// What is planned while an upload drains and is not to be begun any more; a slot for it is not waited for.
    pub(super) fn drained(&mut self, now: Now) -> Option<Turn<P>> {
        if !matches!(self.job.lifecycle, Lifecycle::Draining { .. }) {
            return None;
        }
        if self.outstanding() > self.calls.next.slots.outstanding() {
            return Some(Turn::Idle(None));
        }
        self.end(Err(Failure::Stopped), now);
        Some(Turn::Again)
    }

    /// Decides how the upload ends; the first decision stands.
    pub(super) fn end(&mut self, verdict: Verdict<P>, now: Now) {
        if matches!(self.job.lifecycle, Lifecycle::Ending(_) | Lifecycle::Over) {
            return;
        }
        self.cancel_all();
        let stage = Stage::Cancelling { by: now.mono.saturating_add(self.job.options.grace) };
        self.job.lifecycle = Lifecycle::Ending(Ending { verdict, stage });
    }

    /// Wants everything under way to end soon.
    pub(super) fn cancel_all(&mut self) {
        let pass = self.calls.next.give_up();
        for op in self.calls.in_flight.ops().into_iter().chain(pass) {
            self.host.put_out(Output::Do(Action::Cancel(op)));
        }
    }

    pub(super) fn shut_down(&mut self, now: Now) -> Turn<P> {
        match core::mem::replace(&mut self.job.lifecycle, Lifecycle::Over) {
            Lifecycle::Ending(Ending { verdict, stage: Stage::Cancelling { by } }) => {
                self.await_cancelled(verdict, by, now)
            }
            Lifecycle::Ending(Ending { verdict, stage: Stage::Saving { op } }) => self.save_last(verdict, op, now),
            // What arrived meanwhile is to be saved, too: nothing new leaves, so that this has an end.
            Lifecycle::Ending(Ending { verdict, stage: Stage::Saved }) if self.calls.saves.due().is_some() => {
                self.save_last(verdict, None, now)
            }
            Lifecycle::Ending(Ending { verdict, stage: Stage::Saved }) => Turn::Out(Output::Finished(verdict)),
            _ => Turn::Out(Output::Finished(Err(Failure::Defect("polled after it had finished".to_owned())))),
        }
    }

    fn await_cancelled(&mut self, verdict: Verdict<P>, by: Duration, now: Now) -> Turn<P> {
        if !saves_at_the_end(&verdict) {
            return self.finish(verdict, by);
        }
        if self.calls.in_flight.requests() > 0 && now.mono < by {
            self.job.lifecycle = Lifecycle::Ending(Ending { verdict, stage: Stage::Cancelling { by } });
            return Turn::Idle(Some(by));
        }
        self.job.lifecycle = Lifecycle::Ending(Ending { verdict, stage: Stage::Saving { op: None } });
        Turn::Again
    }

    /// The host may delete the checkpoint once the upload has finished: no save may come after it.
    fn finish(&mut self, verdict: Verdict<P>, by: Duration) -> Turn<P> {
        if self.calls.saves.is_open() {
            self.job.lifecycle = Lifecycle::Ending(Ending { verdict, stage: Stage::Cancelling { by } });
            return Turn::Idle(None);
        }
        Turn::Out(Output::Finished(verdict))
    }

    /// A stop that came while the last answer was on its way need not hide that the object is complete.
    fn reconsider(&mut self, verdict: Verdict<P>, now: Now) -> Verdict<P> {
        self.calls.in_flight.forget_backing_off();
        if let (Err(Failure::Stopped), Some(credential), None) =
            (&verdict, &self.calls.access.credential, &self.calls.next.in_doubt)
            && let Next::Done(outcome) = self.job.protocol.next(&self.known.state, &cx!(self, now, 0, credential))
        {
            return Ok(outcome);
        }
        verdict
    }

    fn save_last(&mut self, verdict: Verdict<P>, op: Option<OpId>, now: Now) -> Turn<P> {
        if !saves_at_the_end(&verdict) {
            return Turn::Out(Output::Finished(verdict));
        }
        if op.is_some() || self.calls.saves.is_open() {
            self.job.lifecycle = Lifecycle::Ending(Ending { verdict, stage: Stage::Saving { op } });
            return Turn::Idle(None);
        }
        let verdict = self.reconsider(verdict, now);
        if verdict.is_ok() {
            return Turn::Out(Output::Finished(verdict));
        }
        if let Err(Failure::Exhausted { budget: Budget::Restarts(_), .. }) = &verdict {
            // To run the command again is a new decision; a crash is not one, and keeps the count.
            self.calls.budgets.restarts = 0;
        }
        if let Err(Failure::Integrity(_)) = &verdict {
            self.calls.budgets.rehashes = 0;
        }
        let save = self.save(now);
        let op = if let Output::Do(Action::Save { ticket, .. }) = &save { Some(ticket.id()) } else { None };
        self.job.lifecycle = Lifecycle::Ending(Ending { verdict, stage: Stage::Saving { op } });
        Turn::Out(save)
    }

    /// The last checkpoint is durable, or will never be.
    pub(super) fn saved_last(&mut self, saved: Option<OpId>, trouble: Option<Failure<P::Fault>>) {
        let Lifecycle::Ending(Ending { verdict, stage: stage @ Stage::Saving { .. } }) = &mut self.job.lifecycle else {
            return;
        };
        if let Some(failure) = trouble {
            *verdict = Err(failure);
        } else if matches!(stage, Stage::Saving { op } if saved.is_some() && *op == saved) {
            *stage = Stage::Saved;
        }
    }

    /// The host lost the ticket of the last save: it is made once more.
    pub(super) fn lost_last(&mut self, lost: OpId) {
        if let Lifecycle::Ending(Ending { stage: Stage::Saving { op }, .. }) = &mut self.job.lifecycle {
            op.take_if(|op| *op == lost);
        }
    }
}

/// An upload that ends unfinished is saved first, unless the store itself failed or there is nothing to go on with.
fn saves_at_the_end<O, F>(verdict: &Result<O, Failure<F>>) -> bool {
    !matches!(verdict, Ok(_) | Err(Failure::Store(_) | Failure::Abandoned(_)))
}
