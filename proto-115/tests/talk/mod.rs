//! One talk with 115 and its storage, step by step: what is asked next, and what each answer does. No machine is between, so
//! that every step of it can be looked at.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{
    Advice, Answer, Body, Cx, Digest, Env, HashJob, HashKind, Hasher, Intent, Invalidated, Next, Now, Observed,
    Occurrence, Protocol, SourceInfo, State, Transition,
};
use resumable_proto_115::{AccessToken, Call, Ephemeral, Fault, Options, P115, Reply, Site};
use resumable_proto_oss::stage;
use serde_json::{Value, json};

use crate::far::{callback, content, hex, says, success};

/// 2026-01-01.
pub(crate) const UNIX: Duration = Duration::from_secs(1_767_225_600);
pub(crate) const MONO: Duration = Duration::from_secs(5000);
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

pub(crate) struct Talk {
    pub(crate) to: P115,
    pub(crate) source: SourceInfo,
    pub(crate) state: State<P115>,
    pub(crate) digests: Vec<(HashJob, Digest)>,
    pub(crate) intent: Intent,
    pub(crate) in_flight: Vec<Call>,
    /// The time since the talk began.
    pub(crate) passed: Duration,
    /// What the last answer made useless.
    pub(crate) fell: Option<Invalidated>,
}

impl Talk {
    /// A new upload to the root.
    pub(crate) fn new(len: u64) -> Self {
        Self::to("0:x", len, tiny())
    }

    pub(crate) fn to(target: &str, len: u64, options: Options) -> Self {
        let site = Site::at("https://proapi.test").unwrap();
        let to = P115::new(site, "account", target.parse().unwrap(), options).unwrap();
        let source = SourceInfo::new(len, [1; 32]);
        let state = State { session: to.open(&source, 0), ephemeral: Ephemeral::default() };
        Self {
            to,
            source,
            state,
            digests: Vec::new(),
            intent: Intent::Finish,
            in_flight: Vec::new(),
            passed: Duration::ZERO,
            fell: None,
        }
    }

    /// What is saved of it.
    pub(crate) fn session(&self) -> Value {
        serde_json::to_value(&self.state.session).unwrap()
    }

    /// The same upload in a later run.
    pub(crate) fn later(mut self) -> Self {
        self.state =
            State { session: serde_json::from_value(self.session()).unwrap(), ephemeral: Ephemeral::default() };
        self.to.validate(&self.state.session, &self.source).unwrap();
        self
    }

    /// One that is to be given up.
    pub(crate) fn abandoned(mut self) -> Self {
        self.intent = Intent::Abandon;
        self
    }

    /// While these calls have no answer.
    pub(crate) fn during(mut self, calls: impl IntoIterator<Item = Call>) -> Self {
        self.in_flight = calls.into_iter().collect();
        self
    }

    pub(crate) fn after(mut self, seconds: u64) -> Self {
        self.passed += Duration::from_secs(seconds);
        self
    }

    pub(crate) fn with<T>(&self, f: impl FnOnce(&Cx<'_, P115>) -> T) -> T {
        let now = Now { mono: MONO + self.passed, unix: UNIX + self.passed };
        let mut env = Env::new(now, &self.source, 7, &self.digests);
        env.intent = self.intent;
        f(&Cx { env, credential: &token(), in_flight: &self.in_flight })
    }

    pub(crate) fn next(&self) -> Next<P115> {
        self.with(|cx| self.to.next(&self.state, cx))
    }

    /// What is next, in words; times are counted from now on.
    pub(crate) fn says(&self) -> String {
        match self.next() {
            Next::Call(Call::Look { depth }) => format!("look {depth}"),
            Next::Call(Call::FolderAdd { depth }) => format!("add {depth}"),
            Next::Call(Call::Init { proof: false }) => "init".to_owned(),
            Next::Call(Call::Init { proof: true }) => "prove".to_owned(),
            Next::Call(Call::Check) => "check".to_owned(),
            Next::Call(Call::Oss(stage::Call::Part { number })) => format!("part {number}"),
            Next::Call(call) => P115::name(&call).trim_start_matches("upload/").to_owned(),
            Next::Wait(Some(until)) => {
                format!("wait {:?}", until.checked_sub(MONO + self.passed).expect("a time to come"))
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

    #[track_caller]
    pub(crate) fn next_is(self, expected: &str) -> Self {
        assert_eq!(self.says(), expected);
        self
    }

    /// Next is the end.
    #[track_caller]
    pub(crate) fn ends(self, expected: &str) {
        self.next_is(expected);
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
            self = self.apply(Occurrence::Hashed);
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

    pub(crate) fn call(&self) -> Call {
        match self.next() {
            Next::Call(call) => call,
            _ => panic!("no call is next, but {}", self.says()),
        }
    }

    fn apply(mut self, what: Occurrence<Call, Reply>) -> Self {
        let mut state = State { session: self.state.session.clone(), ephemeral: self.state.ephemeral.clone() };
        self.fell = match self.with(|cx| self.to.apply(&mut state, what, cx)) {
            Transition::Regressed { drop, .. } => Some(drop),
            _ => None,
        };
        self.state = state;
        self
    }

    /// This call is next, and is answered with an ordinary reply; a step back is to be looked at by [`Self::falls`].
    #[track_caller]
    pub(crate) fn asks(self, name: &str, said: &Response<Bytes>) -> Self {
        let talk = self.answered(name, said);
        assert_eq!(talk.fell, None, "after {name}");
        talk
    }

    /// The same, and the answer is a step back.
    #[track_caller]
    pub(crate) fn falls(self, name: &str, said: &Response<Bytes>, drop: Invalidated) -> Self {
        let talk = self.answered(name, said);
        assert_eq!(talk.fell, Some(drop), "after {name}");
        talk
    }

    #[track_caller]
    fn answered(self, name: &str, said: &Response<Bytes>) -> Self {
        let talk = self.hashed();
        assert_eq!(talk.says(), name);
        let call = talk.call();
        talk.hears(call, said)
    }

    /// A call that left before is answered.
    #[track_caller]
    pub(crate) fn hears(self, call: Call, said: &Response<Bytes>) -> Self {
        let observed = self.observed(&call);
        let answer = Answer { response: said.clone(), observed };
        let reply = self.to.decode(&call, &answer).unwrap_or_else(|refused| panic!("{call:?}: {refused:?}"));
        self.apply(Occurrence::Replied(call, reply))
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

    /// This call is next, and its answer is lost.
    #[track_caller]
    pub(crate) fn loses(self, name: &str) -> Self {
        let talk = self.hashed();
        assert_eq!(talk.says(), name);
        let call = talk.call();
        let talk = talk.apply(Occurrence::Unsure(call));
        assert_eq!(talk.fell, None, "after {name}");
        talk
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

    pub(crate) fn request(&self, call: &Call) -> Result<Request<Body>, Fault> {
        self.with(|cx| self.to.encode(call, &self.state, cx))
    }

    pub(crate) fn confirmed(&self) -> u64 {
        self.to.confirmed(&self.state.session)
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
