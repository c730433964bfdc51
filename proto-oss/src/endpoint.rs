//! A server of the vendor's: scheme, host, region.
use resumable_proto_multipart::{InvalidOrigin, Origin};

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

/// Where a region of OSS is reached, like `https://oss-cn-shenzhen.aliyuncs.com`: without the bucket.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    origin: Origin,
    region: Option<String>,
}

impl Endpoint {
    /// Checks an endpoint. Without a scheme it is https; a slash at its end and blanks around it make no difference. The
    /// region that V4 signatures name is taken from a host `oss-<region>[-internal].…`
    /// ([`with_region`](Self::with_region) says another).
    ///
    /// # Errors
    /// When it is no http or https URL with nothing but a host; the error says what to write instead.
    pub fn new(endpoint: &str) -> Result<Self, InvalidEndpoint> {
        let origin = Origin::new(endpoint).map_err(|why| match why {
            InvalidOrigin::Path => InvalidEndpoint::Path,
            InvalidOrigin::Credentials => InvalidEndpoint::Credentials,
            _ => InvalidEndpoint::Url,
        })?;
        let region = region_of(origin.host());
        Ok(Self { origin, region })
    }

    /// The same with this region: for endpoints whose name does not tell it. `oss-cn-hangzhou`, as the vendor's console
    /// writes it, means `cn-hangzhou`, and so does `oss-cn-hangzhou-internal`.
    ///
    /// # Errors
    /// When it is no region's name: lower-case letters, digits and `-`.
    pub fn with_region(self, region: &str) -> Result<Self, InvalidEndpoint> {
        let bare = region.trim();
        let bare = bare.strip_prefix("oss-").map_or(bare, without_internal);
        if !is_region(bare) {
            return Err(InvalidEndpoint::Region);
        }
        Ok(Self { region: Some(bare.to_owned()), ..self })
    }

    /// The same without the bucket in front of it, as in `bucket.oss-cn-hangzhou.aliyuncs.com`, which the vendor's
    /// console shows. Only in front of a name `oss-<region>` is a label a bucket: other names may begin with anything.
    ///
    /// # Errors
    /// When it is another bucket.
    pub(crate) fn without_bucket(self, bucket: &str) -> Result<Self, InvalidEndpoint> {
        let Some((first, rest)) = self.origin.authority().split_once('.') else { return Ok(self) };
        // `s3` in front of it is another protocol of the same place.
        if !rest.starts_with("oss-") || first == "s3" || first.starts_with("oss-") {
            return Ok(self);
        }
        if first != bucket {
            return Err(InvalidEndpoint::OtherBucket);
        }
        Ok(Self { origin: self.origin.at(rest), ..self })
    }

    /// The same over https, whatever it said.
    #[must_use]
    pub fn over_https(self) -> Self {
        Self { origin: self.origin.over_https(), ..self }
    }

    /// True when requests are encrypted.
    pub fn is_https(&self) -> bool {
        self.origin.is_https()
    }

    /// The scheme, host and port.
    pub fn url(&self) -> String {
        self.origin.url()
    }

    /// The region that V4 signatures name, like `cn-shenzhen`; `None` where the host does not tell and nobody said it.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// True for an address in place of a name: buckets then stand in the path.
    pub fn is_address(&self) -> bool {
        self.origin.is_address()
    }

    pub(crate) fn scheme(&self) -> &'static str {
        self.origin.scheme()
    }

    pub(crate) fn authority(&self) -> &str {
        self.origin.authority()
    }
}

/// The region that a host's name tells.
pub(crate) fn region_of(host: &str) -> Option<String> {
    let region = without_internal(host.split('.').find_map(|label| label.strip_prefix("oss-"))?);
    // Accelerated endpoints serve all regions.
    let global = region.starts_with("accelerate");
    Some(region.to_owned()).filter(|region| !global && is_region(region))
}

fn without_internal(name: &str) -> &str {
    name.strip_suffix("-internal").unwrap_or(name)
}

