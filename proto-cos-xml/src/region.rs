//! Regions, and the hosts that the vendor has in them.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use resumable_proto_multipart::Origin;

/// The domain of the vendor's hosts.
const DOMAIN: &str = "myqcloud.com";
/// The domain that serves the same buckets, should the other one be unreachable. The internal hosts are in it alone.
const BACKUP: &str = "tencentcos.cn";
/// What stands in place of a region in the host that serves all of them.
const ACCELERATE: &str = "accelerate";

/// A region of the vendor's, like `ap-guangzhou`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

impl Region {
    /// Checks a name: lower-case letters, digits and `-`.
    ///
    /// # Errors
    /// When it is no region's name.
    pub fn new(name: &str) -> Result<Self, InvalidRegion> {
        let name = name.trim();
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let ends = name.starts_with('-') || name.ends_with('-');
        if !(1..=40).contains(&name.len()) || ends || !name.bytes().all(plain) || name == ACCELERATE {
            return Err(InvalidRegion);
        }
        Ok(Self(name.to_owned()))
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The vendor's host in it, without a bucket.
    ///
    /// # Panics
    /// Never: a checked region makes a host.
    pub fn origin(&self) -> Origin {
        Origin::new(&format!("cos.{}.{DOMAIN}", self.0)).expect("a checked region makes a host")
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(name: &str) -> Result<Self, InvalidRegion> {
        Self::new(name)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that cannot be the name of a region.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the region must be its name, like ap-guangzhou: lower-case letters, digits and '-'")]
pub struct InvalidRegion;

resumable_core::debug_in_words!(InvalidRegion);

/// A host of the vendor's own, taken apart: `[<bucket>.]<service>.<region>.<domain>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VendorHost<'a> {
    /// The bucket, where it stands in front.
    pub(crate) bucket: Option<&'a str>,
    service: &'a str,
    region: &'a str,
    domain: &'a str,
}

impl<'a> VendorHost<'a> {
    /// Takes a host apart; `None` for any other than the vendor's.
    pub(crate) fn read(host: &'a str) -> Option<Self> {
        let domain = [DOMAIN, BACKUP].into_iter().find(|domain| host.ends_with(*domain))?;
        let (front, region) = host.strip_suffix(domain)?.strip_suffix('.')?.rsplit_once('.')?;
        let (bucket, service) = front.rsplit_once('.').map_or((None, front), |(bucket, it)| (Some(bucket), it));
        let domain = &host[host.len() - domain.len()..];
        ["cos", "cos-internal"].contains(&service).then_some(Self { bucket, service, region, domain })
    }

    /// The region that it names; none where it serves all of them.
    pub(crate) fn region(&self) -> Option<Region> {
        Region::new(self.region).ok()
    }

    /// The same without a bucket.
    pub(crate) fn bare(&self) -> String {
        format!("{}.{}.{}", self.service, self.region, self.domain)
    }

    /// The host in the other domain that serves the same, without a bucket.
    pub(crate) fn backup(&self) -> Option<String> {
        let has_one = self.service == "cos" && self.domain == DOMAIN && self.region != ACCELERATE;
        has_one.then(|| format!("cos.{}.{BACKUP}", self.region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_of_the_vendors_is_taken_apart() {
        for (host, bucket, region, backup) in [
            ("cos.ap-guangzhou.myqcloud.com", None, Some("ap-guangzhou"), Some("cos.ap-guangzhou.tencentcos.cn")),
            (
                "b-1.cos.ap-beijing-1.myqcloud.com",
                Some("b-1"),
                Some("ap-beijing-1"),
                Some("cos.ap-beijing-1.tencentcos.cn"),
            ),
            ("cos.ap-guangzhou.tencentcos.cn", None, Some("ap-guangzhou"), None),
            ("b-1.cos-internal.ap-guangzhou.tencentcos.cn", Some("b-1"), Some("ap-guangzhou"), None),
            ("cos.accelerate.myqcloud.com", None, None, None),
        ] {
            let read = VendorHost::read(host).unwrap();
            assert_eq!((read.bucket, read.region().as_ref().map(Region::as_str)), (bucket, region), "{host}");
            assert_eq!(read.backup().as_deref(), backup, "{host}");
            assert!(host.ends_with(&read.bare()) && VendorHost::read(&read.bare()).unwrap().bucket.is_none(), "{host}");
        }
        for other in ["files.example.com", "myqcloud.com", "sh.file.myqcloud.com", "cos.myqcloud.com", "xmyqcloud.com"]
        {
            assert_eq!(VendorHost::read(other), None, "{other}");
        }
    }

    #[test]
    fn regions_are_checked() {
        assert_eq!(Region::new(" ap-guangzhou\n").unwrap().origin().host(), "cos.ap-guangzhou.myqcloud.com");
        for bad in ["", "AP", "a.b", "a/b", "-a", "a-", "ä", "accelerate", &"a".repeat(41)] {
            assert_eq!(Region::new(bad), Err(InvalidRegion), "{bad}");
        }
    }
}
