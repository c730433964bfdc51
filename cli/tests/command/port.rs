//! An address that stays this test's own while nobody listens there.
//!
//! A port that is let go is anybody's: another test's, or the system's for a connection. And whoever listened may still
//! hold it: a process that another test is starting has a copy of every socket for a moment.

use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener};

use socket2::{Domain, SockRef, Socket, Type};

/// A port that is held from the beginning to the end. Connections are refused while nobody [listens](Self::listen).
pub(crate) struct Port {
    address: SocketAddr,
    /// Bound, and never listening.
    _held: Socket,
}

impl Port {
    /// Holds a free port of this address.
    pub(crate) fn hold(ip: IpAddr) -> io::Result<Self> {
        let held = bound(SocketAddr::new(ip, 0))?;
        let address = held.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(Self { address, _held: held })
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens until what is given is dropped.
    pub(crate) fn listen(&self) -> Listening {
        let socket = bound(self.address).unwrap();
        socket.listen(128).unwrap();
        Listening(socket.into())
    }
}

/// A socket beside others at the same address, of which one at most listens.
fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    // To Linux the other option would mean two that listen.
    if !cfg!(target_os = "linux") {
        socket.set_reuse_port(true)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Somebody listens, until this is dropped.
pub(crate) struct Listening(TcpListener);

impl Listening {
    /// The socket, for whoever accepts: its copies do not listen longer than this lives.
    pub(crate) fn socket(&self) -> TcpListener {
        self.0.try_clone().unwrap()
    }
}

impl Drop for Listening {
    /// Ends the socket itself, whoever has a copy of it.
    fn drop(&mut self) {
        let _ = SockRef::from(&self.0).shutdown(Shutdown::Both);
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;

    #[test]
    fn a_held_port_refuses_connections_but_while_somebody_listens_and_is_given_to_nobody_else() {
        let port = Port::hold(Ipv4Addr::LOCALHOST.into()).unwrap();
        let is_refused =
            || TcpStream::connect(port.address()).is_err_and(|it| it.kind() == ErrorKind::ConnectionRefused);
        let mut copies = Vec::new();
        for _ in 0..3 {
            assert!(is_refused());
            let listening = port.listen();
            let client = TcpStream::connect(port.address()).unwrap();
            let (server, _) = listening.socket().accept().unwrap();
            assert_eq!(server.peer_addr().unwrap(), client.local_addr().unwrap());
            // As a process has it that is being started.
            copies.push(listening.socket());
        }
        assert!(is_refused());
        assert_ne!(Port::hold(Ipv4Addr::LOCALHOST.into()).unwrap().address(), port.address());
    }
}
