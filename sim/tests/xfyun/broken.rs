//! The simulator can fail: clients that are broken on purpose are found out.

use bytes::Bytes;
use http::Request;
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Intent, Next, Occurrence, Protocol, Rejection, Remains, Segment,
    SourceInfo, State, Transition,
};
use resumable_proto_xfyun::{Call, Credential, Ephemeral, Fault, Reply, Session, Uploaded, Xfyun};
use resumable_sim::campaign;
use resumable_sim::protocol::xfyun::XfyunVendor;

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defect {
    CompletesWithoutTheLastSlice,
    CompletesWhileSlicesAreOnTheirWay,
    CountsASliceWithoutItsAnswer,
    CountsSlicesFromZero,
    LosesTheTailOfAnEvenFile,
    TrustsStatusTwoHundred,
    TellsNoStrays,
    LeavesWithoutCancelling,
    ForgetsItsJournal,
    BeginsAgainAfterALostSlice,
    GivesUpAfterALostReply,
    SealsNothing,
    WaitsForever,
    KeepsAKeyInItsCheckpoints,
}

/// xfyun with one thing wrong.
struct Broken {
    inner: Xfyun,
    defect: Defect,
}

fn inner(state: &State<Broken>) -> State<Xfyun> {
    State { session: state.session.clone(), ephemeral: state.ephemeral.clone() }
}

fn seen<'a>(cx: &Cx<'a, Broken>) -> Cx<'a, Xfyun> {
    Cx { env: cx.env, credential: cx.credential, in_flight: cx.in_flight }
}

impl Broken {
    /// Whether nothing but complete would be left to do if these slices were there.
    fn is_last(&self, slices: &[Call], state: &State<Self>, cx: &Cx<'_, Self>) -> bool {
        let (mut held, seen) = (inner(state), Cx { in_flight: &[], ..seen(cx) });
        for slice in slices {
            let _ = self.inner.apply(&mut held, Occurrence::Replied(slice.clone(), Reply::Acknowledged), &seen);
        }
        matches!(self.inner.next(&held, &seen), Next::Call(Call::Complete))
    }

    fn distort(&self, what: Occurrence<Call, Reply>) -> Occurrence<Call, Reply> {
        match what {
            Occurrence::Unsure(call @ Call::Slice { .. }) if self.defect == Defect::CountsASliceWithoutItsAnswer => {
                Occurrence::Replied(call, Reply::Acknowledged)
            }
            what => what,
        }
    }

    fn distort_body(&self, body: &Body, len: u64) -> Body {
        let mut other = Body::empty();
        for segment in body.segments() {
            other.push(match (self.defect, segment) {
                (Defect::CountsSlicesFromZero, Segment::Bytes(bytes)) => Segment::Bytes(one_less(bytes)),
                (Defect::LosesTheTailOfAnEvenFile, Segment::Source(range))
                    if range.end == len && len.is_multiple_of(range.end - range.start) =>
                {
                    Segment::Source(len..len)
                }
                (_, segment) => segment.clone(),
            });
        }
        other
    }
}

/// A form with a slice's number less one.
fn one_less(form: &Bytes) -> Bytes {
    let text = String::from_utf8_lossy(form).into_owned();
    let Some((before, rest)) = text.split_once("name=\"slice_id\"\r\n\r\n") else { return form.clone() };
    let (number, after) = rest.split_once("\r\n").unwrap();
    let number = number.parse::<u64>().unwrap() - 1;
    format!("{before}name=\"slice_id\"\r\n\r\n{number}\r\n{after}").into()
}

impl Protocol for Broken {
    const ID: &'static str = Xfyun::ID;
    type Credential = Credential;
    type Session = Session;
    type Ephemeral = Ephemeral;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Uploaded;
    type Fault = Fault;

    fn target(&self) -> String {
        let leak = if self.defect == Defect::KeepsAKeyInItsCheckpoints { "?canary-of-the-first-secret" } else { "" };
        format!("{}{leak}", self.inner.target())
    }

    fn open(&self, source: &SourceInfo) -> Session {
        self.inner.open(source)
    }

    fn validate(&self, session: &Session, source: &SourceInfo) -> Result<(), String> {
        self.inner.validate(session, source)
    }

