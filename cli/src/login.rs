//! `resumable login`: gets the credentials of a profile from its vendor, with the help of a person.

use std::time::Duration;

use crate::args::{Global, Login};
use crate::config::Config;
use crate::exit::Problem;
use crate::interrupt::Interrupt;
use crate::transport::Connection;
use crate::vendors::{self, Context};
use crate::{printable, state};

/// For how long another process that uses the credentials is waited for.
const PATIENCE: Duration = Duration::from_secs(600);

/// Logs a profile in.
///
/// # Errors
/// When its vendor lets nobody log in, nobody agreed in time, or the credentials could not be kept.
pub(crate) fn run(args: &Login, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let mut profile = Config::load(global.config.as_deref())?.profile(&args.profile)?;
    let connection = Connection::take(&mut profile, args.transport)?;
    let protocol = vendors::protocol(&mut profile)?;
    let those = || vendors::entries().filter_map(|vendor| Some((vendor.name, vendor.log_in?)));
    let (_, log_in) = those().find(|(name, _)| *name == protocol).ok_or_else(|| {
        let (profile, names) = (printable::text(&args.profile), those().map(|(name, _)| name).collect::<Vec<_>>());
        Problem::usage(format!("the profile \"{profile}\" is not one of {}: nobody logs in there", names.join(" or ")))
            .next("Its keys stand in the profile, or in the environment.")
    })?;
    let state = state::folder(global.state.as_deref())?;
    let context =
        Context { profile: &args.profile, state: &state, connection: &connection, patience: PATIENCE, interrupt };
    log_in(profile, &context, args.plain)
}
