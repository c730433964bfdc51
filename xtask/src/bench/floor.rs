//! What any program must spend: a file read and written into a loopback socket, and curl.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use super::FLOOR;
use super::process::{Cost, measure};
use super::server::Discard;
use crate::workspace::Result;

/// This program, copying in a process of its own.
pub(crate) fn read_and_write(file: &Path) -> Result<Cost> {
    let server = Discard::start()?;
    let this = std::env::current_exe().map_err(|error| error.to_string())?;
    let cost = measure(Command::new(this).arg(FLOOR).arg(file).arg(server.address()))?;
    arrived(&server, file).map(|()| cost)
}

/// `curl -T`, if there is one.
pub(crate) fn curl(file: &Path) -> Result<Cost> {
    let server = Discard::start()?;
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--noproxy", "*", "--header", "Expect:", "--upload-file"]);
    curl.arg(file).arg(format!("http://{}/", server.address()));
    let cost = measure(&curl)?;
    arrived(&server, file).map(|()| cost)
}

/// A floor that did not send everything would be too low.
fn arrived(server: &Discard, file: &Path) -> Result<()> {
    let len = file.metadata().map_err(|error| format!("{}: {error}", file.display()))?.len();
    match server.received() {
        received if received == len => Ok(()),
        received => Err(format!("{received} of {len} bytes arrived")),
    }
}

/// Sends a file in one request with one buffer of 128 KiB, and waits for the reply.
///
/// # Errors
/// When the file or the server cannot be used.
pub(crate) fn copy(file: &str, address: &str) -> Result<()> {
    let failed = |error: std::io::Error| format!("{file} to {address}: {error}");
    let mut source = File::open(file).map_err(failed)?;
    let len = source.metadata().map_err(failed)?.len();
    let mut server = TcpStream::connect(address).map_err(failed)?;
    write!(server, "PUT / HTTP/1.1\r\ncontent-length: {len}\r\n\r\n").map_err(failed)?;
    let mut buffer = vec![0; 128 << 10];
    loop {
        match source.read(&mut buffer).map_err(failed)? {
            0 => break,
            count => server.write_all(&buffer[..count]).map_err(failed)?,
        }
    }
    server.read(&mut buffer).map_err(failed).map(|_| ())
}
