//! The words of `resumable put`.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use resumable::machine::MAX_WINDOW;
use resumable::units::{parse_rate, parse_time};

use super::Existing;
use super::destination::{self, Destination};
use crate::transport::Kind;

/// `resumable put`.
#[derive(Debug, clap::Args)]
pub(crate) struct Put {
    /// The file to upload
    pub(crate) file: PathBuf,
    /// Where to: a profile of the configuration file, and the path there, like work:/dir/big.bin; or work:/dir/, which
    /// gets the file's name
    #[arg(value_name = "PROFILE:PATH", value_parser = destination::parser())]
    pub(crate) destination: Destination,
    /// Send at most so many bytes per second, like 500k, 2M or 1.5MiB
    #[arg(long, value_name = "RATE", value_parser = parse_rate)]
    pub(crate) limit_rate: Option<NonZeroU64>,
    /// Sit out an outage for so long, like 90s, 10m or 2h
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "1h")]
    pub(crate) patience: Duration,
    /// How many requests may be under way at once [default: the profile's, or 4]
    #[arg(long, value_name = "N", value_parser = parse_window)]
    pub(crate) window: Option<usize>,
    /// What carries the requests [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
    /// Begin anew: remove what is left of an earlier upload, then upload the file as it is now
    #[arg(long)]
    pub(crate) restart: bool,
    /// What is done about what stands there already.
    #[command(flatten)]
    pub(crate) existing: Existing,
}

fn parse_window(text: &str) -> Result<usize, String> {
    let window = text.parse().ok().filter(|window| (1..=MAX_WINDOW).contains(window));
    window.ok_or_else(|| format!("a window is a number from 1 to {MAX_WINDOW}"))
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
