//! What the servers of all part stores share: vendors whose objects lie in buckets, and come in one request or in numbered
//! parts. What a part or an object is stays the same; how a vendor names, tags and refuses is with the vendor.

mod description;
mod digests;
mod listing;
mod objects;
mod parts;
mod query;
mod ranges;
mod sts;
mod uploads;
mod xml;

use std::fmt::Debug;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use self::description::{Description, Headers, WrongHeader};
pub(crate) use self::digests::{Algorithm, Digests, Hashes, joined};
pub(crate) use self::listing::{Entry, KeyStyle, Page, UploadsFrom, entries, owner};
pub(crate) use self::objects::{NotPut, Object, Objects, Overwrite};
pub(crate) use self::parts::{Part, Parts, Purpose};
pub(crate) use self::query::{Query, decoded};
pub(crate) use self::ranges::range;
pub(crate) use self::sts::Grants;
pub use self::sts::Sts;
pub(crate) use self::uploads::{NoSuchUpload, Phase, Upload, Uploads};
pub(crate) use self::xml::{NamedPart, Xml, read_parts};

/// What a vendor adds to what all of them keep.
pub(crate) trait Vendor: Clone + Debug + 'static {
    /// The folder of its objects; the names of its drafts begin with it and a dash.
    const NAME: &'static str;
    /// Longest key in bytes.
    const KEY_MAX: usize;
    /// What is computed of an object that an earlier process left, beside its MD5 and CRC-64/XZ.
    const OF_FOUND: &'static [Algorithm] = &[];

    /// Kept with an unfinished upload.
    type Upload: Clone + Debug + Serialize + DeserializeOwned;
    /// Kept with an object.
    type Object: Clone + Debug;

    /// Whether its parts come in order, and none twice. Then the SHA-1 of all of them is known.
    fn is_ordered(_upload: &Self::Upload) -> bool {
        false
    }

    /// The tag, and what else is known, of an object that an earlier process left.
    fn found(digests: &Digests) -> (String, Self::Object);

    /// The id of an upload that begins; `hash` is unlike that of all others, and `serial` greater than that of those before it.
    fn upload_id(_begun: Duration, _serial: u64, hash: &[u8; 32]) -> String {
        hex::encode_upper(&hash[..16])
    }

    /// Where the file of an object is below its bucket; the same as its key, unless the vendor has keys that no file can have.
    fn path_of(key: &str) -> String {
        key.to_owned()
    }

    /// The key of the object that is kept there.
    fn key_of(path: &str) -> String {
        path.to_owned()
    }
}
