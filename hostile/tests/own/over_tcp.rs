use std::io::{self, BufWriter, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use resumable_core::{Limits, SendError};
use resumable_transport::blocking::{Outgoing, Transport};
use resumable_transport::{WireError, name_of, plain_place, prepare, read_reply, send_error};

/// A TCP connection for each request.
pub(crate) struct Tcp {
    pub(crate) connect: Duration,
    pub(crate) stall: Duration,
}

impl Transport for Tcp {
    fn send(&self, mut head: Parts, body: &mut Outgoing<'_>, limits: &Limits) -> Result<Response<Bytes>, SendError> {
        let name = name_of(&head.method, &head.uri);
        let opened = prepare(&mut head, body.len()).and_then(|()| self.open(&plain_place(&head.uri)?));
        let stream = opened.map_err(|error| send_error(name.clone(), error, true))?;
        let sent = write(&stream, &head, body).map_err(WireError::Write);
        let sent = sent.and_then(|()| read_reply(&stream, &head.method, limits));
        sent.map_err(|error| send_error(name, error, false))
    }
}

impl Tcp {
    fn open(&self, place: &str) -> Result<TcpStream, WireError> {
        let failed = |error| WireError::Connect { place: place.to_owned(), error };
        let mut opened = Err(io::ErrorKind::NotFound.into());
        for address in place.to_socket_addrs().map_err(failed)? {
            opened = opened.or_else(|_: io::Error| TcpStream::connect_timeout(&address, self.connect));
        }
        let stream = opened.map_err(failed)?;
        stream.set_write_timeout(Some(self.stall)).map_err(failed)?;
        stream.set_read_timeout(Some(self.stall)).map_err(failed)?;
        Ok(stream)
    }
}

fn write(stream: &TcpStream, head: &Parts, body: &mut Outgoing<'_>) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(128 << 10, stream);
    write!(out, "{} {} HTTP/1.1\r\n", head.method, head.uri.path_and_query().map_or("/", |path| path.as_str()))?;
    for (name, value) in &head.headers {
        out.write_all(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat())?;
    }
    out.write_all(b"\r\n")?;
    io::copy(body, &mut out)?;
    out.flush()
}
