//! The emulator with what is there before, and its faults.

use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::{Body, Digest, HashJob, HashKind, HashPass};
use resumable_emulator::cos::Account;
use resumable_emulator::{Config, Emulator, Fault, MemoryStorage, VendorCode};
use resumable_proto_cos_v1::upload_slice::UploadSlice;
use resumable_proto_cos_v1::upload_slice_init::{InitReply, UploadSliceInit};
use resumable_proto_cos_v1::{
    Boundary, Credential, Sha, Signature, Signing, sign, upload, upload_slice, upload_slice_init,
};

use super::{APPID, BUCKET, Before, IDS, INIT, KEYS, LAST, SLICE, STAT, Setting, UPLOAD, place};
use crate::clock::Clock;
use crate::fate::Kind;
use crate::ledger::Hazard;
use crate::protocol::visit;
use crate::source::Source;

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.cos_v1.accounts = (0..2).map(account).collect();
    config.cos_v1.limits = setting.limits.clone();
    config.cos_v1.switches = setting.switches.clone();
    config.clock_offset = setting.clock_offset;
    config.log_entries = 0;
    let server = Emulator::new(config, Box::new(MemoryStorage::new())).expect("memory, and an account that can be");
    let ours = source.bytes();
    let other = |same_length: bool, chance: &mut Rng| visit::other_than(ours, same_length, chance);
    let visitor = Visitor { server: &server, setting, key: setting.key };
    match setting.before {
        Before::Nothing => {}
        Before::Same => visitor.put(ours),
        Before::Other { same_length } => visitor.put(&other(same_length, chance)),
        Before::Elsewhere => Visitor { key: "elsewhere.bin", ..visitor }.put(ours),
        Before::Stranger { same_length, has_slices } => {
            visitor.leave(&other(same_length, chance), if has_slices { usize::MAX } else { 0 }, false);
        }
        Before::Ours { slices, gap } => visitor.leave(ours, slices.into(), gap),
        Before::OtherAndStranger => {
            visitor.put(&other(true, chance));
            visitor.leave(&other(false, chance), usize::MAX, false);
        }
    }
    server
}

fn account(number: usize) -> Account {
    Account {
        appid: APPID.to_owned(),
        bucket: BUCKET.to_owned(),
        secret_id: IDS[number].to_owned(),
        secret_key: KEYS[number].to_owned(),
    }
}

/// Another client, who was there before.
#[derive(Clone, Copy)]
struct Visitor<'a> {
    server: &'a Emulator,
    setting: &'a Setting,
    key: &'static str,
}

impl Visitor<'_> {
    /// Leaves a finished object; what is refused is not there.
    fn put(self, content: &[u8]) {
        let filesize = content.len() as u64;
        if filesize <= self.setting.limits.one_request {
            let message = upload::Upload { filesize, sha: None, biz_attr: None, insert_only: true };
            self.send(content, upload::encode(&place(self.key), &message, &self.signature(), &boundary()));
            return;
        }
        let Some((session, slice_size)) = self.init(content) else { return };
        for offset in offsets(filesize, slice_size) {
            self.slice(content, &session, offset, slice_size);
        }
    }

    /// Leaves an unfinished upload, with at most so many slices: the first ones, or all that come after the first.
    fn leave(self, content: &[u8], slices: usize, gap: bool) {
        let Some((session, slice_size)) = self.init(content) else { return };
        let all: Vec<u64> = offsets(content.len() as u64, slice_size).collect();
        // With all of them it would be finished.
        let some = if gap { all.get(1..) } else { all.split_last().map(|(_, rest)| rest) };
        for offset in some.unwrap_or_default().iter().take(slices) {
            self.slice(content, &session, *offset, slice_size);
        }
    }

    fn init(self, content: &[u8]) -> Option<(String, u64)> {
        let message = UploadSliceInit {
            sha: Sha::try_from(&sha1(content)?).ok()?,
            filesize: content.len() as u64,
            slice_size: Some(self.setting.options.slice_size),
            biz_attr: None,
            session: None,
            insert_only: Some(false),
        };
        let init = upload_slice_init::encode(&place(self.key), &message, &self.signature(), &boundary());
        match upload_slice_init::decode(&self.send(content, init)) {
            Ok(InitReply::Opened(opened)) => Some((opened.session, opened.slice_size?)),
            _ => None,
        }
    }

    fn slice(self, content: &[u8], session: &str, offset: u64, slice_size: u64) {
        let datalen = slice_size.min(content.len() as u64 - offset);
        let message = UploadSlice { session, offset, datalen, sha: None };
        self.send(content, upload_slice::encode(&place(self.key), &message, &self.signature(), &boundary()));
    }

    fn signature(self) -> Signature {
        let credential = Credential::new(IDS[0], KEYS[0]);
        let place = place(self.key);
        let offset = Duration::from_secs(self.setting.clock_offset.unsigned_abs());
        let server = Clock::new().server();
        let now = if self.setting.clock_offset < 0 { server.saturating_sub(offset) } else { server + offset };
        let signing = Signing::new(&credential, &place, now, 1);
        sign::multi_effect(&signing, Duration::from_secs(600), &place.file_id())
    }

    fn send(self, content: &[u8], request: Request<Body>) -> Response<Bytes> {
        visit::send(self.server, content, request)
    }
}

