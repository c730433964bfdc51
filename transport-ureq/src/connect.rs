//! New connections: name lookup, TCP, the proxy's tunnel, TLS.

use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};
use std::{io, thread};

use http::Uri;
use http::uri::Scheme;
use resumable_transport::net::{self, ProxyServer, Routes, Socks, bare_host, port};
use resumable_transport::{USER_AGENT, WireError};
use rustls::ClientConfig;
use ureq::config::Config;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector, NextTimeout};

use crate::error::into_ureq;
use crate::socket::{Pulled, Socket, TICK};
use crate::socks::{self, Target};
use crate::watch::{Watch, far};
use crate::wire::Wire;

/// Opens the connections.
#[derive(Clone, Debug)]
pub(crate) struct Connect {
    pub(crate) routes: Arc<Routes>,
    pub(crate) tls: Arc<ClientConfig>,
}

impl Connector for Connect {
    type Out = Wire;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Wire>, ureq::Error> {
        self.open(details.uri, &Watch::current()).map(Some).map_err(into_ureq)
    }
}

impl Connect {
    fn open(&self, uri: &Uri, watch: &Watch) -> Result<Wire, WireError> {
        let proxy = self.routes.proxy_for(uri);
        let (host, port) = proxy.map_or((bare_host(uri), port(uri)), |proxy| (proxy.host.as_str(), proxy.port));
        let limit = Limit::new(host, port, watch);
        let socks = proxy.and_then(|proxy| proxy.socks.as_ref());
        let target = socks.map(|socks| target(uri, socks, &limit)).transpose()?;
        let failed = |error| WireError::Connect { place: limit.place.clone(), error };
        let mut socket = Socket::new(dial(host, port, &limit)?).map_err(failed)?;
        if let Some((socks, target)) = socks.zip(target) {
            socks::connect(&mut socket, socks, (&target, net::port(uri)), &|| limit.check())?;
        }
        // From here on, a SOCKS proxy is no more than a wire.
        let proxy = proxy.filter(|_| socks.is_none());
        if uri.scheme() != Some(&Scheme::HTTPS) {
            let absolute = proxy.and(uri.authority()).map(|authority| format!("http://{authority}"));
            return Ok(Wire::new(socket, absolute));
        }
        if let Some(proxy) = proxy {
            tunnel(&mut socket, proxy, uri, &limit)?;
        }
        let check = || limit.check().map_err(Interrupted::Limit);
        socket.secure(Arc::clone(&self.tls), bare_host(uri), check)?;
        Ok(Wire::new(socket, None))
    }
}

/// How long a connection may take, and whether it is still wanted.
struct Limit<'a> {
    watch: &'a Watch,
    place: String,
    by: Instant,
}

impl<'a> Limit<'a> {
    fn new(host: &str, port: u16, watch: &'a Watch) -> Self {
        Self { watch, place: format!("{host}:{port}"), by: far(Instant::now(), watch.connect_within) }
    }

    fn check(&self) -> Result<(), WireError> {
        self.watch.check()?;
        if Instant::now() < self.by { Ok(()) } else { Err(self.over()) }
    }

    fn over(&self) -> WireError {
        WireError::ConnectTimeout { place: self.place.clone(), within: self.watch.connect_within }
    }
}

/// Why a TLS handshake ended early: TLS, or the limit.
enum Interrupted {
    Tls(io::Error),
    Limit(WireError),
}

impl From<io::Error> for Interrupted {
    fn from(error: io::Error) -> Self {
        Self::Tls(error)
    }
}

impl From<Interrupted> for WireError {
    fn from(interrupted: Interrupted) -> Self {
        match interrupted {
            Interrupted::Tls(error) => Self::of_handshake(&error),
            Interrupted::Limit(error) => error,
        }
    }
}

/// Looks the name up and connects.
fn dial(host: &str, port: u16, limit: &Limit<'_>) -> Result<TcpStream, WireError> {
    let (name, by) = (host.to_owned(), limit.by);
    on_a_thread(host, limit, move || look_up_and_connect(&name, port, by))
}

