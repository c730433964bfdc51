//! What can be written on the command line.
#![expect(clippy::doc_markdown, reason = "these comments are the help texts, shown as they are")]

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{OsStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand};
use resumable::machine::MAX_WINDOW;
use resumable::units::{parse_rate, parse_size, parse_time};
use resumable::vendors;

use crate::transport::Kind;

const EXIT_CODES: &str = "\
Exit codes:
    0  done
    1  other failure
    2  usage or configuration
    3  the file is missing, unreadable or changed
    4  the credentials were refused
    5  gave up; the same command goes on
    6  refused by the vendor
    7  the content does not match at the vendor
    8  another process holds this upload
  130  interrupted; the same command goes on

Profiles are sections of the configuration file, $XDG_CONFIG_HOME/resumable/config.toml:
`resumable profiles` shows what can stand in one, for each vendor.";

/// Uploads big files, and goes on after an interruption.
#[derive(Debug, Parser)]
#[command(name = "resumable", version, after_long_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Args {
    /// What every command understands.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, clap::Args)]
pub(crate) struct Global {
    /// The configuration file, in place of $XDG_CONFIG_HOME/resumable/config.toml
    #[arg(long, global = true, env = "RESUMABLE_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of checkpoints, in place of $XDG_STATE_HOME/resumable
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Upload a file, or go on with its upload: the same command again resumes
    Put(Put),
    /// List the uploads that are not finished
    List,
    /// Give an upload up, and remove what is left of it at the vendor
    Abort(Abort),
    /// Show what can stand in a profile of the configuration file
    Profiles(Profiles),
    /// Log in where a vendor gives out credentials: scan a code with its app, and agree there
    Login(Login),
    /// Run the vendors' servers offline, until interrupted
    Emulator(Emulator),
    /// Upload, break, resume and verify against the embedded emulator; needs no network and no configuration
    Demo(Demo),
}

/// `resumable put`.
#[derive(Debug, clap::Args)]
pub(crate) struct Put {
    /// The file to upload
    pub(crate) file: PathBuf,
    /// Where to: a profile of the configuration file, and the path there, like work:/dir/big.bin; or work:/dir/, which
    /// gets the file's name
    #[arg(value_name = "PROFILE:PATH", value_parser = destination_parser())]
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
}

/// `resumable abort`.
#[derive(Debug, clap::Args)]
pub(crate) struct Abort {
    /// The upload's key as `resumable list` shows it, or the beginning of it
    pub(crate) upload: String,
    /// Sit out an outage for so long, like 90s, 10m or 2h
    #[arg(long, value_name = "TIME", value_parser = parse_time, default_value = "1m")]
    pub(crate) patience: Duration,
    /// What carries the requests [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
}

/// `resumable profiles`.
#[derive(Debug, clap::Args)]
pub(crate) struct Profiles {
    /// The profile's protocol [default: all of them]
    #[arg(value_parser = PossibleValuesParser::new(vendors::entries().map(|vendor| vendor.name)))]
    pub(crate) protocol: Option<String>,
}

/// `resumable login`.
#[derive(Debug, clap::Args)]
pub(crate) struct Login {
    /// The profile
    pub(crate) profile: String,
    /// Draw no code, write down what is in it
    #[arg(long)]
    pub(crate) plain: bool,
    /// What carries the requests [default: the profile's, or ureq]
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) transport: Option<Kind>,
}

