//! Files near 2^32 and 2^53 bytes, of up to 10,000 parts. No byte of them is ever read: bodies are ranges of the source, and
//! the vendor here looks at nothing but them. Each byte is sent once, also after a crash.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response};
use resumable_core::{
    Action, Answer, Body, Checkpoint, Digest, HashKind, Input, Modified, Now, Observed, Options, Output, Protocol,
    Segment, SourceInfo, Upload,
};
use resumable_proto_s3::{self as s3, Preset};
use resumable_proto_xfyun as xfyun;

const PARTS: u64 = 10_000;

/// Sizes at which a narrower number would show, each with the size of its parts; one of them has about as many parts as there
/// may be.
fn sizes() -> impl Iterator<Item = (u64, u64)> {
    let sizes = [1 << 32, 1 << 53].into_iter().flat_map(|size: u64| [size - 1, size, size + 1]);
    sizes.map(|len| (len, len / if len == 1 << 53 { PARTS - 10 } else { 390 }))
}

fn source(len: u64) -> SourceInfo {
    let mut info = SourceInfo::new(len, SourceInfo::sample_of(b"begin", b"end"));
    let at = |secs| Some(Modified { secs, nanos: 0 });
    (info.modified, info.changed, info.looked_at) = (at(1_000), at(1_000), at(1_000_000));
    info
}

/// A digest of bytes that nobody reads.
fn digest(kind: HashKind) -> Digest {
    Digest::new(vec![
        0;
        match kind {
            HashKind::Md5 => 16,
            HashKind::Sha1 => 20,
            HashKind::Sha256 => 32,
            HashKind::Crc32c => 4,
            _ => 8,
        }
    ])
}

/// A vendor that believes everything.
trait Vendor {
    fn answer(&mut self, request: &Request<Body>) -> Response<Bytes>;
}

/// What a host saw of an upload.
#[derive(Default)]
struct Seen {
    saved: Option<Vec<u8>>,
    /// Ends of ranges that were sent, by their beginnings.
    sent: BTreeMap<u64, u64>,
    requests: u64,
}

impl Seen {
    /// Runs an upload to its end, or for so many requests and until all that came of them is saved.
    fn run<P: Protocol>(
        &mut self,
        upload: &mut Upload<P>,
        vendor: &mut impl Vendor,
        requests: u64,
    ) -> Option<P::Outcome> {
        let mut now = Now { mono: Duration::from_secs(9), unix: Duration::from_secs(1_470_000_000) };
        let last = self.requests + requests;
        loop {
            match upload.poll(now) {
                Output::Do(action) => {
                    let saves = matches!(action, Action::Save { .. });
                    self.carry_out(action, upload, vendor);
                    if saves && self.requests >= last {
                        return None;
                    }
                    now.mono += Duration::from_secs(1);
                    now.unix += Duration::from_secs(1);
                }
                Output::Wait { until, .. } => now.mono = until.expect("nothing is ever in flight"),
                Output::Finished(result) => return Some(result.unwrap_or_else(|failure| panic!("{failure}"))),
                _ => {}
            }
        }
    }

    fn carry_out<P: Protocol>(&mut self, action: Action<P>, upload: &mut Upload<P>, vendor: &mut impl Vendor) {
        match action {
            Action::Send { ticket, request, .. } => {
                self.requests += 1;
                self.note(request.body());
                let kinds = request.body().observe().iter().map(|kind| (*kind, digest(*kind)));
                let observed = Observed::all(kinds.collect());
                upload.handle(Input::Response(ticket, Ok(Answer { response: vendor.answer(&request), observed })));
            }
            Action::Save { ticket, checkpoint } => {
                self.saved = Some(checkpoint.to_bytes());
                upload.handle(Input::Saved(ticket, Ok(())));
            }
            Action::Check { ticket } => {
                let len = upload.source().len;
                upload.handle(Input::Source(ticket, Ok(source(len))));
            }
            Action::Hash { ticket, jobs } => {
                let digests = jobs.iter().map(|job| digest(job.kind)).collect();
                upload.handle(Input::Digests(ticket, Ok(digests)));
            }
            _ => panic!("a credential is at hand, and no lane is gated"),
        }
    }

    fn note(&mut self, body: &Body) {
        for segment in body.segments() {
            if let Segment::Source(Range { start, end }) = segment
                && start < end
            {
                assert_eq!(self.sent.insert(*start, *end), None, "bytes from {start} on are sent again");
            }
        }
    }

    /// Every byte was sent, and none twice, in so many parts at most.
    #[track_caller]
    fn is_all_of(&self, len: u64) {
        let end = self.sent.iter().fold(0, |at, (start, end)| {
            assert_eq!(*start, at);
            *end
        });
        assert_eq!(end, len);
        assert!(self.sent.len() as u64 <= PARTS, "{} parts", self.sent.len());
    }
}

