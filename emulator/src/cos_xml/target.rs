//! What a request is about: a bucket, a key, and the parameters.
//!
//! The bucket stands in front of the host's name (`<bucket>.cos.<region>.myqcloud.com`), or the host is a domain that the settings
//! bind to it. Where the host is neither, it is the first segment of the path.

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
    /// The whole path, decoded: what is signed.
    pub(super) path: String,
    /// Whether the path is UTF-8.
    pub(super) is_text: bool,
    /// As it was sent, with its port; empty if it was not.
    pub(super) host: String,
}

impl Target {
    pub(super) fn of(head: &Parts, config: &Config) -> Target {
        let path = head.uri.path();
        let bytes = percent_decode_str(path);
        let (is_text, path) = (bytes.clone().decode_utf8().is_ok(), bytes.decode_utf8_lossy().into_owned());
        let query = Query::parse(head.uri.query().unwrap_or_default());
        let host = host(head);
        let inner = path.strip_prefix('/').unwrap_or(&path);
        let in_path = || {
            let (first, rest) = inner.split_once('/').unwrap_or((inner, ""));
            (Some(first.to_owned()).filter(|first| !first.is_empty()), rest.to_owned())
        };
        let in_host = bucket_of_host(&host, config).map(|bucket| (Some(bucket), inner.to_owned()));
        let (bucket, key) = in_host.unwrap_or_else(in_path);
        Target { bucket, key, query, path, is_text, host }
    }
}

/// The `Host` that was sent, or the one of a request in a proxy's form.
fn host(head: &Parts) -> String {
    let sent = head.headers.get(HOST).and_then(|value| value.to_str().ok());
    sent.or_else(|| head.uri.authority().map(http::uri::Authority::as_str)).unwrap_or_default().to_owned()
}

/// A host's name without its port.
pub(super) fn bare(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn bucket_of_host(host: &str, config: &Config) -> Option<String> {
    let name = bare(host).to_ascii_lowercase();
    if let Some(bucket) = config.domains.get(&name) {
        return Some(bucket.clone());
    }
    let (label, rest) = name.split_once('.')?;
    let is_the_vendors = |suffix: &str| rest.starts_with("cos") && rest.ends_with(suffix);
    let is_bucket = config.has_bucket(label) || is_the_vendors(".myqcloud.com") || is_the_vendors(".tencentcos.cn");
    is_bucket.then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str, uri: &str) -> (Option<String>, String, String) {
        let mut config = Config::default();
        config.domains.insert("files.example.com".to_owned(), "examplebucket-1250000000".to_owned());
        let request = http::Request::get(uri).header("host", host).body(()).expect("a request");
        let target = Target::of(&request.into_parts().0, &config);
        (target.bucket, target.key, target.path)
    }

    #[test]
    fn the_bucket_is_in_the_host_or_in_the_path() {
        let ours = Some("examplebucket-1250000000".to_owned());
        for host in [
            "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com",
            "examplebucket-1250000000.cos.ap-guangzhou.tencentcos.cn",
            "examplebucket-1250000000.cos-internal.ap-guangzhou.tencentcos.cn",
            "ExampleBucket-1250000000.cos.accelerate.myqcloud.com:80",
            "examplebucket-1250000000.localhost:8800",
            "files.example.com",
        ] {
            let expected = (ours.clone(), "dir/文+ %".to_owned(), "/dir/文+ %".to_owned());
            assert_eq!(of(host, "/dir/%E6%96%87+%20%25?uploads"), expected, "{host}");
        }
        for host in ["127.0.0.1:8800", "[::1]:8800", "localhost", "cos.ap-guangzhou.myqcloud.com", ""] {
            let expected = (ours.clone(), "dir/a".to_owned(), "/examplebucket-1250000000/dir/a".to_owned());
            assert_eq!(of(host, "/examplebucket-1250000000/dir%2Fa"), expected, "{host}");
        }
        let (other, key, _) = of("nobodys-1.cos.ap-guangzhou.myqcloud.com", "/a");
        assert_eq!((other, key), (Some("nobodys-1".to_owned()), "a".to_owned()));
        assert_eq!(of("127.0.0.1", "/").0, None);
        assert_eq!(of("127.0.0.1", "/nobodys-1").0, Some("nobodys-1".to_owned()));
    }

    #[test]
    fn dots_and_slashes_of_a_key_stay_as_they_are() {
        let key = |uri: &str| of("files.example.com", uri).1;
        assert_eq!(key("/x/.%2Fy/..%2Fz"), "x/./y/../z");
        assert_eq!(key("/end/"), "end/");
        assert_eq!(key("//a"), "/a");
    }
}
