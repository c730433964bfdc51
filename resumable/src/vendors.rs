//! Which vendors a program was built with: the one place that knows them all. What a vendor's profile says is in a file of
//! its own.

#[cfg(any(feature = "cos-v1", feature = "cos-v2"))]
mod cos;
#[cfg(feature = "cos-v1")]
mod cos_v1;
#[cfg(feature = "cos-v2")]
mod cos_v2;
#[cfg(feature = "cos-xml")]
mod cos_xml;
#[cfg(any(
    feature = "cos-v1",
    feature = "cos-v2",
    feature = "cos-xml",
    feature = "oss",
    feature = "s3",
    feature = "xfyun"
))]
mod keys;
#[cfg(any(feature = "cos-xml", feature = "oss", feature = "s3"))]
mod multipart;
#[cfg(feature = "oss")]
mod oss;
#[cfg(feature = "115")]
mod p115;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "xfyun")]
mod xfyun;

use std::ffi::OsString;
use std::fmt::{self, Debug};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use resumable_core::{IfExists, Located};
use resumable_transport::{Clock, blocking};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};

use crate::profile::{Given, Mistake, Profile, ProfileError, Reading, variable};
use crate::{BoxError, Credentials};

/// A vendor's name in profiles, which is also the name of its feature, and its protocol.
macro_rules! vendors {
    ($($name:tt $protocol:ty,)*) => {
        /// Those that a program can be built with.
        const NAMES: &[&str] = &[$($name),*];

        /// Those that this program was built with.
        fn all<T: Task>() -> Vec<Runner<T>> {
            Vec::from([$(#[cfg(feature = $name)] runner::<$protocol, T>()),*])
        }
    };
}

vendors! {
    "cos-v2" resumable_proto_cos_v2::CosV2,
    "cos-v1" resumable_proto_cos_v1::CosV1,
    "cos-xml" resumable_proto_cos_xml::CosXml,
    "xfyun" resumable_proto_xfyun::Xfyun,
    "oss" resumable_proto_oss::Oss,
    "s3" resumable_proto_s3::S3,
    "115" resumable_proto_115::P115,
}

/// A protocol whose uploads a profile can ask for.
pub(crate) trait Vendor: Located + Debug {
    /// The profile's `protocol`; the emulator's name of its service, too.
    const NAME: &'static str;
    /// The keys of a profile that nobody else should read: what the credential is made of.
    const SECRETS: &'static [&'static str];
    /// A profile with every key that it can have, each explained: for people.
    const PAGE: &'static str;
    /// The key of the length of a part.
    const PART_SIZE: &'static str = "part_size";
    /// What a profile says: a struct with a field for each key, or a tuple of them.
    type Options: DeserializeOwned;

    /// A protocol for an object at `path`, and its credentials. `profile`: the profile's name.
    ///
    /// # Errors
    /// When a key is wrong, or no object can be at `path`.
    fn from_profile(
        options: Self::Options,
        path: &str,
        profile: &str,
        context: &Context,
    ) -> Result<(Self, Credentials<Self::Credential>), Mistake>;

    /// What the environment says to the vendor's own tools of keys that the profile does not set.
    fn environment(_is_set: &dyn Fn(&str) -> bool, _lookup: &Lookup<'_>) -> Vec<Given> {
        Vec::new()
    }

    /// What to do when the vendor refuses the credentials of this profile.
    fn credential_help(_profile: &str) -> Vec<String> {
        let variables: Vec<String> = Self::SECRETS.iter().map(|key| variable(key)).collect();
        vec![
            format!("Check {} in the profile (or {}).", listed(Self::SECRETS, "and"), listed(&variables, "and")),
            "If the message says \"expired\", check this machine's clock.".to_owned(),
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

/// Gives the value of a variable of the environment.
pub(crate) type Lookup<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// Names in a sentence: `a, b and c`.
fn listed<T: AsRef<str>>(names: &[T], and: &str) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} {and} {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// What follows scheme and host.
fn without_host(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    rest.find(['/', ' ']).map_or("", |end| &rest[end..])
}

/// What a vendor may need to get credentials with.
#[derive(Clone)]
pub struct Context {
    /// The folder in which 115's tokens are kept, if there is one. It is made when it is needed.
    pub tokens: Option<PathBuf>,
    /// Makes what carries the requests for credentials; asked before each of them, because they are seldom.
    pub transport: Arc<MakeTransport>,
    /// For how long an outage of whoever gives credentials out is sat out.
    pub patience: Duration,
    /// What the patience and the pauses go by.
    pub clock: Clock,
}

/// Makes a transport.
pub type MakeTransport = dyn Fn() -> Result<Arc<BlockingTransport>, BoxError> + Send + Sync;

/// A transport that threads share.
pub type BlockingTransport = dyn blocking::Transport + Send;

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tokens, patience, .. } = self;
        f.debug_struct("Context").field("tokens", tokens).field("patience", patience).finish_non_exhaustive()
    }
}

/// Something to do with any vendor.
pub(crate) trait Task {
    /// What comes of it.
    type Out;

    /// Does it. `if_exists`: what the profile says of what stands there already.
    fn run<P: Vendor>(
        self,
        protocol: P,
        credentials: Credentials<P::Credential>,
        if_exists: Option<IfExists>,
    ) -> Self::Out;
}

/// What is known of a vendor without a profile of its.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry {
    /// The profile's `protocol`.
    pub name: &'static str,
    /// The keys of a profile that hold secrets, and that may stand in the environment instead: see
    /// [`variable`].
    pub secrets: &'static [&'static str],
    /// A profile with every key that it can have, each explained: TOML, for people.
    pub page: &'static str,
    /// The key of the length of a part.
    pub part_size: &'static str,
}

