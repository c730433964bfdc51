//! Where an object is, or is to be.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use http::Uri;
use resumable_proto_multipart::{InvalidOrigin, Origin, encoding};

use crate::addressing::{Addressing, InvalidBucket, aws_host, check_bucket, is_region, region_of, without_bucket};
use crate::object_key::ObjectKey;

/// A server, its region, a bucket and a key: what every call to one object has in common.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    origin: Origin,
    region: Option<String>,
    bucket: String,
    key: ObjectKey,
    addressing: Addressing,
    url: String,
}

impl Object {
    /// Checks the parts of a place. `endpoint` is a host, with a port and a scheme where that is not https; where it has the
    /// bucket in front of it already (`bucket.s3.eu-west-1.amazonaws.com`), it is taken off. The region is the one that the
    /// host's name tells, if it does ([`with_region`](Self::with_region) says another).
    ///
    /// # Errors
    /// When the endpoint is none, the bucket is no bucket's name, the endpoint names another one, or the parts make no URL.
    pub fn new(endpoint: &str, bucket: &str, key: ObjectKey, addressing: Addressing) -> Result<Self, InvalidObject> {
        let origin = Origin::new(endpoint)?;
        check_bucket(bucket)?;
        let host = without_bucket(origin.host(), bucket).map_err(|_| InvalidObject::OtherBucket)?;
        let region = region_of(host).map(str::to_owned);
        let port = port(&origin).map(|port| format!(":{port}")).unwrap_or_default();
        let origin = origin.at(format!("{host}{port}"));
        Self::of(origin, region, bucket, key, addressing)
    }

    /// An object in a region of Amazon's, like `eu-west-1`.
    ///
    /// # Errors
    /// When the region or the bucket is none.
    pub fn in_region(
        region: &str,
        bucket: &str,
        key: ObjectKey,
        addressing: Addressing,
    ) -> Result<Self, InvalidObject> {
        let region = region.trim();
        if !is_region(region) {
            return Err(InvalidObject::Region);
        }
        Self::new(&aws_host(region), bucket, key, addressing)?.with_region(region)
    }

    fn of(
        origin: Origin,
        region: Option<String>,
        bucket: &str,
        key: ObjectKey,
        addressing: Addressing,
    ) -> Result<Self, InvalidObject> {
        let in_path = match addressing {
            Addressing::Path => true,
            Addressing::VirtualHost if origin.is_address() => return Err(InvalidObject::Address),
            Addressing::VirtualHost => false,
            Addressing::Auto => origin.is_address() || (origin.is_https() && bucket.contains('.')),
        };
        let (scheme, authority, path) = (origin.scheme(), origin.authority(), key.encoded());
        let url = if in_path {
            format!("{scheme}://{authority}/{bucket}/{path}")
        } else {
            format!("{scheme}://{bucket}.{authority}/{path}")
        };
        if url.parse::<Uri>().is_err() {
            return Err(InvalidObject::Url);
        }
        Ok(Self { origin, region, bucket: bucket.to_owned(), key, addressing, url })
    }

    /// The same in this region: for hosts whose name does not tell it.
    ///
    /// # Errors
    /// When it is no region's name: letters, digits, `-` and `_`.
    pub fn with_region(self, region: &str) -> Result<Self, InvalidObject> {
        let region = region.trim();
        if is_region(region) {
            Ok(Self { region: Some(region.to_owned()), ..self })
        } else {
            Err(InvalidObject::Region)
        }
    }

    /// Another object in the same bucket.
    ///
    /// # Errors
    /// When the parts make no URL.
    pub fn with_key(&self, key: ObjectKey) -> Result<Self, InvalidObject> {
        Self::of(self.origin.clone(), self.region.clone(), &self.bucket, key, self.addressing)
    }

    /// The same object, asked in another region, as the vendor said. Amazon has a host for each region; another service
    /// only signs otherwise.
    pub(crate) fn moved(&self, region: &str) -> Self {
        let is_amazons = region_of(self.origin.host()).is_some_and(|_| self.origin.host().contains(".amazonaws.com"));
        let origin = if is_amazons { self.origin.at(aws_host(region)) } else { self.origin.clone() };
        let moved = Self::of(origin, Some(region.to_owned()), &self.bucket, self.key.clone(), self.addressing);
        moved.ok().filter(|_| is_region(region)).unwrap_or_else(|| self.clone())
    }

    /// The server, without the bucket.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The region, where somebody said it or the host's name tells it.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
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

/// The port, unless it is the scheme's own: transports leave that out, and the host is signed.
fn port(origin: &Origin) -> Option<u16> {
    let port = origin.authority().strip_prefix(origin.host())?.strip_prefix(':')?.parse().ok()?;
    Some(port).filter(|port| *port != if origin.is_https() { 443 } else { 80 })
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({}, {:?})", self.url, self.region)
    }
}

