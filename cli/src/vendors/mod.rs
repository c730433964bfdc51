//! Which vendors there are: the one place that knows them all. What a vendor's profile says is in a file of its own.

mod cos_v2;

use resumable_core::Protocol;

use crate::exit::Problem;
use crate::profile::Profile;

/// Keys of profiles that hold secrets.
pub(crate) const SECRETS: [&str; 2] = ["secret_id", "secret_key"];

/// A protocol as the command needs it.
pub(crate) trait Vendor:
    Protocol<Credential: Send + Sync, Session: Send, Call: Send> + Clone + Send + 'static
{
    /// What a user of the command can change about a refusal.
    fn hint(fault: &Self::Fault) -> Option<&'static str>;
}

/// Something to do with any vendor.
pub(crate) trait Task {
    /// Does it.
    fn run<P: Vendor>(self, protocol: P, credential: P::Credential) -> Result<(), Problem>;
}

/// Makes a protocol of what a profile says, for an object at `path`, and does `task` with it.
///
/// # Errors
/// When the profile or the path is wrong, and whatever `task` ends in.
pub(crate) fn with(mut profile: Profile, path: &str, task: impl Task) -> Result<(), Problem> {
    #[derive(Clone, Copy)]
    enum Name {
        CosV2,
    }
    match profile.one_of("protocol", &[(cos_v2::NAME, Name::CosV2)])? {
        None => Err(profile.missing("protocol")),
        Some(Name::CosV2) => {
            let (protocol, credential) = cos_v2::open(&mut profile, path)?;
            profile.done()?;
            task.run(protocol, credential)
        }
    }
}
