//! What is wrong with the texts that name an upload.

use crate::object::InvalidObject;
use crate::object_key::InvalidKey;
use crate::options::InvalidOptions;

/// Why no upload can be made of what was given. The error names the argument.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidArgument {
    /// The key.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// The endpoint, the region or the bucket, or how they fit each other.
    #[error(transparent)]
    Object(#[from] InvalidObject),
    /// The options.
    #[error(transparent)]
    Options(#[from] InvalidOptions),
}

resumable_core::debug_in_words!(InvalidArgument);
