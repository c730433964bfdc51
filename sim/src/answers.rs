//! What was answered to questions that any upload to the account may ask: another upload of the same process may know it.

use std::time::Duration;

use resumable_core::{Known, Protocol, Question, Serves};

use crate::vendor::Vendor;
use crate::world::World;

/// What all processes were answered, and when the world was so old.
pub(crate) struct Answers<P: Protocol>(Vec<(String, Duration, Known<P::Reply>)>);

impl<P: Protocol> Default for Answers<P> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V: Vendor> World<'_, V> {
    pub(crate) fn remember(
        &mut self,
        question: String,
        known: Known<<V::Protocol as Protocol>::Reply>,
        serves: Serves,
    ) {
        if serves == Serves::All {
            self.answers.0.push((question, self.clock.elapsed(), known));
        }
    }

    /// What another upload may know: any answer of the right name that is new enough, or none.
    pub(crate) fn known(&mut self, question: &Question) -> Option<Known<<V::Protocol as Protocol>::Reply>> {
        if self.calm || self.chance.bool() {
            return None;
        }
        let age = |since: Duration| self.clock.elapsed().saturating_sub(since);
        let now = self.clock.now();
        // Each process counts time from elsewhere.
        let fits: Vec<_> = (self.answers.0.iter())
            .filter(|(name, ..)| *name == question.name)
            .map(|(_, then, known)| {
                let mut at = now;
                at.mono = now.mono.saturating_sub(age(*then));
                at.unix = now.unix.saturating_sub(age(*then));
                Known { reply: known.reply.clone(), at }
            })
            .filter(|known| question.is_answered_at(known.at.mono))
            .collect();
        let chosen = self.chance.choice(&fits).cloned();
        if chosen.is_some() {
            self.note(|| format!("another upload knows: {}", question.name));
        }
        chosen
    }
}
