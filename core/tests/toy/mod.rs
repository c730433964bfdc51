//! A vendor small enough to read at once: `Toy<false>` can be asked what has arrived, `Toy<true>` cannot.

mod rig;
mod server;

use std::fmt;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use resumable_core::{
    Advice, Answer, AuthReason, Authority, Body, CallProps, Cx, Digest, HashJob, HashKind, How, Intent, Invalidated,
    Lane, Limits, Next, Occurrence, Protocol, Question, Ranges, Receipt, Rejection, Remains, Segment, Serves,
    SourceInfo, State, Transition, starts_among,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use self::rig::{Fate, Rig, Setup, Verdict, kind_of, says, text_of};
pub(crate) use self::server::Server;

pub(crate) const PART: u64 = 10;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Call {
    Init,
    List,
    Part { offset: u64, len: u64 },
    Finish,
    Put,
    Delete,
}

impl Call {
    pub(crate) fn op(&self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::List => "list",
            Self::Part { .. } => "part",
            Self::Finish => "finish",
            Self::Put => "put",
            Self::Delete => "delete",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    part: u64,
    len: u64,
    pub(crate) phase: Phase,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Phase {
    Fresh,
    /// `doubt`: the finish may have happened.
    Open {
        id: u64,
        got: Ranges,
        doubt: bool,
    },
    Done(How),
    Gone,
}

#[derive(Default)]
pub(crate) struct Ephemeral {
    listed: bool,
    /// Of the pages so far.
    pages: Ranges,
    token: Option<Key>,
}

/// A secret.
#[derive(Clone, PartialEq)]
pub(crate) struct Key(pub(crate) String);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Opened {
        id: u64,
        token: Key,
    },
    Parts {
        got: Ranges,
        complete: bool,
        more: bool,
    },
    Stored,
    Complete,
    Deleted,
    /// The session is gone, in the words of `apply`.
    Lost,
    /// The object is there, and nobody can name it.
    UrlLost,
    /// The vendor wants something else first.
    Behind,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(pub(crate) String);

/// How the toy breaks the rules of the trait.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Knob {
    #[default]
    Behaves,
    WaitsForNothing,
    WaitsForThePast,
    PlansWhatIsInFlight,
    HashesWhatItHas,
    ListsForEver,
    AuthorizesForEver,
    DeniesWhatItCarries,
}

/// Whether the user wants what is sent to be digested.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Integrity {
    #[default]
    Digests,
    None,
}

/// Whom a session that is opened is for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Opens {
    #[default]
    ForItself,
    /// Every upload to the account.
    ForAll,
}

/// What the toy saw of its own calls.
#[derive(Default)]
pub(crate) struct Log {
    pub(crate) nexts: u64,
    pub(crate) others: u64,
    pub(crate) unsure: Vec<Call>,
    pub(crate) observed: Vec<Option<Digest>>,
    /// As of when, on the `mono` clock, it heard of each session.
    pub(crate) opened_at: Vec<Duration>,
}

#[derive(Default)]
pub(crate) struct Toy<const JOURNAL: bool> {
    pub(crate) target: String,
    pub(crate) part: u64,
    pub(crate) hash_first: bool,
    pub(crate) one_request: bool,
    /// What lies behind a gap does not count as confirmed.
    pub(crate) counts_to_the_gap: bool,
    pub(crate) integrity: Integrity,
    pub(crate) knob: Knob,
    pub(crate) opens: Opens,
    pub(crate) log: Mutex<Log>,
}

