//! The simulator can fail: clients that are broken on purpose are found out.

use http::Request;
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Lane, Next, Occurrence, Protocol, Rejection, Segment, SourceInfo,
    State, Transition,
};
use resumable_sim::campaign;
use resumable_sim::vendor::{Expectations, Scenario, Wrapped};

/// What is wrong with a client: of each step it hears what the right client does, and says what the broken one does.
pub(crate) trait Defective<P: Protocol>: Send + Sync + 'static {
    /// What it adds to the target, and so to every checkpoint.
    fn leak(&self) -> &'static str {
        ""
    }

    fn open(&self, session: P::Session) -> P::Session {
        session
    }

    fn authority(&self, authority: Authority) -> Authority {
        authority
    }

    /// The session by which it plans.
    fn planned(&self, session: P::Session) -> P::Session {
        session
    }

    fn next(&self, _: &P, next: Next<P>, _: &State<P>, _: &Cx<'_, P>) -> Next<P> {
        next
    }

    fn commits(&self, commits: bool) -> bool {
        commits
    }

    /// A request's body; `len` is the source's.
    fn body(&self, body: Body, _len: u64) -> Body {
        body
    }

    fn decode(&self, inner: &P, call: &P::Call, answer: &Answer) -> Result<P::Reply, Rejection<P::Fault>> {
        inner.decode(call, answer)
    }

    /// `None` if it takes no notice.
    fn occurred(
        &self,
        _: &P,
        what: Occurrence<P::Call, P::Reply>,
        _: &mut State<P>,
        _: &Cx<'_, P>,
    ) -> Option<Occurrence<P::Call, P::Reply>> {
        Some(what)
    }
}

/// A client with one thing wrong.
pub(crate) struct Broken<P, D> {
    pub(crate) inner: P,
    pub(crate) defect: D,
}

impl<P: Protocol<Ephemeral: Clone>, D: Defective<P>> Broken<P, D> {
    fn state(state: &State<Self>) -> State<P> {
        State { session: state.session.clone(), ephemeral: state.ephemeral.clone() }
    }

    fn seen<'a>(cx: &Cx<'a, Self>) -> Cx<'a, P> {
        Cx { env: cx.env, credential: cx.credential, in_flight: cx.in_flight }
    }
}

impl<P: Protocol<Ephemeral: Clone>, D: Defective<P>> Protocol for Broken<P, D> {
    const ID: &'static str = P::ID;
    const PACED: &'static [Lane] = P::PACED;
    type Credential = P::Credential;
    type Session = P::Session;
    type Ephemeral = P::Ephemeral;
    type Call = P::Call;
    type Reply = P::Reply;
    type Outcome = P::Outcome;
    type Fault = P::Fault;

    fn target(&self) -> String {
        format!("{}{}", self.inner.target(), self.defect.leak())
    }

    fn open(&self, source: &SourceInfo, nonce: u128) -> P::Session {
        self.defect.open(self.inner.open(source, nonce))
    }

    fn validate(&self, session: &P::Session, source: &SourceInfo) -> Result<(), String> {
        self.inner.validate(session, source)
    }

    fn authority(&self, session: &P::Session) -> Authority {
        self.defect.authority(self.inner.authority(session))
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        let (mut state, cx) = (Self::state(state), Self::seen(cx));
        state.session = self.defect.planned(state.session);
        match self.defect.next(&self.inner, self.inner.next(&state, &cx), &state, &cx) {
            Next::Call(call) => Next::Call(call),
            Next::Hash(jobs) => Next::Hash(jobs),
            Next::Authorize(reason) => Next::Authorize(reason),
            Next::Wait(until) => Next::Wait(until),
            Next::Done(outcome) => Next::Done(outcome),
            Next::Fail(fault) => Next::Fail(fault),
            Next::Left(remains) => Next::Left(remains),
        }
    }

