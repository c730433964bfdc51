//! The stage over a dialect that is no vendor's: what it does after each kind of answer.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri};
use resumable_core::{
    Answer, Body, Digest, Env, HashJob, HashKind, Hasher, How, Intent, Invalidated, Now, Observed, Occurrence,
    SourceInfo, Transition,
};
use resumable_proto_multipart::dialect::{BareRefusals, Documents, Form, Sum};
use resumable_proto_multipart::head_object::{AtKey, Head};
use resumable_proto_multipart::initiate_multipart_upload::Opened;
use resumable_proto_multipart::stage::{
    Call, Ephemeral, Payload, Probe, Reply, Settings, Stage, StageStep, Success, Tags, decode, encode,
};
use resumable_proto_multipart::{
    Checksum, ChecksumKind, Class, Code, Dialect, Draft, Fault, Found, Limits, Op, Said, Wire,
};

const STORE: Dialect = Dialect {
    vendor: "STORE",
    create: Op::CreateMultipartUpload,
    codes: &[
        Code { code: "NoSuchUpload", class: Class::NoSuchUpload, meaning: "unknown", remedy: "" },
        Code { code: "BadDigest", class: Class::Digest, meaning: "damaged", remedy: "" },
        Code { code: "Elsewhere", class: Class::Region, meaning: "in another region", remedy: "set the region" },
        Code { code: "Busy", class: Class::Underway, meaning: "under way", remedy: "" },
        Code { code: "Conflict", class: Class::Conflict, meaning: "another won", remedy: "" },
        Code { code: "InternalError", class: Class::Unable, meaning: "the vendor failed", remedy: "" },
    ],
    request_id: Some("x-id"),
    bare_refusals: BareRefusals::ByStatus,
    bucket_region: Some("x-region"),
    region_of: |_| None,
    sums: &[Sum {
        kind: ChecksumKind::Crc64Nvme,
        header: "x-sum",
        element: "Sum",
        whole: Some("Sum"),
        form: Form::Base64,
    }],
    opaque_tags: &[("x-encryption", "kms")],
    upload_name: Some("x-name"),
    documents: Documents::Lax,
    completes_within: Duration::from_secs(600),
    upload_id_bytes: 1024,
};

struct Place;

impl Wire for Place {
    fn dialect(&self) -> &'static Dialect {
        &STORE
    }

    fn uri(&self, query: &[(&str, String)]) -> Uri {
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("http://store/k?{}", query.join("&")).parse().unwrap()
    }

    fn describe(&self, said: &Said<'_>, headers: &mut HeaderMap) {
        if let Some(name) = said.name.filter(|_| said.op == Op::CreateMultipartUpload) {
            headers.insert("x-name", name.parse().unwrap());
        }
        if let Some(whole) = said.whole.filter(|_| said.op == Op::CompleteMultipartUpload) {
            headers.insert("x-sum", STORE.sum(whole.kind).unwrap().write(whole.value).parse().unwrap());
        }
    }

    fn sign(&self, draft: &Draft<'_>, headers: &mut HeaderMap) -> Result<(), Fault> {
        let covered = draft.sha256.map_or_else(|| "unsigned".to_owned(), hex::encode);
        headers.insert("x-payload", covered.parse().unwrap());
        Ok(())
    }
}

const PART: u64 = 4;

fn settings() -> Settings {
    let limits = Limits { part_min: 1, ..Limits::default() };
    let settings = Settings::default().part_size(PART).one_request_max(0).limits(limits);
    settings.checksum(Some(ChecksumKind::Crc64Nvme)).probe(Probe::Look)
}

struct Rig {
    stage: Stage,
    ephemeral: Ephemeral,
    source: Vec<u8>,
    info: SourceInfo,
    digests: Vec<(HashJob, Digest)>,
    mono: Duration,
    intent: Intent,
}

