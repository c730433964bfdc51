//! The vendor names each file itself, and can be asked nothing: no place is ever taken.

use alloc::string::String;

use resumable_core::{IfExists, Located, NoLeftovers, Outline, SourceInfo, Unasked};

use crate::fault::Fault;
use crate::machine::Xfyun;
use crate::slicing::Way;

impl Located for Xfyun {
    type Lookup = Unasked<Self>;
    type Leftovers = NoLeftovers<Self>;

    fn lookup(&self) -> Option<Unasked<Self>> {
        None
    }

    fn outline(&self, source: &SourceInfo) -> Result<Outline, Fault> {
        let way = Way::of(self.options(), source.len);
        way.check(&self.options().limits)?;
        Ok(match way {
            Way::OneRequest => Outline::new(1, 1, false),
            // The slices, the init before them and the complete after them.
            Way::Slices(slicing) => Outline::new(slicing.count(), slicing.count() + 2, false),
        })
    }

    fn part_size(&self) -> u64 {
        self.options().part_size
    }

    fn with_part_size(&self, bytes: u64) -> Self {
        let limits = &self.options().limits;
        let options = self.options().clone().part_size(bytes.clamp(limits.part_min, limits.part_max));
        self.clone().with_options(options).unwrap_or_else(|_| self.clone())
    }

    fn compares_content(&self) -> bool {
        false
    }

    fn if_exists(&self) -> Option<IfExists> {
        None
    }

    fn with_if_exists(&self, _: IfExists) -> Option<Self> {
        None
    }

    fn renamed(&self, _: u32) -> Option<(Self, String)> {
        None
    }

    fn is_kept_from_asking(_: &Fault) -> bool {
        false
    }

    fn is_taken(_: &Fault) -> bool {
        false
    }
}
