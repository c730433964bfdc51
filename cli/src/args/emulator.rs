//! The words of `resumable emulator`.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

use clap::ArgGroup;

/// `resumable emulator`.
#[derive(Debug, clap::Args)]
#[command(group(ArgGroup::new("storage").required(true).args(["data", "null"])))]
pub(crate) struct Emulator {
    /// Address to listen on, like localhost:8080; port 0 picks a free port
    #[arg(long, value_name = "ADDR", value_parser = parse_address)]
    pub(crate) listen: SocketAddr,
    /// Folder for the uploaded objects, each a plain file, like DIR/cos-v2/APPID/BUCKET/PATH
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Discard the data, keep only sizes (for benchmarks)
    #[arg(long)]
    pub(crate) null: bool,
    /// Write a configuration file with a profile for each service: emu-oss, emu-115, …
    #[arg(long, value_name = "FILE")]
    pub(crate) config_out: Option<PathBuf>,
    /// How far the servers' clocks run ahead; negative: behind
    #[arg(long, value_name = "SECONDS", default_value_t = 0, allow_negative_numbers = true)]
    pub(crate) clock_offset: i64,
    /// Faults to inject, from a plan file; see docs/emulator.md
    #[arg(long, value_name = "FILE")]
    pub(crate) faults: Option<PathBuf>,
    /// Accounts, limits and switches, from a file; see docs/emulator.md
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Serve over TLS, with a self-made certificate unless --cert is given
    #[arg(long)]
    pub(crate) tls: bool,
    /// Where to write the certificate that clients have to trust [default: DIR/ca.pem]
    #[arg(long, value_name = "FILE", requires = "tls", conflicts_with = "cert")]
    pub(crate) ca_out: Option<PathBuf>,
    /// Your own certificate with its chain, as PEM
    #[arg(long, value_name = "FILE", requires = "tls", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// Private key of --cert, as PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
}

/// An address, or the name of one with a port.
fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let found: Vec<SocketAddr> = text.to_socket_addrs().into_iter().flatten().collect();
    let address = found.iter().find(|address| address.is_ipv4()).or(found.first());
    address.copied().ok_or_else(|| "an address is HOST:PORT, like 127.0.0.1:8080 or localhost:0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_a_name() {
        assert_eq!(parse_address("127.0.0.1:0"), Ok(SocketAddr::from(([127, 0, 0, 1], 0))));
        assert_eq!(parse_address("localhost:8080").map(|address| address.ip().is_loopback()), Ok(true));
        for bad in ["", "8080", "localhost", "127.0.0.1", "127.0.0.1:70000"] {
            assert!(parse_address(bad).unwrap_err().contains("HOST:PORT"), "{bad}");
        }
    }
}
