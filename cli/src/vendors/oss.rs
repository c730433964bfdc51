//! Profiles of Aliyun OSS.

use http::HeaderValue;
use resumable_proto_oss::codes::Class;
use resumable_proto_oss::{
    Addressing, Callback, Called, Credential, Endpoint, Fault, InvalidCredential, InvalidEndpoint, InvalidObject,
    Limits, Object, ObjectKey, Options, Oss, Uploaded, Version,
};
use secrecy::ExposeSecret as _;

use super::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Around, Made, SECURITY_TOKEN, Vendor, written};
use crate::exit::Problem;
use crate::printable;
use crate::profile::{Profile, Secret};
use crate::units::show_size;

pub(super) const SIGNATURE: &[(&str, Version)] = &[("v4", Version::V4), ("v1", Version::V1)];

const ADDRESSING: &[(&str, Addressing)] = &[
    ("auto", Addressing::Auto),
    ("virtual-host", Addressing::VirtualHost),
    ("path", Addressing::Path),
    ("own-domain", Addressing::OwnDomain),
];

impl Vendor for Oss {
    const NAME: &'static str = "oss";
    const SECRETS: &'static [Secret] = &[ACCESS_KEY_ID, ACCESS_KEY_SECRET, SECURITY_TOKEN];

    fn of_profile(profile: &mut Profile, path: &str, _: &Around<'_>) -> Result<Made<Self>, Problem> {
        let (object, credential) = (object(profile, path)?, credential(profile)?);
        let options = options(profile)?;
        let oss = Oss::new(object, options).map_err(|error| match error {
            Fault::NoRegion => profile
                .wrong("endpoint", "the endpoint's name does not tell its region")
                .next("Write region = \"cn-hangzhou\" or whichever it is into the profile, or signature = \"v1\"."),
            other => Problem::usage(other),
        })?;
        Ok((oss, written(credential)))
    }

    fn hint(fault: &Fault) -> Option<&'static str> {
        let error = fault.error();
        if error.is_some_and(|error| error.endpoint.is_some()) {
            return Some(
                "Write that endpoint into the profile as endpoint, and its region where the profile says one.",
            );
        }
        match error.and_then(|error| error.code.as_deref()) {
            Some("SecondLevelDomainForbidden") => {
                Some("Write addressing = \"virtual-host\" into the profile, with an endpoint that is a name.")
            }
            Some("CnameDenied") => Some("Write the vendor's own endpoint into the profile, without addressing."),
            _ => hint(fault),
        }
    }

    fn is_same_object(&self, target: &str) -> bool {
        let (own, bucket) = (self.object().url(), self.object().bucket());
        own != target && key_in(own, bucket).is_some_and(|key| key_in(target, bucket) == Some(key))
    }

    fn strays(outcome: &Uploaded) -> u32 {
        outcome.strays
    }

    fn more(outcome: &Uploaded) -> Vec<(&'static str, String)> {
        let etag = outcome.etag.as_ref().map(|etag| ("etag", etag.to_string()));
        let called = match &outcome.called {
            Called::No => None,
            Called::Replied(reply) => Some(String::from_utf8_lossy(reply).into_owned()),
            _ => Some("its answer was lost".to_owned()),
        };
        etag.into_iter().chain(called.map(|called| ("callback", called))).collect()
    }
}

/// The key of an object in this bucket, as its url has it: the bucket stands before the host or before the key.
fn key_in<'a>(url: &'a str, bucket: &str) -> Option<&'a str> {
    let (_, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let named = host.strip_prefix(bucket).is_some_and(|rest| rest.starts_with('.'));
    if named { Some(path) } else { path.strip_prefix(bucket)?.strip_prefix('/') }
}

/// What helps wherever files go to OSS, be it by another vendor's profile.
pub(super) fn hint(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::Taken => Some("To have it overwritten, take forbid_overwrite out of the profile."),
        Fault::TooLarge { .. } => Some("Write a smaller part_size or one_request_max into the profile."),
        Fault::BadPartSize { .. } => Some("Change part_size in the profile."),
        Fault::Unreadable { .. } => Some("If this goes on, check the profile's endpoint, and proxies on the way."),
        _ if fault.class() == Some(Class::FileAlreadyExists) => {
            Some("To have it overwritten, take forbid_overwrite out of the profile.")
        }
        _ => None,
    }
}

