//! Where an object is, or is to be.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use http::Uri;
use resumable_core::is_host_name;
use resumable_proto_multipart::{Origin, encoding};

use crate::bucket::Bucket;
use crate::object_key::ObjectKey;
use crate::region::{Region, VendorHost};

/// How a URL names the bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Addressing {
    /// In the host of the vendor's own endpoints, in the path where the endpoint is an address or `localhost`, and not at
    /// all elsewhere: another name is a domain of one's own that is bound to the bucket.
    #[default]
    Auto,
    /// In the host: `https://<bucket>.<endpoint>/<key>`.
    VirtualHost,
    /// In the path: `http://<endpoint>/<bucket>/<key>`.
    Path,
    /// Not at all.
    OwnDomain,
}

/// A server, a bucket and a key: what every call to one object has in common.
#[derive(Clone, PartialEq, Eq)]
pub struct Object {
    origin: Origin,
    addressing: Addressing,
    region: Option<Region>,
    bucket: Bucket,
    key: ObjectKey,
    /// The URL's path, not percent-encoded: what is signed.
    path: String,
    usual: Place,
    backup: Option<Place>,
}

/// A host, and the object's URL there.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The host, and its port where that is not the usual one: what is signed.
    pub(crate) host: String,
    url: String,
}

impl Object {
    /// In a bucket of a region, by the vendor's own host for it.
    ///
    /// # Errors
    /// When the parts make no URL.
    pub fn in_region(region: &Region, bucket: Bucket, key: ObjectKey) -> Result<Self, InvalidObject> {
        Self::new(region.origin(), bucket, key, Addressing::Auto)
    }

    /// At an endpoint: an address, a host of the vendor's, or a domain of one's own. If a host of the vendor's has the bucket
    /// in front of it already, that makes no difference.
    ///
    /// # Errors
    /// When the endpoint names another bucket, or the parts make no URL.
    pub fn new(origin: Origin, bucket: Bucket, key: ObjectKey, addressing: Addressing) -> Result<Self, InvalidObject> {
        let vendors = VendorHost::read(origin.host());
        if vendors.as_ref().and_then(|host| host.bucket).is_some_and(|named| named != bucket.as_str()) {
            return Err(InvalidObject::OtherBucket);
        }
        let form = match addressing {
            Addressing::Auto if origin.is_address() => Addressing::Path,
            Addressing::Auto if vendors.is_some() => Addressing::VirtualHost,
            Addressing::Auto => Addressing::OwnDomain,
            said => said,
        };
        let at = |host: &str| Place::new(&origin, host, form, &bucket, &key);
        let bare = vendors.as_ref().filter(|_| form != Addressing::OwnDomain).map(VendorHost::bare);
        let usual = at(bare.as_deref().unwrap_or(origin.host()))?;
        let backup = vendors.as_ref().filter(|_| form == Addressing::VirtualHost).and_then(VendorHost::backup);
        let backup = backup.as_deref().map(at).transpose()?;
        let region = vendors.as_ref().and_then(VendorHost::region);
        let path = if form == Addressing::Path { format!("/{bucket}/{key}") } else { format!("/{key}") };
        Ok(Self { origin, addressing, region, bucket, key, path, usual, backup })
    }

    /// The same, in this region: for endpoints whose name does not tell it. It is not signed, but by it an upload is known
    /// that goes on at another endpoint.
    ///
    /// # Errors
    /// When the endpoint's name tells another one.
    pub fn with_region(self, region: Region) -> Result<Self, InvalidObject> {
        if self.region.as_ref().is_some_and(|told| *told != region) {
            return Err(InvalidObject::OtherRegion);
        }
        Ok(Self { region: Some(region), ..self })
    }

    /// Another object in the same bucket.
    ///
    /// # Errors
    /// When the parts make no URL.
    pub fn with_key(&self, key: ObjectKey) -> Result<Self, InvalidObject> {
        let moved = Self::new(self.origin.clone(), self.bucket.clone(), key, self.addressing)?;
        Ok(Self { region: self.region.clone(), ..moved })
    }

