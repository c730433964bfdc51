//! Profiles of Tencent COS, JSON API v2.

use resumable_proto_cos_v2::{CosV2, Fault, Integrity, Op, Options};

use super::{Around, Made, Vendor, cos, written};
use crate::exit::Problem;
use crate::profile::{Profile, Secret};

const INTEGRITY: &[(&str, Integrity)] =
    &[("chain", Integrity::Chain), ("sha1", Integrity::Sha1), ("none", Integrity::None)];

impl Vendor for CosV2 {
    const NAME: &'static str = "cos-v2";
    const SECRETS: &'static [Secret] = cos::SECRETS;

    fn of_profile(profile: &mut Profile, path: &str, _: &Around<'_>) -> Result<Made<Self>, Problem> {
        let (place, credential) = cos::place(profile, path)?;
        let options = options(profile)?;
        let protocol = CosV2::new(place, options).map_err(|error| cos::invalid(profile, &error))?;
        Ok((protocol, written(credential)))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Exists => Some(cos::OVERWRITE),
            Fault::Occupied => Some("To have it deleted, write replace_unfinished = true into the profile."),
            Fault::TooLarge { .. } => Some(cos::SMALLER),
            Fault::Unreadable { .. } => Some(cos::WHO_IS_THERE),
            Fault::Vendor { op: Op::UploadSliceInit, code: Some(-5999), .. } => {
                Some("If the profile says integrity = \"sha1\", write \"chain\" or \"none\".")
            }
            _ => None,
        }
    }
}

fn options(profile: &mut Profile) -> Result<Options, Problem> {
    let mut options = Options::default();
    if let Some(integrity) = profile.one_of("integrity", INTEGRITY)? {
        options.integrity = integrity;
    }
    if let Some(replace) = profile.flag("replace_unfinished")? {
        options.replace_unfinished = replace;
    }
    let shared = cos::Options {
        slice_size: &mut options.slice_size,
        one_request_max: &mut options.one_request_max,
        file_max: &mut options.file_max,
        insert_only: &mut options.insert_only,
        biz_attr: &mut options.biz_attr,
        signature_life: &mut options.signature_life,
    };
    shared.take(profile)?;
    Ok(options)
}
