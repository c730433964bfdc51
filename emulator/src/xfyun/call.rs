//! One call, and what the operations have in common.

use std::time::Duration;

use super::code::{self, Code};
use super::server::Xfyun;
use super::uploads::Upload;
use crate::body_sink::Received;
use crate::faults::Fault;
use crate::form::Fields;
use crate::storage::Storage;

/// One call, with everything it may look at and change.
pub(super) struct Call<'a> {
    pub(super) server: &'a Xfyun,
    pub(super) api_key: &'a str,
    pub(super) fields: &'a Fields,
    pub(super) file: Option<Received>,
    pub(super) clock: Duration,
    /// The tick at which the request began to arrive.
    pub(super) began: u64,
    /// A fault that may spoil the work.
    pub(super) fault: Option<&'a Fault>,
    /// File bytes this call stored.
    pub(super) stored: u64,
}

impl Call<'_> {
    pub(super) fn storage(&self) -> &dyn Storage {
        self.server.storage.as_ref()
    }

    pub(super) fn need(&self, name: &str, missing: &'static str) -> Result<&str, Code> {
        self.fields.text(name).ok_or(code::PARAMETER.because(missing))
    }

    pub(super) fn app_id(&self) -> Result<&str, Code> {
        self.need("app_id", "appId must not be empty")
    }

    /// The application has to be one of the key's.
    pub(super) fn check_app(&self) -> Result<(), Code> {
        let app_id = self.app_id()?;
        let accounts = &self.server.config.accounts;
        let known = accounts.iter().any(|it| it.api_key == self.api_key && it.app_id == app_id);
        known.then_some(()).ok_or(code::PARAMETER.because("appId does not belong to the apiKey"))
    }

    /// The file of a request that has to have one.
    pub(super) fn take_file(&mut self) -> Result<Received, Code> {
        self.file.take().ok_or(code::PARAMETER.because("data must not be empty"))
    }

    /// Does something with the upload that the request names.
    pub(super) fn with_upload<T>(&self, work: impl FnOnce(&mut Upload) -> Result<T, Code>) -> Result<T, Code> {
        let id = self.need("upload_id", "uploadId must not be empty")?;
        self.server.uploads.with(id, self.app_id()?, self.clock, self.storage(), work)
    }
}
