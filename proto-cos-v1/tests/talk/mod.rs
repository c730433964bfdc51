//! One talk with the vendor, step by step: what is asked next, and what each answer does. No machine is between, so that
//! every step of it can be looked at, and the calls that are in flight can be any.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{
    Advice, Answer, Body, Cx, Digest, Env, HashJob, HashKind, HashPass, Intent, Invalidated, Next, Now, Observed,
    Occurrence, Protocol, SourceInfo, State, Transition,
};
use resumable_proto_cos_v1::{Call, CosV1, Credential, Ephemeral, Fault, Options, Reply, at};
use serde_json::{Value, json};

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

pub(crate) struct Talk {
    pub(crate) to: CosV1,
    pub(crate) source: SourceInfo,
    pub(crate) state: State<CosV1>,
    pub(crate) digests: Vec<(HashJob, Digest)>,
    pub(crate) intent: Intent,
    pub(crate) window: usize,
    pub(crate) in_flight: Vec<Call>,
    /// What the last answer made useless.
    pub(crate) fell: Option<Invalidated>,
}

impl Talk {
    /// A new upload, of which nothing was read.
    pub(crate) fn unread(len: u64, options: Options) -> Self {
        let (to, source) = (protocol(options), source(len));
        let state = State { session: to.open(&source, 0), ephemeral: Ephemeral::default() };
        let (digests, intent) = (Vec::new(), Intent::Finish);
        Self { to, source, state, digests, intent, window: 2, in_flight: Vec::new(), fell: None }
    }

    /// A new upload.
    pub(crate) fn new(len: u64, options: Options) -> Self {
        Self::unread(len, options).hashes()
    }

    /// What is saved of it.
    pub(crate) fn session(&self) -> Value {
        serde_json::to_value(&self.state.session).unwrap()
    }

    /// The same upload in a later run.
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

    pub(crate) fn with<T>(&self, f: impl FnOnce(&Cx<'_, CosV1>) -> T) -> T {
        let mut env = Env::new(Now { mono: NOW, unix: NOW }, &self.source, 7, &self.digests);
        (env.intent, env.window) = (self.intent, self.window);
        f(&Cx { env, credential: &credential(), in_flight: &self.in_flight })
    }

    fn next(&self) -> Next<CosV1> {
        self.with(|cx| self.to.next(&self.state, cx))
    }

    /// What is next, in words: `init` names no session, `init S1` names ours.
    pub(crate) fn says(&self) -> String {
        match self.next() {
            Next::Call(Call::Init { with_session: false }) => "init".to_owned(),
            Next::Call(Call::Init { with_session: true }) => "init S1".to_owned(),
            Next::Call(Call::Slice { offset, datalen, last }) => {
                format!("slice {offset}+{datalen}{}", if last { " last" } else { "" })
            }
            Next::Call(call) => CosV1::name(&call).to_owned(),
            Next::Hash(jobs) => {
                format!("hash {}", if jobs == [job(self.source.len)] { "all" } else { "something else" })
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
        if self.fell == Some(Invalidated::Digests) {
            self.digests.clear();
        }
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
    pub(crate) fn loses(mut self, name: &str) -> Self {
        assert_eq!(self.says(), name);
        self.apply(Occurrence::Unsure(self.call()));
        assert_eq!(self.fell, None, "{name}");
        self
    }

    /// A pass over the file is next, and is made.
    #[track_caller]
    pub(crate) fn hashes(mut self) -> Self {
        assert_eq!(self.says(), "hash all");
        self.digests.push((job(self.source.len), digest(self.source.len)));
        self.apply(Occurrence::Hashed);
        self
    }

    pub(crate) fn request(&self, call: &Call) -> Result<Request<Body>, Fault> {
        self.with(|cx| self.to.encode(call, &self.state, cx))
    }

    pub(crate) fn confirmed(&self) -> u64 {
        self.to.confirmed(&self.state.session)
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
