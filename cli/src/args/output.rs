//! What every command understands about what it shows.

use std::path::PathBuf;

use clap::ValueEnum;

/// How much is shown, and how.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Output options")]
pub(crate) struct Output {
    /// How progress is shown
    #[arg(long, global = true, value_name = "HOW", value_enum, default_value_t)]
    pub(crate) progress: Progress,
    /// Write JSON to standard output, one object a line, as docs/json.md describes it
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Show errors only; results are still written to standard output
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show each request, with its status and time
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Append everything that happens to FILE, with the time of day (UTC)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Progress {
    /// Redrawn on a terminal, in lines elsewhere
    #[default]
    Auto,
    /// In lines
    Plain,
    /// Not at all
    None,
}
