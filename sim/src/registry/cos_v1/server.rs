//! The emulator with what is there before.

use fastrand::Rng;
use resumable_core::HashKind;
use resumable_emulator::{Config, Emulator};
use resumable_proto_cos_v1::upload_slice::UploadSlice;
use resumable_proto_cos_v1::upload_slice_init::{InitReply, UploadSliceInit};
use resumable_proto_cos_v1::{Place, Sha, upload_slice, upload_slice_init};

use super::{Setting, place_of};
use crate::other_client::emulator;
use crate::registry::cos::{self, OtherClient, Tie, Visitor, boundary, digests};
use crate::source::Source;

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.cos_v1.accounts = cos::accounts();
    config.cos_v1.limits = setting.limits.clone();
    config.cos_v1.switches = setting.switches.clone();
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

impl Visitor<'_, Setting> {
    fn init(&self, place: &Place, content: &[u8]) -> Option<(String, u64)> {
        let [sha] = digests(content, [HashKind::Sha1])?;
        let message = UploadSliceInit {
            sha: Sha::try_from(&sha).ok()?,
            filesize: content.len() as u64,
            slice_size: Some(self.setting.options.part_size),
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
}

fn offsets(filesize: u64, slice_size: u64) -> impl Iterator<Item = u64> {
    (0..filesize).step_by(usize::try_from(slice_size).unwrap_or(usize::MAX))
}
