//! What is at the server before the upload begins, and who left it there.

use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::{Body, Digest, HashJob, HashKind, HashPass};
use resumable_emulator::Emulator;
use resumable_proto_cos::{Boundary, Place, Signature, Signing, sign, upload};

use super::credential;
use crate::clock::Clock;
use crate::other_client::{other_than, send, server_clock};

/// What is at the server before the upload begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// Nothing.
    Nothing,
    /// The same content at the path.
    Same,
    /// Other content at the path, of the same length or of another.
    Other {
        /// Whether it has the same length.
        same_length: bool,
    },
    /// The same content elsewhere in the bucket.
    Elsewhere,
    /// A stranger's unfinished upload of other content at the path.
    Stranger {
        /// Whether its length is ours.
        same_length: bool,
        /// Whether slices of it have arrived.
        has_slices: bool,
        /// Whether it was begun with a digest, where that is not always so.
        hashed: bool,
    },
    /// An unfinished upload of our content, whose checkpoint is lost, or which another program began.
    Ours {
        /// How many of its slices have arrived, at most.
        slices: u8,
        /// The slices came out of order, and the first is missing.
        gap: bool,
    },
    /// Other content at the path, and a stranger's unfinished upload to overwrite it.
    OtherAndStranger,
}

/// What an unfinished upload is tied to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tie {
    /// Its content, as the client that is tried ties its own.
    Ours,
    /// A digest of something else.
    Another,
    /// Nothing.
    Loose,
}

/// Another client, which was there before.
pub(crate) trait OtherClient {
    /// Leaves a finished object; what is refused is not there.
    fn put(&self, key: &str, content: &[u8]);

    /// Leaves an unfinished upload with at most so many slices: the first ones, or all that come after the first.
    fn begin(&self, content: &[u8], slices: usize, gap: bool, tie: Tie);
}

impl Before {
    pub(crate) fn is_begun(self) -> bool {
        matches!(self, Self::Stranger { .. } | Self::Ours { .. } | Self::OtherAndStranger)
    }

    /// Another client brings it about, at this key.
    pub(crate) fn lay(self, key: &str, ours: &[u8], client: &impl OtherClient, chance: &mut Rng) {
        match self {
            Self::Nothing => {}
            Self::Same => client.put(key, ours),
            Self::Other { same_length } => client.put(key, &other_than(ours, same_length, chance)),
            Self::Elsewhere => client.put("elsewhere.bin", ours),
            Self::Stranger { same_length, has_slices, hashed } => {
                let tie = if hashed { Tie::Another } else { Tie::Loose };
                client.begin(
                    &other_than(ours, same_length, chance),
                    if has_slices { usize::MAX } else { 0 },
                    false,
                    tie,
                );
            }
            Self::Ours { slices, gap } => client.begin(ours, slices.into(), gap, Tie::Ours),
            Self::OtherAndStranger => {
                client.put(key, &other_than(ours, true, chance));
                client.begin(&other_than(ours, false, chance), usize::MAX, false, Tie::Loose);
            }
        }
    }
}

/// Another client of a version, by the clock of the server before the case begins.
pub(crate) struct Visitor<'a, S> {
    pub(crate) server: &'a Emulator,
    pub(crate) setting: &'a S,
    pub(crate) clock_offset: i64,
}

impl<S> Visitor<'_, S> {
    pub(crate) fn signature<V>(&self, place: &Place<V>) -> Signature {
        let credential = credential(0);
        let now = server_clock(Clock::new().server(), self.clock_offset);
        sign::multi_effect(&Signing::new(&credential, place, now, 1), Duration::from_secs(600), &place.file_id())
    }

    pub(crate) fn send(&self, content: &[u8], request: Request<Body>) -> Response<Bytes> {
        send(self.server, Clock::new().server(), content, request)
    }

    /// Leaves an object that goes in one request.
    pub(crate) fn send_whole<V>(&self, place: &Place<V>, content: &[u8]) {
        let message = upload::Upload { filesize: content.len() as u64, sha: None, biz_attr: None, insert_only: true };
        self.send(content, upload::encode(place, &message, &self.signature(place), &boundary()));
    }
}

pub(crate) fn boundary() -> Boundary {
    Boundary::from_nonce(1)
}

/// Digests of all of it.
pub(crate) fn digests<const N: usize>(content: &[u8], kinds: [HashKind; N]) -> Option<[Digest; N]> {
    let jobs = kinds.map(|kind| HashJob { kind, range: 0..content.len() as u64, keep: false });
    let mut pass = HashPass::new(&jobs).ok()?;
    pass.feed(content).ok()?;
    pass.finish().ok()?.try_into().ok()
}
