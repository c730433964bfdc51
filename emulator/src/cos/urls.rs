//! What the vendor says of a finished object.

use serde::Serialize;

/// Where a finished object is; fields in the order the vendor prints them.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct Urls {
    pub(crate) access_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preview_url: Option<String>,
    pub(crate) resource_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}
