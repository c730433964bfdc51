//! The simulator can fail: clients that are broken on purpose are found out.

use http::Request;
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Intent, Next, Occurrence, Protocol, Rejection, Remains, Segment,
    SourceInfo, State, Transition,
};
use resumable_proto_oss::complete_multipart_upload::Completed;
use resumable_proto_oss::stage::{Call, Memory, Reply, Stage};
use resumable_proto_oss::{Called, Credential, Fault, Oss, Uploaded};
use resumable_sim::campaign;
use resumable_sim::protocol::oss::OssVendor;
use serde_json::Value;

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defect {
    TakesAFailedCallbackForSuccess,
    TrustsALostComplete,
    TrustsStatusTwoHundred,
    OverwritesWhatItMayNot,
    CompletesInTheMiddle,
    LosesTheTailOfAnEvenFile,
    SendsPartsInOrderSideBySide,
    ReadsTheFirstPageAlone,
    GivesUpAtAPartThatIsThere,
    GivesUpAfterALostReply,
    BeginsAgainAfterALostPart,
    LeavesWithoutAborting,
    TellsOfNoCallback,
    SealsNothing,
    WaitsForever,
    KeepsAKeyInItsCheckpoints,
}

/// OSS with one thing wrong.
struct Broken {
    inner: Oss,
    defect: Defect,
}

fn inner(state: &State<Broken>) -> State<Oss> {
    State { session: state.session.clone(), ephemeral: state.ephemeral.clone() }
}

fn seen<'a>(cx: &Cx<'a, Broken>) -> Cx<'a, Oss> {
    Cx { env: cx.env, credential: cx.credential, in_flight: cx.in_flight }
}

/// The same upload with another value in it.
fn with(stage: &Stage, name: &str, value: bool) -> Stage {
    let mut saved = serde_json::to_value(stage).unwrap();
    saved[name] = Value::Bool(value);
    serde_json::from_value(saved).unwrap()
}

fn completed(callback: Option<&'static str>) -> Reply {
    Reply::Completed(Completed { etag: None, crc64: None, callback: callback.map(Into::into) })
}

