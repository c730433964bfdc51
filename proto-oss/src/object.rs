//! Where an object is, or is to be.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use http::Uri;
use resumable_proto_multipart::encoding;

use crate::endpoint::Endpoint;
use crate::object_key::ObjectKey;

/// How a URL names the bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Addressing {
    /// In the path where the endpoint is an address or `localhost`, else in the host.
    #[default]
    Auto,
    /// In the host: `https://<bucket>.<endpoint>/<key>`, the only form that the vendor's own endpoints take.
    VirtualHost,
    /// In the path: `http://<endpoint>/<bucket>/<key>`.
    Path,
    /// Not at all: the endpoint is a domain of one's own that is bound to the bucket.
    OwnDomain,
}

/// An endpoint, a bucket and a key: what every call to one object has in common.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    endpoint: Endpoint,
    bucket: String,
    key: ObjectKey,
    addressing: Addressing,
    url: String,
}

impl Object {
    /// Checks the parts of a place. A bucket's name has 3 to 63 lower-case letters, digits and `-`, none of those at
    /// either end. Where the endpoint has the bucket in front of it already (`bucket.oss-cn-hangzhou.aliyuncs.com`), it
    /// is taken off.
    ///
    /// # Errors
    /// When the bucket is no bucket's name, the endpoint names another one, or the parts make no URL.
    pub fn new(
        endpoint: Endpoint,
        bucket: &str,
        key: ObjectKey,
        addressing: Addressing,
    ) -> Result<Self, InvalidObject> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let ends = bucket.starts_with('-') || bucket.ends_with('-');
        if !(3..=63).contains(&bucket.len()) || ends || !bucket.bytes().all(plain) {
            return Err(InvalidObject::Bucket);
        }
        let endpoint = match addressing {
            // A domain that is bound to the bucket may be the vendor's own, with the bucket in it.
            Addressing::OwnDomain => endpoint,
            _ => endpoint.without_bucket(bucket).map_err(|_| InvalidObject::OtherBucket)?,
        };
        let (scheme, authority, path) = (endpoint.scheme(), endpoint.authority(), key.encoded());
        let url = match addressing {
            Addressing::Auto if endpoint.is_address() => format!("{scheme}://{authority}/{bucket}/{path}"),
            Addressing::Path => format!("{scheme}://{authority}/{bucket}/{path}"),
            Addressing::VirtualHost if endpoint.is_address() => return Err(InvalidObject::Address),
            Addressing::Auto | Addressing::VirtualHost => format!("{scheme}://{bucket}.{authority}/{path}"),
            Addressing::OwnDomain => format!("{scheme}://{authority}/{path}"),
        };
        if url.parse::<Uri>().is_err() {
            return Err(InvalidObject::Url);
        }
        Ok(Self { endpoint, bucket: bucket.to_owned(), key, addressing, url })
    }

    /// Another object in the same bucket.
    ///
    /// # Errors
    /// When the parts make no URL.
    pub fn with_key(&self, key: ObjectKey) -> Result<Self, InvalidObject> {
        Self::new(self.endpoint.clone(), &self.bucket, key, self.addressing)
    }

    /// The server.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The object's key.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Where the object is fetched, and every call about it goes to; without a query.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL with these parameters; one without a value stands there as its bare name.
    pub(crate) fn uri(&self, query: &[(&str, String)]) -> Uri {
        let pairs: Vec<String> = query.iter().map(|(name, value)| pair(name, value)).collect();
        let url = if pairs.is_empty() { self.url.clone() } else { format!("{}?{}", self.url, pairs.join("&")) };
        url.parse().expect("a checked URL and a percent-encoded query make a URL")
    }
}

fn pair(name: &str, value: &str) -> String {
    let name = encoding::value(name);
    if value.is_empty() { name.to_string() } else { format!("{name}={}", encoding::value(value)) }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({})", self.url)
    }
}

