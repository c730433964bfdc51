//! What the profiles of both versions of Tencent's COS JSON API have in common.

use resumable_proto_cos::options::InvalidOptions;
use resumable_proto_cos::{Credential, InvalidCredential, InvalidPlace, ObjectPath, Place, Version, limits};
use serde::Deserialize;

use super::keys::Keys;
use crate::profile::{Mistake, Secret, Size, Time};

/// What a credential is made of.
pub(super) const SECRETS: &[&str] = &["secret_id", "secret_key"];

/// Where objects are.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    endpoint: String,
    appid: String,
    bucket: String,
}

/// What signs.
#[derive(Debug, Deserialize)]
pub(crate) struct ApiKeys {
    secret_id: Option<Secret>,
    secret_key: Option<Secret>,
}

impl Account {
    /// Where an object at `path` is.
    pub(super) fn place<V: Version>(&self, path: &str) -> Result<Place<V>, Mistake> {
        let object = ObjectPath::new(path).map_err(|error| Mistake::path(path, error))?;
        Place::new(&self.endpoint, &self.appid, &self.bucket, object).map_err(|error| match error {
            // Nobody wants to read a path of that length.
            InvalidPlace::TooLong => Mistake::Other(error.to_string()),
            InvalidPlace::Appid => Mistake::wrong("appid", error),
            InvalidPlace::Bucket => Mistake::wrong("bucket", error),
            _ => Mistake::wrong("endpoint", error),
        })
    }
}

impl Keys for ApiKeys {
    type Credential = Credential;

    fn given(&self) -> Option<&'static str> {
        let keys = [("secret_id", &self.secret_id), ("secret_key", &self.secret_key)];
        keys.into_iter().find_map(|(key, secret)| secret.as_ref().map(|_| key))
    }

    fn credential(self) -> Result<Credential, Mistake> {
        let id = self.secret_id.ok_or(Mistake::Missing("secret_id"))?;
        let key = self.secret_key.ok_or(Mistake::Missing("secret_key"))?;
        Credential::new(id.expose(), key.0).map_err(|error| match error {
            InvalidCredential::SecretId => Mistake::wrong("secret_id", error),
            _ => Mistake::wrong("secret_key", error),
        })
    }
}

/// The options that either version has.
#[derive(Debug, Deserialize)]
pub(crate) struct SharedOptions {
    pub(super) insert_only: Option<bool>,
    pub(super) slice_size: Option<Size>,
    pub(super) one_request_max: Option<Size>,
    pub(super) file_max: Option<Size>,
    pub(super) biz_attr: Option<String>,
    pub(super) signature_life: Option<Time>,
}

/// The largest file that goes in one request, and the largest of all, are not above the vendor's.
pub(super) fn check(one_request_max: u64, file_max: u64) -> Result<(), Mistake> {
    if one_request_max > limits::ONE_REQUEST_BYTES {
        return Err(Mistake::wrong("one_request_max", "one_request_max must be at most 20000000 bytes"));
    }
    if file_max > limits::FILE_BYTES {
        return Err(Mistake::wrong("file_max", "file_max must be at most 64GiB, the vendor's limit"));
    }
    Ok(())
}

/// What no request could be made by, as the profile writes it.
pub(super) fn invalid(error: &InvalidOptions) -> Mistake {
    let why = match error {
        InvalidOptions::PartSize { .. } => {
            return Mistake::wrong("slice_size", "slice_size must be 512KiB, 1MiB, 2MiB or 3MiB");
        }
        InvalidOptions::SignatureLife { .. } => "signature_life must be from 1m to 90d",
        other => return Mistake::wrong(other.name(), other),
    };
    Mistake::wrong(error.name(), why)
}

/// Helps where another file is there.
pub(super) const OVERWRITE: &str = "To overwrite it, set insert_only = false in the profile.";
/// Helps where a signature has expired before the vendor saw it.
pub(super) const CLOCK: &str = "Check this machine's clock first: to the vendor, the signature has already expired.";
/// The vendor's codes for that.
pub(super) const EXPIRED: [i64; 2] = [-59, -96];
/// Helps where more is sent at once than the server takes.
pub(super) const SMALLER: &str = "Set a smaller slice_size or one_request_max in the profile.";
/// Helps where something else answers in place of the vendor.
pub(super) const WHO_IS_THERE: &str = "If this persists, check endpoint and proxy in the profile.";
