//! The emulator with what is there before.

use fastrand::Rng;
use resumable_core::HashKind;
use resumable_emulator::{Config, Emulator};
use resumable_proto_cos_v2::upload_slice_data::UploadSliceData;
use resumable_proto_cos_v2::upload_slice_finish::UploadSliceFinish;
use resumable_proto_cos_v2::upload_slice_init::{InitReply, UploadSliceInit};
use resumable_proto_cos_v2::uploadparts::uploadparts;
use resumable_proto_cos_v2::{
    Integrity, Options, Place, Sha, upload_slice_data, upload_slice_finish, upload_slice_init,
};

use super::{Setting, place_of};
use crate::other_client::emulator;
use crate::registry::cos::{self, OtherClient, Tie, Visitor, boundary, digests};
use crate::source::Source;

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.cos_v2.accounts = cos::accounts();
    config.cos_v2.limits = setting.limits.clone();
    config.cos_v2.switches = setting.switches.clone();
    let server = emulator(config, setting.clock_offset);
    let visitor = Visitor { server: &server, setting, clock_offset: setting.clock_offset };
    setting.before.lay(setting.key, source.bytes(), &visitor, chance);
    server
}

impl OtherClient for Visitor<'_, Setting> {
    fn put(&self, key: &str, content: &[u8]) {
        let (place, filesize) = (place_of(key), content.len() as u64);
        if filesize <= self.setting.limits.one_request {
            return self.send_whole(&place, content);
        }
        if let Some(session) = self.open(&place, content, usize::MAX, (None, None)) {
            let message = UploadSliceFinish { session: &session, filesize, sha: None };
            let finish = upload_slice_finish::encode(&place, &message, &self.signature(&place), &boundary());
            self.send(content, finish);
        }
    }

    fn begin(&self, content: &[u8], slices: usize, _: bool, tie: Tie) {
        let digests = match tie {
            Tie::Ours => own_digests(&self.setting.options, content),
            // Which digest it is makes no difference: nobody will finish it.
            Tie::Another if !self.setting.switches.uploadparts_with_sha => (Some(Sha([7; 20])), None),
            Tie::Another | Tie::Loose => (None, None),
        };
        self.open(&place_of(self.setting.key), content, slices, digests);
    }
}

impl Visitor<'_, Setting> {
    /// Opens a session and fills it with at most so many slices.
    fn open(
        &self,
        place: &Place,
        content: &[u8],
        slices: usize,
        (sha, uploadparts): (Option<Sha>, Option<String>),
    ) -> Option<String> {
        let (filesize, slice_size) = (content.len() as u64, self.setting.options.part_size);
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
}

/// As the client itself ties its upload.
fn own_digests(options: &Options, content: &[u8]) -> (Option<Sha>, Option<String>) {
    let slice_size = options.part_size;
    let kinds = [HashKind::Sha1, HashKind::Sha1Chain { every: slice_size }];
    let Some([sha, chain]) = digests(content, kinds) else { return (None, None) };
    let sha = Sha::try_from(&sha).ok();
    match options.integrity {
        Integrity::None => (None, None),
        Integrity::Sha1 => (sha, None),
        Integrity::Chain => (sha, uploadparts(slice_size, content.len() as u64, &chain).ok()),
    }
}
