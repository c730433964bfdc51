//! Profiles of Amazon S3, and of services that speak it.

mod shared_config;

use std::path::Path;

use resumable_proto_s3::{
    Addressing, ChecksumKind, Class, Credential, Fault, InvalidCredential, InvalidObject, InvalidOptions, Object,
    ObjectKey, Options, Origin, PRESETS, Payload, Preset, S3,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use self::shared_config::SharedConfig;
use super::keys::{CREDENTIAL_COMMAND, Command, Keys, read};
use super::multipart::{Described, Sizes, is_same_object};
use super::{Context, Lookup, Vendor};
use crate::profile::{Given, Mistake, Secret, set};
use crate::{Credentials, Issued};

/// Where objects are.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    endpoint: Option<String>,
    region: Option<String>,
    bucket: String,
    #[serde(default, deserialize_with = "preset")]
    preset: Option<&'static Preset>,
    #[serde(default, deserialize_with = "addressing")]
    addressing: Option<Addressing>,
}

/// What signs.
#[derive(Debug, Deserialize)]
pub(crate) struct AccessKeys {
    access_key_id: Option<Secret>,
    access_key_secret: Option<Secret>,
    session_token: Option<Secret>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OwnOptions {
    forbid_overwrite: Option<bool>,
    #[serde(default, deserialize_with = "payload")]
    payload: Option<Payload>,
    checksum: Option<ChecksumName>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ChecksumName {
    Crc64nvme,
    Crc32c,
    None,
}

impl From<ChecksumName> for Option<ChecksumKind> {
    fn from(name: ChecksumName) -> Self {
        match name {
            ChecksumName::Crc64nvme => Some(ChecksumKind::Crc64Nvme),
            ChecksumName::Crc32c => Some(ChecksumKind::Crc32c),
            ChecksumName::None => None,
        }
    }
}

impl Vendor for S3 {
    const NAME: &'static str = "s3";
    const SECRETS: &'static [&'static str] = &["access_key_id", "access_key_secret", "session_token"];
    const PAGE: &'static str = include_str!("s3.toml");
    type Options = (Account, AccessKeys, Command, SharedConfig, Sizes, Described, OwnOptions);

    fn from_profile(
        (account, keys, command, shared, sizes, described, own): Self::Options,
        path: &str,
        _: &str,
        _: &Context,
    ) -> Result<(Self, Credentials<Self::Credential>), Mistake> {
        let preset = account.preset()?;
        let (object, options) = (account.object(preset, path)?, own.options(preset, &sizes, described, path)?);
        let s3 = S3::new(object, options).map_err(|error| match error {
            InvalidOptions::Unconditional { .. } => Mistake::wrong("forbid_overwrite", error),
            other => Mistake::wrong("part_size", other),
        })?;
        Ok((s3, credentials(keys, command, shared)?))
    }

    fn environment(is_set: &dyn Fn(&str) -> bool, lookup: &Lookup<'_>) -> Vec<Given> {
        environment(is_set, lookup)
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Taken => Some(OVERWRITE),
            Fault::TooLarge { .. } => Some("Set a smaller part_size or one_request_max in the profile."),
            Fault::BadPartSize { .. } => Some("Change part_size in the profile."),
            Fault::Unreadable { .. } | Fault::Bare { status: 500.., .. } => {
                Some("If this persists, check endpoint and proxy in the profile.")
            }
            _ if fault.class() == Some(Class::FileAlreadyExists) => Some(OVERWRITE),
            _ if fault.class() == Some(Class::Region) => Some("Set region in the profile, and endpoint if it has one."),
            _ => match fault.error().and_then(|error| error.code.as_deref()) {
                Some("SecondLevelDomainForbidden") => Some("Set addressing = \"virtual-host\" in the profile."),
                Some("NotImplemented" | "InvalidArgument" | "InvalidRequest") => {
                    Some("Set preset in the profile to the service, or checksum = \"none\".")
                }
                _ => None,
            },
        }
    }

    fn is_same_object(&self, target: &str) -> bool {
        is_same_object(self.object().url(), self.object().bucket(), target)
    }
}

/// Helps where another file is there.
const OVERWRITE: &str = "To overwrite it, remove forbid_overwrite from the profile.";

/// The keys of the profile, those that its program prints, or those that Amazon's tools keep.
fn credentials(keys: AccessKeys, command: Command, shared: SharedConfig) -> Result<Credentials<Credential>, Mistake> {
    let other = if command.is_given() { Some(CREDENTIAL_COMMAND) } else { keys.given() };
    match other {
        Some(key) if shared.is_named() => {
            let why = format!("aws_profile and {key} are both set: remove one of them");
            Err(Mistake::wrong("aws_profile", why))
        }
        None if shared.is_meant() => Ok(Credentials::from_source(shared)),
        _ => command.or(keys),
    }
}