/// `resumable emulator`.
#[derive(Debug, clap::Args)]
pub(crate) struct Emulator {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: SocketAddr,
    /// Where objects are kept, each a plain file, like DIR/cos-v2/APPID/BUCKET/PATH
    #[arg(long, value_name = "DIR", required_unless_present = "null")]
    pub(crate) data: Option<PathBuf>,
    /// Keep no bytes, only their number: for benchmarks
    #[arg(long, conflicts_with = "data")]
    pub(crate) null: bool,
    /// Write a configuration file with one profile a service, named emu-cos-v2 and so on
    #[arg(long, value_name = "FILE")]
    pub(crate) config_out: Option<PathBuf>,
    /// How far the servers' clocks are ahead
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) clock_offset: i64,
    /// Faults to inject: a plan as docs/emulator.md describes it
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Accounts, limits and switches, as docs/emulator.md describes them
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Serve over TLS, with a certificate of its own making unless --cert says otherwise
    #[arg(long)]
    pub(crate) tls: bool,
    /// Where to write the certificate that clients are to trust [default: DIR/ca.pem]
    #[arg(long, value_name = "FILE", requires = "tls", conflicts_with = "cert")]
    pub(crate) ca_out: Option<PathBuf>,
    /// A certificate of yours, with its chain, PEM
    #[arg(long, value_name = "FILE", requires = "tls", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// Its key, PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
}

/// `resumable demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// How large the sample file is, like 64MiB; at least 16MiB, and 40MiB where a vendor's slices are large
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "64MiB")]
    pub(crate) size: u64,
    /// Make every run with every vendor over every transport, in about a minute
    #[arg(long)]
    pub(crate) all: bool,
}

/// A profile, and a path in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// The profile's name.
    pub(crate) profile: String,
    /// The path, as the vendor is to know it.
    pub(crate) path: String,
}

impl Destination {
    /// The path of the object that this file becomes: like `cp FILE DIR/`, a path that ends in `/` gets the file's name.
    ///
    /// # Errors
    /// When the file's name can be none at the vendor.
    pub(crate) fn path_of(&self, file: &Path) -> Result<String, &'static str> {
        if !self.path.ends_with('/') {
            return Ok(self.path.clone());
        }
        let name = file.file_name().and_then(OsStr::to_str);
        let name = name.ok_or("the destination ends in '/', and the file has no name that the vendor could take")?;
        Ok(format!("{}{name}", self.path))
    }
}

impl FromStr for Destination {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((profile, path)) if !profile.is_empty() && !path.is_empty() => {
                Ok(Self { profile: profile.to_owned(), path: path.to_owned() })
            }
            _ => Err("a destination is PROFILE:PATH, like work:/dir/big.bin"),
        }
    }
}

/// Not clap's own for texts: it does not say which argument is no UTF-8.
fn destination_parser() -> impl TypedValueParser<Value = Destination> {
    OsStringValueParser::new().try_map(|given| match given.to_str() {
        Some(text) => text.parse(),
        None => Err("the vendor's paths are UTF-8, and this is not"),
    })
}

fn parse_window(text: &str) -> Result<usize, String> {
    let window = text.parse().ok().filter(|window| (1..=MAX_WINDOW).contains(window));
    window.ok_or_else(|| format!("a window is a number from 1 to {MAX_WINDOW}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_destination_is_split_at_its_first_colon() {
        let parsed: Destination = "work:/dir/a:b".parse().unwrap();
        assert_eq!(parsed, Destination { profile: "work".to_owned(), path: "/dir/a:b".to_owned() });
        for bad in ["", "work", ":/x", "work:", "/dir/file"] {
            assert!(bad.parse::<Destination>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_that_ends_in_a_slash_gets_the_files_name() {
        for (path, file, whole) in [
            ("/dir/", "a/b.bin", "/dir/b.bin"),
            ("/", "b.bin", "/b.bin"),
            ("dir/", "./b.bin", "dir/b.bin"),
            ("/dir/x", "b.bin", "/dir/x"),
        ] {
            let destination = Destination { profile: "work".to_owned(), path: path.to_owned() };
            assert_eq!(destination.path_of(Path::new(file)).as_deref(), Ok(whole));
        }
        let destination: Destination = "work:/dir/".parse().unwrap();
        assert!(destination.path_of(Path::new("..")).is_err());
    }

    #[test]
    fn a_window_has_bounds() {
        assert_eq!(parse_window("1"), Ok(1));
        assert_eq!(parse_window("128"), Ok(128));
        for bad in ["0", "129", "-1", "four", ""] {
            assert!(parse_window(bad).is_err(), "{bad}");
        }
    }
}