/// Why the parts of a place make no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidObject {
    /// The bucket is no bucket name.
    #[error(
        "the bucket must be its bare name: 3 to 63 lower-case letters, digits and '-', not beginning or ending with '-'"
    )]
    Bucket,
    /// A bucket cannot stand before an address.
    #[error("the endpoint is an IP address, so the host cannot contain the bucket: use path addressing")]
    Address,
    /// The endpoint has another bucket in front of it.
    #[error("{}", crate::endpoint::InvalidEndpoint::OtherBucket)]
    OtherBucket,
    /// The parts make no URL.
    #[error("endpoint, bucket and key do not make a URL")]
    Url,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(endpoint: &str, bucket: &str, addressing: Addressing) -> Result<Object, InvalidObject> {
        Object::new(Endpoint::new(endpoint).unwrap(), bucket, ObjectKey::new("d x/f").unwrap(), addressing)
    }

    #[test]
    fn the_bucket_stands_in_the_host_or_in_the_path() {
        for (endpoint, addressing, url) in [
            ("oss-cn-x.aliyuncs.com", Addressing::Auto, "https://emubucket.oss-cn-x.aliyuncs.com/d%20x/f"),
            ("http://127.0.0.1:80", Addressing::Auto, "http://127.0.0.1:80/emubucket/d%20x/f"),
            ("http://[::1]", Addressing::Path, "http://[::1]/emubucket/d%20x/f"),
            ("oss.example.com", Addressing::Path, "https://oss.example.com/emubucket/d%20x/f"),
            ("files.example.com", Addressing::OwnDomain, "https://files.example.com/d%20x/f"),
        ] {
            assert_eq!(object(endpoint, "emubucket", addressing).unwrap().url(), url);
        }
        assert_eq!(object("http://[::1]", "emubucket", Addressing::VirtualHost), Err(InvalidObject::Address));
    }

    #[test]
    fn field_bug_62_an_endpoint_that_names_the_bucket_already_is_taken_apart() {
        let place = "emubucket.oss-cn-hangzhou.aliyuncs.com";
        let url = "https://emubucket.oss-cn-hangzhou.aliyuncs.com/d%20x/f";
        for addressing in [Addressing::Auto, Addressing::VirtualHost, Addressing::OwnDomain] {
            for endpoint in [place, "https://emubucket.oss-cn-hangzhou.aliyuncs.com/"] {
                let object = object(endpoint, "emubucket", addressing).unwrap();
                assert_eq!((object.url(), object.endpoint().region()), (url, Some("cn-hangzhou")), "{addressing:?}");
            }
        }
        let port = object("http://emubucket.oss-cn-x-internal.aliyuncs.com:80", "emubucket", Addressing::Auto).unwrap();
        assert_eq!(port.url(), "http://emubucket.oss-cn-x-internal.aliyuncs.com:80/d%20x/f");
        assert_eq!(object(place, "another", Addressing::Auto), Err(InvalidObject::OtherBucket));
        // None of these names a bucket, whatever the bucket is called.
        for (endpoint, bucket) in [
            ("oss-cn-x.aliyuncs.com", "oss-cn-x"),
            ("s3.oss-cn-x.aliyuncs.com", "emubucket"),
            ("emubucket.example.com", "emubucket"),
            ("cn-x.oss.aliyuncs.com", "emubucket"),
        ] {
            let object = object(endpoint, bucket, Addressing::Auto).unwrap();
            assert_eq!(object.url(), format!("https://{bucket}.{endpoint}/d%20x/f"));
        }
    }

    #[test]
    fn queries_are_encoded_and_bare_names_stay_bare() {
        let object = object("127.0.0.1", "emubucket", Addressing::Auto).unwrap();
        let query = [("uploads", String::new()), ("uploadId", "a+/=b".to_owned())];
        assert_eq!(object.uri(&query).query(), Some("uploads&uploadId=a%2B%2F%3Db"));
        assert_eq!(object.uri(&[]).query(), None);
    }

    #[test]
    fn buckets_are_checked() {
        for bad in ["", "ab", "Abc", "a_b", "-abc", "abc-", "a.b", "a/b", &"a".repeat(64)] {
            assert_eq!(object("h", bad, Addressing::Auto), Err(InvalidObject::Bucket), "{bad}");
        }
    }
}
