//! What COS v2 says in a talk.

#![allow(dead_code, reason = "each test file uses a part of it")]

#[path = "../../../core/tests/step_by_step/mod.rs"]
mod step_by_step;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{
    Advice, Answer, Body, Digest, HashJob, HashKind, HashPass, Modified, Next, Observed, Occurrence, Protocol,
    SourceInfo,
};
use resumable_proto_cos_v2::{Call, CosV2, Credential, Integrity, Options, at};
use serde_json::{Value, json};

use self::step_by_step::Spoken;

/// The slice size, and the distance of the states that the vendor is given.
pub(crate) const S: u64 = 64;
pub(crate) const URLS: &str = r#"{"access_url":"http://b-1.file.myqcloud.com/f","resource_path":"/1/b/f"}"#;
pub(crate) const NOW: Duration = Duration::from_secs(1_470_000_000);

pub(crate) type Said = (u16, String);

pub(crate) fn ok(data: &str) -> Said {
    (200, format!(r#"{{"code":0,"message":"SUCCESS","data":{data}}}"#))
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

/// A session; its slices go one after the other, or side by side.
pub(crate) fn opened(serial: bool) -> Said {
    ok(&format!(r#"{{"session":"S1","slice_size":{S},"serial_upload":{}}}"#, u8::from(serial)))
}

/// The slice that begins here was stored.
pub(crate) fn stored(offset: u64) -> Said {
    stored_in("S1", offset)
}

pub(crate) fn stored_in(session: &str, offset: u64) -> Said {
    ok(&format!(r#"{{"datalen":{S},"offset":{offset},"session":"{session}"}}"#))
}

/// An unfinished upload with these slices; `more` is what else the list says of it.
pub(crate) fn listed(session: &str, slices: &[u64], more: &str) -> Said {
    let slices: Vec<_> = slices.iter().map(|slice| format!(r#"{{"datalen":{S},"offset":{}}}"#, slice * S)).collect();
    let slices = slices.join(",");
    ok(&format!(r#"{{"listparts":[{slices}],"session":"{session}","slice_size":{S}{more}}}"#))
}

/// A finished object of this length, and with this SHA-1 if it is told.
pub(crate) fn object(len: u64, sha: Option<&str>) -> Said {
    let sha = sha.map(|sha| format!(r#""sha":"{sha}","#)).unwrap_or_default();
    ok(&format!(r#"{{{sha}"filelen":{len},"filesize":{len},"access_url":"http://b-1.file.myqcloud.com/f"}}"#))
}

/// An object of which less is there than its length.
pub(crate) fn half_an_object(len: u64, sha: &str) -> Said {
    ok(&format!(
        r#"{{"sha":"{sha}","filelen":{},"filesize":{len},"access_url":"http://b-1.file.myqcloud.com/f"}}"#,
        len - 1
    ))
}

/// The SHA-1 of our file of this length, as the vendor writes it.
pub(crate) fn ours(len: u64) -> String {
    digest(HashKind::Sha1, len).to_hex()
}

pub(crate) fn others() -> String {
    "ab".repeat(20)
}

fn content(len: u64) -> Vec<u8> {
    (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

fn taken(jobs: &[HashJob], len: u64) -> Vec<Digest> {
    let (mut pass, content) = (HashPass::new(jobs).unwrap(), content(len));
    while let Some(range) = pass.wants(u64::MAX) {
        pass.feed(&content[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()]).unwrap();
    }
    pass.finish().unwrap()
}

pub(crate) fn digest(kind: HashKind, len: u64) -> Digest {
    taken(&[HashJob { kind, range: 0..len, keep: true }], len).remove(0)
}

/// Slices of [`S`] bytes for every file that is not empty.
pub(crate) fn slices() -> Options {
    Options::default().part_sizes(vec![S]).part_size(S).one_request_max(0)
}

pub(crate) fn unhashed() -> Options {
    slices().integrity(Integrity::None)
}

/// Up to [`S`] bytes go in one request.
pub(crate) fn small() -> Options {
    slices().one_request_max(S)
}

pub(crate) fn protocol(options: Options) -> CosV2 {
    at("https://sh.file.myqcloud.com", "1", "b", "/f").unwrap().with_options(options).unwrap()
}

pub(crate) fn credential() -> Credential {
    Credential::new("AKIDx", "secret-canary").unwrap()
}

pub(crate) fn source(len: u64) -> SourceInfo {
    let at = |secs| Some(Modified { secs, nanos: 0 });
    SourceInfo { changed: at(1), looked_at: at(9), ..SourceInfo::new(len, [1; 32]) }
}

pub(crate) type Talk = step_by_step::Talk<CosV2>;

impl Talk {
    /// A new upload.
    pub(crate) fn new(len: u64, options: Options) -> Self {
        Self::of(protocol(options), source(len))
    }

    /// The same upload in a later run, by what was saved of it.
    pub(crate) fn saved(len: u64, options: Options, change: impl FnOnce(&mut Value)) -> Self {
        let mut talk = Self::new(len, options);
        let mut session = talk.session();
        if session["integrity"] != "none" {
            talk.knows(HashKind::Sha1);
        }
        change(&mut session);
        talk.goes_on_by(session)
    }

    /// A later run of one that has a session with its first slice stored.
    pub(crate) fn halfway(len: u64, options: Options) -> Self {
        Self::saved(len, options, |session| {
            session["open"] = json!({"session": "S1", "slice_size": S, "serial": true});
            session["init"] = json!("asked");
            session["confirmed"] = json!(S);
        })
    }

    pub(crate) fn knows(&mut self, kind: HashKind) {
        let len = self.source.len;
        self.digests.push((HashJob { kind, range: 0..len, keep: true }, digest(kind, len)));
    }

    /// This pass over the file is next, and is made.
    #[track_caller]
    pub(crate) fn hashes(mut self, expected: &str) -> Self {
        assert_eq!(self.says(), expected);
        let Next::Hash(jobs) = self.next() else { panic!("{expected}") };
        let digests = taken(&jobs, self.source.len);
        self.digests.extend(jobs.into_iter().zip(digests));
        self.hears_of_the_pass()
    }

    /// What the request is that comes next.
    pub(crate) fn next_request(&self) -> Request<Body> {
        self.request(&self.call()).unwrap()
    }

    /// The pass that was under way is done.
    pub(crate) fn hears_of_the_pass(mut self) -> Self {
        self.apply(Occurrence::Hashed);
        self
    }
}

impl Spoken for CosV2 {
    type Said = Said;
    const UNIX: Duration = NOW;

    fn credential() -> Credential {
        credential()
    }

    fn words(talk: &Talk) -> String {
        match talk.next() {
            Next::Call(Call::Data { offset, datalen }) => format!("data {}+{datalen}", offset / S),
            Next::Call(call) => Self::name(&call).to_owned(),
            Next::Hash(jobs) => jobs.iter().fold("hash".to_owned(), |text, job| match job.kind {
                HashKind::Sha1Chain { every } => format!("{text} chain/{every}"),
                _ => format!("{text} {:?}{}", job.kind, if job.keep { "" } else { " (not kept)" }),
            }),
            Next::Wait(until) => format!("wait {until:?}"),
            Next::Done(done) => {
                format!("done {:?} {}", done.how, if done.sha.is_some() { "proven" } else { "unproven" })
            }
            Next::Fail(why) => format!("fail {why:?}"),
            Next::Left(remains) => format!("left {remains:?}"),
            Next::Authorize(_) => "authorize".to_owned(),
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

/// What a refusal means to a call: the reply by its name, or the advice.
pub(crate) fn verdict(call: &Call, said: &Said) -> Result<String, Advice> {
    match protocol(slices()).decode(call, &answer(said)) {
        Ok(reply) => Ok(format!("{reply:?}").split(['(', ' ']).next().unwrap().to_owned()),
        Err(refused) => Err(refused.advice),
    }
}
