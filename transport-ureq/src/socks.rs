//! SOCKS 5 ([RFC 1928](https://www.rfc-editor.org/rfc/rfc1928)), with a user name and a password
//! ([RFC 1929](https://www.rfc-editor.org/rfc/rfc1929)) where there is one. It is spoken here, because the clients that can be
//! had as crates open the connection themselves and wait without end: neither the time limit nor a cancel reaches them.

use std::net::IpAddr;

use resumable_transport::WireError;
use resumable_transport::net::Socks;

use crate::socket::{Pulled, Socket};

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
/// The version of the exchange of user name and password.
const LOGIN_VERSION: u8 = 1;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const NAME: u8 = 3;
const IPV6: u8 = 4;

/// Where the proxy is to connect to.
pub(crate) enum Target<'a> {
    /// A name, which the proxy looks up.
    Name(&'a str),
    Address(IpAddr),
}

/// Asks a proxy, to which there is a connection, for one to `target`. `check` is asked again and again whether to go on.
pub(crate) fn connect(
    socket: &mut Socket,
    socks: &Socks,
    (target, port): (&Target<'_>, u16),
    check: &dyn Fn() -> Result<(), WireError>,
) -> Result<(), WireError> {
    let mut proxy = Dialogue { socket, check };
    let methods: &[u8] =
        if socks.login.is_some() { &[VERSION, 2, NO_LOGIN, PASSWORD] } else { &[VERSION, 1, NO_LOGIN] };
    proxy.say(methods)?;
    match (proxy.hear::<2>()?, &socks.login) {
        ([VERSION, NO_LOGIN], _) => {}
        ([VERSION, PASSWORD], Some(login)) => {
            let mut given = vec![LOGIN_VERSION];
            for part in [login.user(), login.password()] {
                given.push(u8::try_from(part.len()).map_err(|_| refused("its user name or password is too long"))?);
                given.extend(part);
            }
            proxy.say(&given)?;
            let [_, 0] = proxy.hear::<2>()? else { return Err(refused("it refused the user name and the password")) };
        }
        ([VERSION, _], Some(_)) => return Err(refused("it wants another way to log in")),
        ([VERSION, _], None) => return Err(refused("it asks for a user name and a password")),
        _ => return Err(garbage()),
    }
    proxy.say(&request(target, port)?)?;
    let [VERSION, reply, _, kind] = proxy.hear::<4>()? else { return Err(garbage()) };
    if reply != 0 {
        return Err(refused(meaning(reply)));
    }
    // Where it connects from, which nobody needs.
    let rest = match kind {
        IPV4 => 4,
        IPV6 => 16,
        NAME => usize::from(proxy.hear::<1>()?[0]),
        _ => return Err(garbage()),
    };
    proxy.fill(&mut vec![0; rest + 2])
}

fn request(target: &Target<'_>, port: u16) -> Result<Vec<u8>, WireError> {
    let mut request = vec![VERSION, CONNECT, 0];
    match target {
        Target::Name(name) => {
            let length = u8::try_from(name.len()).map_err(|_| WireError::Address)?;
            request.extend([NAME, length]);
            request.extend(name.bytes());
        }
        Target::Address(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend(address.octets());
        }
        Target::Address(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend(address.octets());
        }
    }
    request.extend(port.to_be_bytes());
    Ok(request)
}

fn refused(why: &str) -> WireError {
    WireError::Tunnel(why.to_owned())
}

fn garbage() -> WireError {
    refused("its answer is none of SOCKS 5")
}

fn meaning(reply: u8) -> &'static str {
    match reply {
        2 => "its rules do not allow the connection",
        3 => "the network cannot be reached",
        4 => "the host cannot be reached",
        5 => "the connection was refused",
        6 => "the connection took too long",
        7 | 8 => "it does not support such a request",
        _ => "it failed",
    }
}

struct Dialogue<'a> {
    socket: &'a mut Socket,
    check: &'a dyn Fn() -> Result<(), WireError>,
}

impl Dialogue<'_> {
    fn say(&mut self, mut bytes: &[u8]) -> Result<(), WireError> {
        while !bytes.is_empty() {
            (self.check)()?;
            bytes = &bytes[self.socket.push(bytes).map_err(WireError::Write)?.taken..];
        }
        Ok(())
    }

    fn hear<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes).map(|()| bytes)
    }

    /// Not a byte more is read: what follows is not the proxy's.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), WireError> {
        let mut filled = 0;
        while filled < bytes.len() {
            (self.check)()?;
            match self.socket.pull(&mut bytes[filled..]).map_err(WireError::Read)? {
                Pulled::Bytes(count) => filled += count,
                Pulled::Nothing => {}
                Pulled::End => return Err(refused("it closed the connection")),
            }
        }
        Ok(())
    }
}