/// The body without the end of a file that consists of full parts.
fn shortened(body: &Body, len: u64) -> Body {
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

impl Broken {
    fn plan(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Oss> {
        let mut state = inner(state);
        if self.defect == Defect::SendsPartsInOrderSideBySide {
            state.session = with(&state.session, "sequential", false);
        }
        self.inner.next(&state, &seen(cx))
    }
}

impl Protocol for Broken {
    const ID: &'static str = Oss::ID;
    type Credential = Credential;
    type Session = Stage;
    type Ephemeral = Memory;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Uploaded;
    type Fault = Fault;

    fn target(&self) -> String {
        let leak = if self.defect == Defect::KeepsAKeyInItsCheckpoints { "?canary-of-the-first-secret" } else { "" };
        format!("{}{leak}", self.inner.target())
    }

    fn open(&self, source: &SourceInfo) -> Stage {
        let stage = self.inner.open(source);
        if self.defect == Defect::OverwritesWhatItMayNot { with(&stage, "forbid_overwrite", false) } else { stage }
    }

    fn validate(&self, session: &Stage, source: &SourceInfo) -> Result<(), String> {
        self.inner.validate(session, source)
    }

    fn authority(&self, session: &Stage) -> Authority {
        self.inner.authority(session)
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        match (self.defect, self.plan(state, cx)) {
            (Defect::LeavesWithoutAborting, Next::Call(Call::Abort)) if cx.env.intent == Intent::Abandon => {
                Next::Left(Remains::Nothing)
            }
            (Defect::TellsOfNoCallback, Next::Done(mut outcome)) => {
                outcome.called = Called::No;
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
        Ok(match self.defect {
            Defect::LosesTheTailOfAnEvenFile => request.map(|body| shortened(&body, cx.env.source.len)),
            _ => request,
        })
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        match (self.defect, call, self.inner.decode(call, answer)) {
            (Defect::TakesAFailedCallbackForSuccess, Call::Complete, Ok(Reply::CallbackFailed { .. })) => {
                Ok(completed(Some("{}")))
            }
            (Defect::TrustsStatusTwoHundred, Call::Complete, Err(_)) if answer.response.status() == 200 => {
                Ok(completed(None))
            }
            (Defect::ReadsTheFirstPageAlone, _, Ok(Reply::Page(mut page))) => {
                page.next = None;
                Ok(Reply::Page(page))
            }
            (Defect::GivesUpAtAPartThatIsThere, _, Ok(Reply::Exists { why, .. })) => {
                Err(Rejection { fault: why, advice: Advice::Fatal })
            }
            (Defect::GivesUpAfterALostReply, _, Err(rejection)) if rejection.advice == Advice::Unsure => {
                Err(Rejection { advice: Advice::Fatal, ..rejection })
            }
            (Defect::BeginsAgainAfterALostPart, Call::Part { .. }, Err(rejection)) => {
                Err(Rejection { advice: Advice::Restart, ..rejection })
            }
            (_, _, decoded) => decoded,
        }
    }

    fn apply(&self, state: &mut State<Self>, what: Occurrence<Call, Reply>, cx: &Cx<'_, Self>) -> Transition<Fault> {
        let what = match (self.defect, what) {
            (Defect::TrustsALostComplete, Occurrence::Unsure(Call::Complete)) => {
                Occurrence::Replied(Call::Complete, completed(None))
            }
            (Defect::CompletesInTheMiddle, Occurrence::Replied(Call::Part { number }, Reply::Part { .. }))
                if number > 1 =>
            {
                Occurrence::Replied(Call::Complete, completed(None))
            }
            (_, what) => what,
        };
        let mut held = inner(state);
        let step = self.inner.apply(&mut held, what, &seen(cx));
        (state.session, state.ephemeral) = (held.session, held.ephemeral);
        step
    }

    fn confirmed(&self, session: &Stage) -> u64 {
        self.inner.confirmed(session)
    }
}

/// What the first cases that find it say.
fn found(wrap: fn(Oss) -> Broken) -> Vec<(u64, String)> {
    let run = |batch: u64| campaign::run(&OssVendor::wrapped(wrap), 7, batch * 150, (batch + 1) * 150).first;
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
    a_failed_callback_taken_for_success_is_found: TakesAFailedCallbackForSuccess by "the callback is said",
    a_lost_complete_taken_for_success_is_found: TrustsALostComplete by "without an object",
    http_200_taken_for_success_is_found: TrustsStatusTwoHundred by "without an object",
    overwriting_what_may_not_be_overwritten_is_found: OverwritesWhatItMayNot by "has other bytes now",
    a_success_in_the_middle_is_found: CompletesInTheMiddle by "without an object",
    a_lost_tail_is_found: LosesTheTailOfAnEvenFile by "",
    parts_in_order_sent_side_by_side_are_found: SendsPartsInOrderSideBySide by "PartNotSequential",
    a_list_that_is_not_read_to_its_end_is_found: ReadsTheFirstPageAlone by "",
    giving_up_at_a_part_that_is_there_is_found: GivesUpAtAPartThatIsThere by "PartAlreadyExist",
    giving_up_too_early_is_found: GivesUpAfterALostReply by "nothing that was injected explains this end",
    beginning_again_without_need_is_found: BeginsAgainAfterALostPart by "",
    an_upload_that_is_not_aborted_is_found: LeavesWithoutAborting by "abandoned; left at the vendor: Nothing",
    a_callback_that_is_not_told_is_found: TellsOfNoCallback by "the callback is said",
    sealing_without_a_check_is_found: SealsNothing by "was not checked before",
    waiting_for_nothing_is_found: WaitsForever by "waits for nothing that can happen",
    a_key_in_a_checkpoint_is_found: KeepsAKeyInItsCheckpoints by "canary-of-the-first-secret is in",
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    assert_eq!(campaign::run(&OssVendor::new(), 7, 0, 450).first, []);
}
