//! The configuration file, and what is wrong with it.

use std::env;
use std::error::Error as _;
use std::io::{self, ErrorKind};
use std::path::Path;

use resumable::profile::{Profile, ProfileError, Profiles};

use crate::exit::Problem;
use crate::say::warn;
use crate::state;

/// Reads the configuration file that was given, or the one in its usual place, and warns of what others can do with it.
///
/// # Errors
/// When it is not there, not readable, or not understood.
pub(crate) fn load(given: Option<&Path>) -> Result<Profiles, Problem> {
    let path = given.map_or_else(state::default_config, |given| Ok(given.to_owned()))?;
    let profiles = Profiles::load(path).map_err(|error| {
        let missing = is_missing(&error);
        let problem = Problem::from(error);
        if !missing {
            return problem;
        }
        problem.next("Create it (`resumable profiles` shows the keys), or name another file with --config FILE.")
    })?;
    profiles.exposure_warning().iter().for_each(|text| warn(text));
    Ok(profiles)
}

fn is_missing(error: &ProfileError) -> bool {
    let cause = error.source().and_then(|error| error.downcast_ref::<io::Error>());
    cause.is_some_and(|error| error.kind() == ErrorKind::NotFound)
}

/// A profile, with the secrets that are in the environment.
///
/// # Errors
/// When there is none of that name, or a secret is no text.
pub(crate) fn get(profiles: &Profiles, name: &str) -> Result<Profile, Problem> {
    let profile = profiles.get(name)?.with_environment(|variable| env::var_os(variable))?;
    profile.plain_http_warning().iter().for_each(|text| warn(text));
    Ok(profile)
}

impl From<ProfileError> for Problem {
    fn from(error: ProfileError) -> Self {
        error.advice().iter().fold(Self::usage(&error), Self::next)
    }
}
