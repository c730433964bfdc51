//! The words for how fast a command sends.

use std::path::PathBuf;

use resumable::Timetable;

/// How fast to send.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct RateOptions {
    /// Limit the upload speed, in bytes per second: 500k, 2M, 1.5MiB; or by the time of day: "08:00,2M 23:00,off"
    #[arg(long, value_name = "RATE", value_parser = str::parse::<Timetable>)]
    pub(crate) limit_rate: Option<Timetable>,
    /// File with the upload speed, written as for --limit-rate; read again when it changes, and on SIGUSR1
    #[arg(long, value_name = "FILE", conflicts_with = "limit_rate")]
    pub(crate) limit_rate_file: Option<PathBuf>,
}
