//! What 115 and its storage say in a talk.

#![allow(dead_code, reason = "each test file uses a part of it")]

#[path = "../../../core/tests/step_by_step/mod.rs"]
mod step_by_step;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::{
    Advice, Answer, Digest, HashJob, HashKind, Hasher, Next, Observed, Occurrence, Protocol, SourceInfo,
};
use resumable_proto_115::{AccessToken, Call, Ephemeral, Fault, Options, P115, Site};
use resumable_proto_oss::stage;
use serde_json::json;

pub(crate) use self::step_by_step::MONO;
use self::step_by_step::Spoken;

use crate::far::{callback, content, hex, says, success};

/// 2026-01-01.
pub(crate) const UNIX: Duration = Duration::from_secs(1_767_225_600);
pub(crate) const PART: u64 = 100;

/// Parts of a hundred bytes for every file of more than that.
pub(crate) fn tiny() -> Options {
    let mut options = Options::default().part_size(PART).one_request_max(PART);
    options.limits.part_min = 1;
    options
}

/// The bytes are wanted in this object.
pub(crate) fn wanted(object: &str) -> Response<Bytes> {
    success(&json!({"status": 1, "pick_code": "task1", "bucket": "emubucket", "object": object,
        "callback": callback("task1")}))
}

/// A proof with these bytes is wanted.
pub(crate) fn question(sign_check: &str) -> Response<Bytes> {
    success(&json!({"status": 7, "pick_code": "q", "sign_key": "K", "sign_check": sign_check, "callback": []}))
}

/// A proof was refused, and no other one is asked for.
pub(crate) fn disbelief() -> Response<Bytes> {
    success(&json!({"status": 6, "code": 700, "sign_key": "", "callback": []}))
}

/// What a resume says of where the bytes go.
pub(crate) fn resumed(pick_code: &str, object: &str) -> Response<Bytes> {
    success(&json!({"pick_code": pick_code, "bucket": "emubucket", "object": object, "callback": [callback("task1")]}))
}

/// Keys that live an hour.
pub(crate) fn keys() -> Response<Bytes> {
    let mut response = success(&json!({"endpoint": "http://oss-cn-shenzhen.aliyuncs.com", "AccessKeyId": "STS.x",
        "AccessKeySecret": "s", "SecurityToken": "t", "Expiration": "2026-01-01T01:00:00Z"}));
    response.headers_mut().insert("date", "Thu, 01 Jan 2026 00:00:00 GMT".parse().unwrap());
    response
}

pub(crate) fn folder(id: u64) -> Response<Bytes> {
    success(&json!({"file_id": id.to_string(), "file_category": "0"}))
}

pub(crate) fn file(id: u64) -> Response<Bytes> {
    success(&json!({"file_id": id.to_string(), "file_category": "1", "file_name": "x(1)"}))
}

pub(crate) fn nothing() -> Response<Bytes> {
    success(&json!([]))
}

pub(crate) fn opened() -> Response<Bytes> {
    says(200, "<InitiateMultipartUploadResult><UploadId>UP1</UploadId></InitiateMultipartUploadResult>")
}

pub(crate) fn error(status: u16, code: &str) -> Response<Bytes> {
    says(status, &format!("<Error><Code>{code}</Code><Message>no</Message><RequestId>R1</RequestId></Error>"))
}

/// The file is in the drive, by the callback.
pub(crate) fn registered(len: u64, sha1: &str) -> Response<Bytes> {
    success(&json!({"file_id": "77", "file_size": len, "sha1": sha1, "file_name": "x(2)"}))
}

pub(crate) fn token() -> AccessToken {
    AccessToken::new("access-1").unwrap()
}

pub(crate) type Talk = step_by_step::Talk<P115>;

impl Talk {
    /// A new upload to the root.
    pub(crate) fn new(len: u64) -> Self {
        Self::to("0:x", len, tiny())
    }

    pub(crate) fn to(target: &str, len: u64, options: Options) -> Self {
        let site = Site::at("https://proapi.test").unwrap();
        let to = P115::new(site, "account", target.parse().unwrap(), options).unwrap();
        Self::of(to, SourceInfo::new(len, [1; 32]))
    }

    /// The same upload in a later run.
    pub(crate) fn later(mut self) -> Self {
        self.state.ephemeral = Ephemeral::default();
        let saved = self.session();
        self.goes_on_by(saved)
    }