    fn name(call: &P::Call) -> &'static str {
        P::name(call)
    }

    fn props(&self, call: &P::Call) -> CallProps {
        let props = self.inner.props(call);
        CallProps { commits: self.defect.commits(props.commits), ..props }
    }

    fn encode(&self, call: &P::Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, P::Fault> {
        let request = self.inner.encode(call, &Self::state(state), &Self::seen(cx))?;
        Ok(request.map(|body| self.defect.body(body, cx.env.source.len)))
    }

    fn decode(&self, call: &P::Call, answer: &Answer) -> Result<P::Reply, Rejection<P::Fault>> {
        self.defect.decode(&self.inner, call, answer)
    }

    fn apply(
        &self,
        state: &mut State<Self>,
        what: Occurrence<Self::Call, Self::Reply>,
        cx: &Cx<'_, Self>,
    ) -> Transition<P::Fault> {
        let (mut held, cx) = (Self::state(state), Self::seen(cx));
        let step = match self.defect.occurred(&self.inner, what, &mut held, &cx) {
            Some(what) => self.inner.apply(&mut held, what, &cx),
            None => Transition::Forward,
        };
        (state.session, state.ephemeral) = (held.session, held.ephemeral);
        step
    }

    fn confirmed(&self, session: &P::Session) -> u64 {
        self.inner.confirmed(session)
    }
}

/// Gives up where the right client takes a reply for lost.
pub(crate) fn fatal_if_unsure<R, F>(decoded: Result<R, Rejection<F>>) -> Result<R, Rejection<F>> {
    decoded.map_err(|rejection| match rejection.advice {
        Advice::Unsure => Rejection { advice: Advice::Fatal, ..rejection },
        _ => rejection,
    })
}

/// The body without the end of a file that consists of full parts.
pub(crate) fn shortened(body: &Body, len: u64) -> Body {
    let mut other = Body::empty();
    for segment in body.segments() {
        other.push(match segment {
            Segment::Source(range) if range.end == len && len.is_multiple_of(range.end - range.start) => {
                Segment::Source(len..len)
            }
            segment => segment.clone(),
        });
    }
    other
}

type Break<S, D> = fn(<S as Scenario>::Protocol) -> Broken<<S as Scenario>::Protocol, D>;

/// What the first cases of each batch say that find it, where any does.
fn found<S, D>(wrap: Break<S, D>) -> impl Iterator<Item = Vec<(u64, String)>>
where
    S: Expectations<Protocol: Protocol<Ephemeral: Clone>>,
    D: Defective<S::Protocol>,
{
    let run = move |batch: u64| campaign::run(&Wrapped::<S, _>::new(wrap), 7, batch * 150, (batch + 1) * 150).first;
    (0..200).map(run).filter(|first| !first.is_empty())
}

/// The first case that finds it says so.
pub(crate) fn first_says<S, D>(wrap: Break<S, D>, text: &str)
where
    S: Expectations<Protocol: Protocol<Ephemeral: Clone>>,
    D: Defective<S::Protocol>,
{
    let first = found::<S, D>(wrap).next().expect("a broken client passed every case");
    let (index, violation) = &first[0];
    assert!(violation.contains(text), "case {index}: {violation}");
}

/// One of the cases that find it says so.
pub(crate) fn one_says<S, D>(wrap: Break<S, D>, text: &str)
where
    S: Expectations<Protocol: Protocol<Ephemeral: Clone>>,
    D: Defective<S::Protocol>,
{
    let says = |first: Vec<(u64, String)>| first.iter().any(|(_, violation)| violation.contains(text));
    assert!(found::<S, D>(wrap).any(says), "no case says {text:?}");
}

/// A client with nothing wrong passes the same cases.
pub(crate) fn nothing_is_found<S: Expectations>(cases: u64) {
    assert_eq!(campaign::run(&Wrapped::<S>::own(), 7, 0, cases).first, []);
}

/// A test for each defect: which it is, and what is said of it.
macro_rules! is_found {
    ($setting:ty, $says:ident, $($name:ident: $defect:expr => $text:literal,)*) => {$(
        #[test]
        fn $name() {
            $says::<$setting, _>(|inner| $crate::all_vendors::broken::Broken { inner, defect: $defect }, $text);
        }
    )*};
}

pub(crate) use is_found;
