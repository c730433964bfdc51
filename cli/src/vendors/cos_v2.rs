//! Profiles of Tencent COS, JSON API v2.

use resumable_proto_cos_v2::{
    CosV2, Credential, Fault, Integrity, InvalidPlace, ObjectPath, Op, Options, Place, limits,
};
use secrecy::ExposeSecret as _;

use super::Vendor;
use crate::exit::Problem;
use crate::printable;
use crate::profile::Profile;

/// The profile's `protocol`.
pub(super) const NAME: &str = "cos-v2";

const INTEGRITY: &[(&str, Integrity)] =
    &[("chain", Integrity::Chain), ("sha1", Integrity::Sha1), ("none", Integrity::None)];

impl Vendor for CosV2 {
    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Exists => Some("To overwrite it, write insert_only = false into the profile."),
            Fault::Occupied => Some("To have it deleted, write replace_unfinished = true into the profile."),
            Fault::TooLarge { .. } => Some("Write a smaller slice_size or one_request_max into the profile."),
            Fault::Unreadable { .. } => Some("If this goes on, check the profile's endpoint, and proxies on the way."),
            Fault::Vendor { op: Op::UploadSliceInit, code: Some(-5999), .. } => {
                Some("If the profile says integrity = \"sha1\", write \"chain\" or \"none\".")
            }
            _ => None,
        }
    }
}

/// What a profile says of an object at `path`.
pub(super) fn open(profile: &mut Profile, path: &str) -> Result<(CosV2, Credential), Problem> {
    let (endpoint, appid, bucket) = (profile.needed("endpoint")?, profile.needed("appid")?, profile.needed("bucket")?);
    let secret_id = profile.secret("secret_id", "RESUMABLE_SECRET_ID")?;
    let secret_key = profile.secret("secret_key", "RESUMABLE_SECRET_KEY")?;
    let options = options(profile)?;
    let bad_path = |why: &dyn std::fmt::Display| Problem::usage(format!("{}: {why}", printable::text(path)));
    let object = ObjectPath::new(path).map_err(|error| bad_path(&error))?;
    let place = Place::new(&endpoint, &appid, &bucket, object).map_err(|error| match error {
        // Nobody wants to read a path of that length.
        InvalidPlace::TooLong => Problem::usage(error),
        InvalidPlace::Appid => profile.wrong("appid", &error.to_string()),
        InvalidPlace::Bucket => profile.wrong("bucket", &error.to_string()),
        _ => profile.wrong("endpoint", &error.to_string()),
    })?;
    Ok((CosV2::new(place, options), Credential::new(secret_id.expose_secret(), secret_key)))
}

fn options(profile: &mut Profile) -> Result<Options, Problem> {
    let mut options = Options::default();
    if let Some(integrity) = profile.one_of("integrity", INTEGRITY)? {
        options.integrity = integrity;
    }
    if let Some(insert_only) = profile.flag("insert_only")? {
        options.insert_only = insert_only;
    }
    if let Some(replace) = profile.flag("replace_unfinished")? {
        options.replace_unfinished = replace;
    }
    if let Some(slice_size) = profile.size("slice_size")? {
        if !limits::SLICE_SIZES.contains(&slice_size) {
            return Err(profile.wrong("slice_size", "slice_size must be 512KiB, 1MiB, 2MiB or 3MiB"));
        }
        options.slice_size = slice_size;
    }
    if let Some(most) = profile.size("one_request_max")? {
        if most > limits::ONE_REQUEST_BYTES {
            return Err(profile.wrong("one_request_max", "one_request_max may be 20000000 bytes at most"));
        }
        options.one_request_max = most;
    }
    Ok(options)
}
