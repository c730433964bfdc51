//! The emulator with what is there before.

use std::fmt::Debug;

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::Body;
use resumable_emulator::oss::Account;
use resumable_emulator::{Config, Emulator};
use resumable_proto_oss::complete_multipart_upload::CompleteMultipartUpload;
use resumable_proto_oss::initiate_multipart_upload::InitiateMultipartUpload;
use resumable_proto_oss::put_object::PutObject;
use resumable_proto_oss::upload_part::UploadPart;
use resumable_proto_oss::{
    Attributes, Credential, Etag, Signing, complete_multipart_upload, initiate_multipart_upload, put_object,
    upload_part,
};

use super::{BUCKET, Before, IDS, KEYS, REGION, Setting, callback, key_pair, object};
use crate::clock::Clock;
use crate::other_client::{emulator, other_than, send, server_clock};
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
    let server = emulator(config, setting.clock_offset);
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
    other_than(ours, same_length && !ours.is_empty(), chance)
}

/// What other clients' objects are to be.
const ATTRIBUTES: Attributes<'static> = Attributes { content_type: None, headers: None, forbid_overwrite: false };

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
        if len > self.setting.options.limits.file_max() {
            return;
        }
        if len <= self.setting.limits.put_max {
            let message = PutObject { len, attributes: ATTRIBUTES, callback: None, observe: &[] };
            let put = put_object::encode(&object(self.setting), &message, &self.signing(&key_pair(0)));
            self.send(content, put);
            return;
        }
        let upload_id = self.open();
        let parts = self.fill(&upload_id, content);
        let named: Vec<(u32, &Etag)> = parts.iter().map(|(number, etag)| (*number, etag)).collect();
        let message = CompleteMultipartUpload {
            upload_id: &upload_id,
            parts: &named,
            callback: None,
            headers: None,
            forbid_overwrite: false,
        };
        let credential = key_pair(0);
        let complete = complete_multipart_upload::encode(&object(self.setting), &message, &self.signing(&credential));
        self.send(content, complete);
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
        let answer = self.send(&[], initiate);
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
            let answer = self.send(content, part);
            (number, upload_part::decode(&answer).expect("a part").etag)
        };
        (1..=self.setting.limits.parts).zip(spans).map(part).collect()
    }

    fn send<E: Debug>(self, content: &[u8], request: Result<Request<Body>, E>) -> Response<Bytes> {
        send(self.server, Clock::new().server(), content, request.expect("a region is known"))
    }

    fn signing(self, credential: &Credential) -> Signing<'_> {
        let now = server_clock(Clock::new().server(), self.setting.clock_offset);
        Signing { credential, version: self.setting.options.signature, now }
    }
}
