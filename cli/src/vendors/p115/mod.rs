//! Profiles of the 115 open platform, and how tokens are had there.

mod account;
mod login;
mod tokens;

use std::sync::Arc;

use resumable_proto_115::{Fault, InvalidOptions, Options, P115, Target};
use resumable_proto_oss::Version;
use serde::{Deserialize, Deserializer};

use self::account::{Account, AccountOptions};
use super::{Context, Credentials, LogIn, Vendor, oss};
use crate::printable;
use crate::profile::Mistake;

#[derive(Debug, Deserialize)]
pub(crate) struct OwnOptions {
    create_folders: Option<bool>,
    #[serde(default, deserialize_with = "signature")]
    signature: Option<Version>,
}

fn signature<'de, D: Deserializer<'de>>(given: D) -> Result<Option<Version>, D::Error> {
    oss::SignatureName::deserialize(given).map(Some)
}

impl Vendor for P115 {
    const NAME: &'static str = "115";
    const SECRETS: &'static [&'static str] = &["access_token", "refresh_token"];
    const PAGE: &'static str = include_str!("profile.toml");
    const LOG_IN: Option<LogIn> = Some(login::run);
    type Options = (AccountOptions, oss::Sizes, OwnOptions);

    fn from_profile(
        (given, sizes, own): Self::Options,
        path: &str,
        context: &Context<'_>,
    ) -> Result<(Self, Credentials<Self>), Mistake> {
        let target: Target = path.parse().map_err(|error| Mistake::path(path, error))?;
        let account = Account::new(given, context.profile)?;
        let mut options = Options::default();
        sizes.apply(&mut options.limits, &mut options.part_size, &mut options.one_request_max)?;
        // As with every other vendor: a path that is named is made.
        options.create_folders = own.create_folders.unwrap_or(true);
        options.signature = own.signature;
        let keys = Arc::new(account.refresher(context));
        let protocol = P115::new(account.site, account.origin.account, target, options);
        let protocol = protocol.map_err(|error| match error {
            InvalidOptions::Account => Mistake::wrong("account", error),
            _ => Mistake::Other(error.to_string()),
        })?;
        Ok((protocol, keys))
    }

    fn credential_help(profile: &str) -> Vec<String> {
        vec![format!("Log in, then run the same command again: resumable login {}", printable::text(profile))]
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::NoFolder { .. } => Some("To have it made, take create_folders = false out of the profile."),
            fault if fault.may_be_the_name() => {
                Some("If other uploads to this account go through, give the file another name in PROFILE:PATH.")
            }
            Fault::Unreadable { .. } => Some("If this goes on, check the profile's endpoint, and proxies on the way."),
            Fault::Oss(fault) => oss::hint(fault),
            _ => None,
        }
    }
}