/// A key begins without a slash; who writes one means the bucket's root.
fn object(profile: &mut Profile, path: &str) -> Result<Object, Problem> {
    let (endpoint, bucket) = (profile.needed("endpoint")?, profile.needed("bucket")?);
    let region = profile.text("region")?;
    let addressing = profile.one_of("addressing", ADDRESSING)?.unwrap_or_default();
    let key = ObjectKey::new(path.strip_prefix('/').unwrap_or(path))
        .map_err(|error| Problem::usage(format!("{}: {error}", printable::text(path))))?;
    let endpoint = Endpoint::new(&endpoint).map_err(|error| profile.wrong("endpoint", &error.to_string()))?;
    let endpoint = match region {
        None => Ok(endpoint),
        Some(region) => {
            endpoint.with_region(&region).map_err(|error: InvalidEndpoint| profile.wrong("region", &error.to_string()))
        }
    }?;
    Object::new(endpoint, &bucket, key, addressing).map_err(|error| match error {
        InvalidObject::Bucket => profile.wrong("bucket", &error.to_string()),
        InvalidObject::Address => profile.wrong("addressing", &error.to_string()),
        _ => profile.wrong("endpoint", &error.to_string()),
    })
}

fn credential(profile: &mut Profile) -> Result<Credential, Problem> {
    let (id, secret) = (profile.secret(ACCESS_KEY_ID)?, profile.secret(ACCESS_KEY_SECRET)?);
    let token = profile.secret_if_any(SECURITY_TOKEN)?;
    Credential::new(id.expose_secret(), secret, token).map_err(|error| {
        let key = match error {
            InvalidCredential::AccessKeyId => ACCESS_KEY_ID.key,
            InvalidCredential::SecurityToken => SECURITY_TOKEN.key,
            _ => ACCESS_KEY_SECRET.key,
        };
        profile.wrong(key, &error.to_string())
    })
}

fn options(profile: &mut Profile) -> Result<Options, Problem> {
    let mut options = Options::default();
    options.settings.limits = limits(profile)?;
    let (part_size, one_request_max) = sizes(profile, &options.settings.limits)?;
    options.settings.part_size = part_size.unwrap_or(options.settings.part_size);
    options.settings.one_request_max = one_request_max.unwrap_or(options.settings.one_request_max);
    options.settings.sequential = profile.flag("sequential")?.unwrap_or_default();
    options.settings.forbid_overwrite = profile.flag("forbid_overwrite")?.unwrap_or_default();
    options.signature = profile.one_of("signature", SIGNATURE)?.unwrap_or_default();
    options.callback = callback(profile)?;
    if let Some(content_type) = profile.text("content_type")? {
        let value = HeaderValue::try_from(content_type);
        options.content_type =
            Some(value.map_err(|_| profile.wrong("content_type", "content_type cannot be a header"))?);
    }
    Ok(options)
}

fn callback(profile: &mut Profile) -> Result<Option<Callback>, Problem> {
    let (callback, variables) = (profile.text("callback")?, profile.text("callback_var")?);
    match (callback, variables) {
        (Some(callback), variables) => {
            let made = Callback::new(callback, variables);
            made.map(Some).map_err(|error| profile.wrong("callback", &error.to_string()))
        }
        (None, Some(_)) => Err(profile.wrong("callback_var", "callback_var means nothing without callback")),
        (None, None) => Ok(None),
    }
}

/// The sizes of parts and of what goes in one request, where the profile says them.
pub(super) fn sizes(profile: &mut Profile, limits: &Limits) -> Result<(Option<u64>, Option<u64>), Problem> {
    let part_size = profile.size("part_size")?;
    if part_size.is_some_and(|size| !(limits.part_min..=limits.part_max).contains(&size)) {
        let (least, most) = (show_size(limits.part_min), show_size(limits.part_max));
        return Err(profile.wrong("part_size", &format!("part_size must be from {least} to {most}")));
    }
    let one_request_max = profile.size("one_request_max")?;
    if one_request_max.is_some_and(|size| size > limits.put_max) {
        let most = show_size(limits.put_max);
        return Err(profile.wrong("one_request_max", &format!("one_request_max may be {most} at most")));
    }
    Ok((part_size, one_request_max))
}

/// Servers that speak OSS may have other limits than the vendor's.
pub(super) fn limits(profile: &mut Profile) -> Result<Limits, Problem> {
    let mut limits = Limits::default();
    if let Some(least) = profile.size("part_min")? {
        limits.part_min = least;
    }
    if limits.part_min == 0 || limits.part_min > limits.part_max {
        let most = show_size(limits.part_max);
        return Err(profile.wrong("part_min", &format!("part_min must be from 1 byte to {most}")));
    }
    Ok(limits)
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
