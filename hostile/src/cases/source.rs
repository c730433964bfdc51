//! Sources that fail while they are sent. The transport stays open to the end of each case: it closes the connection
//! because of the source, not because it is closed itself.

use resumable_core::SourceFailureKind;
use resumable_transport::SourceError;

use crate::client::{Client, MIB, SHORT, at, put};
use crate::server::{ok, serve};
use crate::source::Memory;
use crate::subject::Subject;

pub(crate) fn a_source_that_breaks_is_told_as_such_and_ends_the_connection(subject: &dyn Subject) {
    let source = Memory::broken_at(4 * MIB, 2 * MIB);
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        let length = peer.head().length();
        (length, peer.rest(), listener)
    });
    let client = Client::open(subject);
    let sent = client.send(put(&at(&place), &source));
    assert!(sent.source_error().kind == SourceFailureKind::Read, "{sent:?}");
    assert_eq!(source.read(), 2 * MIB, "it is not read again");
    let (length, body, mut listener) = server.join();
    assert_eq!(length, 4 * MIB);
    // What was read and not yet sent when the source broke may stay behind.
    assert!(body.len() as u64 <= 2 * MIB && body == Memory::bytes(0..body.len() as u64));
    listener.nothing_more();
}

const END: u64 = 3 * MIB;

pub(crate) fn a_source_that_shrank_is_told_as_such_and_ends_the_connection(subject: &dyn Subject) {
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        let length = peer.head().length();
        (length, peer.rest(), listener)
    });
    let mut call = put(&at(&place), &Memory::of_len(4 * MIB));
    call.source = Memory::of_len(END);
    let client = Client::open(subject);
    let sent = client.send(call);
    assert!(matches!(sent.source_error().cause.0.downcast_ref(), Some(SourceError::Ended { at: END, .. })), "{sent:?}");
    let (length, body, mut listener) = server.join();
    assert_eq!(length, 4 * MIB);
    assert!(body.len() as u64 <= END, "the rest is not made up");
    assert!(body == Memory::bytes(0..body.len() as u64));
    listener.nothing_more();
}

/// Whether the head leaves before the source is read is the transport's own affair.
pub(crate) fn a_source_that_is_broken_from_the_start_sends_no_body(subject: &dyn Subject) {
    let source = Memory::broken_at(MIB, 0);
    let (place, server) = serve(|mut listener| listener.accept().rest());
    let client = Client::open(subject);
    let sent = client.send(put(&at(&place), &source));
    assert!(sent.source_error().kind == SourceFailureKind::Read, "{sent:?}");
    // The script waits for a connection, and the transport need not have made one.
    let _ = std::net::TcpStream::connect(&place);
    let seen = server.join();
    assert!(seen.is_empty() || seen.ends_with(b"\r\n\r\n"), "{}", String::from_utf8_lossy(&seen));
}

/// It may be a slow disk, or the limit of the upload's rate: the server is not to blame.
pub(crate) fn a_source_that_is_slow_is_no_stall(subject: &dyn Subject) {
    const LEN: u64 = 200_000;
    let source = Memory::slow(LEN, SHORT * 3);
    let (place, server) = serve(|mut listener| {
        let mut peer = listener.accept();
        let seen = peer.request();
        peer.say(ok("all"));
        seen.body
    });
    let client = Client::with(subject, |setup| setup.stall_timeout = SHORT * 2);
    client.send(put(&at(&place), &source)).answers(200, "all");
    assert!(server.join() == Memory::bytes(0..LEN));
}
