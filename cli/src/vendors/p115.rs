//! Profiles of the 115 open platform.

use std::sync::Arc;

use resumable_core::Lane;
use resumable_proto_115::{Fault, Options, P115, Target};

use super::account_115::Account;
use super::{ACCESS_TOKEN, Around, Made, REFRESH_TOKEN, Vendor, oss};
use crate::exit::Problem;
use crate::printable;
use crate::profile::{Profile, Secret};

impl Vendor for P115 {
    const NAME: &'static str = "115";
    const SECRETS: &'static [Secret] = &[ACCESS_TOKEN, REFRESH_TOKEN];
    const LIMITED: &'static [Lane] = &[Lane::Api];

    fn of_profile(profile: &mut Profile, path: &str, around: &Around<'_>) -> Result<Made<Self>, Problem> {
        let target: Target =
            path.parse().map_err(|error| Problem::usage(format!("{}: {error}", printable::text(path))))?;
        let account = Account::take(profile)?;
        let options = options(profile)?;
        let Around { state, connection, patience, interrupt } = around;
        let keys = Arc::new(account.keeper(state, connection, *patience, interrupt));
        Ok((P115::new(account.site, account.origin.account, target, options), keys))
    }

    fn let_in(profile: &str) -> Vec<String> {
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

fn options(profile: &mut Profile) -> Result<Options, Problem> {
    let mut options = Options::default();
    options.limits = oss::limits(profile)?;
    let (part_size, one_request_max) = oss::sizes(profile, &options.limits)?;
    options.part_size = part_size.unwrap_or(options.part_size);
    options.one_request_max = one_request_max.unwrap_or(options.one_request_max);
    // As with every other vendor: who names a path gets it.
    options.create_folders = profile.flag("create_folders")?.unwrap_or(true);
    options.signature = profile.one_of("signature", oss::SIGNATURE)?;
    Ok(options)
}
