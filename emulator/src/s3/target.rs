//! What a request is about: a bucket, a key, and the parameters. The bucket stands in the path, or in front of the host's name.

use std::net::IpAddr;

use http::header::HOST;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::config::Config;
use crate::part_store::Query;

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
        let in_host = in_host(head, config).filter(|name| config.has_bucket(name) || !config.has_bucket(&first));
        match in_host {
            Some(bucket) => Target { bucket: Some(bucket), key: decoded(path), query },
            None => Target { bucket: Some(first).filter(|first| !first.is_empty()), key: decoded(rest), query },
        }
    }
}

/// A `+` is a `+`.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The bucket in front of the host's name; none for an address, `localhost`, and the name of a region's servers.
fn in_host(head: &Parts, config: &Config) -> Option<String> {
    let from_header = || head.headers.get(HOST)?.to_str().ok()?.parse().ok();
    let authority = head.uri.authority().cloned().or_else(from_header)?;
    let host = authority.host().to_ascii_lowercase();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<IpAddr>().is_ok() || host.starts_with("s3.") || host.starts_with("s3-") {
        return None;
    }
    let is_before = |bucket: &&String| host.strip_prefix(bucket.as_str()).is_some_and(|rest| rest.starts_with('.'));
    let known = config.buckets.iter().filter(is_before).max_by_key(|bucket| bucket.len());
    let (label, _) = host.split_once('.')?;
    Some(known.map_or_else(|| label.to_owned(), Clone::clone))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str, uri: &str) -> (Option<String>, String) {
        let request = http::Request::get(uri).header("host", host).body(()).expect("a request");
        let config = Config { buckets: vec!["emubucket".to_owned(), "my.bucket".to_owned()], ..Config::default() };
        let target = Target::of(&request.into_parts().0, &config);
        (target.bucket, target.key)
    }

    #[test]
    fn the_bucket_is_in_the_path_or_in_the_host() {
        let expected = (Some("emubucket".to_owned()), "dir/文 ++%".to_owned());
        for (host, uri) in [
            ("127.0.0.1:9000", "/emubucket/dir/%E6%96%87%20+%2B%25"),
            ("[::1]:9000", "/emubucket/dir/%E6%96%87%20+%2B%25"),
            ("localhost", "/emubucket/dir/%E6%96%87%20+%2B%25?uploads"),
            ("s3.us-east-1.amazonaws.com", "/emubucket/dir/%E6%96%87%20+%2B%25"),
            ("minio.example", "/emubucket/dir/%E6%96%87%20+%2B%25"),
            ("emubucket.localhost:1", "/dir/%E6%96%87%20+%2B%25"),
            ("EmuBucket.s3.us-east-1.amazonaws.com", "/dir/%E6%96%87%20+%2B%25"),
        ] {
            assert_eq!(of(host, uri), expected, "{host} {uri}");
        }
        assert_eq!(of("my.bucket.s3.example", "/a"), (Some("my.bucket".to_owned()), "a".to_owned()));
        assert_eq!(of("other.s3.example", "/a"), (Some("other".to_owned()), "a".to_owned()));
        assert_eq!(of("127.0.0.1", "/"), (None, String::new()));
        assert_eq!(of("127.0.0.1", "/emubucket"), (Some("emubucket".to_owned()), String::new()));
    }

    #[test]
    fn no_segment_of_a_key_is_lost() {
        for (uri, key) in [
            ("/emubucket//lead", "/lead"),
            ("/emubucket/a//b", "a//b"),
            ("/emubucket/a/../b", "a/../b"),
            ("/emubucket/end/", "end/"),
            ("/emubucket/a%252Fb", "a%2Fb"),
        ] {
            assert_eq!(of("127.0.0.1:9000", uri), (Some("emubucket".to_owned()), key.to_owned()));
        }
        assert_eq!(of("emubucket.localhost", "//lead"), (Some("emubucket".to_owned()), "/lead".to_owned()));
    }
}
