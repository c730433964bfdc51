//! What was at a server before: requests of other clients, which met no trouble.

use bytes::{Bytes, BytesMut};
use fastrand::Rng;
use http::{Request, Response, header};
use resumable_core::{Body, Segment};
use resumable_emulator::Emulator;

use crate::clock::Clock;
use crate::source::pattern;

/// Carries out a request whose source is `content`, before the case begins.
pub(super) fn send(server: &Emulator, content: &[u8], request: Request<Body>) -> Response<Bytes> {
    let (mut head, body) = request.into_parts();
    head.headers.insert(header::CONTENT_LENGTH, body.len().into());
    let mut bytes = BytesMut::new();
    for segment in body.segments() {
        match segment {
            Segment::Bytes(part) => bytes.extend_from_slice(part),
            Segment::Source(range) => {
                let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
                bytes.extend_from_slice(&content[index(range.start)..index(range.end)]);
            }
        }
    }
    server.handle(Clock::new().server(), Request::from_parts(head, bytes.freeze())).response
}

/// Another content than ours, of the same length or of another one.
pub(super) fn other_than(ours: &[u8], same_length: bool, chance: &mut Rng) -> Vec<u8> {
    let len = if same_length { ours.len() } else { ours.len() / 2 + 1 };
    let mut bytes = pattern(len as u64, chance.u64(..));
    // Two contents of a few bytes might be the same.
    if let Some(first) = bytes.first_mut() {
        *first = ours.first().map_or(1, |byte| byte ^ 0xff);
    }
    bytes
}
