//! Uploads a file to OSS by a transport of the program's own: HTTP/1.1 over a TCP connection for each request. With an
//! HTTP client in place of the connection, this is how a program's own client is used. What a transport promises is in
//! `docs/own-transport.md`; it has an async one, too, and a list of tests for both.
//!
//! Needs `resumable = { features = ["blocking", "oss", "http1"] }` without the default features. There is no TLS in it, so the endpoint begins with `http://`.
//!
//! ```sh
//! export OSS_ENDPOINT=http://oss-cn-shenzhen.aliyuncs.com OSS_REGION=cn-shenzhen OSS_BUCKET=…
//! export OSS_ACCESS_KEY_ID=… OSS_ACCESS_KEY_SECRET=…
//! cargo run --example own_transport --features oss,http1 -- FILE KEY
//! ```
use std::env;
use std::error::Error;
use std::io::{self, BufWriter, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use resumable::blocking::Client;
use resumable::machine::{Limits, SendError};
use resumable::oss::{self, Credential};
use resumable::transport::blocking::{Outgoing, Transport};
use resumable::transport::{WireError, name_of, plain_place, prepare, read_reply, send_error};

const USAGE: &str = "usage: own_transport FILE KEY";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().collect();
    let [_, file, key] = &args[..] else { return Err(USAGE.into()) };
    let var = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let to = oss::at_region(&var("OSS_ENDPOINT")?, &var("OSS_REGION")?, &var("OSS_BUCKET")?, key)?;
    let credential = Credential::new(var("OSS_ACCESS_KEY_ID")?, var("OSS_ACCESS_KEY_SECRET")?)?;

    let transport = Tcp { connect: Duration::from_secs(10), stall: Duration::from_secs(60) };
    let client = Client::builder().transport(transport).checkpoints("uploads").build()?;
    let receipt = client.put(to, credential).file(file).send()?;
    println!("{receipt:?}");
    Ok(())
}

/// A TCP connection for each request.
struct Tcp {
    connect: Duration,
    stall: Duration,
}

impl Transport for Tcp {
    fn send(&self, mut head: Parts, body: &mut Outgoing<'_>, limits: &Limits) -> Result<Response<Bytes>, SendError> {
        let name = name_of(&head.method, &head.uri);
        let opened = prepare(&mut head, body.len()).and_then(|()| self.open(&plain_place(&head.uri)?));
        // Until here no byte has left this machine. From here on the vendor may have acted.
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
