//! Profiles of Tencent COS, JSON API v1.

use resumable_proto_cos::{BadAnswer, Op};
use resumable_proto_cos_v1::{CosV1, Fault, Options};
use serde::Deserialize;

use super::keys::Command;
use super::{Context, Vendor, cos};
use crate::Credentials;
use crate::profile::{Mistake, set};

#[derive(Debug, Deserialize)]
pub(crate) struct OwnOptions {
    parallel: Option<bool>,
}

impl Vendor for CosV1 {
    const NAME: &'static str = "cos-v1";
    const SECRETS: &'static [&'static str] = cos::SECRETS;
    const PART_SIZE: &'static str = "slice_size";
    const PAGE: &'static str = include_str!("cos_v1.toml");
    type Options = (cos::Account, cos::ApiKeys, Command, cos::SharedOptions, OwnOptions);

    fn from_profile(
        (account, keys, command, shared, own): Self::Options,
        path: &str,
        _: &str,
        _: &Context,
    ) -> Result<(Self, Credentials<Self::Credential>), Mistake> {
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
        Ok((protocol, command.or(keys)?))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Exists => Some(cos::OVERWRITE),
            Fault::Answer(answer) => hint(answer),
            _ => None,
        }
    }
}

/// What can be changed about an answer that is no reply of its call.
fn hint<O: Op>(answer: &BadAnswer<O>) -> Option<&'static str> {
    match answer {
        BadAnswer::TooLarge { .. } => Some(cos::SMALLER),
        BadAnswer::Unreadable { .. } => Some(cos::WHO_IS_THERE),
        BadAnswer::Vendor { code: Some(code), .. } if cos::EXPIRED.contains(code) => Some(cos::CLOCK),
        _ => None,
    }
}
