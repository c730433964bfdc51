//! What uploads to one account are answered, for those that would ask the same.
//!
//! ```text
//! inquiry ─┬─ known, and new enough ───────────────────────────────► the answer
//!          ├─ somebody asks ── waits ─┬─ that upload is answered ──► the answer
//!          │                          └─ it is not ─┐
//!          └─ nobody asks ──────────────────────────┴─ a turn ─► a slot, the call, and what it is answered is shared
//! ```
//!
//! A turn lies beside the slot of its call, so it goes to the next that waits when that call has failed, or never leaves.
//! So nobody waits for an upload that has stopped, and an outage is met by one call at a time.

use std::any::{Any, TypeId};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use resumable_core::{Known, Protocol, Serves, Slot};

use crate::drive::{Grant, Inquiry};

/// What is known of one account, whichever protocols its credentials are used with.
#[derive(Default)]
pub(crate) struct Answers(Mutex<HashMap<TypeId, Box<dyn Any + Send>>>);

impl Answers {
    /// Those to the questions of this protocol.
    pub(crate) fn of<P: Protocol>(&self) -> Arc<Questions<P>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(TypeId::of::<P>()).or_insert_with(|| Box::new(Arc::new(Questions::<P>::new())));
        known.downcast_ref::<Arc<Questions<P>>>().cloned().unwrap_or_else(|| Arc::new(Questions::new()))
    }
}

/// The questions of one protocol, by their names.
pub(crate) struct Questions<P: Protocol>(Mutex<HashMap<String, Asked<P>>>);

/// A question that was asked.
struct Asked<P: Protocol> {
    known: Option<Known<P::Reply>>,
    /// It is somebody's turn.
    is_open: bool,
    waiting: VecDeque<Waiting<P>>,
}

struct Waiting<P: Protocol> {
    inquiry: Inquiry<P>,
    leave: Leave,
}

/// Puts a call in line for a slot.
pub(crate) type Leave = Box<dyn FnOnce(Grant) + Send>;

/// What one that waited is told, once no lock is held: an answer may lead here again.
enum Verdict<P: Protocol> {
    Known(Waiting<P>, Known<P::Reply>),
    Turn(Waiting<P>),
}

impl<P: Protocol> Questions<P> {
    fn new() -> Self {
        Self(Mutex::default())
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<String, Asked<P>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers an inquiry: now, once another upload is answered, or by `leave`.
    pub(crate) fn inquire(self: &Arc<Self>, inquiry: Inquiry<P>, leave: Leave) {
        let name = inquiry.question().name.clone();
        let waiting = Waiting { inquiry, leave };
        let verdict = self.asked().entry(name.clone()).or_insert_with(Asked::new).take(waiting);
        self.tell(name, verdict);
    }

    /// An upload was answered.
    pub(crate) fn share(&self, name: &str, known: &Known<P::Reply>, serves: Serves) {
        let told: VecDeque<Waiting<P>> = {
            let mut all = self.asked();
            let Some(asked) = all.get_mut(name) else { return };
            if serves == Serves::All && asked.known.as_ref().is_none_or(|before| before.at.mono < known.at.mono) {
                asked.known = Some(known.clone());
            }
            let (told, left) = std::mem::take(&mut asked.waiting).into_iter().partition(|it| it.is_served_by(known));
            asked.waiting = left;
            told
        };
        told.into_iter().for_each(|waiting| waiting.inquiry.known(known.clone()));
    }

    fn tell(self: &Arc<Self>, name: String, verdict: Option<Verdict<P>>) {
        match verdict {
            None => {}
            Some(Verdict::Known(waiting, known)) => waiting.inquiry.known(known),
            Some(Verdict::Turn(Waiting { inquiry, leave })) => {
                let (turn, grant) = (Turn { questions: Arc::clone(self), name }, inquiry.into_grant());
                leave(Grant::new(move |slot| match slot {
                    Ok(slot) => grant.give(Slot::holding((slot, turn))),
                    Err(wait) => {
                        drop(turn);
                        grant.later(wait);
                    }
                }));
            }
        }
    }

    /// The call was answered, or will not be: the next one may ask, if what is known does not serve it.
    fn next(self: &Arc<Self>, name: &str) {
        loop {
            let verdict = {
                let mut all = self.asked();
                let Entry::Occupied(mut entry) = all.entry(name.to_owned()) else { return };
                let asked = entry.get_mut();
                asked.is_open = false;
                let Some(waiting) = asked.waiting.pop_front() else {
                    if asked.known.is_none() {
                        entry.remove();
                    }
                    return;
                };
                asked.take(waiting)
            };
            let goes_on = matches!(verdict, Some(Verdict::Known(..)));
            self.tell(name.to_owned(), verdict);
            if !goes_on {
                return;
            }
        }
    }
}

impl<P: Protocol> Asked<P> {
    fn new() -> Self {
        Self { known: None, is_open: false, waiting: VecDeque::new() }
    }

    /// What becomes of somebody who asks; `None` if they wait.
    fn take(&mut self, waiting: Waiting<P>) -> Option<Verdict<P>> {
        if let Some(known) = self.known.clone().filter(|known| waiting.is_served_by(known)) {
            return Some(Verdict::Known(waiting, known));
        }
        if self.is_open {
            self.waiting.push_back(waiting);
            return None;
        }
        self.is_open = true;
        Some(Verdict::Turn(waiting))
    }
}

impl<P: Protocol> Waiting<P> {
    fn is_served_by(&self, known: &Known<P::Reply>) -> bool {
        self.inquiry.question().is_answered_at(known.at.mono)
    }
}

/// The right to ask. It goes to the next when it is dropped.
struct Turn<P: Protocol> {
    questions: Arc<Questions<P>>,
    name: String,
}

impl<P: Protocol> Drop for Turn<P> {
    fn drop(&mut self) {
        self.questions.next(&self.name);
    }
}
