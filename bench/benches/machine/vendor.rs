//! A vendor that does what a real one does, but signs and hashes nothing.

use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Env, How, Lane, Limits, Next, Now, Observed, Occurrence, Protocol,
    Ranges, Receipt, Rejection, Segment, SourceInfo, State, Tally, Transition, starts_among,
};
use serde::{Deserialize, Serialize};

use crate::host::source;

/// How long a part is, in bytes.
pub(crate) const PART: u64 = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Call {
    Init,
    Part { offset: u64, len: u64 },
    Finish,
}

/// What is saved: which parts have arrived, and one sum over what the vendor said of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Session {
    id: Option<String>,
    got: Ranges,
    bytes: u64,
    tally: Tally,
    finished: bool,
}

/// What the vendor says; `offset`, `len` and `etag` of parts only.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reply {
    code: i32,
    #[serde(default)]
    session: String,
    #[serde(default)]
    offset: u64,
    #[serde(default)]
    len: u64,
    #[serde(default)]
    etag: String,
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Fault(String);

/// The vendor: with `JOURNAL` only the checkpoint knows what has arrived.
pub(crate) struct Depot<const JOURNAL: bool>;

impl<const JOURNAL: bool> Protocol for Depot<JOURNAL> {
    const ID: &'static str = if JOURNAL { "depot-journal/1" } else { "depot/1" };
    type Credential = ();
    type Session = Session;
    type Ephemeral = ();
    type Call = Call;
    type Reply = Reply;
    type Outcome = Receipt;
    type Fault = Fault;

    fn target(&self) -> String {
        "depot.test/bucket/object".to_owned()
    }

    fn open(&self, _: &SourceInfo, _: u128) -> Session {
        Session { id: None, got: Ranges::new(), bytes: 0, tally: Tally::default(), finished: false }
    }

    fn validate(&self, session: &Session, source: &SourceInfo) -> Result<(), String> {
        if session.bytes <= source.len { Ok(()) } else { Err("it is of another source".to_owned()) }
    }

    fn authority(&self, _: &Session) -> Authority {
        if JOURNAL { Authority::Checkpoint } else { Authority::Vendor }
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        let session = &state.session;
        if session.finished {
            let mut receipt = Receipt::new(How::Parts);
            receipt.id.clone_from(&session.id);
            return Next::Done(receipt);
        }
        if session.id.is_none() {
            return if cx.in_flight.is_empty() { Next::Call(Call::Init) } else { Next::Wait(None) };
        }
        let busy =
            starts_among(cx.in_flight, |call| if let Call::Part { offset, .. } = call { Some(*offset) } else { None });
        match session.got.next_missing(cx.env.source.len, PART, 4 * cx.env.window as u64 * PART, busy) {
            Some(range) => Next::Call(Call::Part { offset: range.start, len: range.end - range.start }),
            None if cx.in_flight.is_empty() => Next::Call(Call::Finish),
            None => Next::Wait(None),
        }
    }

    fn name(call: &Call) -> &'static str {
        match call {
            Call::Init => "init",
            Call::Part { .. } => "part",
            Call::Finish => "finish",
        }
    }

    fn props(&self, call: &Call) -> CallProps {
        let carries_source = matches!(call, Call::Part { .. });
        let lane = if carries_source { Lane::Data } else { Lane::Api };
        CallProps { lane, carries_source, commits: *call == Call::Finish, digested: true, limits: Limits::default() }
    }

    fn encode(&self, call: &Call, state: &State<Self>, _: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        let (op, (offset, len)) =
            (Self::name(call), if let Call::Part { offset, len } = call { (*offset, *len) } else { (0, 0) });
        let id = state.session.id.as_deref().unwrap_or_default();
        let mut body = Body::empty();
        body.push(Segment::Source(offset..offset + len));
        Request::post(format!("http://depot.test/bucket/object?op={op}&session={id}&offset={offset}"))
            .header("content-type", "application/octet-stream")
            .body(body)
            .map_err(|error| Fault(error.to_string()))
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        let refuse = |why: String, advice| Rejection { fault: Fault(why), advice };
        let reply: Reply = serde_json::from_slice(answer.response.body())
            .map_err(|error| refuse(error.to_string(), Advice::Unsure))?;
        match call {
            _ if reply.code != 0 => Err(refuse(format!("code {}", reply.code), Advice::Retry)),
            Call::Part { offset, len } if (reply.offset, reply.len) != (*offset, *len) => {
                Err(refuse("the echo is of another part".to_owned(), Advice::Retry))
            }
            _ => Ok(reply),
        }
    }

    fn apply(
        &self,
        State { session, .. }: &mut State<Self>,
        what: Occurrence<Call, Reply>,
        _: &Cx<'_, Self>,
    ) -> Transition<Fault> {
        match what {
            Occurrence::Replied(Call::Init, reply) => session.id = Some(reply.session),
            Occurrence::Replied(Call::Part { offset, len }, reply) => {
                session.got.add(offset..offset + len);
                session.bytes += len;
                session.tally.add(offset / PART, len, reply.etag.as_bytes());
            }
            Occurrence::Replied(Call::Finish, _) => session.finished = true,
            Occurrence::Unsure(_) | Occurrence::Hashed => {}
        }
        Transition::Forward
    }

    fn confirmed(&self, session: &Session) -> u64 {
        session.bytes
    }
}

/// The vendor's answer, made from the request's address alone.
pub(crate) fn answer(address: &http::Uri) -> Answer {
    let offset = address.query().and_then(|query| query.rsplit_once("offset=")).map_or("0", |(_, offset)| offset);
    let body = format!(
        r#"{{"code":0,"session":"5f1d7a84db00d2fce00d","offset":{offset},"len":{PART},"etag":"9a0364b9e99bb480dd25e1f0284c8555"}}"#
    );
    Answer { response: Response::new(Bytes::from(body)), observed: Observed::none() }
}

/// All that the vendor does for so many parts, with no machine around it.
pub(crate) fn without_machine(parts: u64) {
    let (depot, source) = (Depot::<false>, source(parts));
    let mut state = State::<Depot<false>> { session: depot.open(&source, 0), ephemeral: () };
    let now = Now { mono: Duration::ZERO, unix: Duration::ZERO };
    let cx = Cx { env: Env::new(now, &source, 0, &[]), credential: &(), in_flight: &[] };
    for _ in 0..parts {
        if let Err(Fault(why)) = one_part(&depot, &mut state, &cx) {
            panic!("the vendor refused its own answer: {why}");
        }
    }
    black_box(state.session);
}

fn one_part(depot: &Depot<false>, state: &mut State<Depot<false>>, cx: &Cx<'_, Depot<false>>) -> Result<(), Fault> {
    let offset = state.session.bytes;
    let call = Call::Part { offset, len: PART };
    black_box(depot.next(state, cx));
    let request = depot.encode(&call, state, cx)?;
    let reply = depot.decode(&call, &answer(request.uri())).map_err(|rejection| rejection.fault)?;
    let _: Transition<Fault> = depot.apply(state, Occurrence::Replied(call, reply), cx);
    Ok(())
}
