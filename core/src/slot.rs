use alloc::boxed::Box;
use core::fmt;

/// A place among the requests that a host lets be under way at once: what it grants for one call. It goes back when it
/// is dropped: with the answer to the call, or at once if the call does not leave.
#[must_use = "a slot that is dropped goes back"]
pub struct Slot(Option<Box<dyn Place>>);

/// What a slot holds, where the host wants to know what became of the call.
pub trait Place: Send {
    /// The call has ended; the slot goes back soon.
    fn ended(&mut self, sent: Sent);
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The vendor has taken so many bytes of the source.
    Acknowledged(u64),
    /// The vendor wants fewer requests.
    Throttled,
    /// Bytes were sent and are not acknowledged.
    Failed,
    /// It was to carry none, or never left.
    Nothing,
}

impl Slot {
    /// A slot of a host that counts none.
    pub fn free() -> Self {
        Self(None)
    }

    /// A slot that holds `guard`, whose drop gives it back: the permit of a semaphore, for example.
    pub fn holding(guard: impl Send + 'static) -> Self {
        Self::of(Deaf(guard))
    }

    /// A slot whose drop gives it back, and that hears how its call ended.
    pub fn of(place: impl Place + 'static) -> Self {
        Self(Some(Box::new(place)))
    }

    /// Says how the call ended that it was granted for.
    pub fn ended(&mut self, sent: Sent) {
        if let Some(place) = &mut self.0 {
            place.ended(sent);
        }
    }
}

/// Only its drop matters.
struct Deaf<G>(G);

impl<G: Send> Place for Deaf<G> {
    fn ended(&mut self, _: Sent) {}
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Slot(held)" } else { "Slot(free)" })
    }
}