impl<const JOURNAL: bool> Toy<JOURNAL> {
    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    fn misbehave(&self, cx: &Cx<'_, Self>) -> Option<Next<Self>> {
        let sha1 = HashJob { kind: HashKind::Sha1, range: 0..cx.env.source.len, keep: true };
        match self.knob {
            Knob::Behaves | Knob::DeniesWhatItCarries => None,
            Knob::WaitsForNothing => Some(Next::Wait(None)),
            Knob::WaitsForThePast => Some(Next::Wait(Some(cx.env.now.mono.saturating_sub(Duration::from_secs(1))))),
            Knob::PlansWhatIsInFlight => cx.in_flight.first().cloned().map(Next::Call),
            Knob::HashesWhatItHas => Some(Next::Hash(vec![sha1])),
            Knob::ListsForEver => Some(if cx.in_flight.is_empty() { Next::Call(Call::List) } else { Next::Wait(None) }),
            Knob::AuthorizesForEver => Some(Next::Authorize(AuthReason::Missing)),
        }
    }

    fn part_or_finish(got: &Ranges, part: u64, cx: &Cx<'_, Self>) -> Next<Self> {
        let busy =
            starts_among(cx.in_flight, |call| if let Call::Part { offset, .. } = call { Some(*offset) } else { None });
        let ahead = part.saturating_mul(4 * cx.env.window as u64);
        match got.next_missing(cx.env.source.len, part, ahead, busy) {
            Some(range) => Next::Call(Call::Part { offset: range.start, len: range.end - range.start }),
            None if cx.in_flight.is_empty() => Next::Call(Call::Finish),
            None => Next::Wait(None),
        }
    }
}

impl<const JOURNAL: bool> Protocol for Toy<JOURNAL> {
    const ID: &'static str = if JOURNAL { "toy-journal/1" } else { "toy/1" };
    type Credential = Key;
    type Session = Session;
    type Ephemeral = Ephemeral;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Receipt;
    type Fault = Fault;

    fn target(&self) -> String {
        self.target.clone()
    }

    fn open(&self, source: &SourceInfo, _: u128) -> Session {
        Session { part: self.part, len: source.len, phase: Phase::Fresh }
    }

    fn validate(&self, session: &Session, source: &SourceInfo) -> Result<(), String> {
        let got = match &session.phase {
            Phase::Open { got, .. } => got.iter().last().map_or(0, |range| range.end),
            _ => 0,
        };
        if session.len == source.len && got <= source.len { Ok(()) } else { Err("it is of another file".to_owned()) }
    }

    fn authority(&self, _: &Session) -> Authority {
        if JOURNAL { Authority::Checkpoint } else { Authority::Vendor }
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        self.log().nexts += 1;
        if let Some(next) = self.misbehave(cx) {
            return next;
        }
        let sha1 = HashJob { kind: HashKind::Sha1, range: 0..cx.env.source.len, keep: true };
        match &state.session.phase {
            Phase::Done(how) => Next::Done(Receipt::new(*how)),
            Phase::Gone => Next::Left(Remains::Nothing),
            _ if cx.in_flight.iter().any(|call| !matches!(call, Call::Part { .. })) => Next::Wait(None),
            Phase::Fresh if cx.env.intent == Intent::Abandon => Next::Left(Remains::Nothing),
            Phase::Open { .. } if cx.env.intent == Intent::Abandon && cx.in_flight.is_empty() => {
                Next::Call(Call::Delete)
            }
            Phase::Open { .. } if cx.env.intent == Intent::Abandon => Next::Wait(None),
            _ if self.hash_first && cx.env.digest(sha1.kind, &sha1.range).is_none() => Next::Hash(vec![sha1]),
            Phase::Fresh if self.one_request => Next::Call(Call::Put),
            Phase::Fresh => Next::Call(Call::Init),
            Phase::Open { .. } if !JOURNAL && !state.ephemeral.listed => {
                if cx.in_flight.is_empty() {
                    Next::Call(Call::List)
                } else {
                    Next::Wait(None)
                }
            }
            Phase::Open { got, .. } => Self::part_or_finish(got, state.session.part, cx),
        }
    }