    /// The region, where it is known.
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// The bucket.
    pub fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// The object's key.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Where the object is fetched, without a query.
    pub fn url(&self) -> &str {
        &self.usual.url
    }

    /// True if the same bucket is at another host, too: it is for the vendor's own host in a region.
    pub fn has_backup(&self) -> bool {
        self.backup.is_some()
    }

    /// By what the object is known whatever host serves it: region, bucket and key. Where the region is not known, the
    /// endpoint stands in its place.
    pub fn name(&self) -> String {
        let place = self.region.as_ref().map_or(self.origin.authority(), Region::as_str);
        format!("cos://{place}/{}/{}", self.bucket, self.key.encoded())
    }

    /// The path that is signed: not percent-encoded.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Where calls go: to the backup, if that is asked for and there is one.
    pub(crate) fn place(&self, backup: bool) -> &Place {
        self.backup.as_ref().filter(|_| backup).unwrap_or(&self.usual)
    }
}

impl Place {
    fn new(
        origin: &Origin,
        host: &str,
        form: Addressing,
        bucket: &Bucket,
        key: &ObjectKey,
    ) -> Result<Self, InvalidObject> {
        if form == Addressing::VirtualHost && origin.is_address() {
            return Err(InvalidObject::Address);
        }
        let port = &origin.authority()[origin.host().len()..];
        // Whoever sends the usual port leaves it out of the header that is signed.
        let port = if port == usual_port(origin) { "" } else { port };
        let host =
            if form == Addressing::VirtualHost { format!("{bucket}.{host}{port}") } else { format!("{host}{port}") };
        let in_path = if form == Addressing::Path { format!("{bucket}/") } else { String::new() };
        let url = format!("{}://{host}/{in_path}{}", origin.scheme(), key.encoded());
        let usable = url.parse::<Uri>().is_ok_and(|uri| uri.host().is_some_and(is_host_name));
        if usable { Ok(Self { host, url }) } else { Err(InvalidObject::Url) }
    }

    /// The URL with these parameters; one without a value stands there as its bare name.
    pub(crate) fn uri(&self, query: &[(&str, String)]) -> Uri {
        let pairs: Vec<String> = query.iter().map(|(name, value)| pair(name, value)).collect();
        let url = if pairs.is_empty() { self.url.clone() } else { format!("{}?{}", self.url, pairs.join("&")) };
        url.parse().expect("a checked URL and a percent-encoded query make a URL")
    }
}

fn usual_port(origin: &Origin) -> &'static str {
    if origin.is_https() { ":443" } else { ":80" }
}

fn pair(name: &str, value: &str) -> String {
    let name = encoding::value(name);
    if value.is_empty() { name.to_string() } else { format!("{name}={}", encoding::value(value)) }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url())
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({}, {})", self.url(), self.region().map_or("no region", Region::as_str))
    }
}

/// Why the parts of a place make no object.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidObject {
    /// A bucket cannot stand before an address.
    #[error("the endpoint is an IP address, so the host cannot contain the bucket: use path addressing")]
    Address,
    /// The endpoint has another bucket in front of it.
    #[error(
        "the endpoint begins with the name of another bucket: write it without any, like https://cos.ap-guangzhou.myqcloud.com"
    )]
    OtherBucket,
    /// The endpoint's name tells another region.
    #[error("the region is not the one in the endpoint's name: remove the region, or correct the endpoint")]
    OtherRegion,
    /// The parts make no URL.
    #[error("endpoint, bucket and key do not make a URL")]
    Url,
}