fn offsets(filesize: u64, slice_size: u64) -> impl Iterator<Item = u64> {
    (0..filesize).step_by(usize::try_from(slice_size).unwrap_or(usize::MAX))
}

fn sha1(content: &[u8]) -> Option<Digest> {
    let job = HashJob { kind: HashKind::Sha1, range: 0..content.len() as u64, keep: false };
    let mut pass = HashPass::new(&[job]).ok()?;
    pass.feed(content).ok()?;
    pass.finish().ok()?.into_iter().next()
}

fn boundary() -> Boundary {
    Boundary::from_nonce(1)
}

/// Codes that may pass, and what they say.
const CODES: [(u16, i64); 18] = [
    (400, -181),
    (400, -195),
    (503, -196),
    (400, -5997),
    (400, -97),
    (400, -48),
    (400, -59),
    (400, -96),
    (400, -166),
    (400, -288),
    (400, -197),
    (400, -4016),
    (400, -177),
    (400, -4018),
    (400, -12_345),
    (500, -12_346),
    (400, -5999),
    (404, -133),
];

/// A fault with details drawn.
pub(super) fn fault(kind: Kind, call: usize, chance: &mut Rng) -> Fault {
    match kind {
        Kind::Throttle => {
            let waits = [None, Some(0), Some(1), Some(7), Some(60), Some(3_000)];
            Fault::Throttle { retry_after_seconds: waits[chance.usize(0..waits.len())] }
        }
        Kind::Html => Fault::Html { status: [502, 504, 404, 302, 413][chance.usize(0..5)] },
        Kind::Garbage => Fault::Garbage,
        Kind::CutReply => Fault::CutReply,
        Kind::Slow => Fault::Delay { millis: chance.u64(1..450_000) },
        Kind::WrongEcho if chance.bool() => Fault::OffsetBeyondFile,
        Kind::WrongEcho => Fault::WrongOffset,
        Kind::WrongSession => Fault::WrongSession,
        Kind::Forget => Fault::ForgetSession,
        Kind::Expired => Fault::ExpireToken,
        Kind::Refuse => match CODES[chance.usize(0..CODES.len())] {
            // "No such file" is an ordinary answer to this, and a lie if there is one.
            (_, -166 | -197) if call == STAT => Fault::refuse(400, -195),
            (status, code) => Fault::refuse(status, code),
        },
        _ => Fault::Unavailable,
    }
}

/// What a fault may lead the client to conclude.
pub(super) fn hazards(call: usize, fault: &Fault) -> Vec<Hazard> {
    match fault {
        Fault::Html { status: 413 } => vec![Hazard::Fatal],
        Fault::Html { status: 404 | 302 } if call == STAT => vec![Hazard::Refusal],
        Fault::Html { .. }
        | Fault::Unavailable
        | Fault::Throttle { .. }
        | Fault::Garbage
        | Fault::CutReply
        | Fault::CutBefore
        | Fault::Reset
        | Fault::DropReply => vec![Hazard::Outage],
        // Another offset than the slice's, or one beyond the file, costs the session; one to go on at is believed.
        Fault::WrongOffset | Fault::OffsetBeyondFile | Fault::ForgetSession => vec![Hazard::Session, Hazard::Refusal],
        Fault::WrongSession if call == INIT => vec![Hazard::Session, Hazard::Refusal],
        Fault::WrongSession => vec![Hazard::Refusal],
        Fault::SliceSize { .. } => vec![Hazard::Outage, Hazard::Refusal, Hazard::Session, Hazard::Fatal],
        Fault::ExpireToken => vec![Hazard::Clock],
        Fault::Refuse { code: VendorCode::Number(code), .. } => hazards_of_code(*code, call),
        _ => Vec::new(),
    }
}

fn hazards_of_code(code: i64, call: usize) -> Vec<Hazard> {
    let in_session = matches!(call, INIT | SLICE | LAST);
    match code {
        -97 | -48 => vec![Hazard::Credential],
        -59 | -96 => vec![Hazard::Clock],
        // After one request an init tells; stat only asks again.
        -288 | -166 if matches!(call, UPLOAD | STAT) => vec![Hazard::Refusal],
        -288 | -166 => vec![Hazard::Session],
        -4016 => vec![Hazard::Digest, Hazard::Refusal],
        // To an init without a session they are what they say.
        -197 | -5999 if call == INIT => vec![Hazard::Session, Hazard::Fatal],
        -197 | -5999 if in_session => vec![Hazard::Session],
        // A look at the path tells otherwise, and then the session is as good as lost.
        -177 | -4018 if call != STAT => vec![Hazard::Session, Hazard::Fatal],
        -12_345 | -5999 | -133 | -197 | -177 | -4018 => vec![Hazard::Fatal],
        _ => vec![Hazard::Outage],
    }
}
