//! Whether a stage that was saved can be one of this file.

use super::Stage;
use super::phase::Phase;
use super::settings::Way;

impl Stage {
    /// Whether it can be the stage of a file of `len` bytes: a checkpoint may have been changed by hand, or by a disk.
    ///
    /// # Errors
    /// What cannot be, for people.
    pub fn validate(&self, len: u64) -> Result<(), String> {
        if self.len != len {
            return Err(format!("it is of a file of {} bytes, and the file has {len}", self.len));
        }
        let cut = match self.way {
            Way::Parts { size } => size > 0 && u32::try_from(len.div_ceil(size)).is_ok(),
            Way::OneRequest => self.open().is_none(),
            Way::TooBig { .. } | Way::BadPartSize { .. } => matches!(self.phase, Phase::Fresh),
        };
        let parts = |open: &super::phase::Open| open.acknowledged.iter().last().map_or(0, |parts| parts.end);
        if !cut || self.open().is_some_and(|open| parts(open) > self.count()) {
            return Err("its parts are not those of the file".to_owned());
        }
        if self.upload_id().is_some_and(str::is_empty) {
            return Err("its upload has no name".to_owned());
        }
        Ok(())
    }
}
