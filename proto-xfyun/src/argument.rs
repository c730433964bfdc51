//! What is wrong with the texts that name an upload.

use crate::app::InvalidApp;
use crate::options::InvalidOptions;

/// Why no upload can be made of what was given. The error names the argument.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidArgument {
    /// The endpoint, the `app_id` or the `cloud_id`.
    #[error(transparent)]
    App(#[from] InvalidApp),
    /// The options.
    #[error(transparent)]
    Options(#[from] InvalidOptions),
}

resumable_core::debug_in_words!(InvalidArgument);
