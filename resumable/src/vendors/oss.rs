//! Profiles of Aliyun OSS.

use resumable_proto_oss::codes::Class;
use resumable_proto_oss::{
    Addressing, Callback, Credential, Endpoint, Fault, InvalidCredential, InvalidObject, InvalidOptions, Object,
    ObjectKey, Options, Oss, Version,
};
use serde::Deserialize;

use super::keys::{Command, Keys};
use super::multipart::{Described, Sizes, is_same_object};
use super::{Context, Vendor};
use crate::Credentials;
use crate::profile::{Mistake, Secret, set};

/// Where objects are.
#[derive(Debug, Deserialize)]
pub(crate) struct Account {
    endpoint: String,
    bucket: String,
    region: Option<String>,
    #[serde(default, with = "AddressingName")]
    addressing: Addressing,
}

/// What signs.
#[derive(Debug, Deserialize)]
pub(crate) struct AccessKeys {
    access_key_id: Option<Secret>,
    access_key_secret: Option<Secret>,
    security_token: Option<Secret>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct OwnOptions {
    sequential: Option<bool>,
    forbid_overwrite: Option<bool>,
    #[serde(default, with = "SignatureName")]
    signature: Version,
    callback: Option<String>,
    callback_var: Option<String>,
}

#[derive(Deserialize)]
#[serde(remote = "Addressing", rename_all = "kebab-case")]
enum AddressingName {
    Auto,
    VirtualHost,
    Path,
    OwnDomain,
}

#[derive(Deserialize)]
#[serde(remote = "Version", rename_all = "lowercase")]
pub(super) enum SignatureName {
    V4,
    V1,
}

impl Vendor for Oss {
    const NAME: &'static str = "oss";
    const SECRETS: &'static [&'static str] = &["access_key_id", "access_key_secret", "security_token"];
    const PAGE: &'static str = include_str!("oss.toml");
    type Options = (Account, AccessKeys, Command, Sizes, Described, OwnOptions);

    fn from_profile(
        (account, keys, command, sizes, described, own): Self::Options,
        path: &str,
        _: &str,
        _: &Context,
    ) -> Result<(Self, Credentials<Self::Credential>), Mistake> {
        let (object, options) = (account.object(path)?, own.options(&sizes, described, path)?);
        let oss = Oss::new(object, options).map_err(|error| match error {
            InvalidOptions::Region => Mistake::Wrong {
                key: "endpoint",
                why: "cannot tell the region from the endpoint".to_owned(),
                next: Some(
                    "Add region to the profile, like region = \"cn-hangzhou\", or signature = \"v1\".".to_owned(),
                ),
            },
            other => Mistake::Other(other.to_string()),
        })?;
        Ok((oss, command.or(keys)?))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        let error = fault.error();
        if error.is_some_and(|error| error.endpoint.is_some()) {
            return Some("Set endpoint in the profile to that address, and region too if the profile has one.");
        }
        match error.and_then(|error| error.code.as_deref()) {
            Some("SecondLevelDomainForbidden") => {
                Some("Set addressing = \"virtual-host\" in the profile, with an endpoint that is a name.")
            }
            Some("CnameDenied") => Some("Set endpoint in the profile to the vendor's own, and remove addressing."),
            _ => hint(fault),
        }
    }

    fn is_same_object(&self, target: &str) -> bool {
        is_same_object(self.object().url(), self.object().bucket(), target)
    }
}

/// What helps wherever files go to OSS, be it by another vendor's profile.
pub(super) fn hint(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::Taken => Some("To overwrite it, remove forbid_overwrite from the profile."),
        Fault::TooLarge { .. } => Some("Set a smaller part_size or one_request_max in the profile."),
        Fault::BadPartSize { .. } => Some("Change part_size in the profile."),
        Fault::Unreadable { .. } => Some("If this persists, check endpoint and proxy in the profile."),
        _ if fault.class() == Some(Class::FileAlreadyExists) => {
            Some("To overwrite it, remove forbid_overwrite from the profile.")
        }
        _ => None,
    }
}

impl Account {
    /// A key begins without a slash. A path that begins with one means the bucket's root.
    fn object(&self, path: &str) -> Result<Object, Mistake> {
        let key = ObjectKey::new(path.strip_prefix('/').unwrap_or(path)).map_err(|error| Mistake::path(path, error))?;
        let mut endpoint = Endpoint::new(&self.endpoint).map_err(|error| Mistake::wrong("endpoint", error))?;
        if let Some(region) = &self.region {
            endpoint = endpoint.with_region(region).map_err(|error| Mistake::wrong("region", error))?;
        }
        Object::new(endpoint, &self.bucket, key, self.addressing).map_err(|error| match error {
            InvalidObject::Bucket => Mistake::wrong("bucket", error),
            InvalidObject::Address => Mistake::wrong("addressing", error),
            _ => Mistake::wrong("endpoint", error),
        })
    }
}