impl Rig {
    fn new(settings: &Settings, source: &[u8]) -> Self {
        let len = source.len() as u64;
        let stage = Stage::new(settings, len).named(0xabc);
        let (source, info) = (source.to_vec(), SourceInfo::new(len, [0; 32]));
        let (digests, ephemeral) = (Vec::new(), Ephemeral::default());
        Self { stage, ephemeral, source, info, digests, mono: Duration::ZERO, intent: Intent::Finish }
    }

    fn env(&self) -> Env<'_> {
        let now = Now { mono: self.mono, unix: Duration::from_secs(1_767_225_600) };
        let mut env = Env::new(now, &self.info, 0, &self.digests);
        env.intent = self.intent;
        env
    }

    fn next(&self) -> StageStep {
        self.stage.next(&self.ephemeral, &self.env(), &[])
    }

    fn call(&self) -> Call {
        match self.next() {
            StageStep::Call(call) => call,
            other => panic!("{other:?}"),
        }
    }

    fn apply(&mut self, heard: Occurrence<Call, Reply>) -> Transition<Fault> {
        let now = Now { mono: self.mono, unix: Duration::from_secs(1_767_225_600) };
        let mut env = Env::new(now, &self.info, 0, &self.digests);
        env.intent = self.intent;
        self.stage.apply(&mut self.ephemeral, heard, &env)
    }

    fn replied(&mut self, call: Call, reply: Reply) -> Transition<Fault> {
        self.apply(Occurrence::Replied(call, reply))
    }

    fn request(&self, call: &Call) -> Request<Body> {
        encode(call, &self.stage, &self.ephemeral, &Place).unwrap()
    }

    fn bytes(&self, number: u32) -> &[u8] {
        let start = (u64::from(number) - 1) * PART;
        let end = (start + PART).min(self.source.len() as u64);
        &self.source[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]
    }

    /// Sends a part, which is answered with these headers besides its tag.
    fn part(&mut self, number: u32, headers: &[(&str, String)]) -> Transition<Fault> {
        let call = Call::Part { number };
        let request = self.request(&call);
        let taken = request.body().observe().iter().map(|kind| (*kind, digest(*kind, self.bytes(number)))).collect();
        let mut response = says(200, "");
        for (name, value) in headers {
            response.headers_mut().insert(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let answer = Answer { response, observed: Observed::all(taken) };
        let reply = decode(&call, &STORE, Success::Document, &answer).unwrap();
        self.replied(call, reply)
    }

    fn good(&self, number: u32) -> [(&'static str, String); 2] {
        let sum = value(&digest(HashKind::Crc64Nvme, self.bytes(number)));
        [("etag", format!("\"t{number}\"")), ("x-sum", STORE.sums[0].write(sum))]
    }

    fn open(&mut self) {
        assert_eq!(self.call(), Call::Initiate);
        forward(self.replied(Call::Initiate, Reply::Opened(Opened { upload_id: "u".into() })));
    }

    /// Everything up to the complete.
    fn sent(settings: &Settings) -> Self {
        let mut rig = Self::new(settings, b"0123456789");
        rig.open();
        for number in 1..=3 {
            let headers = rig.good(number);
            assert_eq!(rig.call(), Call::Part { number });
            assert!(matches!(rig.part(number, &headers), Transition::Forward));
        }
        assert_eq!(rig.call(), Call::Complete);
        rig
    }

    fn hash(&mut self) {
        let StageStep::Hash(jobs) = self.next() else { panic!("{:?}", self.next()) };
        for job in jobs {
            let range = usize::try_from(job.range.start).unwrap()..usize::try_from(job.range.end).unwrap();
            let digest = digest(job.kind, &self.source[range]);
            self.digests.push((job, digest));
        }
        forward(self.apply(Occurrence::Hashed));
    }

    fn waits(&mut self) -> Duration {
        let StageStep::Wait(Some(until)) = self.next() else { panic!("{:?}", self.next()) };
        let before = std::mem::replace(&mut self.mono, until);
        until.checked_sub(before).unwrap()
    }

    fn head(&mut self, at_key: AtKey) -> Transition<Fault> {
        assert_eq!(self.call(), Call::Head);
        self.replied(Call::Head, Reply::Head(at_key))
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is used up here")]
fn forward(transition: Transition<Fault>) {
    let Transition::Forward = transition else { panic!("{transition:?}") };
}

fn digest(kind: HashKind, bytes: &[u8]) -> Digest {
    let mut hasher = Hasher::new(kind).unwrap();
    hasher.update(bytes);
    hasher.finish()
}

fn value(digest: &Digest) -> u64 {
    ChecksumKind::Crc64Nvme.of_digest(digest).unwrap()
}

fn says(status: u16, body: &'static str) -> Response<Bytes> {
    Response::builder().status(status).header("x-id", "1").body(Bytes::from_static(body.as_bytes())).unwrap()
}

fn reads(call: &Call, response: Response<Bytes>) -> Reply {
    decode(call, &STORE, Success::Document, &Answer { response, observed: Observed::none() }).unwrap()
}

fn refusal(status: u16, code: &str) -> Response<Bytes> {
    let body = format!("<Error><Code>{code}</Code><Region>eu-1</Region></Error>");
    Response::builder().status(status).header("x-id", "1").body(Bytes::from(body)).unwrap()
}

fn object(size: u64, value: Option<u64>, name: Option<&str>) -> AtKey {
    let checksum = value.map(|value| Checksum { kind: ChecksumKind::Crc64Nvme, value });
    AtKey::Object(Head { size, etag: None, checksum, name: name.map(Into::into) })
}

const OURS: &str = "00000000000000000000000000000abc";

fn is_stored(rig: &Rig) -> bool {
    matches!(rig.next(), StageStep::Stored(stored) if stored.how == How::Parts)
}

#[test]
fn checkpoints_from_before_the_stage_was_shared_are_the_same_text() {
    let lines = include_str!("data/stages.jsonl").lines();
    let mut phases = 0;
    for line in lines {
        let stage: Stage = serde_json::from_str(line).unwrap();
        assert_eq!(serde_json::to_string(&stage).unwrap(), line);
        assert_eq!((stage.checksum(), stage.name()), (Some(ChecksumKind::Crc64), None));
        phases += 1;
    }
    assert_eq!(phases, 10);
}

#[test]
fn what_an_upload_goes_by_is_kept() {
    let settings = settings().tags(Tags::Opaque).payload(Payload::Signed).checksum(None);
    let stage = Stage::new(&settings, 9).named(7);
    let text = serde_json::to_string(&stage).unwrap();
    assert_eq!(serde_json::from_str::<Stage>(&text).unwrap(), stage);
    assert_eq!((stage.checksum(), stage.name().as_deref()), (None, Some("00000000000000000000000000000007")));
}

#[test]
fn the_object_gets_the_name_and_the_sum_of_the_upload() {
    let mut rig = Rig::new(&settings(), b"0123456789");
    assert_eq!(rig.request(&Call::Initiate).headers()["x-name"], OURS);
    rig.open();
    for number in 1..=3 {
        let headers = rig.good(number);
        forward(rig.part(number, &headers));
    }
    let whole = value(&digest(HashKind::Crc64Nvme, b"0123456789"));
    assert_eq!(rig.request(&Call::Complete).headers()["x-sum"], STORE.sums[0].write(whole));
}

#[test]
fn a_part_whose_sum_is_another_one_is_sent_again() {
    let mut rig = Rig::new(&settings(), b"0123456789");
    rig.open();
    let mut headers = rig.good(1);
    headers[1].1 = STORE.sums[0].write(1);
    assert!(matches!(rig.part(1, &headers), Transition::Regressed { why: Fault::PartDiffers { part_number: 1 }, .. }));
    assert_eq!(rig.call(), Call::Part { number: 1 });
}

#[test]
fn a_lost_complete_is_looked_for_before_it_is_asked_again() {
    for (at_key, stored) in [
        (object(10, None, Some(OURS)), true),
        // It may have been there before, and the upload is open still.
        (object(10, Some(value(&digest(HashKind::Crc64Nvme, b"0123456789"))), None), false),
        (object(9, None, Some(OURS)), false),
        (object(10, None, Some("another")), false),
        (object(10, None, None), false),
        (object(10, Some(1), None), false),
        (AtKey::Nothing, false),
        (AtKey::Hidden(Box::new(Fault::NoRegion)), false),
    ] {
        let mut rig = Rig::sent(&settings());
        forward(rig.apply(Occurrence::Unsure(Call::Complete)));
        assert_eq!(rig.waits(), Duration::from_secs(2));
        assert!(matches!(rig.head(at_key.clone()), Transition::Forward));
        assert_eq!(is_stored(&rig), stored, "{at_key:?}");
        if !stored {
            assert_eq!(rig.call(), Call::List { after: 0 }, "{at_key:?}");
        }
    }
}

#[test]
fn an_upload_that_lives_after_a_lost_complete_is_completed_with_the_same_list() {
    let mut rig = Rig::sent(&settings());
    let before = rig.request(&Call::Complete);
    forward(rig.apply(Occurrence::Unsure(Call::Complete)));
    rig.waits();
    forward(rig.head(AtKey::Nothing));
    let list = "<ListPartsResponse><Part><PartNumber>1</PartNumber><ETag>t1</ETag><Size>4</Size></Part><Part><PartNumber>2</PartNumber>\
                <ETag>t2</ETag><Size>4</Size></Part><Part><PartNumber>3</PartNumber><ETag>t3</ETag><Size>2</Size></Part></ListPartsResponse>";
    let page = reads(&Call::List { after: 0 }, says(200, list));
    forward(rig.replied(Call::List { after: 0 }, page));
    assert_eq!(rig.call(), Call::Complete);
    let again = rig.request(&Call::Complete);
    assert_eq!(before.body().segments(), again.body().segments());
    // Lost once more: it is looked for again.
    forward(rig.apply(Occurrence::Unsure(Call::Complete)));
    rig.waits();
    assert_eq!(rig.call(), Call::Head);
}

/// The object is of this upload, and its content is not the file's.
#[test]
fn an_object_of_our_name_with_another_sum_is_no_success() {
    for forbid_overwrite in [false, true] {
        let mut rig = Rig::sent(&settings().forbid_overwrite(forbid_overwrite));
        forward(rig.apply(Occurrence::Unsure(Call::Complete)));
        rig.waits();
        let back = rig.head(object(10, Some(1), Some(OURS)));
        if forbid_overwrite {
            assert!(matches!(rig.next(), StageStep::Fail(Fault::Integrity { .. })), "{back:?}");
        } else {
            assert!(
                matches!(back, Transition::Regressed { why: Fault::Integrity { .. }, drop: Invalidated::Digests }),
                "{back:?}"
            );
            assert_eq!(rig.call(), Call::Initiate);
        }
    }
}

#[test]
fn one_page_tells_that_an_upload_lives_whose_parts_are_known() {
    let mut rig = Rig::sent(&settings());
    forward(rig.apply(Occurrence::Unsure(Call::Complete)));
    rig.waits();
    forward(rig.head(AtKey::Nothing));
    let list = "<ListPartsResponse><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker><Part>\
                <PartNumber>1</PartNumber><ETag>t1</ETag><Size>4</Size></Part></ListPartsResponse>";
    let page = reads(&Call::List { after: 0 }, says(200, list));
    assert!(matches!(&page, Reply::Page(page) if page.next == Some(1)), "{page:?}");
    forward(rig.replied(Call::List { after: 0 }, page));
    assert_eq!(rig.call(), Call::Complete);
}

#[test]
fn an_upload_that_is_gone_after_a_lost_complete_is_looked_for_for_a_while() {
    let mut rig = Rig::sent(&settings());
    forward(rig.apply(Occurrence::Unsure(Call::Complete)));
    rig.waits();
    forward(rig.head(AtKey::Nothing));
    forward(rig.replied(Call::List { after: 0 }, Reply::Gone(Fault::NoRegion)));
    for pause in [2, 5, 15] {
        assert!(matches!(rig.head(AtKey::Nothing), Transition::Forward));
        assert_eq!(rig.waits(), Duration::from_secs(pause));
    }
    let name = rig.stage.name();
    let back = rig.head(AtKey::Nothing);
    assert!(matches!(back, Transition::Regressed { why: Fault::Lost { found: Found::Nothing }, .. }), "{back:?}");
    assert_eq!(rig.call(), Call::Initiate);
    assert_ne!(rig.stage.name(), name, "another attempt has another name");
}

#[test]
fn a_crash_with_a_complete_on_its_way_is_a_lost_complete() {
    let mut rig = Rig::sent(&settings());
    rig.ephemeral = Ephemeral::default();
    forward(rig.apply(Occurrence::Unsure(Call::Complete)));
    rig.waits();
    forward(rig.head(object(10, None, Some(OURS))));
    assert!(is_stored(&rig));
}

#[test]
fn where_nobody_may_know_what_is_at_the_key_the_upload_says_so() {
    let mut rig = Rig::sent(&settings());
    forward(rig.apply(Occurrence::Unsure(Call::Complete)));
    rig.waits();
    forward(rig.head(AtKey::Nothing));
    forward(rig.replied(Call::List { after: 0 }, Reply::Gone(Fault::NoRegion)));
    let hidden = reads(&Call::Head, says(403, ""));
    forward(rig.replied(Call::Head, hidden));
    let StageStep::Fail(Fault::Bare { op: Op::HeadObject, status: 403, .. }) = rig.next() else {
        panic!("{:?}", rig.next())
    };
}

#[test]
fn a_success_of_white_space_and_then_an_error_is_none() {
    let call = Call::Complete;
    let read = |body: &'static str| {
        decode(&call, &STORE, Success::Document, &Answer { response: says(200, body), observed: Observed::none() })
    };
    let good = "  \r\n <?xml version=\"1.0\"?>  \n <CompleteMultipartUploadResult><ETag>\"a-3\"</ETag></CompleteMultipartUploadResult>";
    assert!(matches!(read(good), Ok(Reply::Completed(_))));
    for (body, advice) in [
        ("   <Error><Code>InternalError</Code></Error>", resumable_core::Advice::Unsure),
        ("<?xml version=\"1.0\"?>   <Error><Code>Busy</Code></Error>", resumable_core::Advice::Unsure),
        ("      ", resumable_core::Advice::Unsure),
        ("", resumable_core::Advice::Unsure),
        ("  <CompleteMultipartUploadResult><ETag>\"a-", resumable_core::Advice::Unsure),
        ("<CompleteMultipartUploadResult></CompleteMultipartUploadResult>", resumable_core::Advice::Unsure),
        ("<html>InternalError</html>", resumable_core::Advice::Unsure),
    ] {
        assert_eq!(read(body).unwrap_err().advice, advice, "{body}");
    }
    for code in ["BadDigest", "Conflict"] {
        assert!(matches!(reads(&call, refusal(400, code)), Reply::Spent(_)), "{code}");
    }
    assert!(matches!(reads(&call, says(200, " <Error><Code>NoSuchUpload</Code></Error>")), Reply::Gone(_)));
}

#[test]
fn an_upload_that_is_spent_is_aborted_and_another_one_opened() {
    let mut rig = Rig::sent(&settings());
    let spent = reads(&Call::Complete, refusal(409, "Conflict"));
    assert!(matches!(rig.replied(Call::Complete, spent), Transition::Regressed { .. }));
    assert_eq!(rig.call(), Call::Abort);
    forward(rig.replied(Call::Abort, reads(&Call::Abort, says(204, ""))));
    assert_eq!(rig.call(), Call::Initiate);
    assert_ne!(rig.request(&Call::Initiate).headers()["x-name"], OURS);
}

#[test]
fn another_region_is_signed_for_once() {
    let mut rig = Rig::new(&settings(), b"0123456789");
    for (response, call) in [
        (refusal(400, "Elsewhere"), Call::Initiate),
        (Response::builder().status(301).header("x-region", "eu-1").body(Bytes::new()).unwrap(), Call::Head),
    ] {
        let Reply::Elsewhere { region, .. } = reads(&call, response) else { panic!() };
        assert_eq!(region, "eu-1");
    }
    forward(rig.replied(Call::Initiate, reads(&Call::Initiate, refusal(400, "Elsewhere"))));
    assert_eq!((rig.ephemeral.region(), rig.call()), (Some("eu-1"), Call::Initiate));
    // What was learned outlives an upload that is begun anew.
    rig.open();
    assert!(matches!(
        rig.replied(Call::Part { number: 1 }, Reply::Gone(Fault::NoRegion)),
        Transition::Regressed { .. }
    ));
    assert_eq!((rig.ephemeral.region(), rig.call()), (Some("eu-1"), Call::Initiate));
    forward(rig.replied(Call::Initiate, reads(&Call::Initiate, refusal(400, "Elsewhere"))));
    assert!(matches!(rig.next(), StageStep::Fail(Fault::Vendor { .. })));
}

#[test]
fn tags_that_prove_nothing_are_sent_back_as_they_came() {
    let mut rig = Rig::new(&settings().checksum(None).tags(Tags::Opaque), b"0123456789");
    rig.open();
    for number in 1..=3 {
        assert!(rig.request(&Call::Part { number }).body().observe().is_empty());
        let tag = [("etag", format!("\"{number:032x}\""))];
        assert!(matches!(rig.part(number, &tag), Transition::Forward));
    }
    assert_eq!(rig.call(), Call::Complete);
    // In a new run the tally vouches for them; what it does not know is sent again.
    rig.ephemeral = Ephemeral::default();
    assert_eq!(rig.call(), Call::List { after: 0 });
    let list = "<ListPartsResponse><Part><PartNumber>1</PartNumber><ETag>00000000000000000000000000000001</ETag><Size>4</Size></Part>\
                <Part><PartNumber>2</PartNumber><ETag>00000000000000000000000000000002</ETag><Size>4</Size></Part></ListPartsResponse>";
    forward(rig.replied(Call::List { after: 0 }, reads(&Call::List { after: 0 }, says(200, list))));
    assert_eq!(rig.call(), Call::Part { number: 1 });
}

#[test]
fn an_answer_that_says_encrypted_makes_its_tag_prove_nothing() {
    let settings = settings().checksum(None);
    let mut rig = Rig::new(&settings, b"0123456789");
    rig.open();
    assert_eq!(rig.request(&Call::Part { number: 1 }).body().observe(), [HashKind::Md5]);
    let tag = ("etag", "\"00000000000000000000000000000001\"".to_owned());
    let differs = rig.part(1, std::slice::from_ref(&tag));
    assert!(matches!(differs, Transition::Regressed { why: Fault::PartDiffers { .. }, .. }), "{differs:?}");
    let encrypted = rig.part(1, &[tag, ("x-encryption", "kms:dsse".into())]);
    assert!(matches!(encrypted, Transition::Forward));
    assert_eq!(rig.stage.confirmed(), 4);
    assert!(rig.request(&Call::Part { number: 2 }).body().observe().is_empty());
}

#[test]
fn a_listed_part_is_compared_by_its_sum_where_tags_prove_nothing() {
    let mut rig = Rig::sent(&settings().tags(Tags::Opaque));
    rig.ephemeral = Ephemeral::default();
    let part = |rig: &Rig, number: u32, sum: Option<u64>| {
        let sum = sum.map_or_else(String::new, |it| format!("<Sum>{}</Sum>", STORE.sums[0].write(it)));
        let size = rig.bytes(number).len();
        format!("<Part><PartNumber>{number}</PartNumber><ETag>x{number}</ETag><Size>{size}</Size>{sum}</Part>")
    };
    let good = value(&digest(HashKind::Crc64Nvme, rig.bytes(1)));
    let list = format!(
        "<ListPartsResponse>{}{}{}</ListPartsResponse>",
        part(&rig, 1, Some(good)),
        part(&rig, 2, Some(1)),
        part(&rig, 3, None)
    );
    let response = Response::builder().header("x-id", "1").body(Bytes::from(list)).unwrap();
    forward(rig.replied(Call::List { after: 0 }, reads(&Call::List { after: 0 }, response)));
    let StageStep::Hash(jobs) = rig.next() else { panic!() };
    let asked: Vec<_> = jobs.iter().map(|job| (job.kind, job.range.clone())).collect();
    let (sum, own) = (HashKind::Crc64Nvme, HashKind::Crc64);
    assert_eq!(asked, [(sum, 0..4), (own, 0..4), (sum, 4..8), (own, 4..8)], "nothing tells of the last");
    rig.hash();
    assert_eq!((rig.stage.confirmed(), rig.call()), (4, Call::Part { number: 2 }));
}

#[test]
fn a_signed_payload_is_read_before_it_is_sent() {
    let mut rig = Rig::new(&settings().payload(Payload::Signed), b"0123456789");
    rig.open();
    for number in 1..=3 {
        rig.hash();
        assert_eq!(rig.call(), Call::Part { number });
        let sha256 = digest(HashKind::Sha256, rig.bytes(number)).to_hex();
        assert_eq!(rig.request(&Call::Part { number }).headers()["x-payload"], sha256.as_str());
        let headers = rig.good(number);
        forward(rig.part(number, &headers));
        rig.digests.clear();
    }
    assert_eq!(rig.call(), Call::Complete);
    let mut one = Rig::new(&settings().payload(Payload::Signed).one_request_max(99), b"0123");
    one.hash();
    assert_eq!(one.request(&Call::Put).headers()["x-payload"], digest(HashKind::Sha256, b"0123").to_hex().as_str());
    assert_eq!(Rig::new(&settings().payload(Payload::Signed).one_request_max(99), b"").call(), Call::Put);
}

/// The digest was asked for by an upload that was gone when it came: parts are cut as before.
#[test]
fn a_part_that_was_read_for_an_upload_before_is_not_read_again() {
    let mut rig = Rig::new(&settings().payload(Payload::Signed), b"0123456789");
    rig.open();
    rig.hash();
    let headers = rig.good(1);
    forward(rig.part(1, &headers));
    let StageStep::Hash(jobs) = rig.next() else { panic!("{:?}", rig.next()) };
    assert_eq!((jobs.len(), jobs[0].range.clone()), (1, 4..8));
    let gone = rig.replied(Call::Part { number: 1 }, Reply::Gone(Fault::NoRegion));
    assert!(matches!(gone, Transition::Regressed { drop: Invalidated::Session, .. }), "{gone:?}");
    rig.digests = jobs.into_iter().map(|job| (job, digest(HashKind::Sha256, b"4567"))).collect();
    forward(rig.apply(Occurrence::Hashed));
    rig.open();
    rig.digests.clear();
    assert_eq!(rig.call(), Call::Part { number: 1 });
    forward(rig.part(1, &headers));
    assert_eq!(rig.call(), Call::Part { number: 2 });
    let sha256 = digest(HashKind::Sha256, b"4567").to_hex();
    assert_eq!(rig.request(&Call::Part { number: 2 }).headers()["x-payload"], sha256.as_str());
}

#[test]
fn a_page_for_people_is_no_list() {
    for body in ["<html></html>", "<Other></Other>", "<Error></Error>", "text"] {
        let answer = Answer { response: says(200, body), observed: Observed::none() };
        assert!(decode(&Call::List { after: 0 }, &STORE, Success::Document, &answer).is_err(), "{body}");
    }
    let list = says(200, "<ListPartsResponse/>");
    assert!(matches!(reads(&Call::List { after: 0 }, list), Reply::Page(page) if page.next.is_none()));
}

#[test]
fn an_upload_without_a_name_is_not_aborted_for_the_object_would_be_deleted() {
    use resumable_proto_multipart::abort_multipart_upload;
    assert_eq!(
        abort_multipart_upload::encode("", &Place).unwrap_err(),
        Fault::NotOpen { op: Op::AbortMultipartUpload }
    );
    assert!(abort_multipart_upload::encode("u", &Place).is_ok());
}

/// The file may be another one since a put without an answer: its name alone proves nothing.
#[test]
fn an_object_of_one_request_is_ours_by_its_content_alone() {
    let whole = |kind| digest(kind, b"0123");
    let tag = |bytes: &[u8]| resumable_proto_multipart::Etag::new(&digest(HashKind::Md5, bytes).to_hex());
    let sum = |value| Some(Checksum { kind: ChecksumKind::Crc64Nvme, value });
    let ours = value(&whole(HashKind::Crc64Nvme));
    for (etag, checksum, read, stored) in [
        (None, sum(ours), Some(HashKind::Crc64Nvme), true),
        (None, sum(1), Some(HashKind::Crc64Nvme), false),
        (tag(b"0123"), None, Some(HashKind::Md5), true),
        (tag(b"0124"), None, Some(HashKind::Md5), false),
        (tag(b"0124"), sum(ours), Some(HashKind::Crc64Nvme), true),
        (None, None, None, false),
    ] {
        let settings = settings().one_request_max(99).forbid_overwrite(true);
        let mut rig = Rig::new(&settings, b"0123");
        assert_eq!(rig.call(), Call::Put);
        forward(rig.apply(Occurrence::Unsure(Call::Put)));
        forward(rig.replied(Call::Put, Reply::Taken(Fault::Taken)));
        let head = Head { size: 4, etag: etag.clone(), checksum, name: Some(OURS.into()) };
        forward(rig.head(AtKey::Object(head)));
        if let Some(kind) = read {
            let StageStep::Hash(jobs) = rig.next() else { panic!() };
            assert_eq!((jobs.len(), jobs[0].kind), (1, kind));
            rig.hash();
        }
        let done = matches!(rig.next(), StageStep::Stored(stored) if stored.how == How::OneRequest);
        assert_eq!(done, stored, "{etag:?} {checksum:?}");
        assert!(done || matches!(rig.next(), StageStep::Fail(Fault::Taken)));
    }
}

/// The same content may have been there before; then the upload stays open, and must not be forgotten.
#[test]
fn a_complete_that_is_refused_for_an_object_of_the_same_content_is_no_success_while_the_upload_lives() {
    let ours = value(&digest(HashKind::Crc64Nvme, b"0123456789"));
    for (name, gone, stored) in [(Some(OURS), false, true), (None, false, false), (None, true, true)] {
        let mut rig = Rig::sent(&settings().forbid_overwrite(true));
        forward(rig.apply(Occurrence::Unsure(Call::Complete)));
        rig.waits();
        let mut asked = 0;
        loop {
            match rig.next() {
                StageStep::Call(Call::Head) => forward(rig.head(object(10, Some(ours), name.filter(|_| asked > 0)))),
                StageStep::Call(Call::List { .. }) if gone && asked > 0 => {
                    forward(rig.replied(Call::List { after: 0 }, Reply::Gone(Fault::NoRegion)));
                }
                StageStep::Call(call @ Call::List { .. }) => {
                    let tag = |number: u32, size: u32| {
                        format!(
                            "<Part><PartNumber>{number}</PartNumber><ETag>t{number}</ETag><Size>{size}</Size></Part>"
                        )
                    };
                    let list = format!("<ListPartsResult>{}{}{}</ListPartsResult>", tag(1, 4), tag(2, 4), tag(3, 2));
                    let response = Response::builder().header("x-id", "1").body(Bytes::from(list)).unwrap();
                    forward(rig.replied(call.clone(), reads(&call, response)));
                }
                StageStep::Call(Call::Complete) => {
                    asked += 1;
                    forward(rig.replied(Call::Complete, Reply::Taken(Fault::Taken)));
                }
                StageStep::Stored(_) => break assert!(stored, "{name:?} {gone}"),
                StageStep::Fail(Fault::Taken) => break assert!(!stored, "{name:?} {gone}"),
                other => panic!("{other:?}"),
            }
            assert!(asked < 5, "it ends");
        }
        assert_eq!(rig.stage.upload_id().is_some(), !stored, "one that lives can be aborted");
    }
}
