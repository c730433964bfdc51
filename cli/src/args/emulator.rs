//! The words of `resumable emulator`.

use std::net::SocketAddr;
use std::path::PathBuf;

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
