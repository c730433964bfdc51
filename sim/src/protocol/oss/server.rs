//! The emulator with what is there before, and its faults.

use bytes::Bytes;
use fastrand::Rng;
use http::Response;
use resumable_emulator::oss::Account;
use resumable_emulator::{Config, Emulator, Fault, MemoryStorage, VendorCode};
use resumable_proto_oss::complete_multipart_upload::CompleteMultipartUpload;
use resumable_proto_oss::initiate_multipart_upload::InitiateMultipartUpload;
use resumable_proto_oss::put_object::PutObject;
use resumable_proto_oss::upload_part::UploadPart;
use resumable_proto_oss::{
    Attributes, Etag, Signing, complete_multipart_upload, initiate_multipart_upload, put_object, upload_part,
};

use super::{ABORT, BUCKET, Before, COMPLETE, HEAD, IDS, KEYS, LIST, PART, PUT, REGION, Setting};
use super::{callback, key_pair, object};
use crate::clock::Clock;
use crate::fate::Kind;
use crate::ledger::Hazard;
use crate::protocol::visit;
use crate::source::Source;

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.oss.accounts = (0..2).map(account).collect();
    config.oss.buckets = Vec::new();
    BUCKET.clone_into(&mut config.oss.sts_bucket);
    REGION.clone_into(&mut config.oss.region);
    config.oss.callbacks = callback::listeners();
    config.oss.limits = setting.limits.clone();
    config.oss.switches = setting.switches.clone();
    config.clock_offset = setting.clock_offset;
    config.log_entries = 0;
    let server = Emulator::new(config, Box::new(MemoryStorage::new())).expect("memory, and an account that can be");
    let ours = source.bytes();
    let visitor = Visitor { server: &server, setting };
    match setting.before {
        Before::Nothing => {}
        Before::Same => visitor.store(ours),
        Before::Other { same_length } => visitor.store(&other(ours, same_length, chance)),
        Before::Stranger { has_parts } => visitor.begin(&other(ours, chance.bool(), chance), has_parts),
        Before::OtherAndStranger => {
            visitor.store(&other(ours, chance.bool(), chance));
            visitor.begin(&other(ours, chance.bool(), chance), true);
        }
    }
    server
}

fn account(number: usize) -> Account {
    Account { access_key_id: IDS[number].to_owned(), access_key_secret: KEYS[number].to_owned() }
}

/// Content that is not ours; never empty.
fn other(ours: &[u8], same_length: bool, chance: &mut Rng) -> Vec<u8> {
    visit::other_than(ours, same_length && !ours.is_empty(), chance)
}

/// What other clients' objects are to be.
const ATTRIBUTES: Attributes<'static> = Attributes { content_type: None, forbid_overwrite: false };

/// Another client, who was there before.
#[derive(Clone, Copy)]
struct Visitor<'a> {
    server: &'a Emulator,
    setting: &'a Setting,
}