/// What a SOCKS proxy is asked for: an address that is looked up here, unless the proxy looks names up.
fn target<'a>(uri: &'a Uri, socks: &Socks, limit: &Limit<'_>) -> Result<Target<'a>, WireError> {
    let host = bare_host(uri);
    if let Ok(address) = host.parse() {
        return Ok(Target::Address(address));
    }
    if socks.looks_names_up {
        return Ok(Target::Name(host));
    }
    let (name, port) = (host.to_owned(), port(uri));
    on_a_thread(host, limit, move || {
        let mut found = (name.as_str(), port).to_socket_addrs().map_err(Dial::Lookup)?;
        found
            .next()
            .map(|found| Target::Address(found.ip()))
            .ok_or_else(|| Dial::Lookup(io::Error::other("no address")))
    })
}

/// Works on a thread of its own: neither a lookup nor a connect can be interrupted, and the caller must not wait for them
/// once the request is cancelled.
fn on_a_thread<T: Send + 'static>(
    host: &str,
    limit: &Limit<'_>,
    work: impl FnOnce() -> Result<T, Dial> + Send + 'static,
) -> Result<T, WireError> {
    let (tell, told) = mpsc::channel();
    let started = thread::Builder::new().name("resumable-connect".to_owned()).spawn(move || {
        // The caller may have given up; the connection is closed then.
        let _ = tell.send(work());
    });
    started.map_err(|error| WireError::Connect { place: limit.place.clone(), error })?;
    loop {
        limit.check()?;
        match told.recv_timeout(TICK) {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(Dial::Lookup(error))) => return Err(WireError::Lookup { host: host.to_owned(), error }),
            Ok(Err(Dial::Connect(error))) if error.kind() == io::ErrorKind::TimedOut => return Err(limit.over()),
            Ok(Err(Dial::Connect(error))) => return Err(WireError::Connect { place: limit.place.clone(), error }),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(limit.over()),
        }
    }
}

enum Dial {
    Lookup(io::Error),
    Connect(io::Error),
}

/// Tries one address after the other; each but the last gets half of the time that is left.
fn look_up_and_connect(host: &str, port: u16, by: Instant) -> Result<TcpStream, Dial> {
    let mut addresses = (host, port).to_socket_addrs().map_err(Dial::Lookup)?.peekable();
    let mut last = Dial::Lookup(io::Error::other("no address"));
    while let Some(address) = addresses.next() {
        let left = by.saturating_duration_since(Instant::now());
        let share = if addresses.peek().is_some() { left / 2 } else { left };
        match TcpStream::connect_timeout(&address, share.max(Duration::from_millis(1))) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Dial::Connect(error),
        }
    }
    Err(last)
}

/// Asks the proxy for a tunnel.
fn tunnel(socket: &mut Socket, proxy: &ProxyServer, uri: &Uri, limit: &Limit<'_>) -> Result<(), WireError> {
    let target = format!("{}:{}", uri.host().unwrap_or_default(), port(uri));
    let login = proxy.authorization.as_ref().and_then(|value| value.to_str().ok());
    let login = login.map(|login| format!("proxy-authorization: {login}\r\n")).unwrap_or_default();
    let request = format!("CONNECT {target} HTTP/1.1\r\nhost: {target}\r\nuser-agent: {USER_AGENT}\r\n{login}\r\n");
    let mut left = request.as_bytes();
    while !left.is_empty() {
        limit.check()?;
        left = &left[socket.push(left).map_err(WireError::Write)?.taken..];
    }
    match tunnel_status(socket, limit)? {
        200..300 => Ok(()),
        407 => Err(WireError::ProxyLogin),
        status => Err(WireError::ProxyRefused(status)),
    }
}

fn tunnel_status(socket: &mut Socket, limit: &Limit<'_>) -> Result<u16, WireError> {
    const LONGEST: usize = 16 * 1024;
    let mut head = vec![0; LONGEST];
    let mut filled = 0;
    // The body of a refusal is left unread; behind an acceptance nothing comes before the TLS handshake.
    while !head[..filled].windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        limit.check()?;
        match socket.pull(&mut head[filled..]).map_err(WireError::Read)? {
            Pulled::Bytes(count) => filled += count,
            Pulled::Nothing if filled < LONGEST => {}
            Pulled::Nothing | Pulled::End => return Err(WireError::ProxyGarbage),
        }
    }
    let line = head[..filled].split(|byte| *byte == b'\r').next().unwrap_or_default();
    let line = str::from_utf8(line).ok().filter(|line| line.starts_with("HTTP/1.")).ok_or(WireError::ProxyGarbage)?;
    line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or(WireError::ProxyGarbage)
}

/// ureq looks names up before it asks for a connection; here that is a part of [`dial`].
#[derive(Debug)]
pub(crate) struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}
