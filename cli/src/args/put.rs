//! The words of `resumable put`.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use resumable::machine::MAX_WINDOW;
use resumable::units::{parse_rate, parse_time};

use super::destination::{self, Destination};
use crate::transport::Kind;

/// `resumable put`.
#[derive(Debug, clap::Args)]
pub(crate) struct Put {
    /// The file to upload
    pub(crate) file: PathBuf,
    /// Destination: a profile and a path there, like work:/dir/big.bin; with a final slash, like work:/dir/, the file
    /// keeps its name
    #[arg(value_name = "PROFILE:PATH", value_parser = destination::parser())]
    pub(crate) destination: Destination,
    /// Limit the upload speed, in bytes per second: 500k, 2M, 1.5MiB
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub(crate) limit_rate: Option<NonZeroU64>,
    /// Keep retrying this long without progress before giving up: 90s, 10m, 2h
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "1h")]
    pub(crate) patience: Duration,
    /// Requests in parallel [default: the profile's, or 4]
    #[arg(long, value_name = "N", value_parser = parse_window)]
    pub(crate) window: Option<usize>,
    /// HTTP client to use [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
    /// Start over: discard the unfinished upload, then upload the file as it is now
    #[arg(long)]
    pub(crate) restart: bool,
    /// Resume this unfinished upload, by its key in `resumable list`: its file was moved, or it was sent to another
    /// endpoint of the same bucket
    #[arg(long = "continue", value_name = "KEY", conflicts_with = "restart")]
    pub(crate) continue_from: Option<String>,
}

fn parse_window(text: &str) -> Result<usize, String> {
    let window = text.parse().ok().filter(|window| (1..=MAX_WINDOW).contains(window));
    window.ok_or_else(|| format!("the number of parallel requests must be from 1 to {MAX_WINDOW}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_bounds() {
        assert_eq!(parse_window("1"), Ok(1));
        assert_eq!(parse_window("128"), Ok(128));
        for bad in ["0", "129", "-1", "four", ""] {
            assert!(parse_window(bad).is_err(), "{bad}");
        }
    }
}
