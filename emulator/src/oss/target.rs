//! What a request is about: a bucket, a key, and the parameters. The bucket stands in the path where the host is an address,
//! else in front of the host's name.

use std::net::IpAddr;

use http::header::HOST;
use http::request::Parts;

use super::config::Config;
use crate::part_store::{Query, decoded};

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Absent for the service as a whole.
    pub(super) bucket: Option<String>,
    /// Empty for the bucket as a whole.
    pub(super) key: String,
    pub(super) query: Query,
}

impl Target {
    pub(super) fn of(head: &Parts, config: &Config) -> Target {
        let path = head.uri.path().strip_prefix('/').unwrap_or_default();
        let query = Query::parse(head.uri.query().unwrap_or_default());
        let (first, rest) = path.split_once('/').unwrap_or((path, ""));
        let first = decoded(first);
        let in_host = label(head).filter(|label| config.has_bucket(label) || !config.has_bucket(&first));
        match in_host {
            Some(label) => Target { bucket: Some(label), key: decoded(path), query },
            None => Target { bucket: Some(first).filter(|first| !first.is_empty()), key: decoded(rest), query },
        }
    }

    /// Bucket and key as one path.
    pub(super) fn path(&self) -> String {
        let bucket = self.bucket.as_deref().map(|bucket| format!("/{bucket}")).unwrap_or_default();
        format!("{bucket}/{}", self.key)
    }
}

/// What stands in front of the host's name; none for an address, `localhost`, and the name of a region's servers.
fn label(head: &Parts) -> Option<String> {
    let from_header = || head.headers.get(HOST)?.to_str().ok()?.parse().ok();
    let authority = head.uri.authority().cloned().or_else(from_header)?;
    let host = authority.host();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<IpAddr>().is_ok() || host.starts_with("oss-") {
        return None;
    }
    let (label, _) = host.split_once('.')?;
    Some(label.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str, uri: &str) -> (Option<String>, String) {
        let request = http::Request::get(uri).header("host", host).body(()).expect("a request");
        let target = Target::of(&request.into_parts().0, &Config::default());
        (target.bucket, target.key)
    }

    #[test]
    fn the_bucket_is_in_the_path_or_in_the_host() {
        let expected = (Some("examplebucket".to_owned()), "dir/文  +%".to_owned());
        for (host, uri) in [
            ("127.0.0.1:8800", "/examplebucket/dir/%E6%96%87%20+%2B%25"),
            ("[::1]:8800", "/examplebucket/dir/%E6%96%87%20+%2B%25"),
            ("localhost", "/examplebucket/dir/%E6%96%87%20+%2B%25?uploads"),
            ("oss-cn-hangzhou.aliyuncs.com", "/examplebucket/dir/%E6%96%87%20+%2B%25"),
            ("examplebucket.localhost:1", "/dir/%E6%96%87%20+%2B%25"),
            ("ExampleBucket.oss-cn-hangzhou.aliyuncs.com", "/dir/%E6%96%87%20+%2B%25"),
        ] {
            assert_eq!(of(host, uri), expected, "{host} {uri}");
        }
        assert_eq!(of("other.oss.example", "/a"), (Some("other".to_owned()), "a".to_owned()));
        assert_eq!(of("127.0.0.1", "/other/a"), (Some("other".to_owned()), "a".to_owned()));
        assert_eq!(of("127.0.0.1", "/"), (None, String::new()));
        assert_eq!(of("127.0.0.1", "/examplebucket"), (Some("examplebucket".to_owned()), String::new()));
        assert_eq!(of("", "/examplebucket/"), (Some("examplebucket".to_owned()), String::new()));
    }
}
