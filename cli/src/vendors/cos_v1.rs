//! Profiles of Tencent COS, JSON API v1.

use resumable_proto_cos_v1::{CosV1, Fault, Options};
use serde::Deserialize;

use super::{Context, Credentials, Vendor, cos, fixed};
use crate::profile::{Mistake, set};

#[derive(Debug, Deserialize)]
pub(crate) struct OwnOptions {
    parallel: Option<bool>,
}

impl Vendor for CosV1 {
    const NAME: &'static str = "cos-v1";
    const SECRETS: &'static [&'static str] = cos::SECRETS;
    const PAGE: &'static str = include_str!("cos_v1.toml");
    type Options = (cos::Account, cos::SharedOptions, OwnOptions);

    fn from_profile(
        (account, shared, own): Self::Options,
        path: &str,
        _: &Context<'_>,
    ) -> Result<(Self, Credentials<Self>), Mistake> {
        let mut options = Options::default();
        set(&mut options.parallel, own.parallel);
        set(&mut options.insert_only, shared.insert_only);
        set(&mut options.part_size, shared.slice_size);
        set(&mut options.one_request_max, shared.one_request_max);
        set(&mut options.file_max, shared.file_max);
        set(&mut options.signature_life, shared.signature_life);
        options.biz_attr = shared.biz_attr;
        cos::check(options.one_request_max, options.file_max)?;
        let protocol = CosV1::new(account.place(path)?, options).map_err(|error| cos::invalid(&error))?;
        Ok((protocol, fixed(account.credential()?)))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Exists => Some(cos::OVERWRITE),
            Fault::Answer(answer) => cos::hint(answer),
            _ => None,
        }
    }
}
