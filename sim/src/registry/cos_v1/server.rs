//! The emulator with what is there before.

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::{Body, Digest, HashJob, HashKind, HashPass};
use resumable_emulator::{Config, Emulator};
use resumable_proto_cos_v1::upload_slice::UploadSlice;
use resumable_proto_cos_v1::upload_slice_init::{InitReply, UploadSliceInit};
use resumable_proto_cos_v1::{Place, Sha, Signature, upload, upload_slice, upload_slice_init};

use super::{Setting, place_of};
use crate::clock::Clock;
use crate::other_client::{emulator, send};
use crate::registry::cos::{self, OtherClient, Tie, boundary};
use crate::source::Source;

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.cos_v1.accounts = cos::accounts();
    config.cos_v1.limits = setting.limits.clone();
    config.cos_v1.switches = setting.switches.clone();
    let server = emulator(config, setting.clock_offset);
    setting.before.lay(setting.key, source.bytes(), &Visitor { server: &server, setting }, chance);
    server
}

struct Visitor<'a> {
    server: &'a Emulator,
    setting: &'a Setting,
}

impl OtherClient for Visitor<'_> {
    fn put(&self, key: &str, content: &[u8]) {
        let (place, filesize) = (place_of(key), content.len() as u64);
        if filesize <= self.setting.limits.one_request {
            let message = upload::Upload { filesize, sha: None, biz_attr: None, insert_only: true };
            self.send(content, upload::encode(&place, &message, &self.signature(&place), &boundary()));
            return;
        }
        let Some((session, slice_size)) = self.init(&place, content) else { return };
        for offset in offsets(filesize, slice_size) {
            self.slice(&place, content, &session, offset, slice_size);
        }
    }

    fn begin(&self, content: &[u8], slices: usize, gap: bool, _: Tie) {
        let place = place_of(self.setting.key);
        let Some((session, slice_size)) = self.init(&place, content) else { return };
        let all: Vec<u64> = offsets(content.len() as u64, slice_size).collect();
        // With all of them it would be finished.
        let some = if gap { all.get(1..) } else { all.split_last().map(|(_, rest)| rest) };
        for offset in some.unwrap_or_default().iter().take(slices) {
            self.slice(&place, content, &session, *offset, slice_size);
        }
    }
}

impl Visitor<'_> {
    fn init(&self, place: &Place, content: &[u8]) -> Option<(String, u64)> {
        let message = UploadSliceInit {
            sha: Sha::try_from(&sha1(content)?).ok()?,
            filesize: content.len() as u64,
            slice_size: Some(self.setting.options.slice_size),
            biz_attr: None,
            session: None,
            insert_only: Some(false),
        };
        let init = upload_slice_init::encode(place, &message, &self.signature(place), &boundary());
        match upload_slice_init::decode(&self.send(content, init)) {
            Ok(InitReply::Opened(opened)) => Some((opened.session, opened.slice_size?)),
            _ => None,
        }
    }

    fn slice(&self, place: &Place, content: &[u8], session: &str, offset: u64, slice_size: u64) {
        let datalen = slice_size.min(content.len() as u64 - offset);
        let message = UploadSlice { session, offset, datalen, sha: None };
        self.send(content, upload_slice::encode(place, &message, &self.signature(place), &boundary()));
    }

    fn signature(&self, place: &Place) -> Signature {
        cos::signature(place, self.setting.clock_offset)
    }

    fn send(&self, content: &[u8], request: Request<Body>) -> Response<Bytes> {
        send(self.server, Clock::new().server(), content, request)
    }
}

fn offsets(filesize: u64, slice_size: u64) -> impl Iterator<Item = u64> {
    (0..filesize).step_by(usize::try_from(slice_size).unwrap_or(usize::MAX))
}

fn sha1(content: &[u8]) -> Option<Digest> {
    let job = HashJob { kind: HashKind::Sha1, range: 0..content.len() as u64, keep: false };
    let mut pass = HashPass::new(&[job]).ok()?;
    pass.feed(content);
    pass.finish().into_iter().next()
}
