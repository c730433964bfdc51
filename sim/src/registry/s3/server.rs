//! The emulator with what is there before.

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::Body;
use resumable_core::{Answer, Observed, Protocol as _};
use resumable_emulator::s3::Account;
use resumable_emulator::{Config, Emulator};
use resumable_proto_s3::stage::{Call as Step, Reply};
use resumable_proto_s3::upload_part::UploadPart;
use resumable_proto_s3::{
    Credential, Etag, Fault, Op, Options, S3, S3Wire, Said, complete_multipart_upload, initiate_multipart_upload,
    put_object, upload_part,
};

use super::{BUCKET, Before, IDS, KEYS, Setting, key_pair, object};
use crate::clock::Clock;
use crate::other_client::{emulator, other_than, send, server_clock};
use crate::source::Source;

/// A server for one case.
pub(super) fn build(setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
    let mut config = Config::default();
    config.s3.accounts = (0..2).map(account).collect();
    config.s3.buckets = vec![BUCKET.to_owned()];
    setting.region.clone_into(&mut config.s3.region);
    config.s3.limits = setting.limits.clone();
    config.s3.switches = setting.switches.clone();
    let server = emulator(config, setting.clock_offset);
    let ours = source.bytes();
    let visitor = Visitor::new(&server, setting);
    match setting.before {
        Before::Nothing => {}
        Before::Same => visitor.store(ours),
        Before::Other { same_length } => visitor.store(&other(ours, same_length, chance)),
        Before::Stranger { has_parts } => visitor.begin(&other(ours, chance.bool(), chance), has_parts),
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

/// Another client, who was there before, and knows where the bucket is.
struct Visitor<'a> {
    server: &'a Emulator,
    setting: &'a Setting,
    s3: S3,
    credential: Credential,
}

impl<'a> Visitor<'a> {
    fn new(server: &'a Emulator, setting: &'a Setting) -> Self {
        let object = object(setting).with_region(setting.region).expect("the simulator's own region");
        let mut options = Options::of(setting.options.preset);
        options.preset.checksum = None;
        options.part_size = setting.options.preset.limits.part_max;
        let s3 = S3::new(object, options).expect("the simulator's own options");
        Self { server, setting, s3, credential: key_pair(0) }
    }

    /// Leaves a finished object, if the vendor takes one so long.
    fn store(&self, content: &[u8]) {
        let len = content.len() as u64;
        if len > self.setting.options.preset.limits.file_max() {
            return;
        }
        if len <= self.setting.limits.put_max {
            let said = Said { len, ..Said::bare(Op::PutObject) };
            self.send(content, |wire| put_object::encode(&[], None, &said, wire));
            return;
        }
        let upload_id = self.open();
        let parts = self.fill(&upload_id, content);
        let named: Vec<(u32, &Etag)> = parts.iter().map(|(number, etag)| (*number, etag)).collect();
        let said = Said { len, ..Said::bare(Op::CompleteMultipartUpload) };
        self.send(content, |wire| complete_multipart_upload::encode(&upload_id, &named, &said, wire));
    }

    /// Leaves an unfinished upload, with parts or without.
    fn begin(&self, content: &[u8], has_parts: bool) {
        let upload_id = self.open();
        if has_parts {
            self.fill(&upload_id, content);
        }
    }

    fn open(&self) -> String {
        let said = Said::bare(Op::CreateMultipartUpload);
        let answer = self.send(&[], |wire| initiate_multipart_upload::encode(false, &said, wire));
        match self.read(&Step::Initiate, answer) {
            Reply::Opened(opened) => opened.upload_id,
            other => panic!("an upload, and not {other:?}"),
        }
    }

    fn fill(&self, upload_id: &str, content: &[u8]) -> Vec<(u32, Etag)> {
        let (len, step) = (content.len() as u64, self.setting.limits.part_max.min(content.len() as u64));
        let spans = (0..len).step_by(usize::try_from(step).unwrap_or(usize::MAX));
        let part = |(number, start): (u32, u64)| {
            let bytes = start..len.min(start + step);
            let message = UploadPart { upload_id, part_number: number, bytes, observe: &[] };
            let said = Said::bare(Op::UploadPart);
            let answer = self.send(content, |wire| upload_part::encode(&message, None, &said, wire));
            match self.read(&Step::Part { number }, answer) {
                Reply::Part { stored, .. } => (number, stored.etag),
                other => panic!("a part, and not {other:?}"),
            }
        };
        (1..=self.setting.limits.parts).zip(spans).map(part).collect()
    }

    fn read(&self, step: &Step, response: Response<Bytes>) -> Reply {
        self.s3.decode(step, &Answer { response, observed: Observed::none() }).expect("a success")
    }

    fn send(
        &self,
        content: &[u8],
        request: impl FnOnce(&S3Wire<'_>) -> Result<Request<Body>, Fault>,
    ) -> Response<Bytes> {
        let now = server_clock(Clock::new().server(), self.setting.clock_offset);
        let (object, options, credential) = (self.s3.object(), self.s3.options(), &self.credential);
        let request = request(&S3Wire { object, options, credential, now });
        send(self.server, Clock::new().server(), content, request.expect("it can be signed"))
    }
}
