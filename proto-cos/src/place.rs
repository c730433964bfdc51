//! Where an object is, or is to be.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::marker::PhantomData;

use http::Uri;
use resumable_core::is_host_name;

use crate::path::ObjectPath;

/// The longest file URL: [`Uri`] holds 65,534 bytes, and `stat` adds a query of 8.
const URL_BYTES: usize = 65_500;

/// A version of the API, as far as URLs know it.
pub trait Version {
    /// Its name in URLs: `v1`, `v2`.
    const NAME: &'static str;
}

/// An endpoint, an account, a bucket and a path: what every call to one object has in common.
#[derive(Clone, PartialEq, Eq)]
pub struct Place<V> {
    endpoint: String,
    appid: String,
    bucket: String,
    path: ObjectPath,
    uri: Uri,
    version: PhantomData<fn() -> V>,
}

impl<V: Version> Place<V> {
    /// Checks the parts of a place. `endpoint` is like `https://sh.file.myqcloud.com` (version 2) or `http://web.file.myqcloud.com` (version 1), a slash at its end makes no
    /// difference; `appid` is the account's number; `bucket` is the bucket's name without the appid.
    ///
    /// # Errors
    /// When the parts make no URL; the error says what to write instead.
    pub fn new(endpoint: &str, appid: &str, bucket: &str, path: ObjectPath) -> Result<Self, InvalidPlace> {
        let endpoint = checked_endpoint(endpoint)?;
        if appid.is_empty() || !appid.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidPlace::Appid);
        }
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        if bucket.is_empty() || !bucket.bytes().all(plain) || bucket.bytes().all(|b| b == b'.') {
            return Err(InvalidPlace::Bucket);
        }
        let url = format!("{endpoint}/files/{}/{appid}/{bucket}{}", V::NAME, path.encoded());
        let uri = Some(&url).filter(|url| url.len() <= URL_BYTES).and_then(|url| url.parse().ok());
        let uri = uri.ok_or(InvalidPlace::TooLong)?;
        Ok(Self { endpoint, appid: appid.to_owned(), bucket: bucket.to_owned(), path, uri, version: PhantomData })
    }
}

impl<V> Place<V> {
    /// Scheme and host (and port), without a slash at the end.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The account's appid.
    pub fn appid(&self) -> &str {
        &self.appid
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// The object's path.
    pub fn path(&self) -> &ObjectPath {
        &self.path
    }

    /// The file URL `<endpoint>/files/<version>/<appid>/<bucket>/<encoded path>`; every call goes to it.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The file id for a signature: `/<appid>/<bucket>/<encoded path>`.
    pub fn file_id(&self) -> String {
        format!("/{}/{}{}", self.appid, self.bucket, self.path.encoded())
    }
}

fn checked_endpoint(endpoint: &str) -> Result<String, InvalidPlace> {
    let trimmed = endpoint.trim_end_matches('/');
    if endpoint.contains('@') {
        return Err(InvalidPlace::Credentials);
    }
    if endpoint.contains(['?', '#', '\\']) || endpoint.contains(char::is_whitespace) {
        return Err(InvalidPlace::Endpoint);
    }
    let uri: Uri = trimmed.parse().map_err(|_| InvalidPlace::Endpoint)?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(InvalidPlace::Endpoint);
    }
    let authority = uri.authority().ok_or(InvalidPlace::Endpoint)?;
    let has_port = authority.as_str().rsplit_once(']').map_or(authority.as_str(), |(_, rest)| rest).contains(':');
    if !is_host_name(authority.host()) || (has_port && authority.port_u16().is_none_or(|port| port == 0)) {
        return Err(InvalidPlace::Endpoint);
    }
    if uri.path() != "/" {
        return Err(InvalidPlace::EndpointPath);
    }
    Ok(trimmed.to_owned())
}

impl<V> fmt::Display for Place<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.uri)
    }
}

impl<V> fmt::Debug for Place<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({})", self.uri)
    }
}

/// Why the parts of a place make no URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPlace {
    /// The endpoint is no http or https URL with nothing but a host.
    #[error(
        "the endpoint must be http:// or https:// and a host, like https://sh.file.myqcloud.com (version 2) or http://web.file.myqcloud.com (version 1)"
    )]
    Endpoint,
    /// The endpoint has a path.
    #[error("the endpoint must end after the host: /files and what follows is added to it")]
    EndpointPath,
    /// The endpoint holds a user name or password.
    #[error("the endpoint must not contain a user name or password: COS is asked with a SecretId and a SecretKey")]
    Credentials,
    /// The appid is no number.
    #[error("the appid must be the account's number, like 10055004")]
    Appid,
    /// The bucket is no bucket name.
    #[error("the bucket must be its bare name: letters, digits, '-', '_' and '.', without the appid")]
    Bucket,
    /// The URL is longer than 65,500 bytes.
    #[error("the path is too long for a URL")]
    TooLong,
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    struct V2;

    impl Version for V2 {
        const NAME: &'static str = "v2";
    }

    fn place(endpoint: &str, appid: &str, bucket: &str) -> Result<Place<V2>, InvalidPlace> {
        Place::new(endpoint, appid, bucket, ObjectPath::new("/dir x/f").unwrap())
    }

    #[test]
    fn the_file_url_is_made_of_all_parts() {
        for (endpoint, start) in [
            ("https://sh.file.myqcloud.com", "https://sh.file.myqcloud.com"),
            ("http://127.0.0.1:1234/", "http://127.0.0.1:1234"),
            ("http://[::1]:80//", "http://[::1]:80"),
            ("http://[::1]", "http://[::1]"),
        ] {
            let place = place(endpoint, "10055004", "accesslog").unwrap();
            assert_eq!(place.to_string(), format!("{start}/files/v2/10055004/accesslog/dir%20x/f"));
            assert_eq!(place.endpoint(), start);
            assert_eq!(place.file_id(), "/10055004/accesslog/dir%20x/f");
        }
    }

    #[test]
    fn bad_endpoints_are_refused() {
        for bad in [
            "",
            "sh.file.myqcloud.com",
            "ftp://h",
            "http://",
            "http:///x",
            "http://h?x",
            "http://h#x",
            "http://h h",
            "http://h:99999",
        ] {
            assert_eq!(place(bad, "1", "b"), Err(InvalidPlace::Endpoint), "{bad}");
        }
        assert_eq!(place("http://user:secret@h", "1", "b"), Err(InvalidPlace::Credentials));
        assert_eq!(place("http://h/files/v2", "1", "b"), Err(InvalidPlace::EndpointPath));
    }

    #[test]
    fn bad_accounts_and_buckets_are_refused() {
        for bad in ["", "a", "1/2", "-1", "１"] {
            assert_eq!(place("http://h", bad, "b"), Err(InvalidPlace::Appid), "{bad}");
        }
        for bad in ["", "a/b", "a&b", "..", "a b", "a?b", "%2e"] {
            assert_eq!(place("http://h", "1", bad), Err(InvalidPlace::Bucket), "{bad}");
        }
    }

    #[test]
    fn a_path_too_long_for_a_url_is_an_error() {
        let path = ObjectPath::new(format!("/{}", "a".repeat(70_000))).unwrap();
        assert_eq!(Place::<V2>::new("http://h", "1", "b", path), Err(InvalidPlace::TooLong));
    }
}
