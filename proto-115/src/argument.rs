//! What is wrong with the texts that name an upload.

use crate::options::InvalidOptions;
use crate::site::InvalidSite;
use crate::target::InvalidTarget;

/// Why no upload can be made of what was given. The error names the argument.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidArgument {
    /// A host of the site.
    #[error(transparent)]
    Site(#[from] InvalidSite),
    /// The path.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// The account or the options.
    #[error(transparent)]
    Options(#[from] InvalidOptions),
}

resumable_core::debug_in_words!(InvalidArgument);