impl Visitor<'_> {
    /// Leaves a finished object, if the vendor takes one so long.
    fn store(self, content: &[u8]) {
        let len = content.len() as u64;
        if len > self.setting.options.settings.limits.file_max() {
            return;
        }
        if len <= self.setting.limits.put_max {
            let message = PutObject { len, attributes: ATTRIBUTES, callback: None, observe: &[] };
            let put = put_object::encode(&object(self.setting), &message, &self.signing(&key_pair(0)));
            visit::send(self.server, content, put.expect("a region is known"));
            return;
        }
        let upload_id = self.open();
        let parts = self.fill(&upload_id, content);
        let named: Vec<(u32, &Etag)> = parts.iter().map(|(number, etag)| (*number, etag)).collect();
        let message =
            CompleteMultipartUpload { upload_id: &upload_id, parts: &named, callback: None, forbid_overwrite: false };
        let credential = key_pair(0);
        let complete = complete_multipart_upload::encode(&object(self.setting), &message, &self.signing(&credential));
        visit::send(self.server, content, complete.expect("a region is known"));
    }

    /// Leaves an unfinished upload, with parts or without.
    fn begin(self, content: &[u8], has_parts: bool) {
        let upload_id = self.open();
        if has_parts {
            self.fill(&upload_id, content);
        }
    }

    fn open(self) -> String {
        let message = InitiateMultipartUpload { sequential: false, attributes: ATTRIBUTES };
        let credential = key_pair(0);
        let initiate = initiate_multipart_upload::encode(&object(self.setting), &message, &self.signing(&credential));
        let answer = visit::send(self.server, &[], initiate.expect("a region is known"));
        initiate_multipart_upload::decode(&answer).expect("an upload").upload_id
    }

    fn fill(self, upload_id: &str, content: &[u8]) -> Vec<(u32, Etag)> {
        let (len, step) = (content.len() as u64, self.setting.limits.part_max.min(content.len() as u64));
        let spans = (0..len).step_by(usize::try_from(step).unwrap_or(usize::MAX));
        let part = |(number, start): (u32, u64)| {
            let bytes = start..len.min(start + step);
            let message = UploadPart { upload_id, part_number: number, bytes, observe: &[] };
            let credential = key_pair(0);
            let part = upload_part::encode(&object(self.setting), &message, &self.signing(&credential));
            let answer = visit::send(self.server, content, part.expect("a region is known"));
            (number, upload_part::decode(&answer).expect("a part").etag)
        };
        (1..=self.setting.limits.parts).zip(spans).map(part).collect()
    }

    fn signing(self, credential: &resumable_proto_oss::Credential) -> Signing<'_> {
        let now = self.setting.server_clock(Clock::new().server());
        Signing { credential, version: self.setting.options.signature, now }
    }
}

/// Codes of the vendor's, with every kind of meaning; the last two are in no table. Those that no client gets that does
/// as the vendor says are not among them, for the oracle watches out for them.
pub(crate) const CODES: [(u16, &str); 22] = [
    (500, "InternalError"),
    (503, "ServiceUnavailable"),
    (400, "RequestTimeout"),
    (503, "QpsLimitExceeded"),
    (400, "BadRequest"),
    (403, "RequestTimeTooSkewed"),
    (403, "InvalidAccessKeyId"),
    (403, "SecurityTokenExpired"),
    (403, "InvalidSecurityToken"),
    (403, "SignatureDoesNotMatch"),
    (403, "AccessDenied"),
    (404, "NoSuchBucket"),
    (404, "NoSuchKey"),
    (404, "NoSuchUpload"),
    (409, "PartAlreadyExist"),
    (400, "PartNotSequential"),
    (400, "InvalidPart"),
    (400, "EntityTooSmall"),
    (409, "FileAlreadyExists"),
    (409, "FileImmutable"),
    (400, "NoSuchCodeAnywhere"),
    (500, "NoSuchFailureAnywhere"),
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
        Kind::Slow => Fault::Delay { millis: chance.u64(1..400_000) },
        Kind::WrongEcho if call == LIST => {
            [Fault::WrongEtag, Fault::WrongCrc, Fault::StuckMarker, Fault::MissingMarker][chance.usize(0..4)].clone()
        }
        Kind::WrongEcho if chance.bool() => Fault::WrongEtag,
        Kind::WrongEcho => Fault::WrongCrc,
        Kind::Forget => Fault::ForgetSession,
        Kind::Expired => Fault::ExpireToken,
        Kind::Callback => Fault::CallbackFailed { delivered: chance.bool() },
        Kind::Refuse => {
            let (status, code) = CODES[chance.usize(0..CODES.len())];
            Fault::Refuse { status, code: VendorCode::Text(code.to_owned()) }
        }
        _ => Fault::Unavailable,
    }
}

