//! Profiles of Tencent COS, JSON API v1.

use resumable_proto_cos_v1::{CosV1, Fault, Options};

use super::{Around, Made, Vendor, cos, written};
use crate::exit::Problem;
use crate::profile::{Profile, Secret};

impl Vendor for CosV1 {
    const NAME: &'static str = "cos-v1";
    const SECRETS: &'static [Secret] = cos::SECRETS;

    fn of_profile(profile: &mut Profile, path: &str, _: &Around<'_>) -> Result<Made<Self>, Problem> {
        let (place, credential) = cos::place(profile, path)?;
        let options = options(profile)?;
        let protocol = CosV1::new(place, options).map_err(|error| cos::invalid(profile, &error))?;
        Ok((protocol, written(credential)))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Exists => Some(cos::OVERWRITE),
            Fault::Answer(answer) => cos::hint(answer),
            _ => None,
        }
    }
}

fn options(profile: &mut Profile) -> Result<Options, Problem> {
    let mut options = Options::default();
    if let Some(parallel) = profile.flag("parallel")? {
        options.parallel = parallel;
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
