//! Profiles of Tencent COS, XML API.

use resumable_proto_cos_xml::{
    Addressing, Bucket, Class, CosXml, Credential, Fault, InvalidCredential, InvalidObject, InvalidOptions, Object,
    ObjectKey, Options, Origin, Region,
};
use serde::Deserialize;

use super::keys::{Command, Keys};
use super::multipart::{Described, Sizes};
use super::{Context, Vendor};
use crate::Credentials;
use crate::profile::{Mistake, Secret, Size, set};

/// Where objects are.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    endpoint: Option<String>,
    region: Option<String>,
    bucket: String,
    #[serde(default, with = "AddressingName")]
    addressing: Addressing,
}

/// What signs.
#[derive(Debug, Deserialize)]
pub(crate) struct ApiKeys {
    secret_id: Option<Secret>,
    secret_key: Option<Secret>,
    security_token: Option<Secret>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OwnOptions {
    forbid_overwrite: Option<bool>,
    backup_domain: Option<bool>,
    traffic_limit: Option<Size>,
}

#[derive(Deserialize)]
#[serde(remote = "Addressing", rename_all = "kebab-case")]
enum AddressingName {
    Auto,
    VirtualHost,
    Path,
    OwnDomain,
}

impl Vendor for CosXml {
    const NAME: &'static str = "cos-xml";
    const SECRETS: &'static [&'static str] = &["secret_id", "secret_key", "security_token"];
    const PAGE: &'static str = include_str!("cos_xml.toml");
    type Options = (Account, ApiKeys, Command, Sizes, Described, OwnOptions);

    fn from_profile(
        (account, keys, command, sizes, described, own): Self::Options,
        path: &str,
        _: &str,
        _: &Context,
    ) -> Result<(Self, Credentials<Self::Credential>), Mistake> {
        let (object, options) = (account.object(path)?, own.options(&sizes, described, path)?);
        let protocol = CosXml::new(object, options).map_err(|error| match error {
            InvalidOptions::TrafficLimit { .. } => Mistake::wrong("traffic_limit", error),
            InvalidOptions::NoBackup => Mistake::wrong("backup_domain", error),
            other => Mistake::wrong("part_size", other),
        })?;
        Ok((protocol, command.or(keys)?))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        match fault {
            Fault::Taken => Some(OVERWRITE),
            Fault::TooLarge { .. } => Some("Set a smaller part_size or one_request_max in the profile."),
            Fault::BadPartSize { .. } => Some("Change part_size in the profile."),
            Fault::Unreadable { .. } | Fault::Bare { status: 500.., .. } => {
                Some("If this persists, check endpoint and proxy in the profile.")
            }
            _ => match fault.error().and_then(|error| error.code.as_deref()) {
                Some("NoSuchBucket") => Some("Check bucket, which ends with its appid, and region in the profile."),
                _ if fault.class() == Some(Class::FileAlreadyExists) => Some(OVERWRITE),
                _ => None,
            },
        }
    }
}

/// Helps where another file is there.
const OVERWRITE: &str = "To overwrite it, remove forbid_overwrite from the profile.";

impl Account {
    /// A key begins without a slash. A path that begins with one means the bucket's root.
    fn object(&self, path: &str) -> Result<Object, Mistake> {
        let key = ObjectKey::new(path.strip_prefix('/').unwrap_or(path)).map_err(|error| Mistake::path(path, error))?;
        let bucket = Bucket::new(&self.bucket).map_err(|error| Mistake::wrong("bucket", error))?;
        let region = self.region.as_deref().map(Region::new).transpose();
        let region = region.map_err(|error| Mistake::wrong("region", error))?;
        let wrong = |error| match error {
            InvalidObject::Address => Mistake::wrong("addressing", error),
            InvalidObject::OtherRegion => Mistake::wrong("region", error),
            _ => Mistake::wrong("endpoint", error),
        };
        let origin = match (&self.endpoint, &region) {
            (Some(endpoint), _) => Origin::new(endpoint).map_err(|error| Mistake::wrong("endpoint", error))?,
            (None, Some(region)) => region.origin(),
            (None, None) => return Err(Mistake::Missing("region")),
        };
        let object = Object::new(origin, bucket, key, self.addressing).map_err(wrong)?;
        match region {
            Some(region) => object.with_region(region).map_err(wrong),
            None => Ok(object),
        }
    }
}

impl Keys for ApiKeys {
    type Credential = Credential;

    fn given(&self) -> Option<&'static str> {
        let Self { secret_id, secret_key, security_token } = self;
        let keys = [("secret_id", secret_id), ("secret_key", secret_key), ("security_token", security_token)];
        keys.into_iter().find_map(|(key, secret)| secret.as_ref().map(|_| key))
    }

    fn credential(self) -> Result<Credential, Mistake> {
        let id = self.secret_id.ok_or(Mistake::Missing("secret_id"))?;
        let key = self.secret_key.ok_or(Mistake::Missing("secret_key"))?;
        let keys = match self.security_token {
            Some(token) => Credential::temporary(id.expose(), key.0, token.0),
            None => Credential::new(id.expose(), key.0),
        };
        keys.map_err(|error| {
            let key = match error {
                InvalidCredential::SecretId => "secret_id",
                InvalidCredential::SecurityToken => "security_token",
                _ => "secret_key",
            };
            Mistake::wrong(key, error)
        })
    }
}

impl OwnOptions {
    fn options(self, sizes: &Sizes, described: Described, path: &str) -> Result<Options, Mistake> {
        let mut options = Options::default();
        sizes.apply(&mut options.limits, &mut options.part_size, &mut options.one_request_max)?;
        set(&mut options.forbid_overwrite, self.forbid_overwrite);
        set(&mut options.backup_domain, self.backup_domain);
        options.traffic_limit = self.traffic_limit.map(u64::from);
        (options.content_type, options.headers) = described.read(path)?;
        Ok(options)
    }
}