/// Why the parts of a place make no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidObject {
    /// The endpoint is none.
    #[error(transparent)]
    Endpoint(#[from] InvalidOrigin),
    /// The endpoint has another bucket in front of it.
    #[error(
        "the endpoint begins with the name of another bucket: write it without any, like https://s3.eu-west-1.amazonaws.com"
    )]
    OtherBucket,
    /// The region is none.
    #[error("the region must be its bare name, like us-east-1")]
    Region,
    /// The bucket is no bucket name.
    #[error(transparent)]
    Bucket(#[from] InvalidBucket),
    /// A bucket cannot stand before an address.
    #[error("the endpoint is an IP address, so the host cannot contain the bucket: use path addressing")]
    Address,
    /// The parts make no URL.
    #[error("endpoint, bucket and key do not make a URL")]
    Url,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(endpoint: &str, bucket: &str, addressing: Addressing) -> Result<Object, InvalidObject> {
        Object::new(endpoint, bucket, ObjectKey::new("d x/f").unwrap(), addressing)
    }

    #[test]
    fn the_bucket_stands_in_the_host_or_in_the_path() {
        for (endpoint, bucket, addressing, url) in [
            ("s3.x-1.amazonaws.com", "emubucket", Addressing::Auto, "https://emubucket.s3.x-1.amazonaws.com/d%20x/f"),
            ("s3.x-1.amazonaws.com", "a.bucket", Addressing::Auto, "https://s3.x-1.amazonaws.com/a.bucket/d%20x/f"),
            ("http://s3.test", "a.bucket", Addressing::Auto, "http://a.bucket.s3.test/d%20x/f"),
            ("http://127.0.0.1:9000", "emubucket", Addressing::Auto, "http://127.0.0.1:9000/emubucket/d%20x/f"),
            ("http://[::1]:80", "emubucket", Addressing::Path, "http://[::1]/emubucket/d%20x/f"),
            ("s3.test:443", "emubucket", Addressing::Path, "https://s3.test/emubucket/d%20x/f"),
            ("s3.test:80", "emubucket", Addressing::Path, "https://s3.test:80/emubucket/d%20x/f"),
        ] {
            assert_eq!(object(endpoint, bucket, addressing).unwrap().url(), url);
        }
        assert_eq!(object("http://[::1]", "emubucket", Addressing::VirtualHost), Err(InvalidObject::Address));
        assert_eq!(object("127.0.0.1", "B", Addressing::Path), Err(InvalidObject::Bucket(InvalidBucket)));
        assert_eq!(object("h/b", "emubucket", Addressing::Path), Err(InvalidObject::Endpoint(InvalidOrigin::Path)));
    }

    #[test]
    fn an_endpoint_that_names_the_bucket_already_is_taken_apart() {
        let object = |bucket| object("https://emubucket.s3.eu-west-1.amazonaws.com/", bucket, Addressing::Auto);
        let there = object("emubucket").unwrap();
        assert_eq!(there.url(), "https://emubucket.s3.eu-west-1.amazonaws.com/d%20x/f");
        assert_eq!(there.region(), Some("eu-west-1"));
        assert_eq!(object("another"), Err(InvalidObject::OtherBucket));
    }

    #[test]
    fn a_region_has_a_host_at_amazon_and_none_elsewhere() {
        let key = || ObjectKey::new("k").unwrap();
        let object = Object::in_region(" eu-west-1 ", "emubucket", key(), Addressing::Auto).unwrap();
        assert_eq!(object.url(), "https://emubucket.s3.eu-west-1.amazonaws.com/k");
        let moved = object.moved("us-west-2");
        assert_eq!(
            (moved.url(), moved.region()),
            ("https://emubucket.s3.us-west-2.amazonaws.com/k", Some("us-west-2"))
        );
        let elsewhere = Object::new("http://127.0.0.1:9000", "emubucket", key(), Addressing::Auto).unwrap();
        assert_eq!(elsewhere.region(), None);
        let moved = elsewhere.moved("eu-1");
        assert_eq!((moved.url(), moved.region()), (elsewhere.url(), Some("eu-1")));
        assert_eq!(elsewhere.moved("no region"), elsewhere);
        for bad in ["", "a b", "a/b", "ä"] {
            assert_eq!(elsewhere.clone().with_region(bad), Err(InvalidObject::Region), "{bad}");
            assert_eq!(
                Object::in_region(bad, "emubucket", key(), Addressing::Auto),
                Err(InvalidObject::Region),
                "{bad}"
            );
        }
    }

    #[test]
    fn queries_are_encoded_and_bare_names_stay_bare() {
        let object = object("127.0.0.1", "emubucket", Addressing::Auto).unwrap();
        let query = [("uploads", String::new()), ("uploadId", "a+/=b".to_owned())];
        assert_eq!(object.uri(&query).query(), Some("uploads&uploadId=a%2B%2F%3Db"));
        assert_eq!(object.uri(&[]).query(), None);
    }
}