    fn authority(&self, session: &Session) -> Authority {
        if self.defect == Defect::ForgetsItsJournal { Authority::Vendor } else { self.inner.authority(session) }
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        match (self.defect, self.inner.next(&inner(state), &seen(cx))) {
            (Defect::CompletesWithoutTheLastSlice, Next::Call(call @ Call::Slice { .. }))
                if cx.in_flight.is_empty() && self.is_last(std::slice::from_ref(&call), state, cx) =>
            {
                Next::Call(Call::Complete)
            }
            (Defect::CompletesWhileSlicesAreOnTheirWay, Next::Wait(None))
                if cx.in_flight.iter().all(|call| matches!(call, Call::Slice { .. }))
                    && self.is_last(cx.in_flight, state, cx) =>
            {
                Next::Call(Call::Complete)
            }
            (Defect::LeavesWithoutCancelling, Next::Call(Call::Cancel)) if cx.env.intent == Intent::Abandon => {
                Next::Left(Remains::Nothing)
            }
            (Defect::TellsNoStrays, Next::Done(mut outcome)) => {
                outcome.strays = 0;
                Next::Done(outcome)
            }
            (Defect::WaitsForever, Next::Call(Call::Complete)) => Next::Wait(None),
            (_, Next::Call(call)) => Next::Call(call),
            (_, Next::Hash(jobs)) => Next::Hash(jobs),
            (_, Next::Authorize(reason)) => Next::Authorize(reason),
            (_, Next::Wait(until)) => Next::Wait(until),
            (_, Next::Done(outcome)) => Next::Done(outcome),
            (_, Next::Fail(fault)) => Next::Fail(fault),
            (_, Next::Left(remains)) => Next::Left(remains),
        }
    }

    fn props(&self, call: &Call) -> CallProps {
        let props = self.inner.props(call);
        CallProps { commits: props.commits && self.defect != Defect::SealsNothing, ..props }
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        let request = self.inner.encode(call, &inner(state), &seen(cx))?;
        Ok(request.map(|body| self.distort_body(&body, cx.env.source.len)))
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        match (self.defect, call, self.inner.decode(call, answer)) {
            (Defect::TrustsStatusTwoHundred, Call::Slice { .. }, _) if answer.response.status() == 200 => {
                Ok(Reply::Acknowledged)
            }
            (Defect::GivesUpAfterALostReply, _, Err(rejection)) if rejection.advice == Advice::Unsure => {
                Err(Rejection { advice: Advice::Fatal, ..rejection })
            }
            (Defect::BeginsAgainAfterALostSlice, Call::Slice { .. }, Err(rejection)) => {
                Err(Rejection { advice: Advice::Restart, ..rejection })
            }
            (_, _, decoded) => decoded,
        }
    }

    fn apply(&self, state: &mut State<Self>, what: Occurrence<Call, Reply>, cx: &Cx<'_, Self>) -> Transition<Fault> {
        let mut held = inner(state);
        let step = self.inner.apply(&mut held, self.distort(what), &seen(cx));
        (state.session, state.ephemeral) = (held.session, held.ephemeral);
        step
    }

    fn confirmed(&self, session: &Session) -> u64 {
        self.inner.confirmed(session)
    }
}

/// What the first cases that find it say.
fn found(wrap: fn(Xfyun) -> Broken) -> Vec<(u64, String)> {
    let run = |batch: u64| campaign::run(&XfyunVendor::wrapped(wrap), 7, batch * 150, (batch + 1) * 150).first;
    (0..20).map(run).find(|first| !first.is_empty()).expect("a broken client passed every case")
}

macro_rules! is_found {
    ($($name:ident: $defect:ident by $text:literal,)*) => {$(
        #[test]
        fn $name() {
            let first = found(|inner| Broken { inner, defect: Defect::$defect });
            assert!(first.iter().any(|(_, violation)| violation.contains($text)), "{first:?}");
        }
    )*};
}

is_found! {
    a_complete_without_the_last_slice_is_found: CompletesWithoutTheLastSlice by "with other bytes",
    a_complete_before_the_last_answers_is_found: CompletesWhileSlicesAreOnTheirWay by "with other bytes",
    a_slice_that_counts_without_its_answer_is_found: CountsASliceWithoutItsAnswer by "with other bytes",
    slice_ids_from_zero_are_found: CountsSlicesFromZero by "sliceId must not be empty",
    a_lost_tail_is_found: LosesTheTailOfAnEvenFile by "with other bytes",
    http_200_taken_for_success_is_found: TrustsStatusTwoHundred by "",
    copies_that_are_not_told_are_found: TellsNoStrays by "strays were told",
    an_upload_that_is_not_cancelled_is_found: LeavesWithoutCancelling by "abandoned; left at the vendor: Nothing",
    a_journal_that_is_not_kept_is_found: ForgetsItsJournal by "acknowledged and not durable",
    beginning_again_without_need_is_found: BeginsAgainAfterALostSlice by "",
    giving_up_too_early_is_found: GivesUpAfterALostReply by "nothing that was injected explains this end",
    sealing_without_a_check_is_found: SealsNothing by "was not checked before",
    waiting_for_nothing_is_found: WaitsForever by "waits for nothing that can happen",
    a_key_in_a_checkpoint_is_found: KeepsAKeyInItsCheckpoints by "canary-of-the-first-secret is in",
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    assert_eq!(campaign::run(&XfyunVendor::new(), 7, 0, 450).first, []);
}
