//! One call, and what the operations have in common.

use std::time::Duration;

use super::code::{self, Code};
use super::server::P115;
use crate::faults::Fault;
use crate::form::Fields;
use crate::storage::{Storage, is_file_name};

/// One call, with everything it may look at and change.
pub(super) struct Call<'a> {
    pub(super) server: &'a P115,
    pub(super) fields: &'a Fields,
    /// The `Authorization` of the request.
    pub(super) authorization: Option<&'a http::HeaderValue>,
    /// Whom the request was sent to.
    pub(super) host: &'a str,
    pub(super) clock: Duration,
    /// A fault that may spoil the work.
    pub(super) fault: Option<&'a Fault>,
}

impl Call<'_> {
    pub(super) fn storage(&self) -> &dyn Storage {
        self.server.storage.as_ref()
    }

    /// A field that has to be there.
    pub(super) fn need(&self, name: &str, missing: &'static str) -> Result<&str, Code> {
        self.fields.text(name).ok_or(code::BAD_PARAMETER.because(missing))
    }

    /// Whether a file or a folder may have this name.
    pub(super) fn check_name(&self, name: &str) -> Result<(), Code> {
        let names = &self.server.config.names;
        let refused = |message| Code { number: names.code, message };
        if name.len() > names.longest {
            return Err(refused("the name is too long"));
        }
        if name.contains(|character| names.forbidden.contains(character)) {
            return Err(refused("the name has a character that is not allowed"));
        }
        if is_file_name(name) { Ok(()) } else { Err(refused("this cannot be a name")) }
    }

    /// Whether a file that was registered at this time shows already.
    pub(super) fn shows(&self, registered: Duration) -> bool {
        let wait = Duration::from_secs(self.server.config.limits.visible_after);
        registered.saturating_add(wait) <= self.clock
    }

    /// What a size is said to be, where a fault makes it a lie.
    pub(super) fn told_size(&self, size: u64) -> u64 {
        if self.fault == Some(&Fault::WrongLength) { size.saturating_sub(1) } else { size }
    }
}