/// An upload that is broken off after half of its parts, and gone on with from its checkpoint.
fn uploads<P: Protocol>(
    (len, part_size): (u64, u64),
    protocol: impl Fn() -> P,
    credential: &P::Credential,
    mut vendor: impl Vendor,
) {
    let mut seen = Seen::default();
    let mut first = Upload::start(protocol(), source(len), Some(credential.clone()), Options::new(1).window(1));
    assert!(seen.run(&mut first, &mut vendor, len / part_size / 2).is_none(), "it is not over so soon");
    let saved = Checkpoint::from_bytes(seen.saved.as_deref().expect("a checkpoint")).expect("one that can be read");
    let options = Options::new(2).window(1);
    let mut second =
        Upload::resume(protocol(), source(len), Some(credential.clone()), options, saved).expect("it resumes");
    assert!(seen.run(&mut second, &mut vendor, 2 * PARTS).is_some(), "it finishes");
    seen.is_all_of(len);
}

/// The MD5 and the CRC-64 of bytes that nobody reads.
const TAG: &str = "\"00000000000000000000000000000000\"";
const SUM: &str = "AAAAAAAAAAA=";

/// Numbers, lengths and nothing else.
#[derive(Default)]
struct S3 {
    parts: BTreeMap<u64, u64>,
}

impl Vendor for S3 {
    fn answer(&mut self, request: &Request<Body>) -> Response<Bytes> {
        let query = request.uri().query().unwrap_or_default();
        let number = |name: &str| query.split(['&', '?']).find_map(|it| it.strip_prefix(name)?.parse::<u64>().ok());
        let body = match *request.method() {
            Method::PUT => {
                self.parts.insert(number("partNumber=").expect("a number"), request.body().source_len());
                String::new()
            }
            Method::GET => self.list(number("part-number-marker=").unwrap_or_default()),
            _ if query.contains("uploadId=") => {
                "<CompleteMultipartUploadResult><ETag>\"0-1\"</ETag></CompleteMultipartUploadResult>".to_owned()
            }
            _ => "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>".to_owned(),
        };
        let head = Response::builder().header("etag", TAG).header("x-amz-checksum-crc64nvme", SUM);
        head.body(body.into()).expect("an answer")
    }
}

impl S3 {
    fn list(&self, behind: u64) -> String {
        let page: Vec<_> = self.parts.range(behind + 1..).take(1000).collect();
        let part = |(number, len): &(&u64, &u64)| {
            format!(
                "<Part><PartNumber>{number}</PartNumber><ETag>{TAG}</ETag><Size>{len}</Size><ChecksumCRC64NVME>{SUM}</ChecksumCRC64NVME></Part>"
            )
        };
        let next = page.last().map_or(behind, |(number, _)| **number);
        let more = self.parts.range(next + 1..).next().is_some();
        let parts: String = page.iter().map(part).collect();
        format!(
            "<ListPartsResult><IsTruncated>{more}</IsTruncated><NextPartNumberMarker>{next}</NextPartNumberMarker>{parts}</ListPartsResult>"
        )
    }
}

#[test]
fn s3_sends_every_byte_once_whatever_the_size() {
    for (len, part_size) in sizes() {
        let mut preset = *Preset::named("aws").expect("a preset");
        (preset.limits.part_max, preset.limits.object_max) = (u64::MAX, u64::MAX);
        let object = || {
            let key = s3::ObjectKey::new("f.bin").expect("a key");
            s3::Object::in_region("us-east-1", "bucket", key, s3::Addressing::Auto).expect("an object")
        };
        let options = s3::Options::of(preset).part_size(part_size).one_request_max(0);
        let protocol = || s3::S3::new(object(), options.clone()).expect("options that are possible");
        uploads((len, part_size), protocol, &s3::Credential::new("id", "secret").expect("keys"), S3::default());
    }
}

/// Nothing is ever asked of it but its words of success.
struct Xfyun;

impl Vendor for Xfyun {
    fn answer(&mut self, request: &Request<Body>) -> Response<Bytes> {
        let data = match request.uri().path() {
            path if path.ends_with("/init") => r#""data":{"upload_id":"u"},"#,
            path if path.ends_with("/complete") => r#""data":{"url":"https://ost.example/objects/1"},"#,
            _ => "",
        };
        Response::new(format!(r#"{{"code":0,{data}"message":"success","sid":"s"}}"#).into())
    }
}

#[test]
fn xfyun_sends_every_byte_once_whatever_the_size() {
    for (len, part_size) in sizes() {
        let mut options = xfyun::Options::default();
        options.limits = xfyun::Limits { part_min: 1, part_max: u64::MAX, parts: PARTS };
        (options.part_size, options.one_request_max) = (part_size, 0);
        let app = || xfyun::App::new("https://upload.example", "app", None).expect("an app");
        let protocol = || xfyun::Xfyun::new(app(), options.clone()).expect("options that are possible");
        uploads((len, part_size), protocol, &xfyun::Credential::new("key", "secret").expect("keys"), Xfyun);
    }
}