/// A key, as a vendor's page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageKey {
    /// The key.
    pub name: String,
    /// A value for it, as TOML: a text in quotes, a number, `true`, a list.
    pub example: String,
    /// What the page says about it; empty if it says nothing.
    pub comment: String,
}

/// What follows the keys that each profile of the vendor needs.
const DEFAULTS: &str = "# Optional keys, with their defaults:";

impl Entry {
    /// The keys that a profile of this vendor can have, in the order of its page.
    pub fn keys(&self) -> impl Iterator<Item = PageKey> + use<> {
        self.page.lines().filter_map(page_key)
    }

    /// Those of them that a profile needs.
    pub fn needed(&self) -> impl Iterator<Item = PageKey> + use<> {
        self.page.lines().take_while(|line| !line.starts_with(DEFAULTS)).filter_map(page_key)
    }
}

/// A line `name = value  # comment`.
fn page_key(line: &'static str) -> Option<PageKey> {
    let (name, rest) = line.split_once(" = ").filter(|_| !line.starts_with(['#', '[']))?;
    // No value on a page has two blanks and a mark in it.
    let (example, comment) = rest.split_once("  #").or_else(|| rest.split_once(" # ")).unwrap_or((rest, ""));
    let text = |part: &str| part.trim().to_owned();
    Some(PageKey { name: text(name), example: text(example), comment: text(comment) })
}

/// The vendors that this program was built with.
pub fn entries() -> impl Iterator<Item = Entry> {
    all::<NoTask>().into_iter().map(|runner| runner.entry)
}

/// The keys that some profile holds secrets under.
pub fn secrets() -> impl Iterator<Item = &'static str> {
    entries().flat_map(|vendor| vendor.secrets).copied()
}

/// What the environment says to the tools of the vendor of this protocol.
pub(crate) fn environment(protocol: &str, is_set: &dyn Fn(&str) -> bool, lookup: &Lookup<'_>) -> Vec<Given> {
    let vendor = all::<NoTask>().into_iter().find(|vendor| vendor.entry.name == protocol);
    vendor.map(|vendor| (vendor.environment)(is_set, lookup)).unwrap_or_default()
}

struct Runner<T: Task> {
    entry: Entry,
    environment: Environment,
    run: Run<T>,
}

