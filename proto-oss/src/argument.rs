//! What is wrong with the texts that name an upload.

use crate::endpoint::InvalidEndpoint;
use crate::object::InvalidObject;
use crate::object_key::InvalidKey;
use crate::options::InvalidOptions;

/// Why no upload can be made of what was given. The error names the argument.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidArgument {
    /// The endpoint or the region.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// The key.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// The bucket, or how it fits the endpoint.
    #[error(transparent)]
    Object(#[from] InvalidObject),
    /// The options, or an endpoint that does not tell its region.
    #[error(transparent)]
    Options(#[from] InvalidOptions),
}

resumable_core::debug_in_words!(InvalidArgument);
