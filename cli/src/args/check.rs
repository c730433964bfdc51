//! The words of `resumable check`.

use std::str::FromStr;

use crate::transport::Kind;

/// `resumable check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// The profile to check, and perhaps a path there
    #[arg(value_name = "PROFILE[:PATH]")]
    pub(crate) profile: Place,
    /// Begin an upload and cancel it, to see whether the keys may write
    #[arg(long)]
    pub(crate) write: bool,
    /// HTTP client to use [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
}

/// A profile, and perhaps a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) profile: String,
    pub(crate) path: Option<String>,
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (profile, path) = text.split_once(':').map_or((text, None), |(profile, path)| (profile, Some(path)));
        let path = path.filter(|path| !path.is_empty()).map(str::to_owned);
        if profile.is_empty() {
            Err("write PROFILE or PROFILE:PATH")
        } else {
            Ok(Self { profile: profile.to_owned(), path })
        }
    }
}
