//! Tickets: the right to answer one action, once.

use core::fmt;
use core::marker::PhantomData;

/// Names one operation of an upload, for progress, cancelling and logs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OpId(pub(crate) u64);

impl fmt::Debug for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// The right to answer one action once: handed out with it, moved back with the answer.
///
/// A ticket belongs to the upload that issued it. A host that can no longer answer (its task was dropped, say) reports
/// [`Ticket::id`] with [`crate::Input::Lost`].
///
/// Answering twice does not compile:
///
/// ```compile_fail,E0382
/// # use resumable_core::{Input, Protocol, Upload, Ticket, Saving};
/// fn twice<P: Protocol>(upload: &mut Upload<P>, ticket: Ticket<Saving>) {
///     upload.handle(Input::Saved(ticket, Ok(())));
///     upload.handle(Input::Saved(ticket, Ok(())));
/// }
/// ```
///
/// and neither does answering with the wrong kind, or keeping a copy:
///
/// ```compile_fail,E0308
/// # use resumable_core::{Hashing, Input, Protocol, Upload, Ticket};
/// fn wrong<P: Protocol>(upload: &mut Upload<P>, ticket: Ticket<Hashing>) {
///     upload.handle(Input::Saved(ticket, Ok(())));
/// }
/// ```
///
/// ```compile_fail,E0277
/// # use resumable_core::{Saving, Ticket};
/// fn copy(ticket: &Ticket<Saving>) -> Ticket<Saving> {
///     Ticket::<Saving>::clone(ticket)
/// }
/// ```
#[must_use = "an action whose ticket is dropped is never answered: report it with `Input::Lost`"]
pub struct Ticket<K> {
    id: OpId,
    kind: PhantomData<fn() -> K>,
}

impl<K> Ticket<K> {
    pub(crate) fn new(id: OpId) -> Self {
        Self { id, kind: PhantomData }
    }

    /// Uses the ticket up.
    pub(crate) fn redeem(self) -> OpId {
        self.id
    }

    /// The operation that this ticket answers.
    pub fn id(&self) -> OpId {
        self.id
    }
}

impl<K> fmt::Debug for Ticket<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ticket({:?})", self.id)
    }
}

macro_rules! kinds {
    ($($name:ident answers $action:literal,)*) => {$(
        #[doc = concat!("The kind of ticket that answers [`Action::", $action, "`](crate::Action::", $action, ").")]
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}
    )*};
}

kinds! {
    Sending answers "Send",
    Hashing answers "Hash",
    Saving answers "Save",
    Checking answers "Check",
    Authorizing answers "Authorize",
    Acquiring answers "Acquire",
}