fn is_region(region: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&region.len()) && region.bytes().all(plain)
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({}, {:?})", self.url(), self.region)
    }
}

/// Why a text cannot be an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEndpoint {
    /// It is no http or https URL with nothing but a host.
    #[error(
        "the endpoint must be a host, with http:// or https:// before it, like https://oss-cn-shenzhen.aliyuncs.com"
    )]
    Url,
    /// It has a path.
    #[error("the endpoint must end after the host: bucket and key are given separately")]
    Path,
    /// It holds a user name or password.
    #[error("the endpoint must not contain a user name or password: OSS is asked with an AccessKeyId and its secret")]
    Credentials,
    /// Another bucket stands in front of it.
    #[error(
        "the endpoint begins with the name of another bucket: write it without any, like https://oss-cn-shenzhen.aliyuncs.com"
    )]
    OtherBucket,
    /// The region is none.
    #[error("the region must be its bare name, like cn-shenzhen")]
    Region,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_may_be_left_out_and_is_then_https() {
        for (text, url, address) in [
            ("oss-cn-shenzhen.aliyuncs.com", "https://oss-cn-shenzhen.aliyuncs.com", false),
            ("http://OSS-cn-shenzhen.aliyuncs.com/", "http://oss-cn-shenzhen.aliyuncs.com", false),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", true),
            ("http://[::1]:8080//", "http://[::1]:8080", true),
            ("http://localhost:1", "http://localhost:1", true),
            ("https://1.2.3.4.example.com", "https://1.2.3.4.example.com", false),
        ] {
            let endpoint = Endpoint::new(text).unwrap();
            assert_eq!((endpoint.url().as_str(), endpoint.is_address()), (url, address), "{text}");
            assert!(endpoint.over_https().url().starts_with("https://"));
        }
    }

    #[test]
    fn the_region_is_read_off_the_host() {
        for (text, region) in [
            ("oss-cn-shenzhen.aliyuncs.com", Some("cn-shenzhen")),
            ("http://oss-cn-hangzhou-internal.aliyuncs.com", Some("cn-hangzhou")),
            ("s3.oss-ap-southeast-1.aliyuncs.com:443", Some("ap-southeast-1")),
            ("oss-accelerate.aliyuncs.com", None),
            ("oss-accelerate-overseas.aliyuncs.com", None),
            ("127.0.0.1:80", None),
            ("files.example.com", None),
        ] {
            assert_eq!(Endpoint::new(text).unwrap().region(), region, "{text}");
        }
        let said = Endpoint::new("127.0.0.1").unwrap().with_region("cn-shenzhen").unwrap();
        assert_eq!(said.region(), Some("cn-shenzhen"));
        for bad in ["", "CN", "a/b", "a b", "oss-", "oss-cn-hangzhou.aliyuncs.com"] {
            assert_eq!(said.clone().with_region(bad), Err(InvalidEndpoint::Region), "{bad}");
        }
        for (text, region) in [
            ("oss-cn-hangzhou", "cn-hangzhou"),
            ("oss-cn-hangzhou-internal", "cn-hangzhou"),
            (" cn-hangzhou ", "cn-hangzhou"),
            ("my-own-internal", "my-own-internal"),
        ] {
            assert_eq!(said.clone().with_region(text).unwrap().region(), Some(region), "{text}");
        }
    }

    #[test]
    fn bad_endpoints_are_refused() {
        for bad in ["", "ftp://h", "http://", "http:///x", "h?x", "h#x", "h h", "h:99999", "a%2eb"] {
            assert_eq!(Endpoint::new(bad), Err(InvalidEndpoint::Url), "{bad}");
        }
        assert_eq!(Endpoint::new("http://user:secret@h"), Err(InvalidEndpoint::Credentials));
        assert_eq!(Endpoint::new("https://h/bucket"), Err(InvalidEndpoint::Path));
    }
}