/// What the environment says to Amazon's own tools, unless the profile says whose keys are meant.
fn environment(is_set: &dyn Fn(&str) -> bool, lookup: &Lookup<'_>) -> Vec<Given> {
    let text = |name: &str| lookup(name)?.into_string().ok().filter(|text| !text.is_empty());
    let given = |key, variable, text| Given { key, variable, text };
    if S3::SECRETS.iter().any(|key| is_set(key)) {
        return Vec::new();
    }
    if !is_set("aws_profile") && text("AWS_ACCESS_KEY_ID").is_some() {
        let keys = [
            ("access_key_id", "AWS_ACCESS_KEY_ID"),
            ("access_key_secret", "AWS_SECRET_ACCESS_KEY"),
            ("session_token", "AWS_SESSION_TOKEN"),
        ];
        return keys.into_iter().filter_map(|(key, name)| Some(given(key, name, text(name)?))).collect();
    }
    let home = ["HOME", "USERPROFILE"].into_iter().find_map(|name| Some((name, text(name)?)));
    let file = |key, variable, name: &str| {
        let at_home = |(variable, home): &(&'static str, String)| {
            let path = Path::new(home).join(".aws").join(name);
            Some(given(key, *variable, path.into_os_string().into_string().ok()?))
        };
        text(variable).map(|text| given(key, variable, text)).or_else(|| home.as_ref().and_then(at_home))
    };
    [
        text("AWS_PROFILE").map(|text| given("aws_profile", "AWS_PROFILE", text)),
        file("aws_credentials", "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
        file("aws_config", "AWS_CONFIG_FILE", "config"),
    ]
    .into_iter()
    .flatten()
    .filter(|given| !is_set(given.key))
    .collect()
}

fn addressing<'de, D: Deserializer<'de>>(given: D) -> Result<Option<Addressing>, D::Error> {
    #[derive(Deserialize)]
    #[serde(remote = "Addressing", rename_all = "kebab-case")]
    enum Name {
        Auto,
        VirtualHost,
        Path,
    }
    Name::deserialize(given).map(Some)
}

fn payload<'de, D: Deserializer<'de>>(given: D) -> Result<Option<Payload>, D::Error> {
    #[derive(Deserialize)]
    #[serde(remote = "Payload", rename_all = "lowercase")]
    enum Name {
        Unsigned,
        Signed,
    }
    Name::deserialize(given).map(Some)
}

fn preset<'de, D: Deserializer<'de>>(given: D) -> Result<Option<&'static Preset>, D::Error> {
    let known = Preset::named(&String::deserialize(given)?);
    let names = || PRESETS.iter().map(|preset| format!("\"{}\"", preset.name)).collect::<Vec<_>>().join(", ");
    known.map(Some).ok_or_else(|| D::Error::custom(format_args!("must be one of {}", names())))
}

impl Account {
    /// The service: the one that is named, or the one whose name the endpoint has.
    fn preset(&self) -> Result<&'static Preset, Mistake> {
        if let Some(preset) = self.preset {
            return Ok(preset);
        }
        let Some(endpoint) = &self.endpoint else { return Ok(Preset::amazon()) };
        let origin = Origin::new(endpoint).map_err(|error| Mistake::wrong("endpoint", error))?;
        Ok(Preset::of_host(origin.host()))
    }

    /// A path that begins with a slash means the bucket's root.
    fn object(&self, preset: &Preset, path: &str) -> Result<Object, Mistake> {
        let key = ObjectKey::new(path.strip_prefix('/').unwrap_or(path)).map_err(|error| Mistake::path(path, error))?;
        let addressing = self.addressing.unwrap_or(preset.addressing);
        let object = match (&self.endpoint, &self.region) {
            (Some(endpoint), _) => Object::new(endpoint, &self.bucket, key, addressing),
            (None, Some(region)) if preset.name == "aws" => Object::in_region(region, &self.bucket, key, addressing),
            (None, _) if preset.name == "aws" => return Err(Mistake::Missing("region")),
            (None, _) => return Err(Mistake::Missing("endpoint")),
        };
        let object = object.and_then(|object| match &self.region {
            Some(region) => object.with_region(region),
            None => Ok(object),
        });
        object.map_err(|error| match error {
            InvalidObject::Bucket(_) => Mistake::wrong("bucket", error),
            InvalidObject::Address => Mistake::wrong("addressing", error),
            InvalidObject::Region => Mistake::wrong("region", error),
            _ => Mistake::wrong("endpoint", error),
        })
    }
}

impl Keys for AccessKeys {
    type Credential = Credential;

