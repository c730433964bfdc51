//! What reqwest's errors mean, in our words. Theirs name the address, and the signature in it.

use std::error::Error;
use std::io;
use std::time::Duration;

use resumable_transport::WireError;

/// Whom a connection was made to: the server, or the proxy.
pub(crate) struct Place {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// What an error means: before the connection was there, while the request was sent, or while the reply was read.
pub(crate) fn in_words(error: &reqwest::Error, place: &Place, connect_within: Duration, replying: bool) -> WireError {
    if error.is_builder() {
        return WireError::Address;
    }
    if error.is_connect() { no_connection(error, place, connect_within) } else { broken(error, replying) }
}

fn no_connection(error: &reqwest::Error, place: &Place, within: Duration) -> WireError {
    let place_text = format!("{}:{}", place.host, place.port);
    let text = innermost(error);
    if error.is_dns() {
        return WireError::Lookup { host: place.host.clone(), error: io::Error::other(text) };
    }
    if error.is_timeout() {
        return WireError::ConnectTimeout { place: place_text, within };
    }
    if let Some(tunnel) = chain(error).map(ToString::to_string).find_map(|text| refusal(&text)) {
        return tunnel;
    }
    match find::<io::Error>(error) {
        Some(tls) if is_tls(tls) => WireError::of_handshake(tls),
        Some(error) => WireError::Connect { place: place_text, error: again(error) },
        None => WireError::Connect { place: place_text, error: io::Error::other(text) },
    }
}

fn is_tls(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|under| under.is::<rustls::Error>() || under.downcast_ref().is_some_and(is_tls))
}

/// hyper's tunnel does not tell the status, but whether it is 407.
fn refusal(text: &str) -> Option<WireError> {
    match text.strip_prefix("tunnel error: ")? {
        "proxy authorization required" => Some(WireError::ProxyLogin),
        "failed to create underlying connection" => None,
        why => Some(WireError::Tunnel(why.to_owned())),
    }
}

fn broken(error: &reqwest::Error, replying: bool) -> WireError {
    let hyper = find::<hyper::Error>(error);
    if hyper.is_some_and(hyper::Error::is_parse) {
        return WireError::Garbage(innermost(error));
    }
    let cut = if replying { WireError::ReplyCut } else { WireError::ClosedWhileSending };
    match find::<io::Error>(error) {
        Some(error) if error.kind() == io::ErrorKind::UnexpectedEof => cut,
        Some(error) if replying => WireError::Read(again(error)),
        Some(error) => WireError::Write(again(error)),
        None if hyper.is_some_and(hyper::Error::is_incomplete_message) => cut,
        None => WireError::Other(innermost(error)),
    }
}

/// The errors under this one, which is left out: its text is the address.
fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let mut under = error.source();
    std::iter::from_fn(move || {
        let this = under?;
        under = this.source();
        Some(this)
    })
}

fn find<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(<dyn Error>::downcast_ref)
}

fn innermost(error: &reqwest::Error) -> String {
    chain(error).last().map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

fn again(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), error.to_string())
}
