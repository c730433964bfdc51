//! The host's limit on requests: it counts what it grants, and every slot has to come back.

use std::sync::Arc;

use resumable_core::{Output, Slot};

use crate::vendor::Vendor;
use crate::world::World;

/// The slots of all processes.
#[derive(Default)]
pub(crate) struct Slots(Arc<()>);

impl Slots {
    pub(crate) fn grant(&self) -> Slot {
        Slot::holding(Arc::clone(&self.0))
    }

    /// How many were granted and have not come back.
    pub(crate) fn out(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

impl<V: Vendor> World<'_, V> {
    /// A machine holds a slot for the request that it hands out now, and none while it waits or when it is over.
    pub(crate) fn count_slots(&mut self, output: &Output<V::Protocol>) {
        let now = usize::from(matches!(output, Output::Do(_) | Output::Tell(_) | Output::Share { .. }));
        let (out, requests) = (self.slots.out(), self.requests());
        if out > requests + now {
            self.violated(|| format!("{out} slots are out, for {requests} requests on their way"));
        }
    }

    /// No process is left, so no slot is.
    pub(crate) fn count_last_slots(&mut self) {
        let out = self.slots.out();
        if out > 0 {
            self.violated(|| format!("{out} slots never came back"));
        }
    }
}