    fn given(&self) -> Option<&'static str> {
        let Self { access_key_id, access_key_secret, session_token } = self;
        let keys = [
            ("access_key_id", access_key_id),
            ("access_key_secret", access_key_secret),
            ("session_token", session_token),
        ];
        keys.into_iter().find_map(|(key, secret)| secret.as_ref().map(|_| key))
    }

    fn credential(self) -> Result<Credential, Mistake> {
        let id = self.access_key_id.ok_or(Mistake::Missing("access_key_id"))?;
        let secret = self.access_key_secret.ok_or(Mistake::Missing("access_key_secret"))?;
        let keys = match self.session_token {
            Some(token) => Credential::temporary(id.expose(), secret.0, token.0),
            None => Credential::new(id.expose(), secret.0),
        };
        keys.map_err(|error| {
            let key = match error {
                InvalidCredential::AccessKeyId => "access_key_id",
                InvalidCredential::SecurityToken => "session_token",
                _ => "access_key_secret",
            };
            Mistake::wrong(key, error)
        })
    }

    /// With the profile's names or with Amazon's: `aws configure export-credentials` prints those.
    fn read(printed: &str) -> Result<Issued<Credential>, Mistake> {
        if shared_config::is_amazons(printed) { shared_config::read(printed) } else { read::<Self>(printed) }
    }
}

impl OwnOptions {
    fn options(self, preset: &Preset, sizes: &Sizes, described: Described, path: &str) -> Result<Options, Mistake> {
        let mut options = Options::of(*preset);
        sizes.apply(&mut options.preset.limits, &mut options.part_size, &mut options.one_request_max)?;
        set(&mut options.forbid_overwrite, self.forbid_overwrite);
        set(&mut options.payload, self.payload);
        set(&mut options.preset.checksum, self.checksum);
        (options.content_type, options.headers) = described.read(path)?;
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn given(set: &[&str], variables: &[(&str, &str)]) -> Vec<(&'static str, String)> {
        let lookup = |name: &str| Some(OsString::from(variables.iter().find(|(there, _)| *there == name)?.1));
        let given = environment(&|key| set.contains(&key), &lookup);
        given.into_iter().map(|given| (given.key, given.text)).collect()
    }

    const KEYS: [(&str, &str); 3] =
        [("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_SESSION_TOKEN", "token")];
    const HOME: (&str, &str) = ("HOME", "/home/me");

    #[test]
    fn keys_of_amazons_tools_count_where_the_profile_has_none() {
        let keys = [("access_key_id", "id"), ("access_key_secret", "secret"), ("session_token", "token")];
        let keys = keys.map(|(key, text)| (key, text.to_owned()));
        assert_eq!(given(&["bucket"], &[&KEYS[..], &[HOME]].concat()), keys);
        assert_eq!(given(&[], &KEYS[..2]), keys[..2]);
        for own in S3::SECRETS {
            assert_eq!(given(&[own], &[&KEYS[..], &[HOME, ("AWS_PROFILE", "x")]].concat()), [], "{own}");
        }
        assert_eq!(given(&[], &[("AWS_ACCESS_KEY_ID", "")]), []);
    }

    #[test]
    fn a_profile_of_amazons_tools_goes_before_keys_in_the_environment_if_the_own_profile_names_it() {
        let file = |name: &str| Path::new("/home/me").join(".aws").join(name).to_str().unwrap().to_owned();
        let files = [("aws_credentials", file("credentials")), ("aws_config", file("config"))];
        assert_eq!(given(&["aws_profile"], &[&KEYS[..], &[HOME, ("AWS_PROFILE", "x")]].concat()), files);
        assert_eq!(given(&[], &[HOME]), files);
        assert_eq!(given(&["aws_credentials", "aws_config"], &[HOME]), []);
        let named = [("AWS_PROFILE", "x"), ("AWS_CONFIG_FILE", "/c"), ("AWS_SHARED_CREDENTIALS_FILE", "/s"), HOME];
        let texts = [("aws_profile", "x"), ("aws_credentials", "/s"), ("aws_config", "/c")];
        assert_eq!(given(&[], &named), texts.map(|(key, text)| (key, text.to_owned())));
    }

    #[test]
    fn an_object_is_known_by_another_address() {
        let s3 = |endpoint| resumable_proto_s3::at(endpoint, "bucket", "dir/a b").unwrap();
        let own = s3("https://s3.eu-west-1.amazonaws.com");
        for same in ["http://127.0.0.1:9000", "https://s3.us-east-1.amazonaws.com"] {
            assert!(own.is_same_object(&resumable_core::Protocol::target(&s3(same))), "{same}");
        }
        assert!(!own.is_same_object("https://bucket2.s3.eu-west-1.amazonaws.com/dir/a%20b"));
        assert!(!own.is_same_object(&resumable_core::Protocol::target(&own)));
    }
}
