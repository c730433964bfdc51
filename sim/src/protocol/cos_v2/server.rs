//! The emulator with what is there before, and its faults.

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::{Body, HashJob, HashKind};
use resumable_emulator::cos::Account;
use resumable_emulator::{Config, Emulator, Fault, MemoryStorage, VendorCode};
use resumable_proto_cos_v2::upload_slice_data::UploadSliceData;
use resumable_proto_cos_v2::upload_slice_finish::UploadSliceFinish;
use resumable_proto_cos_v2::upload_slice_init::{InitReply, UploadSliceInit};
use resumable_proto_cos_v2::uploadparts::uploadparts;
use resumable_proto_cos_v2::{
    Boundary, Credential, Integrity, Sha, Signature, Signing, sign, upload, upload_slice_data, upload_slice_finish,
    upload_slice_init,
};

use super::{APPID, BUCKET, Before, DATA, FINISH, IDS, INIT, KEYS, LIST, STAT, Setting, place};
use crate::clock::Clock;
use crate::fate::Kind;
use crate::ledger::Hazard;
use crate::protocol::visit;
use crate::source::Source;

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.cos_v2.accounts = (0..2).map(account).collect();
    config.cos_v2.limits = setting.limits.clone();
    config.cos_v2.switches = setting.switches.clone();
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
        Before::Stranger { same_length, has_slices, hashed } => {
            // Which digest it is makes no difference: nobody will finish it.
            let hashed = hashed && !setting.switches.uploadparts_with_sha;
            let tie = Tie { sha: hashed.then_some(Sha([7; 20])), uploadparts: None };
            visitor.begin(&other(same_length, chance), if has_slices { usize::MAX } else { 0 }, tie);
        }
        Before::Ours { slices } => {
            visitor.begin(ours, slices.into(), Tie::ours(setting, source));
        }
        Before::OtherAndStranger => {
            visitor.put(&other(true, chance));
            visitor.begin(&other(false, chance), usize::MAX, Tie::default());
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

/// What a visitor's unfinished upload is tied to.
#[derive(Default)]
struct Tie {
    sha: Option<Sha>,
    uploadparts: Option<String>,
}

impl Tie {
    /// As the client itself ties its upload.
    fn ours(setting: &Setting, source: &Source) -> Self {
        let range = 0..setting.size;
        let kinds = [HashKind::Sha1, HashKind::Sha1Chain { every: setting.options.slice_size }];
        let jobs = kinds.map(|kind| HashJob { kind, range: range.clone(), keep: false });
        let digests = source.digests(&jobs).unwrap_or_default();
        let [sha, chain] = digests.as_slice() else { return Self::default() };
        let parts = || uploadparts(setting.options.slice_size, setting.size, chain).ok();
        match setting.options.integrity {
            Integrity::None => Self::default(),
            Integrity::Sha1 => Self { sha: Sha::try_from(sha).ok(), uploadparts: None },
            Integrity::Chain => Self { sha: Sha::try_from(sha).ok(), uploadparts: parts() },
        }
    }
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
        if let Some(session) = self.begin(content, usize::MAX, Tie::default()) {
            let message = UploadSliceFinish { session: &session, filesize, sha: None };
            let finish = upload_slice_finish::encode(&place(self.key), &message, &self.signature(), &boundary());
            self.send(content, finish);
        }
    }

    /// Leaves an unfinished upload with at most so many slices.
    fn begin(self, content: &[u8], slices: usize, tie: Tie) -> Option<String> {
        let filesize = content.len() as u64;
        let (slice_size, Tie { sha, uploadparts }) = (self.setting.options.slice_size, tie);
        let message = UploadSliceInit { filesize, slice_size, sha, uploadparts, biz_attr: None, insert_only: false };
        let init = upload_slice_init::encode(&place(self.key), &message, &self.signature(), &boundary());
        let reply = upload_slice_init::decode(&self.send(content, init));
        let Ok(InitReply::Opened { session, slice_size, .. }) = reply else { return None };
        let step = usize::try_from(slice_size).unwrap_or(usize::MAX);
        for offset in (0..filesize).step_by(step).take(slices) {
            let datalen = slice_size.min(filesize - offset);
            let message = UploadSliceData { session: &session, offset, datalen, sha };
            let data = upload_slice_data::encode(&place(self.key), &message, &self.signature(), &boundary());
            self.send(content, data);
        }
        Some(session)
    }

    fn signature(self) -> Signature {
        let credential = Credential::new(IDS[0], KEYS[0]);
        let place = place(self.key);
        let offset = std::time::Duration::from_secs(self.setting.clock_offset.unsigned_abs());
        let server = Clock::new().server();
        let now = if self.setting.clock_offset < 0 { server.saturating_sub(offset) } else { server + offset };
        let signing = Signing::new(&credential, &place, now, 1);
        sign::multi_effect(&signing, std::time::Duration::from_secs(600), &place.file_id())
    }

    fn send(self, content: &[u8], request: Request<Body>) -> Response<Bytes> {
        visit::send(self.server, content, request)
    }
}

