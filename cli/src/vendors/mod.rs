//! Which vendors there are: the one place that knows them all. What a vendor's profile says is in a file of its own.

mod cos;
mod cos_v1;
mod cos_v2;
mod oss;
mod p115;
mod xfyun;

use std::env;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use resumable_core::Protocol;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::exit::Problem;
use crate::interrupt::Interrupt;
use crate::keys::{Fixed, Keys};
use crate::profile::{Mistake, Profile, variable};
use crate::transport::Connection;

/// A protocol as the command needs it.
pub(crate) trait Vendor: Protocol + Clone + Debug {
    /// The profile's `protocol`; the emulator's name of its service, too.
    const NAME: &'static str;
    /// The keys of a profile that nobody else should read: what the credential is made of.
    const SECRETS: &'static [&'static str];
    /// A profile with every key that it can have, each explained: for people.
    const PAGE: &'static str;
    /// Gets credentials for a profile, where a person can help with that.
    const LOG_IN: Option<LogIn> = None;
    /// What a profile says: a struct with a field for each key, or a tuple of them.
    type Options: DeserializeOwned;

    /// A protocol for an object at `path`, and its credentials.
    ///
    /// # Errors
    /// When a key is wrong, or no object can be at `path`.
    fn from_profile(
        options: Self::Options,
        path: &str,
        context: &Context<'_>,
    ) -> Result<(Self, Credentials<Self>), Mistake>;

    /// What to do when the vendor refuses the credentials of this profile.
    fn credential_help(_profile: &str) -> Vec<String> {
        let names: Vec<String> = Self::SECRETS.iter().map(|key| variable(key)).collect();
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
}

/// Gets credentials for a profile. The flag: in plain text.
pub(crate) type LogIn = fn(Profile, &Context<'_>, bool) -> Result<(), Problem>;

/// What follows scheme and host.
fn without_host(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    rest.find(['/', ' ']).map_or("", |end| &rest[end..])
}

/// Where credentials come from.
pub(crate) type Credentials<P> = Arc<dyn Keys<<P as Protocol>::Credential>>;

/// The credential that a profile says.
fn fixed<C: Clone + Send + Sync + 'static>(credential: C) -> Arc<dyn Keys<C>> {
    Arc::new(Fixed(credential))
}

/// What a vendor may need to get credentials with.
pub(crate) struct Context<'a> {
    /// The profile's name.
    pub(crate) profile: &'a str,
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
    fn run<P: Vendor>(self, protocol: P, keys: Credentials<P>) -> Result<(), Problem>;
}

/// What the command knows of a vendor.
pub(crate) struct Entry<T> {
    /// The profile's `protocol`.
    pub(crate) name: &'static str,
    /// [`Vendor::SECRETS`]
    pub(crate) secrets: &'static [&'static str],
    /// [`Vendor::PAGE`]
    pub(crate) page: &'static str,
    /// [`Vendor::LOG_IN`]
    pub(crate) log_in: Option<LogIn>,
    run: fn(Profile, &str, &Context<'_>, T) -> Result<(), Problem>,
}

/// Every vendor, each by one line.
fn all<T: Task>() -> Vec<Entry<T>> {
    vec![
        entry::<resumable_proto_cos_v2::CosV2, T>(),
        entry::<resumable_proto_cos_v1::CosV1, T>(),
        entry::<resumable_proto_xfyun::Xfyun, T>(),
        entry::<resumable_proto_oss::Oss, T>(),
        entry::<resumable_proto_115::P115, T>(),
    ]
}

fn entry<P: Vendor, T: Task>() -> Entry<T> {
    Entry { name: P::NAME, secrets: P::SECRETS, page: P::PAGE, log_in: P::LOG_IN, run: run::<P, T> }
}

/// What is known of the vendors without a profile of theirs.
pub(crate) fn entries() -> impl Iterator<Item = Entry<NoTask>> {
    all().into_iter()
}

/// The keys that some profile holds secrets under.
pub(crate) fn secrets() -> impl Iterator<Item = &'static str> {
    entries().flat_map(|vendor| vendor.secrets).copied()
}

/// Nothing to do: a task that is never made.
pub(crate) enum NoTask {}

impl Task for NoTask {
    fn run<P: Vendor>(self, _: P, _: Credentials<P>) -> Result<(), Problem> {
        match self {}
    }
}

/// The profile's `protocol`.
///
/// # Errors
/// When there is none.
pub(crate) fn protocol(profile: &mut Profile) -> Result<String, Problem> {
    #[derive(Deserialize)]
    struct Which {
        protocol: String,
    }
    profile.take().map(|Which { protocol }| protocol)
}

/// Makes a protocol of what a profile says, for an object at `path`, and does `task` with it.
///
/// # Errors
/// When the profile or the path is wrong, and whatever `task` ends in.
pub(crate) fn with<T: Task>(mut profile: Profile, path: &str, context: &Context<'_>, task: T) -> Result<(), Problem> {
    let protocol = protocol(&mut profile)?;
    let vendor = all().into_iter().find(|vendor| vendor.name == protocol).ok_or_else(|| {
        let names: Vec<String> = entries().map(|vendor| format!("\"{}\"", vendor.name)).collect();
        profile.explain(Mistake::wrong("protocol", format!("protocol must be {}", names.join(" or "))))
    })?;
    (vendor.run)(profile, path, context, task)
}

fn run<P: Vendor, T: Task>(mut profile: Profile, path: &str, context: &Context<'_>, task: T) -> Result<(), Problem> {
    profile.apply_environment(P::SECRETS, |name| env::var_os(name))?;
    let options = profile.take()?;
    let (protocol, keys) = P::from_profile(options, path, context).map_err(|mistake| profile.explain(mistake))?;
    profile.done()?;
    task.run(protocol, keys)
}

#[cfg(test)]
mod tests;
