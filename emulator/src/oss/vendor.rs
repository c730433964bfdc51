//! What OSS keeps with its objects and unfinished uploads, beside what all part stores do.

use serde::{Deserialize, Serialize};

use super::op::NAME;
use crate::part_store::{Digests, Vendor};

#[derive(Clone, Copy, Debug)]
pub(super) struct OfOss;

/// What an unfinished upload was begun with.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Begun {
    /// Parts come in order, and none twice.
    pub(super) sequential: bool,
}

/// What an object has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    /// Who may read it, in the vendor's word.
    pub(super) acl: String,
    /// Of its bytes, where they were hashed.
    pub(super) sha1: Option<Vec<u8>>,
}

impl Vendor for OfOss {
    const NAME: &'static str = NAME;
    const KEY_MAX: usize = 1023;

    type Upload = Begun;
    type Object = Made;

    fn is_ordered(upload: &Begun) -> bool {
        upload.sequential
    }

    fn found(digests: &Digests) -> (String, Made) {
        (hex::encode_upper(digests.md5), Made { acl: "default".to_owned(), sha1: None })
    }
}

pub(super) type Object = crate::part_store::Object<OfOss>;
pub(super) type Objects = crate::part_store::Objects<OfOss>;
pub(super) type Purpose = crate::part_store::Purpose<OfOss>;
pub(super) type Upload = crate::part_store::Upload<OfOss>;
pub(super) type Uploads = crate::part_store::Uploads<OfOss>;
