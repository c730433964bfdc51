//! The words about uploads that are open at a vendor.

use std::str::FromStr;

/// The bucket of a profile, and how keys in it begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// The profile's name.
    pub(crate) profile: String,
    /// Empty for all keys.
    pub(crate) prefix: String,
}

impl FromStr for Bucket {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (profile, prefix) = text.split_once(':').unwrap_or((text, ""));
        if profile.is_empty() {
            return Err("a bucket is that of a PROFILE, like work, or work:dir/ for what begins with dir/");
        }
        // A path may begin with the root's slash; no key does.
        Ok(Self { profile: profile.to_owned(), prefix: prefix.strip_prefix('/').unwrap_or(prefix).to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_may_follow_the_profile() {
        let of = |text: &str| text.parse::<Bucket>().map(|it| (it.profile, it.prefix));
        let pair = |profile: &str, prefix: &str| Ok((profile.to_owned(), prefix.to_owned()));
        assert_eq!(of("work"), pair("work", ""));
        assert_eq!(of("work:"), pair("work", ""));
        assert_eq!(of("work:dir/a:b"), pair("work", "dir/a:b"));
        assert_eq!(of("work:/dir/"), pair("work", "dir/"));
        assert!(of("").is_err() && of(":dir").is_err());
    }
}