    fn name(call: &Call) -> &'static str {
        call.op()
    }

    fn props(&self, call: &Call) -> CallProps {
        let carries_source = matches!(call, Call::Part { .. } | Call::Put);
        let lane = if carries_source { Lane::Data } else { Lane::Api };
        let carries_source = carries_source && self.knob != Knob::DeniesWhatItCarries;
        let commits = matches!(call, Call::Finish | Call::Put | Call::Delete);
        CallProps {
            lane,
            carries_source,
            commits,
            digested: self.integrity == Integrity::Digests,
            limits: Limits::default(),
        }
    }

    fn asks(&self, call: &Call, _: &State<Self>) -> Option<Question> {
        let for_all = self.opens == Opens::ForAll && *call == Call::Init;
        for_all.then(|| Question { name: "session".to_owned(), since: None })
    }

    fn serves(&self, reply: &Reply) -> Option<Serves> {
        matches!(reply, Reply::Opened { .. }).then_some(Serves::All)
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        self.log().others += 1;
        let Key(secret) = cx.credential;
        let (id, doubt) = match &state.session.phase {
            Phase::Open { id, doubt, .. } => (*id, *doubt),
            _ => (0, false),
        };
        let (offset, len) = match call {
            Call::Part { offset, len } => (*offset, *len),
            Call::Put => (0, cx.env.source.len),
            _ => (0, 0),
        };
        let mut body = Body::from(Bytes::from(format!("{:032x}:", cx.env.nonce))).observing(&[HashKind::Sha256]);
        body.push(Segment::Source(offset..offset + len));
        let token = state.ephemeral.token.as_ref().map_or("", |Key(token)| token);
        Request::post(format!("http://toy.test/{}/{}?signature={secret}", self.target, call.op()))
            .header("x-id", id)
            .header("x-doubt", u32::from(doubt))
            .header("x-offset", offset)
            .header("x-len", len)
            .header("x-time", u64::try_from(cx.env.now.unix.as_millis()).unwrap_or(0))
            .header("x-nonce", format!("{:032x}", cx.env.nonce))
            .header("x-token", token)
            .header("authorization", secret)
            .body(body)
            .map_err(|error| Fault(error.to_string()))
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        let mut log = self.log();
        log.others += 1;
        if matches!(call, Call::Part { .. }) {
            log.observed.push(answer.observed.get(HashKind::Sha256).cloned());
        }
        let reject = |text: &str, advice| Err(Rejection { fault: Fault(text.to_owned()), advice });
        let broken = if *call == Call::List { Advice::Unavailable } else { Advice::Unsure };
        if answer.response.status() == StatusCode::TOO_MANY_REQUESTS {
            let (least, most) = (Duration::from_secs(20), Duration::from_secs(70));
            return reject("too many", Advice::Throttled { least, most });
        }
        if answer.response.status().is_server_error() {
            return reject("server error", broken);
        }
        let Ok(body) = serde_json::from_slice::<Value>(answer.response.body()) else { return reject("noise", broken) };
        match body["code"].as_str().unwrap_or("") {
            "ok" => self::read(call, &body),
            "lost" => Ok(Reply::Lost),
            "url" => Ok(Reply::UrlLost),
            "behind" => Ok(Reply::Behind),
            "time" => match body["server_time"].as_u64() {
                Some(seconds) => reject("time", Advice::ClockAt(Duration::from_secs(seconds))),
                None => reject("time", Advice::Clock),
            },
            "key" => reject("key", Advice::Reauthorize),
            "gone" => reject("gone", Advice::Restart),
            "digest" => reject("digest", Advice::Rehash),
            "never" => reject("never", Advice::Fatal),
            other => reject(other, Advice::Retry),
        }
    }

    fn apply(&self, state: &mut State<Self>, what: Occurrence<Call, Reply>, cx: &Cx<'_, Self>) -> Transition<Fault> {
        let mut log = self.log();
        log.others += 1;
        let State { session, ephemeral } = state;
        match (what, &mut session.phase) {
            (Occurrence::Replied(_, Reply::Opened { id, token }), phase) => {
                log.opened_at.push(cx.env.now.mono);
                *phase = Phase::Open { id, got: Ranges::new(), doubt: false };
                *ephemeral = Ephemeral { listed: true, token: Some(token), ..Ephemeral::default() };
            }
            (Occurrence::Replied(_, Reply::Parts { complete: true, .. }), phase) => {
                *phase = Phase::Done(How::AlreadyThere);
            }
            (Occurrence::Replied(_, Reply::Parts { got: page, more: true, .. }), _) => {
                let before = ephemeral.pages.bytes();
                page.iter().for_each(|range| ephemeral.pages.add(range.clone()));
                return if ephemeral.pages.bytes() > before { Transition::Listed } else { Transition::Forward };
            }
            (Occurrence::Replied(_, Reply::Parts { got: listed, .. }), Phase::Open { got, .. }) => {
                *got = listed;
                ephemeral.listed = true;
            }
            (Occurrence::Replied(Call::Part { offset, len }, Reply::Stored), Phase::Open { got, .. }) => {
                got.add(offset..offset + len);
            }
            (Occurrence::Replied(Call::Put, Reply::Complete), phase) => *phase = Phase::Done(How::OneRequest),
            (Occurrence::Replied(_, Reply::Complete), phase) => *phase = Phase::Done(How::Parts),
            (Occurrence::Replied(_, Reply::Deleted), phase) => *phase = Phase::Gone,
            (Occurrence::Replied(_, Reply::Lost), phase) => {
                *phase = Phase::Fresh;
                return Transition::Regressed { why: Fault("lost".to_owned()), drop: Invalidated::Session };
            }
            (Occurrence::Replied(_, Reply::UrlLost), phase) => {
                *phase = Phase::Fresh;
                return Transition::Regressed { why: Fault("url".to_owned()), drop: Invalidated::Url };
            }
            (Occurrence::Replied(_, Reply::Behind), _) => {
                ephemeral.listed = false;
                return Transition::Regressed { why: Fault("behind".to_owned()), drop: Invalidated::Nothing };
            }
            (Occurrence::Unsure(call), phase) => {
                if let (Call::Finish, Phase::Open { doubt, .. }) = (&call, phase) {
                    *doubt = true;
                }
                ephemeral.listed = false;
                log.unsure.push(call);
            }
            _ => {}
        }
        Transition::Forward
    }

    fn confirmed(&self, session: &Session) -> u64 {
        match &session.phase {
            Phase::Fresh | Phase::Gone => 0,
            Phase::Open { got, .. } if self.counts_to_the_gap => got.contiguous(),
            Phase::Open { got, .. } => got.bytes(),
            Phase::Done(_) => session.len,
        }
    }
}

/// A success, if the body's echo is of this call.
fn read(call: &Call, body: &Value) -> Result<Reply, Rejection<Fault>> {
    let echo = |name: &str| body[name].as_u64();
    match call {
        Call::Init => {
            let token = Key(body["token"].as_str().unwrap_or("").to_owned());
            Ok(Reply::Opened { id: echo("id").unwrap_or(0), token })
        }
        Call::List => {
            let parts = body["parts"].as_array().into_iter().flatten();
            let got = parts.filter_map(|part| Some(part[0].as_u64()?..part[1].as_u64()?)).collect();
            Ok(Reply::Parts { got, complete: body["complete"] == true, more: body["more"] == true })
        }
        Call::Part { offset, len } if echo("offset") == Some(*offset) && echo("len") == Some(*len) => Ok(Reply::Stored),
        Call::Part { .. } => Err(Rejection { fault: Fault("another part's echo".to_owned()), advice: Advice::Retry }),
        Call::Finish | Call::Put => Ok(Reply::Complete),
        Call::Delete => Ok(Reply::Deleted),
    }
}
