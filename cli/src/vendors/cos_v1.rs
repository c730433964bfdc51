//! Profiles of Tencent COS, JSON API v1.

use resumable_proto_cos_v1::{CosV1, Fault, Options};
use serde::Deserialize;

use super::{Context, Credentials, Vendor, cos, fixed};
use crate::profile::Mistake;

#[derive(Debug, Deserialize)]
pub(crate) struct Own {
    parallel: Option<bool>,
}

impl Vendor for CosV1 {
    const NAME: &'static str = "cos-v1";
    const SECRETS: &'static [&'static str] = cos::SECRETS;
    const PAGE: &'static str = include_str!("cos_v1.toml");
    type Options = (cos::Account, cos::Options, Own);

    fn from_profile(
        (account, shared, own): Self::Options,
        path: &str,
        _: &Context<'_>,
    ) -> Result<(Self, Credentials<Self>), Mistake> {
        let mut options = Options::default();
        options.parallel = own.parallel.unwrap_or(options.parallel);
        cos::set!(options, shared);
        let protocol = CosV1::new(account.place(path)?, options).map_err(|error| cos::invalid(&error))?;
        Ok((protocol, fixed(account.credential())))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Exists => Some(cos::OVERWRITE),
            Fault::Answer(answer) => cos::hint(answer),
            _ => None,
        }
    }
}
