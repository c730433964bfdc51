//! Whether a stage that was saved can be one of this file.

use alloc::borrow::ToOwned;
use alloc::string::String;

use super::Stage;
use super::phase::Phase;
use super::settings::Way;
use crate::limits::{Limits, PAGE_MAX};

impl Stage {
    /// Whether it can be the stage of a file of `len` bytes at a vendor with these limits: a checkpoint may have been
    /// changed by hand, or by a disk.
    ///
    /// # Errors
    /// What cannot be, for people.
    pub fn validate(&self, len: u64, limits: &Limits) -> Result<(), String> {
        if self.len != len {
            return Err(format!("it is of a file of {} bytes, and the file has {len}", self.len));
        }
        let cut = match self.way {
            Way::Parts { size } => {
                (1..=limits.part_max).contains(&size) && len.div_ceil(size) <= u64::from(limits.parts)
            }
            Way::OneRequest => self.open().is_none(),
            Way::TooBig { .. } | Way::BadPartSize { .. } => matches!(self.phase, Phase::Fresh),
        };
        let parts = |open: &super::phase::Open| open.acknowledged.iter().last().map_or(0, |parts| parts.end);
        if !cut || self.open().is_some_and(|open| parts(open) > self.count()) {
            return Err("its parts are not those of the file".to_owned());
        }
        if !(1..=PAGE_MAX).contains(&self.page) {
            return Err(format!("it asks for {} parts at a time, and the vendor gives 1 to {PAGE_MAX}", self.page));
        }
        if self.upload_id().is_some_and(str::is_empty) {
            return Err("its upload has no name".to_owned());
        }
        Ok(())
    }
}