/// What a fault may lead the client to conclude.
pub(super) fn hazards(call: usize, fault: &Fault) -> Vec<Hazard> {
    match fault {
        Fault::Html { status: 413 } | Fault::CallbackFailed { .. } => vec![Hazard::Fatal],
        Fault::Html { status: 404 } | Fault::StuckMarker | Fault::MissingMarker => vec![Hazard::Refusal],
        Fault::Html { .. }
        | Fault::Unavailable
        | Fault::Throttle { .. }
        | Fault::Garbage
        | Fault::CutReply
        | Fault::CutBefore
        | Fault::Reset
        | Fault::DropReply => vec![Hazard::Outage],
        Fault::WrongEtag | Fault::WrongCrc => hazards_of_lie(call, fault),
        Fault::ForgetSession => vec![Hazard::Session],
        // A temporary key is revoked; with any other one the date is refused.
        Fault::ExpireToken => vec![Hazard::Clock, Hazard::Credential],
        Fault::Refuse { code: VendorCode::Text(code), .. } => hazards_of_code(code, call),
        _ => Vec::new(),
    }
}

/// Where the vendor tells another digest than that of what it has.
pub(crate) fn hazards_of_lie(call: usize, fault: &Fault) -> Vec<Hazard> {
    match (call, fault) {
        (PUT | COMPLETE | HEAD, Fault::WrongEtag) => Vec::new(),
        // What a list says of parts that count already goes into the digest of the whole.
        (PUT | COMPLETE, _) | (LIST, Fault::WrongCrc) => vec![Hazard::Digest],
        (HEAD, _) => vec![Hazard::Session],
        // A tag that is not the part's is refused with complete, or makes another upload necessary.
        (PART, _) => vec![Hazard::Refusal, Hazard::Session],
        // It is seen twice: there is less than was acknowledged, and then, what is there is something else.
        _ => vec![Hazard::Session, Hazard::Session],
    }
}

pub(crate) fn hazards_of_code(code: &str, call: usize) -> Vec<Hazard> {
    let in_upload = matches!(call, PART | LIST | COMPLETE | ABORT);
    match code {
        "InternalError" | "ServiceUnavailable" | "RequestTimeout" | "QpsLimitExceeded" | "NoSuchFailureAnywhere" => {
            vec![Hazard::Outage]
        }
        "RequestTimeTooSkewed" => vec![Hazard::Clock],
        "InvalidAccessKeyId" | "SecurityTokenExpired" | "InvalidSecurityToken" | "SignatureDoesNotMatch" => {
            vec![Hazard::Credential]
        }
        "NoSuchKey" if call == HEAD => vec![Hazard::Session],
        // What is said to be gone is still there, and the client cannot know.
        "NoSuchUpload" if in_upload => vec![Hazard::Session, Hazard::Denial],
        "InvalidPart" | "PartNotSequential" if call == COMPLETE => vec![Hazard::Refusal, Hazard::Session],
        "FileAlreadyExists" if matches!(call, PUT | COMPLETE) => {
            vec![Hazard::Fatal, Hazard::Session, Hazard::Denial]
        }
        "BadRequest" | "NoSuchUpload" | "PartAlreadyExist" | "PartNotSequential" | "InvalidPart" => {
            vec![Hazard::Refusal]
        }
        _ => vec![Hazard::Fatal],
    }
}

/// The code of a refusal, wherever it stands.
pub(crate) fn code(response: &Response<Bytes>) -> Option<String> {
    resumable_proto_oss::ErrorReply::read(response)?.code
}

/// What only the server says of itself, and no fault in its place.
pub(crate) fn blames_client(response: &Response<Bytes>) -> bool {
    let text = String::from_utf8_lossy(response.body());
    let has = |what: &str| text.contains(what);
    match code(response).as_deref() {
        Some(
            "InvalidArgument"
            | "InvalidDigest"
            | "InvalidObjectName"
            | "InvalidPartOrder"
            | "MalformedXML"
            | "MissingContentLength"
            | "NotImplemented",
        ) => true,
        Some("PartNotSequential") => has("<PartNumber>"),
        Some("EntityTooSmall" | "EntityTooLarge") => has("<ProposedSize>"),
        _ => false,
    }
}

/// True for the refusals of a key that is not known, or no more.
pub(crate) fn is_of_key(response: &Response<Bytes>) -> bool {
    let code = code(response);
    matches!(code.as_deref(), Some("InvalidAccessKeyId" | "SecurityTokenExpired" | "InvalidSecurityToken"))
}
