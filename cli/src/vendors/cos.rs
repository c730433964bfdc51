//! What the profiles of both versions of Tencent's COS JSON API have in common.

use std::time::Duration;

use resumable_proto_cos::options::InvalidOptions;
use resumable_proto_cos::{BadAnswer, Credential, InvalidPlace, ObjectPath, Op, Place, Version, limits};
use secrecy::ExposeSecret as _;

use super::{SECRET_ID, SECRET_KEY};
use crate::exit::Problem;
use crate::printable;
use crate::profile::{Profile, Secret};

/// What a credential is made of.
pub(super) const SECRETS: &[Secret] = &[SECRET_ID, SECRET_KEY];

/// Where an object at `path` is, and who signs.
pub(super) fn place<V: Version>(profile: &mut Profile, path: &str) -> Result<(Place<V>, Credential), Problem> {
    let (endpoint, appid, bucket) = (profile.needed("endpoint")?, profile.needed("appid")?, profile.needed("bucket")?);
    let (secret_id, secret_key) = (profile.secret(SECRET_ID)?, profile.secret(SECRET_KEY)?);
    let object =
        ObjectPath::new(path).map_err(|error| Problem::usage(format!("{}: {error}", printable::text(path))))?;
    let place = Place::new(&endpoint, &appid, &bucket, object).map_err(|error| match error {
        // Nobody wants to read a path of that length.
        InvalidPlace::TooLong => Problem::usage(error),
        InvalidPlace::Appid => profile.wrong("appid", &error.to_string()),
        InvalidPlace::Bucket => profile.wrong("bucket", &error.to_string()),
        _ => profile.wrong("endpoint", &error.to_string()),
    })?;
    Ok((place, Credential::new(secret_id.expose_secret(), secret_key)))
}

/// The options that either version has, to be set.
pub(super) struct Options<'a> {
    pub(super) slice_size: &'a mut u64,
    pub(super) one_request_max: &'a mut u64,
    pub(super) file_max: &'a mut u64,
    pub(super) insert_only: &'a mut bool,
    pub(super) biz_attr: &'a mut Option<String>,
    pub(super) signature_life: &'a mut Duration,
}

impl Options<'_> {
    /// Sets what the profile says.
    pub(super) fn take(self, profile: &mut Profile) -> Result<(), Problem> {
        if let Some(slice_size) = profile.size("slice_size")? {
            *self.slice_size = slice_size;
        }
        if let Some(most) = profile.size("one_request_max")? {
            if most > limits::ONE_REQUEST_BYTES {
                return Err(profile.wrong("one_request_max", "one_request_max may be 20000000 bytes at most"));
            }
            *self.one_request_max = most;
        }
        if let Some(most) = profile.size("file_max")? {
            if most > limits::FILE_BYTES {
                return Err(profile.wrong("file_max", "file_max may be 64GiB at most, which is the vendor's"));
            }
            *self.file_max = most;
        }
        if let Some(insert_only) = profile.flag("insert_only")? {
            *self.insert_only = insert_only;
        }
        if let Some(biz_attr) = profile.text("biz_attr")? {
            *self.biz_attr = Some(biz_attr);
        }
        if let Some(life) = profile.time("signature_life")? {
            *self.signature_life = life;
        }
        Ok(())
    }
}

/// What no request could be made by, as the profile writes it.
pub(super) fn invalid(profile: &Profile, error: &InvalidOptions) -> Problem {
    match error {
        InvalidOptions::SliceSize { .. } => {
            profile.wrong("slice_size", "slice_size must be 512KiB, 1MiB, 2MiB or 3MiB")
        }
        InvalidOptions::SignatureLife { .. } => {
            profile.wrong("signature_life", "signature_life must be from 1m to 90d")
        }
        other => profile.wrong(other.name(), &other.to_string()),
    }
}

/// For who is refused because another file is there.
pub(super) const OVERWRITE: &str = "To overwrite it, write insert_only = false into the profile.";
/// For who sends more at once than the server takes.
pub(super) const SMALLER: &str = "Write a smaller slice_size or one_request_max into the profile.";
/// For who hears from somebody else than the vendor.
pub(super) const WHO_IS_THERE: &str = "If this goes on, check the profile's endpoint, and proxies on the way.";

/// What can be changed about an answer that is no reply of its call.
pub(super) fn hint<O: Op>(answer: &BadAnswer<O>) -> Option<&'static str> {
    match answer {
        BadAnswer::TooLarge { .. } => Some(SMALLER),
        BadAnswer::Unreadable { .. } => Some(WHO_IS_THERE),
        _ => None,
    }
}
