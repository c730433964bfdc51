//! What a user may choose about an upload.

use http::HeaderValue;

use crate::callback::Callback;
use crate::sign::Version;
use crate::stage::Settings;

/// The options of one upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Part size, threshold, order, overwriting, limits. Pinned when the upload begins. [`Settings::probe`] is the
    /// owner's of an embedded stage; here it is always HEAD.
    pub settings: Settings,
    /// Which signature.
    pub signature: Version,
    /// What OSS calls when the object is complete.
    pub callback: Option<Callback>,
    /// The content's type; `application/octet-stream` where nothing is said.
    pub content_type: Option<HeaderValue>,
}
