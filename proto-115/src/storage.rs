//! The storage behind 115: temporary keys, and where an object is.

use alloc::string::{String, ToString};
use core::time::Duration;

use resumable_core::Env;
use resumable_proto_oss as oss;

use crate::fault::Fault;
use crate::get_token::StorageToken;
use crate::options::Options;
use crate::site::Site;
use crate::task::Task;

/// How long before their end keys are replaced, so that no part is begun with keys that die under it.
const AHEAD: Duration = Duration::from_secs(300);

/// Temporary keys, and the host that takes them. Never saved. `Debug` does not show the keys.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    credential: oss::Credential,
    endpoint: oss::Endpoint,
    /// When they are replaced, on the `mono` clock; `None`: when they are refused.
    until: Option<Duration>,
}

impl Keys {
    /// Keys that the vendor gave just now. Their lifetime is the vendor's two times apart, put on a clock that never
    /// jumps.
    pub(crate) fn new(site: &Site, token: StorageToken, env: &Env<'_>) -> Result<Self, Fault> {
        let lifetime = token.lifetime(env.now.unix).filter(|lifetime| !lifetime.is_zero());
        let until =
            lifetime.map(|lifetime| env.now.mono.saturating_add(lifetime.saturating_sub(AHEAD.min(lifetime / 2))));
        let endpoint = endpoint(site, &token.endpoint)?;
        let StorageToken { access_key_id, access_key_secret, security_token, .. } = token;
        let credential = oss::Credential::temporary(access_key_id, access_key_secret, security_token);
        let credential = credential.map_err(|why| Fault::Storage { what: "keys", why: why.to_string() })?;
        Ok(Self { credential, endpoint, until })
    }

    /// True when they are to be replaced before anything is signed with them.
    pub(crate) fn are_old(&self, mono: Duration) -> bool {
        self.until.is_some_and(|until| until <= mono)
    }

    pub(crate) fn credential(&self) -> &oss::Credential {
        &self.credential
    }

    /// Which signature to send.
    pub(crate) fn version(&self, options: &Options) -> oss::Version {
        let v4 = self.endpoint.region().is_some();
        options.signature.unwrap_or(if v4 { oss::Version::V4 } else { oss::Version::V1 })
    }

    /// Where the task's object is.
    pub(crate) fn object(&self, task: &Task) -> Result<oss::Object, Fault> {
        let unusable = |what, why: String| Fault::Storage { what, why };
        let key = oss::ObjectKey::new(task.object.as_str()).map_err(|why| unusable("object", why.to_string()))?;
        let object = oss::Object::new(self.endpoint.clone(), &task.bucket, key, oss::Addressing::Auto);
        object.map_err(|why| unusable("bucket", why.to_string()))
    }
}

/// What OSS is to call about the task's object.
pub(crate) fn callback(task: &Task) -> Result<oss::Callback, Fault> {
    let callback = oss::Callback::new(task.callback.as_str(), Some(task.callback_var.clone()));
    callback.map_err(|why| Fault::Storage { what: "callback", why: why.to_string() })
}

/// The vendor says its storage's host with any scheme or none: it is https, unless 115 itself is reached by http. A
/// host of the vendor's own network is of no use here.
fn endpoint(site: &Site, text: &str) -> Result<oss::Endpoint, Fault> {
    let text = text.replacen("-internal.", ".", 1);
    let endpoint =
        oss::Endpoint::new(&text).map_err(|why| Fault::Storage { what: "endpoint", why: why.to_string() })?;
    Ok(if site.is_plain() { endpoint } else { endpoint.over_https() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_storage_is_reached_by_https_unless_115_is_not() {
        let (vendor, plain) = (Site::default(), Site::at("http://127.0.0.1:8115").unwrap());
        for (said, url) in [
            ("http://oss-cn-shenzhen.aliyuncs.com", "https://oss-cn-shenzhen.aliyuncs.com"),
            ("oss-cn-shenzhen.aliyuncs.com", "https://oss-cn-shenzhen.aliyuncs.com"),
            ("https://oss-cn-shenzhen-internal.aliyuncs.com/", "https://oss-cn-shenzhen.aliyuncs.com"),
        ] {
            assert_eq!(endpoint(&vendor, said).unwrap().url(), url);
        }
        assert_eq!(endpoint(&vendor, "http://127.0.0.1:9000").unwrap().url(), "https://127.0.0.1:9000");
        assert_eq!(endpoint(&plain, "http://127.0.0.1:9000").unwrap().url(), "http://127.0.0.1:9000");
        assert_eq!(endpoint(&plain, "127.0.0.1:9000").unwrap().url(), "https://127.0.0.1:9000");
        assert!(endpoint(&vendor, "http://a b").is_err());
    }
}
