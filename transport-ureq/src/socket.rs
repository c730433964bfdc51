//! A TCP connection, with TLS or without, that never blocks for longer than a tick.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};

/// How long one read or write may block: how soon a cancelled request is noticed.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// How many encrypted bytes may wait for the system to take them.
const TLS_BUFFER: usize = 128 * 1024;

#[derive(Debug)]
pub(crate) struct Socket {
    tcp: TcpStream,
    tls: Option<Box<ClientConnection>>,
}

/// What one attempt to send did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pushed {
    /// How many of the bytes need not be given again.
    pub(crate) taken: usize,
    /// True if the system took any bytes of the connection.
    pub(crate) moved: bool,
}

/// What one attempt to receive did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pulled {
    Bytes(usize),
    Nothing,
    End,
}

impl Socket {
    pub(crate) fn new(tcp: TcpStream) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(TICK))?;
        tcp.set_write_timeout(Some(TICK))?;
        Ok(Self { tcp, tls: None })
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Sends some of `bytes` and waits a tick for that at most.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<Pushed> {
        let Some(tls) = &mut self.tls else {
            let taken = or_zero(self.tcp.write(bytes))?;
            return Ok(Pushed { taken, moved: taken > 0 });
        };
        let taken = tls.writer().write(bytes)?;
        let moved = tls.wants_write() && or_zero(tls.write_tls(&mut self.tcp))? > 0;
        Ok(Pushed { taken, moved })
    }

    /// True while bytes that were taken are not sent.
    pub(crate) fn is_pending(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.wants_write())
    }

    /// Receives some bytes and waits a tick for that at most.
    pub(crate) fn pull(&mut self, buffer: &mut [u8]) -> io::Result<Pulled> {
        self.pull_by(|tcp, buffer| (&*tcp).read(buffer), buffer)
    }

    /// Receives what is there, and does not wait.
    #[cfg(unix)]
    pub(crate) fn glance(&mut self, buffer: &mut [u8]) -> io::Result<Pulled> {
        use rustix::net::{RecvFlags, recv};
        self.pull_by(|tcp, buffer| Ok(recv(tcp, buffer, RecvFlags::DONTWAIT)?.0), buffer)
    }

    /// Receives what is there, and does not wait.
    #[cfg(not(unix))]
    pub(crate) fn glance(&mut self, buffer: &mut [u8]) -> io::Result<Pulled> {
        self.tcp.set_nonblocking(true)?;
        let pulled = self.pull(buffer);
        self.tcp.set_nonblocking(false)?;
        pulled
    }

    fn pull_by(
        &mut self,
        read: impl Fn(&TcpStream, &mut [u8]) -> io::Result<usize>,
        buffer: &mut [u8],
    ) -> io::Result<Pulled> {
        let Self { tcp, tls } = self;
        let Some(tls) = tls else { return pulled(read(tcp, buffer)) };
        loop {
            let plain = pulled(tls.reader().read(buffer))?;
            if plain != Pulled::Nothing || pulled(tls.read_tls(&mut By(&read, tcp)))? == Pulled::Nothing {
                return Ok(plain);
            }
            process(tls, tcp)?;
        }
    }

    /// Makes a TLS connection of this one. `check` is asked after every tick whether to go on.
    pub(crate) fn secure<E: From<io::Error>>(
        &mut self,
        config: Arc<ClientConfig>,
        host: &str,
        check: impl Fn() -> Result<(), E>,
    ) -> Result<(), E> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let mut tls = ClientConnection::new(config, name).map_err(io::Error::other)?;
        tls.set_buffer_limit(Some(TLS_BUFFER));
        while tls.is_handshaking() || tls.wants_write() {
            check()?;
            if tls.wants_write() {
                or_zero(tls.write_tls(&mut self.tcp))?;
                continue;
            }
            match pulled(tls.read_tls(&mut self.tcp))? {
                Pulled::Nothing => {}
                Pulled::End => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                Pulled::Bytes(_) => process(&mut tls, &mut self.tcp)?,
            }
        }
        self.tls = Some(Box::new(tls));
        Ok(())
    }
}

/// A connection that is read in a way of its own.
struct By<'a, R>(&'a R, &'a TcpStream);

impl<R: Fn(&TcpStream, &mut [u8]) -> io::Result<usize>> Read for By<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0(self.1, buffer)
    }
}

fn process(tls: &mut ClientConnection, tcp: &mut TcpStream) -> io::Result<()> {
    if let Err(error) = tls.process_new_packets() {
        // The alert that tells the server why; there is nothing to do if it does not get through.
        let _ = tls.write_tls(tcp);
        return Err(io::Error::new(io::ErrorKind::InvalidData, error));
    }
    Ok(())
}

fn or_zero(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error) if is_tick(&error) => Ok(0),
        other => other,
    }
}

fn pulled(result: io::Result<usize>) -> io::Result<Pulled> {
    match result {
        Ok(0) => Ok(Pulled::End),
        Ok(count) => Ok(Pulled::Bytes(count)),
        Err(error) if is_tick(&error) => Ok(Pulled::Nothing),
        Err(error) => Err(error),
    }
}

// Windows says TimedOut when a socket's own time limit is over; elsewhere that is a peer that is gone.
fn is_tick(error: &io::Error) -> bool {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => true,
        kind => cfg!(windows) && kind == io::ErrorKind::TimedOut,
    }
}
