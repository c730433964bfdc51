//! What xfyun says in a talk.

#![allow(dead_code, reason = "each test file uses a part of it")]

#[path = "../../../core/tests/step_by_step/mod.rs"]
mod step_by_step;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::{Advice, Answer, Next, Observed, Protocol, SourceInfo};
use resumable_proto_xfyun::{App, Call, Credential, Fault, Limits, Options, Xfyun};
use serde_json::{Value, json};

use self::step_by_step::Spoken;

pub(crate) const SLICE: u64 = 10;
pub(crate) const NOW: Duration = Duration::from_secs(1_641_374_954);
pub(crate) const URL: &str = "https://files.example/1";

pub(crate) type Said = (u16, String);

pub(crate) fn ok(data: &str) -> Said {
    (200, format!(r#"{{"code":0,"data":{data},"message":"success","sid":"ost0001@dx1"}}"#))
}

/// The vendor's host answers refusals with HTTP 500 too.
pub(crate) fn no(code: i64) -> Said {
    (500, format!(r#"{{"code":{code},"message":"NO","sid":"ost0001@dx1"}}"#))
}

pub(crate) fn opened() -> Said {
    ok(r#"{"upload_id":"up_1"}"#)
}

pub(crate) fn stored() -> Said {
    ok(&format!(r#"{{"url":"{URL}"}}"#))
}

pub(crate) fn fine() -> Said {
    ok("null")
}

/// Slices of ten bytes, at most twelve, for every file of more than nineteen.
pub(crate) fn tiny() -> Options {
    let limits = Limits { part_min: 5, part_max: 40, parts: 12 };
    Options::default().part_size(SLICE).one_request_max(19).limits(limits)
}

pub(crate) fn parallel() -> Options {
    tiny().parallel(true)
}

pub(crate) fn protocol(options: Options) -> Xfyun {
    Xfyun::new(App::new("http://127.0.0.1:18099", "app00001", None).unwrap(), options).unwrap()
}

pub(crate) fn credential() -> Credential {
    Credential::new("key-canary", "secret-canary").unwrap()
}

pub(crate) fn source(len: u64) -> SourceInfo {
    SourceInfo::new(len, [1; 32])
}

pub(crate) type Talk = step_by_step::Talk<Xfyun>;

impl Talk {
    /// A new upload.
    pub(crate) fn new(len: u64, options: Options) -> Self {
        Self::of(protocol(options), source(len))
    }

    /// The same upload in a later run, with these options.
    pub(crate) fn later(self, options: Options) -> Self {
        Self::new(self.source.len, options).goes_on_by(self.session())
    }

    /// How many uploads and copies may have been left.
    pub(crate) fn orphans(&self) -> Value {
        self.session()["strays"].clone()
    }
}

impl Spoken for Xfyun {
    type Said = Said;
    const UNIX: Duration = NOW;

    fn credential() -> Credential {
        credential()
    }

    fn words(talk: &Talk) -> String {
        match talk.next() {
            Next::Call(Call::Slice { slice_id }) => format!("slice {slice_id}"),
            Next::Call(call) => Self::name(&call).trim_start_matches("mpupload/").to_owned(),
            Next::Wait(until) => format!("wait {until:?}"),
            Next::Done(done) => format!("done {:?} {} {}", done.how, done.url, done.orphans),
            Next::Fail(Fault::UrlLost(why)) => format!("fail url lost {:?}", why.code()),
            Next::Fail(why) => format!("fail {}", why.code().map_or(format!("{why:?}"), |code| code.to_string())),
            Next::Left(remains) => format!("left {remains:?}"),
            Next::Hash(_) | Next::Authorize(_) => panic!("it needs neither"),
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
    match protocol(tiny()).decode(call, &answer(said)) {
        Ok(reply) => Ok(format!("{reply:?}").split(['(', ' ']).next().unwrap().to_owned()),
        Err(refused) => Err(refused.advice),
    }
}

/// A session with an upload of slices of this size open, and these of them acknowledged, counted from 0.
pub(crate) fn open_session(len: u64, size: u64, acknowledged: &[(u64, u64)]) -> Value {
    let acknowledged: Vec<_> = acknowledged.iter().map(|(start, end)| json!({"start": start, "end": end})).collect();
    let slicing = json!({"len": len, "size": size});
    let open = json!({"upload_id": "up_1", "slicing": slicing, "acknowledged": acknowledged, "doubt": false});
    json!({"len": len, "way": {"slices": slicing}, "stage": {"open": open}, "strays": 0, "urls_lost": 0})
}