impl Keys for AccessKeys {
    type Credential = Credential;

    fn given(&self) -> Option<&'static str> {
        let Self { access_key_id, access_key_secret, security_token } = self;
        let keys = [
            ("access_key_id", access_key_id),
            ("access_key_secret", access_key_secret),
            ("security_token", security_token),
        ];
        keys.into_iter().find_map(|(key, secret)| secret.as_ref().map(|_| key))
    }

    fn credential(self) -> Result<Credential, Mistake> {
        let id = self.access_key_id.ok_or(Mistake::Missing("access_key_id"))?;
        let secret = self.access_key_secret.ok_or(Mistake::Missing("access_key_secret"))?;
        // OSS's own have none; with one, V1 could not tell where the signature begins.
        if id.expose().contains(':') {
            return Err(Mistake::wrong("access_key_id", InvalidCredential::AccessKeyId));
        }
        let keys = match self.security_token {
            Some(token) => Credential::temporary(id.expose(), secret.0, token.0),
            None => Credential::new(id.expose(), secret.0),
        };
        keys.map_err(|error| {
            let key = match error {
                InvalidCredential::AccessKeyId => "access_key_id",
                InvalidCredential::SecurityToken => "security_token",
                _ => "access_key_secret",
            };
            Mistake::wrong(key, error)
        })
    }
}

impl OwnOptions {
    fn options(self, sizes: &Sizes, described: Described, path: &str) -> Result<Options, Mistake> {
        let mut options = Options::default();
        sizes.apply(&mut options.limits, &mut options.part_size, &mut options.one_request_max)?;
        set(&mut options.sequential, self.sequential);
        set(&mut options.forbid_overwrite, self.forbid_overwrite);
        options.signature = self.signature;
        options.callback = callback(self.callback, self.callback_var)?;
        (options.content_type, options.headers) = described.read(path)?;
        Ok(options)
    }
}

fn callback(callback: Option<String>, variables: Option<String>) -> Result<Option<Callback>, Mistake> {
    match (callback, variables) {
        (Some(callback), variables) => {
            Callback::new(callback, variables).map(Some).map_err(|error| Mistake::wrong("callback", error))
        }
        (None, Some(_)) => Err(Mistake::wrong("callback_var", "callback_var needs callback")),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oss(endpoint: &str, bucket: &str, key: &str) -> Oss {
        let endpoint = Endpoint::new(endpoint).unwrap().with_region("cn-hangzhou").unwrap();
        let object = Object::new(endpoint, bucket, ObjectKey::new(key).unwrap(), Addressing::Auto).unwrap();
        Oss::new(object, Options::default()).unwrap()
    }

    #[test]
    fn an_id_has_no_colon() {
        let keys = |id: &str| {
            let text = format!("access_key_id = '{id}'\naccess_key_secret = 's'");
            toml::from_str::<AccessKeys>(&text).unwrap().credential()
        };
        assert!(keys("LTAI5t").is_ok() && matches!(keys("a:b"), Err(Mistake::Wrong { key: "access_key_id", .. })));
    }

    #[test]
    fn field_bug_70_an_object_is_known_by_another_endpoint() {
        const INTERNAL: &str = "https://oss-cn-hangzhou-internal.aliyuncs.com";
        let public = oss("https://oss-cn-hangzhou.aliyuncs.com", "bucket", "dir/a b");
        let target = |endpoint, bucket, key| resumable_core::Protocol::target(&oss(endpoint, bucket, key));
        for same in [
            target(INTERNAL, "bucket", "dir/a b"),
            target("http://oss-cn-hangzhou.aliyuncs.com", "bucket", "dir/a b"),
            target("http://127.0.0.1:9000", "bucket", "dir/a b"),
        ] {
            assert!(public.is_same_object(&same), "{same}");
        }
        for other in [
            target("https://oss-cn-hangzhou.aliyuncs.com", "bucket", "dir/a b"),
            target(INTERNAL, "bucket", "dir/a"),
            target(INTERNAL, "bucket2", "dir/a b"),
            target("http://127.0.0.1:9000", "bucket2", "dir/a b"),
            "nonsense".to_owned(),
        ] {
            assert!(!public.is_same_object(&other), "{other}");
        }
    }
}
