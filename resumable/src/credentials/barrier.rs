//! Nothing leaves with a credential that the vendor refused, from any upload that shares it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Closed while somebody asks for a credential in place of a refused one.
#[derive(Default)]
pub(crate) struct Barrier(Mutex<State>);

#[derive(Default)]
struct State {
    holds: usize,
    on_open: BTreeMap<usize, Box<dyn FnOnce() + Send>>,
}

impl Barrier {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes it, until what this gives is dropped.
    pub(crate) fn close(self: &Arc<Self>) -> Hold {
        self.state().holds += 1;
        Hold(Arc::clone(self))
    }

    /// True if it is open. If not, what `then` makes is called once it is: one for each `whose`, however often it asks.
    pub(crate) fn is_open_or(&self, whose: usize, then: impl FnOnce() -> Box<dyn FnOnce() + Send>) -> bool {
        let mut state = self.state();
        if state.holds > 0 {
            state.on_open.entry(whose).or_insert_with(then);
        }
        state.holds == 0
    }
}

/// Keeps a [`Barrier`] closed.
pub(crate) struct Hold(Arc<Barrier>);

impl Drop for Hold {
    fn drop(&mut self) {
        let opened = {
            let mut state = self.0.state();
            state.holds -= 1;
            if state.holds == 0 { std::mem::take(&mut state.on_open) } else { BTreeMap::new() }
        };
        opened.into_values().for_each(|then| then());
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hold")
    }
}
