//! What any program must spend: a file that is sent in one request over one connection, and curl.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use sha1::{Digest as _, Sha1};

use super::FLOOR;
use super::process::{Cost, measure};
use super::server::Discard;
use crate::workspace::Result;

/// How the bytes get from the file into the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The system carries them: no program sees them.
    Sendfile,
    ReadAndWrite,
    /// A CRC-64 of what is read.
    Crc64,
    /// A SHA-1 of what is read.
    Sha1,
}

impl Way {
    pub(super) const ALL: [Self; 4] = [Self::ReadAndWrite, Self::Sendfile, Self::Crc64, Self::Sha1];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sendfile => "sendfile",
            Self::ReadAndWrite => "read + write",
            Self::Crc64 => "read + CRC-64 + write",
            Self::Sha1 => "read + SHA-1 + write",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }
}

/// This program, copying in a process of its own.
pub(super) fn of(way: Way, file: &Path) -> Result<Cost> {
    let server = Discard::start()?;
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let cost = measure(Command::new(this).args([FLOOR, way.name()]).arg(file).arg(server.address()))?;
    arrived(&server, file).map(|()| cost)
}

/// `curl -T`, if there is one.
pub(super) fn curl(file: &Path) -> Result<Cost> {
    let server = Discard::start()?;
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--header", "Expect:", "--upload-file"]);
    curl.arg(file).arg(format!("http://{}/", server.address()));
    let cost = measure(&curl)?;
    arrived(&server, file).map(|()| cost)
}

/// Who did not send everything would be too cheap.
pub(super) fn arrived(server: &Discard, file: &Path) -> Result<()> {
    let len = file.metadata().map_err(|error| format!("{}: {error}", file.display()))?.len();
    match server.received() {
        received if received >= len => Ok(()),
        received => Err(format!("{received} of {len} bytes arrived")),
    }
}

/// Sends a file in one request, and waits for the reply. What passes through memory does so in a buffer of 128 KiB.
///
/// # Errors
/// When the way is not known, or the file or the server cannot be used.
pub(crate) fn copy(way: &str, file: &str, address: &str) -> Result<()> {
    let way = Way::of(way).ok_or_else(|| format!("there is no floor `{way}`"))?;
    let failed = |error: std::io::Error| format!("{file} to {address}: {error}");
    let mut source = File::open(file).map_err(failed)?;
    let len = source.metadata().map_err(failed)?.len();
    let mut server = TcpStream::connect(address).map_err(failed)?;
    write!(server, "PUT / HTTP/1.1\r\ncontent-length: {len}\r\n\r\n").map_err(failed)?;
    let mut buffer = vec![0; 128 << 10];
    if way == Way::Sendfile {
        sendfile(&source, &server, len).map_err(failed)?;
    } else {
        let crc64 = crc_fast::CrcAlgorithm::Crc64Xz;
        let (mut crc, mut sha1) = (crc_fast::Digest::new(crc64), Sha1::new());
        loop {
            let count = source.read(&mut buffer).map_err(failed)?;
            let piece = &buffer[..count];
            match way {
                _ if count == 0 => break,
                Way::Crc64 => crc.update(piece),
                Way::Sha1 => sha1.update(piece),
                Way::ReadAndWrite | Way::Sendfile => {}
            }
            server.write_all(piece).map_err(failed)?;
        }
        std::hint::black_box((crc.finalize(), sha1.finalize()));
    }
    server.read(&mut buffer).map_err(failed).map(|_| ())
}

#[cfg(target_os = "linux")]
fn sendfile(file: &File, server: &TcpStream, mut left: u64) -> std::io::Result<()> {
    while left > 0 {
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(1 << 30);
        match nix::sys::sendfile::sendfile(server, file, None, count)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            sent => left -= sent as u64,
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn sendfile(_: &File, _: &TcpStream, _: u64) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
