//! The emulator with what is there before.

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::{Body, HashJob, HashKind};
use resumable_emulator::{Config, Emulator};
use resumable_proto_cos_v2::upload_slice_data::UploadSliceData;
use resumable_proto_cos_v2::upload_slice_finish::UploadSliceFinish;
use resumable_proto_cos_v2::upload_slice_init::{InitReply, UploadSliceInit};
use resumable_proto_cos_v2::uploadparts::uploadparts;
use resumable_proto_cos_v2::{
    Integrity, Place, Sha, Signature, upload, upload_slice_data, upload_slice_finish, upload_slice_init,
};

use super::{Setting, place_of};
use crate::clock::Clock;
use crate::other_client::{emulator, send};
use crate::registry::cos::{self, OtherClient, Tie, boundary};
use crate::source::Source;

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.cos_v2.accounts = cos::accounts();
    config.cos_v2.limits = setting.limits.clone();
    config.cos_v2.switches = setting.switches.clone();
    let server = emulator(config, setting.clock_offset);
    setting.before.lay(setting.key, source.bytes(), &Visitor { server: &server, setting, source }, chance);
    server
}

struct Visitor<'a> {
    server: &'a Emulator,
    setting: &'a Setting,
    source: &'a Source,
}

impl OtherClient for Visitor<'_> {
    fn put(&self, key: &str, content: &[u8]) {
        let (place, filesize) = (place_of(key), content.len() as u64);
        if filesize <= self.setting.limits.one_request {
            let message = upload::Upload { filesize, sha: None, biz_attr: None, insert_only: true };
            self.send(content, upload::encode(&place, &message, &self.signature(&place), &boundary()));
            return;
        }
        if let Some(session) = self.open(&place, content, usize::MAX, (None, None)) {
            let message = UploadSliceFinish { session: &session, filesize, sha: None };
            let finish = upload_slice_finish::encode(&place, &message, &self.signature(&place), &boundary());
            self.send(content, finish);
        }
    }

    fn begin(&self, content: &[u8], slices: usize, _: bool, tie: Tie) {
        let digests = match tie {
            Tie::Ours => self.our_digests(),
            // Which digest it is makes no difference: nobody will finish it.
            Tie::Another if !self.setting.switches.uploadparts_with_sha => (Some(Sha([7; 20])), None),
            Tie::Another | Tie::Loose => (None, None),
        };
        self.open(&place_of(self.setting.key), content, slices, digests);
    }
}

impl Visitor<'_> {
    /// As the client itself ties its upload.
    fn our_digests(&self) -> (Option<Sha>, Option<String>) {
        let (range, slice_size) = (0..self.setting.size, self.setting.options.slice_size);
        let kinds = [HashKind::Sha1, HashKind::Sha1Chain { every: slice_size }];
        let jobs = kinds.map(|kind| HashJob { kind, range: range.clone(), keep: false });
        let digests = self.source.digests(&jobs).unwrap_or_default();
        let [sha, chain] = digests.as_slice() else { return (None, None) };
        let sha = Sha::try_from(sha).ok();
        match self.setting.options.integrity {
            Integrity::None => (None, None),
            Integrity::Sha1 => (sha, None),
            Integrity::Chain => (sha, uploadparts(slice_size, self.setting.size, chain).ok()),
        }
    }

    /// Opens a session and fills it with at most so many slices.
    fn open(
        &self,
        place: &Place,
        content: &[u8],
        slices: usize,
        (sha, uploadparts): (Option<Sha>, Option<String>),
    ) -> Option<String> {
        let (filesize, slice_size) = (content.len() as u64, self.setting.options.slice_size);
        let message = UploadSliceInit { filesize, slice_size, sha, uploadparts, biz_attr: None, insert_only: false };
        let init = upload_slice_init::encode(place, &message, &self.signature(place), &boundary());
        let reply = upload_slice_init::decode(&self.send(content, init));
        let Ok(InitReply::Opened { session, slice_size, .. }) = reply else { return None };
        let step = usize::try_from(slice_size).unwrap_or(usize::MAX);
        for offset in (0..filesize).step_by(step).take(slices) {
            let datalen = slice_size.min(filesize - offset);
            let message = UploadSliceData { session: &session, offset, datalen, sha };
            let data = upload_slice_data::encode(place, &message, &self.signature(place), &boundary());
            self.send(content, data);
        }
        Some(session)
    }

    fn signature(&self, place: &Place) -> Signature {
        cos::signature(place, self.setting.clock_offset)
    }

    fn send(&self, content: &[u8], request: Request<Body>) -> Response<Bytes> {
        send(self.server, Clock::new().server(), content, request)
    }
}
