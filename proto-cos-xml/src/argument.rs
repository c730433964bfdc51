//! What is wrong with the texts that name an upload.

use resumable_proto_multipart::InvalidOrigin;

use crate::bucket::InvalidBucket;
use crate::object::InvalidObject;
use crate::object_key::InvalidKey;
use crate::options::InvalidOptions;
use crate::region::InvalidRegion;

/// Why no upload can be made of what was given. The error names the argument.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidArgument {
    /// The region.
    #[error(transparent)]
    Region(#[from] InvalidRegion),
    /// The endpoint.
    #[error(transparent)]
    Endpoint(#[from] InvalidOrigin),
    /// The bucket.
    #[error(transparent)]
    Bucket(#[from] InvalidBucket),
    /// The key.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// How bucket, key and endpoint fit each other.
    #[error(transparent)]
    Object(#[from] InvalidObject),
    /// The options.
    #[error(transparent)]
    Options(#[from] InvalidOptions),
}

resumable_core::debug_in_words!(InvalidArgument);
