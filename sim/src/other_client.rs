//! The server, and what was at it before: requests of other clients, which met no trouble.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use fastrand::Rng;
use http::request::Parts;
use http::{HeaderValue, Request, Response, header};
use resumable_core::{Body, Segment};
use resumable_emulator::{Config, Emulator, MemoryStorage};

use crate::source::pattern;

/// A server in memory whose clock is ahead by so many seconds.
pub(crate) fn emulator(mut config: Config, clock_offset: i64) -> Emulator {
    config.clock_offset = clock_offset;
    config.log_entries = 0;
    Emulator::new(config, Box::new(MemoryStorage::new())).expect("memory, and a configuration that can be")
}

/// The time on the clock of a server that is ahead by so many seconds.
pub(crate) fn server_clock(now: Duration, clock_offset: i64) -> Duration {
    let offset = Duration::from_secs(clock_offset.unsigned_abs());
    if clock_offset < 0 { now.saturating_sub(offset) } else { now.saturating_add(offset) }
}

/// Carries out a request whose source is `content`.
pub(crate) fn send(server: &Emulator, now: Duration, content: &[u8], request: Request<Body>) -> Response<Bytes> {
    let (mut head, body) = request.into_parts();
    head.headers.insert(header::CONTENT_LENGTH, body.len().into());
    name_host(&mut head);
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
    server.handle(now, Request::from_parts(head, bytes.freeze())).response
}

/// Says the host, as every transport does.
pub(crate) fn name_host(head: &mut Parts) {
    if let Some(host) = head.uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok()) {
        head.headers.entry(header::HOST).or_insert(host);
    }
}

/// Another content than ours, of the same length or of another one.
pub(crate) fn other_than(ours: &[u8], same_length: bool, chance: &mut Rng) -> Vec<u8> {
    let len = if same_length { ours.len() } else { ours.len() / 2 + 1 };
    let mut bytes = pattern(len as u64, chance.u64(..));
    // Two contents of a few bytes might be the same.
    if let Some(first) = bytes.first_mut() {
        *first = ours.first().map_or(1, |byte| byte ^ 0xff);
    }
    bytes
}
