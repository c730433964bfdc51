//! What names tell: of buckets, and of the hosts that the services have.

use alloc::string::String;

/// How a URL names the bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Addressing {
    /// In the path where the endpoint is an address or `localhost`, or where TLS would not know the host because the bucket
    /// has a dot; else in the host.
    #[default]
    Auto,
    /// In the host: `https://<bucket>.<endpoint>/<key>`.
    VirtualHost,
    /// In the path: `https://<endpoint>/<bucket>/<key>`.
    Path,
}

/// Whether a text can be a bucket's name: 3 to 63 lower-case letters, digits, `-` and `.`, with a letter or a digit at either end
/// and around each dot, and no address.
pub(crate) fn check_bucket(bucket: &str) -> Result<(), InvalidBucket> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let inner = |label: &str| label.bytes().all(|b| plain(b) || b == b'-');
    let ends = |label: &str| label.bytes().next().is_some_and(plain) && label.bytes().next_back().is_some_and(plain);
    let is_address = bucket.split('.').count() == 4 && bucket.split('.').all(|byte| byte.parse::<u8>().is_ok());
    let is_name = (3..=63).contains(&bucket.len()) && bucket.split('.').all(|label| inner(label) && ends(label));
    if is_name && !is_address { Ok(()) } else { Err(InvalidBucket) }
}

/// A text that cannot be a bucket's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the bucket must be its bare name: 3 to 63 lower-case letters, digits, '-' and '.', beginning and ending with a letter or a digit"
)]
pub struct InvalidBucket;

/// Services whose hosts tell the region: what stands before it, and after it.
const NAMED: [(&str, &str); 11] = [
    ("s3.dualstack.", ".amazonaws.com"),
    ("s3.", ".amazonaws.com"),
    ("s3-", ".amazonaws.com"),
    ("s3.", ".amazonaws.com.cn"),
    ("s3.", ".backblazeb2.com"),
    ("s3.", ".wasabisys.com"),
    ("s3.", ".scw.cloud"),
    ("", ".digitaloceanspaces.com"),
    ("cos.", ".myqcloud.com"),
    ("oss-", ".aliyuncs.com"),
    ("s3.oss-", ".aliyuncs.com"),
];

/// Where there is one region for everybody: a host or what it ends in, and the region.
const GLOBAL: [(&str, &str); 3] =
    [("s3.amazonaws.com", "us-east-1"), (".r2.cloudflarestorage.com", "auto"), ("storage.googleapis.com", "auto")];

/// The region that a host's name tells, without the bucket in front of it.
pub(crate) fn region_of(host: &str) -> Option<&str> {
    let is_named = |name: &str| if name.starts_with('.') { host.ends_with(name) } else { host == name };
    if let Some((_, region)) = GLOBAL.iter().find(|(name, _)| is_named(name)) {
        return Some(region);
    }
    let told = NAMED.iter().find_map(|(before, after)| host.strip_prefix(before)?.strip_suffix(after));
    // Accelerated endpoints serve all regions.
    told.filter(|region| is_region(region) && !region.starts_with("accelerate"))
}

/// A region's name: it becomes part of the signature.
pub(crate) fn is_region(region: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    (1..=64).contains(&region.len()) && region.bytes().all(plain)
}

/// Amazon's host for a region.
pub(crate) fn aws_host(region: &str) -> String {
    let china = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("s3.{region}.amazonaws.com{china}")
}

/// A host without the bucket in front of it, as in `bucket.s3.eu-west-1.amazonaws.com`. Only in front of a host that a
/// service is known by is a label a bucket: other hosts may begin with anything.
///
/// # Errors
/// When it is another bucket.
pub(crate) fn without_bucket<'a>(host: &'a str, bucket: &str) -> Result<&'a str, OtherBucket> {
    let own = host.strip_prefix(bucket).and_then(|rest| rest.strip_prefix('.'));
    if let Some(rest) = own.filter(|rest| region_of(rest).is_some()) {
        return Ok(rest);
    }
    let is_amazons = |host: &str| host.contains(".amazonaws.com") && region_of(host).is_some();
    let others = !is_amazons(host) && host.match_indices('.').any(|(at, _)| is_amazons(&host[at + 1..]));
    if others { Err(OtherBucket) } else { Ok(host) }
}

/// Another bucket stands in front of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OtherBucket;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_checked() {
        for good in ["abc", "my-bucket", "a.b.c", "1abc", "name-1250000000", &"a".repeat(63)] {
            assert_eq!(check_bucket(good), Ok(()), "{good}");
        }
        for bad in ["", "ab", "Abc", "a_b", "-abc", "abc-", "a..b", "a.-b", ".abc", "a/b", "1.2.3.4", &"a".repeat(64)] {
            assert_eq!(check_bucket(bad), Err(InvalidBucket), "{bad}");
        }
    }

    #[test]
    fn hosts_tell_their_region() {
        for (host, region) in [
            ("s3.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("s3-eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("s3.dualstack.eu-west-1.amazonaws.com", Some("eu-west-1")),
            ("s3.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
            ("s3.amazonaws.com", Some("us-east-1")),
            ("0123.r2.cloudflarestorage.com", Some("auto")),
            ("storage.googleapis.com", Some("auto")),
            ("s3.us-west-004.backblazeb2.com", Some("us-west-004")),
            ("nyc3.digitaloceanspaces.com", Some("nyc3")),
            ("cos.ap-guangzhou.myqcloud.com", Some("ap-guangzhou")),
            ("oss-cn-hangzhou.aliyuncs.com", Some("cn-hangzhou")),
            ("s3-accelerate.amazonaws.com", None),
            ("emubucket.s3.eu-west-1.amazonaws.com", None),
            ("127.0.0.1", None),
            ("s3.example.com", None),
        ] {
            assert_eq!(region_of(host), region, "{host}");
        }
        for region in ["us-east-1", "cn-north-1"] {
            assert_eq!(region_of(&aws_host(region)), Some(region));
        }
    }

    #[test]
    fn a_host_that_names_the_bucket_already_is_taken_apart() {
        for (host, bucket, left) in [
            ("emubucket.s3.eu-west-1.amazonaws.com", "emubucket", "s3.eu-west-1.amazonaws.com"),
            ("my.bucket.s3.amazonaws.com", "my.bucket", "s3.amazonaws.com"),
            ("emubucket.0123.r2.cloudflarestorage.com", "emubucket", "0123.r2.cloudflarestorage.com"),
            ("nyc3.nyc3.digitaloceanspaces.com", "nyc3", "nyc3.digitaloceanspaces.com"),
            ("nyc3.digitaloceanspaces.com", "nyc3", "nyc3.digitaloceanspaces.com"),
            ("emubucket.example.com", "emubucket", "emubucket.example.com"),
            ("s3.dualstack.eu-west-1.amazonaws.com", "emubucket", "s3.dualstack.eu-west-1.amazonaws.com"),
        ] {
            assert_eq!(without_bucket(host, bucket), Ok(left));
        }
        assert_eq!(without_bucket("other.s3.eu-west-1.amazonaws.com", "emubucket"), Err(OtherBucket));
    }
}
