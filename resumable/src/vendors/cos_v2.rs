//! Profiles of Tencent COS, JSON API v2.

use resumable_proto_cos_v2::{CosV2, Fault, Integrity, Op, Options};
use serde::Deserialize;

use super::keys::Command;
use super::{Context, Vendor, cos};
use crate::Credentials;
use crate::profile::{Mistake, set};

#[derive(Debug, Deserialize)]
pub(crate) struct OwnOptions {
    #[serde(default = "default_integrity", with = "IntegrityName")]
    integrity: Integrity,
    replace_unfinished: Option<bool>,
}

#[derive(Deserialize)]
#[serde(remote = "Integrity", rename_all = "lowercase")]
enum IntegrityName {
    Chain,
    Sha1,
    None,
}

fn default_integrity() -> Integrity {
    Options::default().integrity
}

impl Vendor for CosV2 {
    const NAME: &'static str = "cos-v2";
    const SECRETS: &'static [&'static str] = cos::SECRETS;
    const PART_SIZE: &'static str = "slice_size";
    const PAGE: &'static str = include_str!("cos_v2.toml");
    type Options = (cos::Account, cos::ApiKeys, Command, cos::SharedOptions, OwnOptions);

    fn from_profile(
        (account, keys, command, shared, own): Self::Options,
        path: &str,
        _: &str,
        _: &Context,
    ) -> Result<(Self, Credentials<Self::Credential>), Mistake> {
        let mut options = Options::default();
        options.integrity = own.integrity;
        set(&mut options.replace_unfinished, own.replace_unfinished);
        set(&mut options.insert_only, shared.insert_only);
        set(&mut options.part_size, shared.slice_size);
        set(&mut options.one_request_max, shared.one_request_max);
        set(&mut options.file_max, shared.file_max);
        set(&mut options.signature_life, shared.signature_life);
        options.biz_attr = shared.biz_attr;
        cos::check(options.one_request_max, options.file_max)?;
        let protocol = CosV2::new(account.place(path)?, options).map_err(|error| cos::invalid(&error))?;
        Ok((protocol, command.or(keys)?))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Exists => Some(cos::OVERWRITE),
            Fault::Occupied => Some("To delete it, set replace_unfinished = true in the profile."),
            Fault::TooLarge { .. } => Some(cos::SMALLER),
            Fault::Unreadable { .. } => Some(cos::WHO_IS_THERE),
            Fault::Vendor { code: Some(code), .. } if cos::EXPIRED.contains(code) => Some(cos::CLOCK),
            Fault::Vendor { op: Op::UploadSliceInit, code: Some(-5999), .. } => {
                Some("If the profile has integrity = \"sha1\", try \"chain\" or \"none\".")
            }
            _ => None,
        }
    }
}
