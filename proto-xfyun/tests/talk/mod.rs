//! One talk with the vendor, step by step: what is asked next, and what each answer does. No machine is between, so that
//! every step of it can be looked at, and the calls that are in flight can be any.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{
    Advice, Answer, Body, Cx, Env, Intent, Invalidated, Next, Now, Observed, Occurrence, Protocol, SourceInfo, State,
    Transition,
};
use resumable_proto_xfyun::{App, Call, Credential, Ephemeral, Fault, Limits, Options, Reply, Xfyun};
use serde_json::{Value, json};

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

pub(crate) struct Talk {
    pub(crate) to: Xfyun,
    pub(crate) source: SourceInfo,
    pub(crate) state: State<Xfyun>,
    pub(crate) intent: Intent,
    pub(crate) window: usize,
    pub(crate) in_flight: Vec<Call>,
    /// What the last answer made useless.
    pub(crate) fell: Option<Invalidated>,
}

impl Talk {
    /// A new upload.
    pub(crate) fn new(len: u64, options: Options) -> Self {
        let (to, source) = (protocol(options), source(len));
        let state = State { session: to.open(&source, 0), ephemeral: Ephemeral::default() };
        Self { to, source, state, intent: Intent::Finish, window: 2, in_flight: Vec::new(), fell: None }
    }

    /// What is saved of it.
    pub(crate) fn session(&self) -> Value {
        serde_json::to_value(&self.state.session).unwrap()
    }

    /// The same upload in a later run, with these options.
    pub(crate) fn later(self, options: Options) -> Self {
        let session = serde_json::from_value(self.session()).unwrap();
        let mut later = Self::new(self.source.len, options);
        later.state.session = session;
        later.to.validate(&later.state.session, &later.source).unwrap();
        later
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

    pub(crate) fn with<T>(&self, f: impl FnOnce(&Cx<'_, Xfyun>) -> T) -> T {
        let mut env = Env::new(Now { mono: NOW, unix: NOW }, &self.source, 7, &[]);
        (env.intent, env.window) = (self.intent, self.window);
        f(&Cx { env, credential: &credential(), in_flight: &self.in_flight })
    }

    fn next(&self) -> Next<Xfyun> {
        self.with(|cx| self.to.next(&self.state, cx))
    }

    /// What is next, in words.
    pub(crate) fn says(&self) -> String {
        match self.next() {
            Next::Call(Call::Slice { slice_id }) => format!("slice {slice_id}"),
            Next::Call(call) => Xfyun::name(&call).trim_start_matches("mpupload/").to_owned(),
            Next::Wait(until) => format!("wait {until:?}"),
            Next::Done(done) => format!("done {:?} {} {}", done.how, done.url, done.orphans),
            Next::Fail(Fault::UrlLost(why)) => format!("fail url lost {:?}", why.code()),
            Next::Fail(why) => format!("fail {}", why.code().map_or(format!("{why:?}"), |code| code.to_string())),
            Next::Left(remains) => format!("left {remains:?}"),
            Next::Hash(_) | Next::Authorize(_) => panic!("it needs neither"),
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

    pub(crate) fn call(&self) -> Call {
        match self.next() {
            Next::Call(call) => call,
            _ => panic!("no call is next, but {}", self.says()),
        }
    }

    fn apply(&mut self, what: Occurrence<Call, Reply>) {
        let mut state = State { session: self.state.session.clone(), ephemeral: self.state.ephemeral.clone() };
        self.fell = match self.with(|cx| self.to.apply(&mut state, what, cx)) {
            Transition::Regressed { drop, .. } => Some(drop),
            _ => None,
        };
        self.state = state;
    }

    /// This call is next, and is answered with an ordinary reply; a step back is to be looked at by [`Self::falls`].
    #[track_caller]
    pub(crate) fn asks(self, name: &str, said: &Said) -> Self {
        let talk = self.answered(name, said);
        assert_eq!(talk.fell, None, "after {name}: {said:?}");
        talk
    }

    /// The same, and the answer is a step back.
    #[track_caller]
    pub(crate) fn falls(self, name: &str, said: &Said, drop: Invalidated) -> Self {
        let talk = self.answered(name, said);
        assert_eq!(talk.fell, Some(drop), "after {name}: {said:?}");
        talk
    }

    #[track_caller]
    fn answered(self, name: &str, said: &Said) -> Self {
        assert_eq!(self.says(), name);
        let call = self.call();
        self.hears(call, said)
    }

    /// A call that left before is answered.
    pub(crate) fn hears(mut self, call: Call, said: &Said) -> Self {
        let reply = self.to.decode(&call, &answer(said)).unwrap_or_else(|refused| panic!("{call:?}: {refused:?}"));
        self.apply(Occurrence::Replied(call, reply));
        self
    }

    /// This call is next, and its answer is lost.
    #[track_caller]
    pub(crate) fn loses(self, name: &str) -> Self {
        assert_eq!(self.says(), name);
        let call = self.call();
        self.lost(call)
    }

    /// The answer to a call that left before is lost.
    pub(crate) fn lost(mut self, call: Call) -> Self {
        self.apply(Occurrence::Unsure(call));
        assert_eq!(self.fell, None);
        self
    }

    pub(crate) fn request(&self, call: &Call) -> Result<Request<Body>, Fault> {
        self.with(|cx| self.to.encode(call, &self.state, cx))
    }

    pub(crate) fn confirmed(&self) -> u64 {
        self.to.confirmed(&self.state.session)
    }

    /// How many uploads and copies may have been left.
    pub(crate) fn orphans(&self) -> Value {
        self.session()["strays"].clone()
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
