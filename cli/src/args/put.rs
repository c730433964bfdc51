//! The words of `resumable put`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use resumable::Window;
use resumable::units::parse_time;

use super::destination::{self, Destination};
use super::existing::Existing;
use super::object::ObjectOptions;
use super::on_done::OnDoneOptions;
use super::rate::RateOptions;
use crate::transport::Kind;

/// `resumable put`.
#[derive(Debug, clap::Args)]
#[command(override_usage = "resumable put [OPTIONS] SRC... PROFILE:PATH\n       \
                      resumable put [OPTIONS] --files-from FILE PROFILE:PATH")]
pub(crate) struct Put {
    /// Files to upload, then the destination: a profile and a path there, like work:/dir/big.bin; with a final slash, like
    /// work:/dir/, files keep their names; - is standard input, saved to a temporary file first
    #[arg(value_name = "SRC... PROFILE:PATH", required = true)]
    words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) sources: Sources,
    #[command(flatten)]
    pub(crate) again: Again,
    /// What is done about what is there already.
    #[command(flatten)]
    pub(crate) existing: Existing,
    /// Show what would be done; send nothing, write nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    /// How fast to send.
    #[command(flatten)]
    pub(crate) rate: RateOptions,
    /// What the objects are to be.
    #[command(flatten)]
    pub(crate) object: ObjectOptions,
    /// What to run after each file.
    #[command(flatten)]
    pub(crate) on_done: OnDoneOptions,
    /// Keep retrying this long without progress before giving up: 90s, 10m, 2h
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "1h")]
    pub(crate) patience: Duration,
    /// Requests in parallel: a number, or auto for as many as bring throughput [default: the profile's, or auto]
    #[arg(long, value_name = "N", value_parser = parse_window)]
    pub(crate) window: Option<Window>,
    /// HTTP client to use [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
}

pub(super) const AFTER: &str = "\
Folders: `put -r photos work:album/` uploads photos/x.jpg as album/photos/x.jpg; with `photos/`, as
album/x.jpg. Hidden files are uploaded too, empty folders are not.

Files that were sent before: what was sent is recorded in the state folder. A file that has not changed
since is skipped without asking the vendor, even if somebody deleted the object there: --force sends it
again. A file with other times is read, and skipped if its content is the same.

Exit code with several files: 0 if all are there, the common code if all failures have the same one,
otherwise 1. If the credentials are refused, the state folder cannot be used or the vendor cannot be
reached at all, the other files are not tried.

`resumable profiles` shows the keys that a profile can have; `resumable --help` the exit codes.";

/// Which files.
#[derive(Debug, clap::Args)]
pub(crate) struct Sources {
    /// Upload what is in folders
    #[arg(short, long)]
    pub(crate) recursive: bool,
    /// In folders, upload only files that match GLOB, as in a .gitignore: *.jpg, /top.txt; repeatable
    #[arg(long, value_name = "GLOB")]
    pub(crate) include: Vec<String>,
    /// In folders, leave out files and folders that match GLOB, whatever --include says; repeatable
    #[arg(long, value_name = "GLOB")]
    pub(crate) exclude: Vec<String>,
    /// Symbolic links in folders
    #[arg(long, value_name = "HOW", value_enum, default_value_t)]
    pub(crate) links: Links,
    /// Read the paths of the files from FILE, one per line; - is standard input. The whole path is the name at the
    /// destination, or what follows /./ in it
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// Write the paths of the files that were not uploaded to FILE, for --files-from
    #[arg(long, value_name = "FILE")]
    pub(crate) failed_to: Option<PathBuf>,
    /// Paths in these files end with NUL instead of a newline
    #[arg(short = '0', long)]
    pub(crate) null: bool,
}

/// What becomes of what was sent before.
#[derive(Debug, clap::Args)]
pub(crate) struct Again {
    /// Read files that were sent before, and compare their content with what was sent
    #[arg(long, conflicts_with = "force")]
    pub(crate) checksum: bool,
    /// Start over: discard the unfinished upload, then upload the file as it is now
    #[arg(long)]
    pub(crate) restart: bool,
    /// Resume this unfinished upload, by its key in `resumable list`: its file was moved, or it was sent to another
    /// endpoint of the same bucket
    #[arg(long = "continue", value_name = "KEY", conflicts_with = "restart")]
    pub(crate) continue_from: Option<String>,
}

/// What becomes of symbolic links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Links {
    /// Leave them out
    #[default]
    Skip,
    /// Upload what they point to
    Follow,
}

impl Put {
    /// The sources, and where they go.
    ///
    /// # Errors
    /// When the last word is no destination, or there is nothing before it.
    pub(crate) fn words(&self) -> Result<(Vec<PathBuf>, Destination), String> {
        let Some((last, sources)) = self.words.split_last() else { return Err("a destination is missing".to_owned()) };
        let destination = destination::parse(last).map_err(|why| format!("PROFILE:PATH: {why}"))?;
        match (sources, &self.sources.files_from) {
            ([], None) => Err("two arguments are needed: SRC PROFILE:PATH".to_owned()),
            ([_, ..], Some(_)) => Err("with --files-from, the destination is the only argument".to_owned()),
            _ => Ok((sources.iter().map(PathBuf::from).collect(), destination)),
        }
    }
}

fn parse_window(text: &str) -> Result<Window, String> {
    text.parse().map_err(|why| format!("the number of parallel requests {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_bounds() {
        assert_eq!(parse_window("1"), Ok(Window::Fixed(1)));
        assert_eq!(parse_window("128"), Ok(Window::Fixed(128)));
        assert_eq!(parse_window("auto"), Ok(Window::Auto));
        for bad in ["0", "129", "-1", "four", ""] {
            assert!(parse_window(bad).is_err(), "{bad}");
        }
    }
}
