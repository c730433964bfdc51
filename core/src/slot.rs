use alloc::boxed::Box;
use core::fmt;

/// A place among the requests that a host lets be under way at once: what it grants for one call. It goes back when it
/// is dropped: with the answer to the call, or at once if the call does not leave.
#[must_use = "a slot that is dropped goes back"]
pub struct Slot(Option<Box<dyn Send>>);

impl Slot {
    /// A slot of a host that counts none.
    pub fn free() -> Self {
        Self(None)
    }

    /// A slot that holds `guard`, whose drop gives it back: the permit of a semaphore, for example.
    pub fn holding(guard: impl Send + 'static) -> Self {
        Self(Some(Box::new(guard)))
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Slot(held)" } else { "Slot(free)" })
    }
}