resumable_core::debug_in_words!(InvalidObject);

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;

    use super::*;

    fn object(endpoint: &str, addressing: Addressing) -> Result<Object, InvalidObject> {
        let (bucket, key) = (Bucket::new("emubucket-125").unwrap(), ObjectKey::new("d x/f").unwrap());
        Object::new(Origin::new(endpoint).unwrap(), bucket, key, addressing)
    }

    #[test]
    fn the_bucket_stands_in_the_host_in_the_path_or_nowhere() {
        for (endpoint, addressing, url, path) in [
            (
                "cos.ap-x.myqcloud.com",
                Addressing::Auto,
                "https://emubucket-125.cos.ap-x.myqcloud.com/d%20x/f",
                "/d x/f",
            ),
            (
                "http://127.0.0.1:81",
                Addressing::Auto,
                "http://127.0.0.1:81/emubucket-125/d%20x/f",
                "/emubucket-125/d x/f",
            ),
            ("http://[::1]:80", Addressing::Path, "http://[::1]/emubucket-125/d%20x/f", "/emubucket-125/d x/f"),
            ("files.example.com", Addressing::Auto, "https://files.example.com/d%20x/f", "/d x/f"),
            ("cos.example.com:443", Addressing::VirtualHost, "https://emubucket-125.cos.example.com/d%20x/f", "/d x/f"),
            ("http://127.0.0.1:81", Addressing::OwnDomain, "http://127.0.0.1:81/d%20x/f", "/d x/f"),
        ] {
            let object = object(endpoint, addressing).unwrap();
            assert_eq!((object.url(), object.path()), (url, path), "{endpoint}");
        }
        assert_eq!(object("http://[::1]", Addressing::VirtualHost), Err(InvalidObject::Address));
    }

    #[test]
    fn an_endpoint_that_names_the_bucket_already_is_taken_apart() {
        let plain = object("cos.ap-x.myqcloud.com", Addressing::Auto).unwrap();
        for addressing in [Addressing::Auto, Addressing::VirtualHost] {
            let named = object("https://emubucket-125.cos.ap-x.myqcloud.com/", addressing).unwrap();
            assert_eq!((named.url(), named.name()), (plain.url(), plain.name()));
            assert!(named.has_backup());
        }
        assert_eq!(object("other-125.cos.ap-x.myqcloud.com", Addressing::Auto), Err(InvalidObject::OtherBucket));
    }

    #[test]
    fn an_object_is_known_whatever_host_serves_it() {
        let public = object("cos.ap-x.myqcloud.com", Addressing::Auto).unwrap();
        assert_eq!(public.name(), "cos://ap-x/emubucket-125/d%20x/f");
        let region = || Region::new("ap-x").unwrap();
        let (bucket, key) = (public.bucket().clone(), public.key().clone());
        assert_eq!(Object::in_region(&region(), bucket, key).unwrap(), public);
        for other in ["cos-internal.ap-x.tencentcos.cn", "http://cos.ap-x.myqcloud.com:8080", "cos.ap-x.tencentcos.cn"]
        {
            assert_eq!(object(other, Addressing::Auto).unwrap().name(), public.name(), "{other}");
        }
        for endpoint in ["cos.accelerate.myqcloud.com", "files.example.com", "127.0.0.1:1"] {
            let object = object(endpoint, Addressing::Auto).unwrap();
            assert_eq!(object.name(), format!("cos://{endpoint}/emubucket-125/d%20x/f"));
            assert_eq!(object.clone().with_region(region()).unwrap().name(), public.name());
            assert!(!object.has_backup());
        }
        assert_eq!(public.clone().with_region(Region::new("ap-y").unwrap()), Err(InvalidObject::OtherRegion));
        let moved = public.with_key(ObjectKey::new("other").unwrap()).unwrap();
        assert_eq!((moved.url(), moved.path()), ("https://emubucket-125.cos.ap-x.myqcloud.com/other", "/other"));
    }

    #[test]
    fn the_backup_is_another_host_with_the_same_path() {
        let object = object("http://cos.ap-x.myqcloud.com:8080", Addressing::Auto).unwrap();
        assert_eq!(object.place(false).host, "emubucket-125.cos.ap-x.myqcloud.com:8080");
        assert_eq!(object.place(true).uri(&[]), "http://emubucket-125.cos.ap-x.tencentcos.cn:8080/d%20x/f");
    }

    #[test]
    fn queries_are_encoded_and_bare_names_stay_bare() {
        let object = object("127.0.0.1", Addressing::Auto).unwrap();
        let query = [("uploads", String::new()), ("uploadId", "a+/=b c".to_owned())];
        assert_eq!(object.place(false).uri(&query).query(), Some("uploads&uploadId=a%2B%2F%3Db%20c"));
        assert_eq!(object.place(false).uri(&[]).query(), None);
    }
}
