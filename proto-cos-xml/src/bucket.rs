//! A bucket, which the vendor names together with the account that owns it.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// The name of a bucket with its account's appid at the end, like `photos-1250000000`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(String);

impl Bucket {
    /// Checks a name: lower-case letters, digits and `-`, the appid after the last `-`, no `-` at either end.
    ///
    /// # Errors
    /// When it is no bucket's name, or the appid is missing.
    pub fn new(name: &str) -> Result<Self, InvalidBucket> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || name.starts_with('-') || name.ends_with('-') || !name.bytes().all(plain) {
            return Err(InvalidBucket::Name);
        }
        let appid = name.rsplit_once('-').map_or("", |(_, appid)| appid);
        if appid.is_empty() || !appid.bytes().all(|b| b.is_ascii_digit()) {
            return Err(InvalidBucket::Appid);
        }
        Ok(Self(name.to_owned()))
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Bucket {
    type Err = InvalidBucket;

    fn from_str(name: &str) -> Result<Self, InvalidBucket> {
        Self::new(name)
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text cannot be the name of a bucket.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBucket {
    /// It has other characters than a bucket's name.
    #[error(
        "the bucket must be its bare name: lower-case letters, digits and '-', not beginning or ending with '-', like photos-1250000000"
    )]
    Name,
    /// The appid is missing.
    #[error("the bucket must end with its account's appid, as the vendor's console shows it: photos-1250000000")]
    Appid,
}

resumable_core::debug_in_words!(InvalidBucket);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_has_its_appid_at_the_end() {
        for good in ["a-1", "emubucket-1250000000", "my-photos-2-1250000000"] {
            assert_eq!(Bucket::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "-a-1", "a-1-", "A-1", "a_b-1", "a.b-1", "a/b-1", "ä-1", "a-1 "] {
            assert_eq!(Bucket::new(bad), Err(InvalidBucket::Name), "{bad}");
        }
        for bad in ["emubucket", "1250000000", "emubucket-125a", "a-b"] {
            assert_eq!(Bucket::new(bad), Err(InvalidBucket::Appid), "{bad}");
        }
    }
}
