//! Which vendors there are: the one place that knows them all. What a vendor's profile says is in a file of its own.

mod cos;
mod cos_v1;
mod cos_v2;
mod xfyun;

use resumable_core::Protocol;
use resumable_proto_cos_v1::CosV1;
use resumable_proto_cos_v2::CosV2;
use resumable_proto_xfyun::Xfyun;

use crate::exit::Problem;
use crate::profile::{Profile, Secret};

const SECRET_ID: Secret = Secret { key: "secret_id", variable: "RESUMABLE_SECRET_ID" };
const SECRET_KEY: Secret = Secret { key: "secret_key", variable: "RESUMABLE_SECRET_KEY" };
const API_KEY: Secret = Secret { key: "api_key", variable: "RESUMABLE_API_KEY" };
const API_SECRET: Secret = Secret { key: "api_secret", variable: "RESUMABLE_API_SECRET" };

/// What profiles hold and nobody else should read.
pub(crate) const SECRETS: [Secret; 4] = [SECRET_ID, SECRET_KEY, API_KEY, API_SECRET];

/// A protocol as the command needs it.
pub(crate) trait Vendor:
    Protocol<Credential: Send + Sync, Session: Send, Call: Send> + Clone + Send + 'static
{
    /// The profile's `protocol`; the emulator's name of its service, too.
    const NAME: &'static str;
    /// What the credential is made of.
    const SECRETS: &'static [Secret];

    /// What a profile says of an object at `path`: takes every key that the vendor has.
    ///
    /// # Errors
    /// When a key is missing or wrong, or no object can be at `path`.
    fn of_profile(profile: &mut Profile, path: &str) -> Result<(Self, Self::Credential), Problem>;

    /// What a user of the command can change about a refusal.
    fn hint(fault: &Self::Fault) -> Option<&'static str>;

    /// How much of a finished upload's making may be left at the vendor, where nobody can name or remove it.
    fn strays(_: &Self::Outcome) -> u32 {
        0
    }
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
pub(crate) fn with<T: Task>(mut profile: Profile, path: &str, task: T) -> Result<(), Problem> {
    type Run<T> = fn(Profile, &str, T) -> Result<(), Problem>;
    let vendors: [(&str, Run<T>); _] =
        [(CosV2::NAME, run::<CosV2, T>), (CosV1::NAME, run::<CosV1, T>), (Xfyun::NAME, run::<Xfyun, T>)];
    match profile.one_of("protocol", &vendors)? {
        None => Err(profile.missing("protocol")),
        Some(run) => run(profile, path, task),
    }
}

fn run<P: Vendor, T: Task>(mut profile: Profile, path: &str, task: T) -> Result<(), Problem> {
    let (protocol, credential) = P::of_profile(&mut profile, path)?;
    profile.done()?;
    task.run(protocol, credential)
}
