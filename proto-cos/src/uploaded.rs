use alloc::borrow::ToOwned;

use resumable_core::{Digest, HashKind, How, Receipt};

use crate::object::ObjectUrls;

/// A finished upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// How it came to be complete.
    pub how: How,
    /// The vendor's addresses of it.
    pub urls: ObjectUrls,
    /// The SHA-1 that the vendor was given or that was compared with the vendor's.
    pub sha: Option<Digest>,
}

impl Uploaded {
    /// A finished upload.
    pub fn new(how: How, urls: ObjectUrls, sha: Option<Digest>) -> Self {
        Self { how, urls, sha }
    }
}

impl From<Uploaded> for Receipt {
    fn from(uploaded: Uploaded) -> Self {
        let mut receipt = Self::new(uploaded.how);
        receipt.url = uploaded.urls.best().map(str::to_owned);
        receipt.id = uploaded.urls.resource_path;
        receipt.digest = uploaded.sha.map(|sha| (HashKind::Sha1, sha));
        receipt
    }
}
