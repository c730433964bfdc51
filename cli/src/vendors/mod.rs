//! Which vendors there are: the one place that knows them all. What a vendor's profile says is in a file of its own.

pub(crate) mod account_115;
mod cos;
mod cos_v1;
mod cos_v2;
mod oss;
mod p115;
mod xfyun;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use resumable_core::{Lane, Protocol};
use resumable_proto_115::P115;
use resumable_proto_cos_v1::CosV1;
use resumable_proto_cos_v2::CosV2;
use resumable_proto_oss::Oss;
use resumable_proto_xfyun::Xfyun;

use crate::exit::Problem;
use crate::interrupt::Interrupt;
use crate::keys::{Keys, Written};
use crate::profile::{Profile, Secret};
use crate::transport::Connection;

const SECRET_ID: Secret = Secret { key: "secret_id", variable: "RESUMABLE_SECRET_ID" };
const SECRET_KEY: Secret = Secret { key: "secret_key", variable: "RESUMABLE_SECRET_KEY" };
const API_KEY: Secret = Secret { key: "api_key", variable: "RESUMABLE_API_KEY" };
const API_SECRET: Secret = Secret { key: "api_secret", variable: "RESUMABLE_API_SECRET" };

const ACCESS_TOKEN: Secret = Secret { key: "access_token", variable: "RESUMABLE_ACCESS_TOKEN" };
const REFRESH_TOKEN: Secret = Secret { key: "refresh_token", variable: "RESUMABLE_REFRESH_TOKEN" };

const ACCESS_KEY_ID: Secret = Secret { key: "access_key_id", variable: "RESUMABLE_ACCESS_KEY_ID" };
const ACCESS_KEY_SECRET: Secret = Secret { key: "access_key_secret", variable: "RESUMABLE_ACCESS_KEY_SECRET" };
const SECURITY_TOKEN: Secret = Secret { key: "security_token", variable: "RESUMABLE_SECURITY_TOKEN" };

/// What profiles hold and nobody else should read.
pub(crate) const SECRETS: [Secret; 9] = [
    SECRET_ID,
    SECRET_KEY,
    API_KEY,
    API_SECRET,
    ACCESS_TOKEN,
    REFRESH_TOKEN,
    ACCESS_KEY_ID,
    ACCESS_KEY_SECRET,
    SECURITY_TOKEN,
];

/// A protocol as the command needs it.
pub(crate) trait Vendor: Protocol + Clone {
    /// The profile's `protocol`; the emulator's name of its service, too.
    const NAME: &'static str;
    /// What the credential is made of.
    const SECRETS: &'static [Secret];
    /// The lanes whose calls the vendor counts for a whole account.
    const LIMITED: &'static [Lane] = &[];

    /// What a profile says of an object at `path`: takes every key that the vendor has.
    ///
    /// # Errors
    /// When a key is missing or wrong, or no object can be at `path`.
    fn of_profile(profile: &mut Profile, path: &str, around: &Around<'_>) -> Result<Made<Self>, Problem>;

    /// What to do when the vendor refuses the credentials of this profile.
    fn let_in(_profile: &str) -> Vec<String> {
        let names: Vec<&str> = Self::SECRETS.iter().map(|secret| secret.variable).collect();
        vec![
            format!("Correct the profile's credentials (or {});", names.join(" and ")),
            "if the vendor says that a signature has expired, this machine's clock.".to_owned(),
        ]
    }

    /// What a user of the command can change about a refusal.
    fn hint(fault: &Self::Fault) -> Option<&'static str>;

    /// True if this target, as a checkpoint says it, is the same object by another address.
    fn is_same_object(&self, target: &str) -> bool {
        let own = self.target();
        own != target && without_host(&own) == without_host(target)
    }

    /// What else a finished upload is told with: a name, and a text that may be anybody's.
    fn more(_: &Self::Outcome) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// How much of a finished upload's making may be left at the vendor, where nobody can name or remove it.
    fn strays(_: &Self::Outcome) -> u32 {
        0
    }
}

/// What follows scheme and host.
fn without_host(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    rest.find(['/', ' ']).map_or("", |end| &rest[end..])
}

/// A protocol, and where its credentials come from.
type Made<P> = (P, Arc<dyn Keys<<P as Protocol>::Credential>>);

/// The credential that a profile says.
fn written<C: Clone + Send + Sync + 'static>(credential: C) -> Arc<dyn Keys<C>> {
    Arc::new(Written(credential))
}

/// What a vendor may need to get credentials with.
pub(crate) struct Around<'a> {
    /// The state folder.
    pub(crate) state: &'a Path,
    /// How requests travel.
    pub(crate) connection: &'a Connection,
    /// For how long an outage is sat out.
    pub(crate) patience: Duration,
    /// What ends waiting.
    pub(crate) interrupt: &'a Interrupt,
}

/// Something to do with any vendor.
pub(crate) trait Task {
    /// Does it.
    fn run<P: Vendor>(self, protocol: P, keys: Arc<dyn Keys<P::Credential>>) -> Result<(), Problem>;
}

/// Makes a protocol of what a profile says, for an object at `path`, and does `task` with it.
///
/// # Errors
/// When the profile or the path is wrong, and whatever `task` ends in.
pub(crate) fn with<T: Task>(mut profile: Profile, path: &str, around: &Around<'_>, task: T) -> Result<(), Problem> {
    type Run<T> = fn(Profile, &str, &Around<'_>, T) -> Result<(), Problem>;
    let vendors: [(&str, Run<T>); _] = [
        (CosV2::NAME, run::<CosV2, T>),
        (CosV1::NAME, run::<CosV1, T>),
        (Xfyun::NAME, run::<Xfyun, T>),
        (Oss::NAME, run::<Oss, T>),
        (P115::NAME, run::<P115, T>),
    ];
    match profile.one_of("protocol", &vendors)? {
        None => Err(profile.missing("protocol")),
        Some(run) => run(profile, path, around, task),
    }
}

fn run<P: Vendor, T: Task>(mut profile: Profile, path: &str, around: &Around<'_>, task: T) -> Result<(), Problem> {
    let (protocol, keys) = P::of_profile(&mut profile, path, around)?;
    profile.done()?;
    task.run(protocol, keys)
}