type Environment = fn(&dyn Fn(&str) -> bool, &Lookup<'_>) -> Vec<Given>;

type Run<T> = fn(Reading, &str, &Context, T) -> Result<<T as Task>::Out, ProfileError>;

fn runner<P: Vendor, T: Task>() -> Runner<T> {
    let entry = Entry { name: P::NAME, secrets: P::SECRETS, page: P::PAGE, part_size: P::PART_SIZE };
    Runner { entry, environment: P::environment, run: run::<P, T> }
}

/// Nothing to do: a task that is never made.
enum NoTask {}

impl Task for NoTask {
    type Out = ();

    fn run<P: Vendor>(self, _: P, _: Credentials<P::Credential>, _: Option<IfExists>) {
        match self {}
    }
}

impl Profile {
    /// Makes a protocol of what the profile says, for an object at `path`, and does `task` with it.
    ///
    /// # Errors
    /// When the profile or the path is wrong, or the vendor is not one that this program was built with.
    pub(crate) fn with<T: Task>(&self, path: &str, context: &Context, task: T) -> Result<T::Out, ProfileError> {
        let mut reading = Reading::new(self);
        // Read elsewhere, but known here.
        reading.connection()?;
        let protocol = reading.protocol()?;
        let vendor = all().into_iter().find(|vendor: &Runner<T>| vendor.entry.name == protocol);
        let vendor = vendor.ok_or_else(|| reading.explain(unknown(&protocol)))?;
        (vendor.run)(reading, path, context, task)
    }
}

fn unknown(protocol: &str) -> Mistake {
    if let Some(name) = NAMES.iter().find(|name| **name == protocol) {
        let why = format!("this program was built without the vendor \"{name}\"; enable resumable's feature `{name}`");
        return Mistake::wrong("protocol", why);
    }
    let names: Vec<String> = entries().map(|vendor| format!("\"{}\"", vendor.name)).collect();
    Mistake::wrong("protocol", format!("protocol must be one of {}", names.join(", ")))
}

fn run<P: Vendor, T: Task>(
    mut reading: Reading,
    path: &str,
    context: &Context,
    task: T,
) -> Result<T::Out, ProfileError> {
    let options = reading.take()?;
    let made = P::from_profile(options, path, reading.name(), context);
    let (protocol, credentials) = made.map_err(|mistake| reading.explain(mistake))?;
    // A vendor that gives each object a name of its own does not know the key.
    let if_exists = match protocol.if_exists() {
        Some(_) => reading.take::<Existing>()?.if_exists.map(|policy| policy.0),
        None => None,
    };
    if let Some(policy) = if_exists {
        let told = protocol.clone().guarded(policy);
        told.map_err(|why| reading.explain(Mistake::wrong(IF_EXISTS, format!("{IF_EXISTS} {why}"))))?;
    }
    reading.done(P::NAME)?;
    Ok(task.run(protocol, credentials, if_exists))
}

const IF_EXISTS: &str = "if_exists";

/// What a profile of any vendor says of what stands there already.
#[derive(Deserialize)]
struct Existing {
    if_exists: Option<Policy>,
}

struct Policy(IfExists);

impl<'de> Deserialize<'de> for Policy {
    fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        String::deserialize(given)?.parse().map(Self).map_err(D::Error::custom)
    }
}

// They hold the pages of all vendors against the docs.
#[cfg(all(
    test,
    feature = "115",
    feature = "cos-v1",
    feature = "cos-v2",
    feature = "cos-xml",
    feature = "oss",
    feature = "s3",
    feature = "xfyun"
))]
mod tests;

#[cfg(test)]
mod names {
    use super::*;

    #[test]
    fn a_vendor_that_was_left_out_is_told_with_its_feature_and_an_unknown_one_with_those_that_are_there() {
        assert!(entries().all(|vendor| NAMES.contains(&vendor.name)));
        for name in NAMES {
            let told = unknown(name).to_string();
            assert!(
                told.contains(&format!("built without the vendor \"{name}\"; enable resumable's feature `{name}`"))
            );
        }
        let told = unknown("ftp").to_string();
        for name in NAMES {
            let is_there = entries().any(|vendor| vendor.name == *name);
            assert_eq!(told.contains(&format!("\"{name}\"")), is_there, "{told}");
        }
    }
}
