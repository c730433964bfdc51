//! What is wrong with the texts that name an upload.

use crate::options::InvalidOptions;
use crate::path::InvalidPath;
use crate::place::InvalidPlace;

/// Why no upload can be made of what was given. The error names the argument.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidArgument {
    /// The path.
    #[error(transparent)]
    Path(#[from] InvalidPath),
    /// The endpoint, the appid or the bucket.
    #[error(transparent)]
    Place(#[from] InvalidPlace),
    /// The options.
    #[error(transparent)]
    Options(#[from] InvalidOptions),
}

resumable_core::debug_in_words!(InvalidArgument);