    pub(crate) fn fault(&self) -> Fault {
        match self.next() {
            Next::Fail(why) => why,
            _ => panic!("it goes on: {}", self.says()),
        }
    }

    /// Takes the digests that are wanted, if any are.
    pub(crate) fn hashed(mut self) -> Self {
        while let Next::Hash(jobs) = self.next() {
            for job in jobs {
                let digest = self.digest(job.kind, &job.range);
                self.digests.push((job, digest));
            }
            self.apply(Occurrence::Hashed);
        }
        self
    }

    fn digest(&self, kind: HashKind, range: &std::ops::Range<u64>) -> Digest {
        let (start, end) = (usize::try_from(range.start).unwrap(), usize::try_from(range.end).unwrap());
        let mut hasher = Hasher::new(kind).unwrap();
        hasher.update(&content(self.source.len)[start..end]);
        hasher.finish()
    }

    /// The file's SHA-1, as 115 writes it.
    pub(crate) fn sha1(&self) -> String {
        hex(HashKind::Sha1, &content(self.source.len))
    }

    fn observed(&self, call: &Call) -> Observed {
        let range = match call {
            Call::Oss(stage::Call::Put) => 0..self.source.len,
            Call::Oss(stage::Call::Part { number }) => {
                let start = u64::from(*number - 1) * PART;
                start..self.source.len.min(start + PART)
            }
            _ => return Observed::none(),
        };
        let kinds = [HashKind::Md5, HashKind::Crc64, HashKind::Sha1];
        Observed::all(kinds.map(|kind| (kind, self.digest(kind, &range))).into())
    }

    /// The storage takes the part that is next.
    #[track_caller]
    pub(crate) fn sends(self, number: u32) -> Self {
        let start = u64::from(number - 1) * PART;
        let md5 = self.digest(HashKind::Md5, &(start..self.source.len.min(start + PART))).to_hex();
        let mut response = says(200, "");
        response.headers_mut().insert("etag", format!("\"{md5}\"").parse().unwrap());
        self.asks(&format!("part {number}"), &response)
    }
}

impl Spoken for P115 {
    type Said = Response<Bytes>;
    const UNIX: Duration = UNIX;

    fn credential() -> AccessToken {
        token()
    }

    /// Times are counted from now on.
    fn words(talk: &Talk) -> String {
        match talk.next() {
            Next::Call(Call::Look { depth }) => format!("look {depth}"),
            Next::Call(Call::FolderAdd { depth }) => format!("add {depth}"),
            Next::Call(Call::Init { proof: false }) => "init".to_owned(),
            Next::Call(Call::Init { proof: true }) => "prove".to_owned(),
            Next::Call(Call::Check) => "check".to_owned(),
            Next::Call(Call::Oss(stage::Call::Part { number })) => format!("part {number}"),
            Next::Call(call) => Self::name(&call).trim_start_matches("upload/").to_owned(),
            Next::Wait(Some(until)) => {
                format!("wait {:?}", until.checked_sub(MONO + talk.passed).expect("a time to come"))
            }
            Next::Wait(None) => "wait".to_owned(),
            Next::Hash(jobs) => {
                let job = |job: &HashJob| format!(" {}..{}", job.range.start, job.range.end);
                format!("hash{}", jobs.iter().map(job).collect::<String>())
            }
            Next::Done(done) => format!("done {:?} {:?} {:?}", done.how, done.file_id, done.name),
            Next::Fail(why) => format!("fail {why:?}").split(['(', ' ', '{']).take(2).collect::<Vec<_>>().join(" "),
            Next::Left(remains) => format!("left {remains:?}"),
            Next::Authorize(_) => panic!("the token is the host's"),
        }
    }

    fn ready(talk: Talk) -> Talk {
        talk.hashed()
    }

    fn answer(talk: &Talk, call: &Call, said: &Response<Bytes>) -> Answer {
        Answer { response: said.clone(), observed: talk.observed(call) }
    }
}

/// What an answer means to a call: the reply by its name, or the advice.
pub(crate) fn verdict(call: &Call, said: &Response<Bytes>) -> Result<String, Advice> {
    let answer = Answer { response: said.clone(), observed: Observed::none() };
    match Talk::new(250).to.decode(call, &answer) {
        Ok(reply) => Ok(format!("{reply:?}").split([' ', '{']).next().unwrap().to_owned()),
        Err(refused) => Err(refused.advice),
    }
}