fn boundary() -> Boundary {
    Boundary::from_nonce(1)
}

/// Codes that may pass, and what they say. -197 and -4016 fit some calls only.
const CODES: [(u16, i64); 13] = [
    (500, -195),
    (503, -196),
    (503, -5997),
    (403, -97),
    (403, -48),
    (403, -59),
    (400, -288),
    (409, -4016),
    (400, -12_345),
    (500, -12_346),
    (400, -5999),
    (404, -133),
    (404, -197),
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
        Kind::Slow => Fault::Delay { millis: chance.u64(1..150_000) },
        Kind::WrongEcho if chance.bool() => Fault::WrongLength,
        Kind::WrongEcho => Fault::WrongOffset,
        Kind::WrongSession => Fault::WrongSession,
        Kind::Forget => Fault::ForgetSession,
        Kind::Expired => Fault::ExpireToken,
        Kind::Refuse => {
            let (status, code) = CODES[chance.usize(0..CODES.len())];
            // "No such file" is an ordinary answer to these, and a lie if there is one.
            if code == -197 && matches!(call, LIST | STAT | super::DELETE) {
                return Fault::refuse(500, -195);
            }
            Fault::refuse(status, code)
        }
        _ => Fault::Unavailable,
    }
}

/// What a fault may lead the client to conclude.
pub(super) fn hazards(call: usize, fault: &Fault) -> Vec<Hazard> {
    let reads = matches!(call, LIST | STAT);
    match fault {
        Fault::Html { status: 413 } => vec![Hazard::Fatal],
        Fault::Html { status: 404 | 302 } if reads => vec![Hazard::Refusal],
        Fault::Html { .. }
        | Fault::Unavailable
        | Fault::Throttle { .. }
        | Fault::Garbage
        | Fault::CutReply
        | Fault::CutBefore
        | Fault::Reset
        | Fault::DropReply => vec![Hazard::Outage],
        Fault::WrongOffset | Fault::WrongLength | Fault::WrongSession if call == DATA => vec![Hazard::Refusal],
        // A list or a slice size that lies may be refused, or lead to slices that are.
        Fault::WrongLength | Fault::OffsetBeyondFile | Fault::SliceSize { .. } => {
            vec![Hazard::Outage, Hazard::Refusal, Hazard::Session, Hazard::Fatal]
        }
        Fault::WrongSession if matches!(call, INIT | LIST) => vec![Hazard::Session, Hazard::Refusal],
        Fault::ForgetSession => vec![Hazard::Session, Hazard::Refusal],
        Fault::ExpireToken => vec![Hazard::Clock],
        Fault::Refuse { code: VendorCode::Number(code), .. } => hazards_of_code(*code, call),
        _ => Vec::new(),
    }
}

fn hazards_of_code(code: i64, call: usize) -> Vec<Hazard> {
    let in_session = matches!(call, DATA | FINISH);
    match code {
        // The list tells whether the session is lost, finished, or none of it.
        -288 | -166 | -197 if in_session => vec![Hazard::Session, Hazard::Refusal],
        -5999 if call == FINISH => vec![Hazard::Session, Hazard::Refusal],
        -97 | -48 | -47 => vec![Hazard::Credential],
        -59 | -96 => vec![Hazard::Clock],
        -288 | -166 if matches!(call, LIST | STAT) => vec![Hazard::Refusal],
        -288 | -166 => vec![Hazard::Session],
        -4016 | -174 => vec![Hazard::Digest, Hazard::Refusal],
        -12_345 | -5999 | -133 | -197 => vec![Hazard::Fatal],
        _ => vec![Hazard::Outage],
    }
}
