//! What COS v1 says in a talk.

#![allow(dead_code, reason = "each test file uses a part of it")]

#[path = "../../../core/tests/step_by_step/mod.rs"]
mod step_by_step;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::{
    Advice, Answer, Digest, HashJob, HashKind, HashPass, Next, Observed, Occurrence, Protocol, SourceInfo,
};
use resumable_proto_cos_v1::{Call, CosV1, Credential, Fault, Options, at};
use serde_json::{Value, json};

use self::step_by_step::Spoken;

/// The slice size.
pub(crate) const S: u64 = 16;
pub(crate) const NOW: Duration = Duration::from_secs(1_470_000_000);
const URLS: &str = r#""access_url":"http://b-1.file.myqcloud.com/f","resource_path":"/f""#;

pub(crate) type Said = (u16, String);

pub(crate) fn ok(data: &str) -> Said {
    (200, format!(r#"{{"code":0,"message":"SUCCESS","data":{{{data}}}}}"#))
}

pub(crate) fn no(code: i64) -> Said {
    (400, format!(r#"{{"code":{code},"message":"ERROR_X","request_id":"NTk5"}}"#))
}

/// The object is complete.
pub(crate) fn complete() -> Said {
    ok(URLS)
}

/// There is nothing at the path.
pub(crate) fn nothing() -> Said {
    no(-197)
}

/// A session that goes on here.
pub(crate) fn opened(offset: u64) -> Said {
    ok(&format!(r#""session":"S1","slice_size":{S},"offset":{offset}"#))
}

/// The same, with addresses of an object.
pub(crate) fn opened_and_complete(offset: u64) -> Said {
    ok(&format!(r#""session":"S1","slice_size":{S},"offset":{offset},{URLS}"#))
}

/// The slice that begins here was stored.
pub(crate) fn stored(offset: u64) -> Said {
    ok(&format!(r#""offset":{offset},"session":"S1""#))
}

/// The same, with addresses of an object.
pub(crate) fn stored_and_complete(offset: u64) -> Said {
    ok(&format!(r#""offset":{offset},"session":"S1",{URLS}"#))
}

/// A finished object of this length, and with this SHA-1 if it is told.
pub(crate) fn object(len: u64, sha: Option<&str>) -> Said {
    let sha = sha.map(|sha| format!(r#""sha":"{sha}","#)).unwrap_or_default();
    ok(&format!(r#"{sha}"filelen":{len},"filesize":{len},{URLS}"#))
}

/// An object of which less is there than its length.
pub(crate) fn half_an_object(len: u64, sha: &str) -> Said {
    ok(&format!(r#""sha":"{sha}","filelen":{},"filesize":{len},{URLS}"#, len - 1))
}

/// The SHA-1 of our file of this length, as the vendor writes it.
pub(crate) fn ours(len: u64) -> String {
    digest(len).to_hex()
}

pub(crate) fn others() -> String {
    "ab".repeat(20)
}

fn job(len: u64) -> HashJob {
    HashJob { kind: HashKind::Sha1, range: 0..len, keep: true }
}

fn digest(len: u64) -> Digest {
    let mut pass = HashPass::new(&[job(len)]).unwrap();
    while let Some(range) = pass.wants(u64::MAX) {
        pass.feed(&vec![b'r'; usize::try_from(range.end - range.start).unwrap()]).unwrap();
    }
    pass.finish().unwrap().remove(0)
}

/// Slices of [`S`] bytes, one after the other, for every file that is not empty.
pub(crate) fn slices() -> Options {
    Options::default().part_sizes(vec![S]).part_size(S).one_request_max(0)
}

pub(crate) fn parallel() -> Options {
    slices().parallel(true)
}

/// Up to [`S`] bytes go in one request.
pub(crate) fn small() -> Options {
    slices().one_request_max(S)
}

pub(crate) fn overwriting(options: Options) -> Options {
    options.insert_only(false)
}

pub(crate) fn protocol(options: Options) -> CosV1 {
    at("http://web.file.myqcloud.com", "1", "b", "/f").unwrap().with_options(options).unwrap()
}

pub(crate) fn credential() -> Credential {
    Credential::new("AKIDx", "secret-canary").unwrap()
}

pub(crate) fn source(len: u64) -> SourceInfo {
    SourceInfo::new(len, [1; 32])
}

pub(crate) type Talk = step_by_step::Talk<CosV1>;

impl Talk {
    /// A new upload, of which nothing was read.
    pub(crate) fn unread(len: u64, options: Options) -> Self {
        Self::of(protocol(options), source(len))
    }

    /// A new upload.
    pub(crate) fn new(len: u64, options: Options) -> Self {
        Self::unread(len, options).hashes()
    }

    /// The same upload in a later run.
    pub(crate) fn later(self, options: Options) -> Self {
        Self::new(self.source.len, options).goes_on_by(self.session())
    }

    /// A pass over the file is next, and is made.
    #[track_caller]
    pub(crate) fn hashes(mut self) -> Self {
        assert_eq!(self.says(), "hash all");
        self.digests.push((job(self.source.len), digest(self.source.len)));
        self.apply(Occurrence::Hashed);
        self
    }
}

impl Spoken for CosV1 {
    type Said = Said;
    const UNIX: Duration = NOW;

    fn credential() -> Credential {
        credential()
    }

    /// `init` names no session, `init S1` names ours.
    fn words(talk: &Talk) -> String {
        match talk.next() {
            Next::Call(Call::Init { with_session: false }) => "init".to_owned(),
            Next::Call(Call::Init { with_session: true }) => "init S1".to_owned(),
            Next::Call(Call::Slice { offset, datalen, last }) => {
                format!("slice {offset}+{datalen}{}", if last { " last" } else { "" })
            }
            Next::Call(call) => Self::name(&call).to_owned(),
            Next::Hash(jobs) => {
                format!("hash {}", if jobs == [job(talk.source.len)] { "all" } else { "something else" })
            }
            Next::Wait(until) => format!("wait {until:?}"),
            Next::Done(done) => {
                format!("done {:?}{}", done.how, if done.sha.is_some() { "" } else { " unproven" })
            }
            Next::Fail(Fault::Answer(why)) => format!("fail {:?}", why.code()),
            Next::Fail(why) => format!("fail {why:?}"),
            Next::Left(remains) => format!("left {remains:?}"),
            Next::Authorize(_) => panic!("it needs none"),
        }
    }

    fn answer(_: &Talk, _: &Call, said: &Said) -> Answer {
        answer(said)
    }
}

pub(crate) fn answer((status, body): &Said) -> Answer {
    let response = Response::builder().status(*status).body(Bytes::from(body.clone())).unwrap();
    Answer { response, observed: Observed::none() }
}

/// What an answer means to a call: the reply by its name, or the advice.
pub(crate) fn verdict(call: &Call, said: &Said) -> Result<String, Advice> {
    match protocol(slices()).decode(call, &answer(said)) {
        Ok(reply) => Ok(format!("{reply:?}").split(['(', ' ']).next().unwrap().to_owned()),
        Err(refused) => Err(refused.advice),
    }
}

/// A session with what was acknowledged, while it is open.
pub(crate) fn open_session(got: &[(u64, u64)]) -> Value {
    let got: Vec<_> = got.iter().map(|(start, end)| json!({"start": start, "end": end})).collect();
    let open = json!({"session": "S1", "slice_size": S});
    json!({"slice_size": S, "order": "one_by_one", "offset": "proves", "got": got, "open": open, "claim": null})
}
