//! The simulator can fail: clients of COS v1 that are broken on purpose are found out.

use http::Request;
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Next, Occurrence, Protocol, Rejection, SourceInfo, State,
    Transition,
};
use resumable_proto_cos_v1::upload_slice::SliceReply;
use resumable_proto_cos_v1::upload_slice_init::InitReply;
use resumable_proto_cos_v1::{Call, CosV1, Credential, Ephemeral, Fault, ObjectUrls, Reply, Session, Uploaded};
use resumable_sim::campaign;
use resumable_sim::protocol::cos_v1::CosV1Vendor;

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defect {
    TrustsALostLastSlice,
    TrustsALostSlice,
    TrustsStatusTwoHundred,
    GoesOnOneSliceTooFar,
    BeginsAnewWhenItResumes,
    GivesUpAfterALostReply,
    SealsNothing,
    WaitsForever,
    SavesSeldom,
    KeepsAKeyInItsCheckpoints,
}

/// COS v1 with one thing wrong.
struct Broken {
    inner: CosV1,
    defect: Defect,
}

fn inner(state: &State<Broken>) -> State<CosV1> {
    State { session: state.session.clone(), ephemeral: state.ephemeral.clone() }
}

fn seen<'a>(cx: &Cx<'a, Broken>) -> Cx<'a, CosV1> {
    Cx { env: cx.env, credential: cx.credential, in_flight: cx.in_flight }
}

fn urls() -> ObjectUrls {
    let mut urls = ObjectUrls::default();
    urls.access_url = Some("http://nowhere".to_owned());
    urls
}

impl Broken {
    fn distort(&self, what: Occurrence<Call, Reply>) -> Occurrence<Call, Reply> {
        let believed = |offset, urls| Reply::Slice(SliceReply { offset: Some(offset), session: None, urls });
        match (self.defect, what) {
            (Defect::TrustsALostLastSlice, Occurrence::Unsure(Call::Slice { offset, datalen, last: true })) => {
                Occurrence::Replied(Call::Slice { offset, datalen, last: true }, believed(offset, Some(urls())))
            }
            (Defect::TrustsALostSlice, Occurrence::Unsure(Call::Slice { offset, datalen, last: false })) => {
                Occurrence::Replied(Call::Slice { offset, datalen, last: false }, believed(offset, None))
            }
            (Defect::GoesOnOneSliceTooFar, Occurrence::Replied(call, Reply::Init(InitReply::Opened(mut opened)))) => {
                opened.offset += opened.slice_size.unwrap_or_default();
                Occurrence::Replied(call, Reply::Init(InitReply::Opened(opened)))
            }
            (
                Defect::BeginsAnewWhenItResumes,
                Occurrence::Replied(call, Reply::Init(InitReply::Opened(mut opened))),
            ) => {
                opened.offset = 0;
                Occurrence::Replied(call, Reply::Init(InitReply::Opened(opened)))
            }
            (_, what) => what,
        }
    }
}

impl Protocol for Broken {
    const ID: &'static str = CosV1::ID;
    type Credential = Credential;
    type Session = Session;
    type Ephemeral = Ephemeral;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Uploaded;
    type Fault = Fault;

    fn target(&self) -> String {
        let leak = if self.defect == Defect::KeepsAKeyInItsCheckpoints { "?key=canary-of-the-first-key" } else { "" };
        format!("{}{leak}", self.inner.target())
    }

    fn open(&self, source: &SourceInfo) -> Session {
        self.inner.open(source)
    }

    fn validate(&self, session: &Session, source: &SourceInfo) -> Result<(), String> {
        self.inner.validate(session, source)
    }

    fn authority(&self, session: &Session) -> Authority {
        if self.defect == Defect::SavesSeldom { Authority::Vendor } else { self.inner.authority(session) }
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        match self.inner.next(&inner(state), &seen(cx)) {
            Next::Call(Call::Slice { last: true, .. }) if self.defect == Defect::WaitsForever => Next::Wait(None),
            Next::Call(call) => Next::Call(call),
            Next::Hash(jobs) => Next::Hash(jobs),
            Next::Authorize(reason) => Next::Authorize(reason),
            Next::Wait(until) => Next::Wait(until),
            Next::Done(outcome) => Next::Done(outcome),
            Next::Fail(fault) => Next::Fail(fault),
            Next::Left(remains) => Next::Left(remains),
        }
    }

    fn props(&self, call: &Call) -> CallProps {
        let props = self.inner.props(call);
        CallProps { commits: props.commits && self.defect != Defect::SealsNothing, ..props }
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        self.inner.encode(call, &inner(state), &seen(cx))
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        let decoded = self.inner.decode(call, answer);
        match (self.defect, call, decoded) {
            (Defect::TrustsStatusTwoHundred, Call::Slice { offset, last: true, .. }, Err(_))
                if answer.response.status() == 200 =>
            {
                Ok(Reply::Slice(SliceReply { offset: Some(*offset), session: None, urls: Some(urls()) }))
            }
            (Defect::GivesUpAfterALostReply, _, Err(rejection)) if rejection.advice == Advice::Unsure => {
                Err(Rejection { advice: Advice::Fatal, ..rejection })
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

/// The first case that finds it, with what was found.
fn found(wrap: fn(CosV1) -> Broken) -> (u64, String) {
    let batches = (0..40).map(|batch| campaign::run(&CosV1Vendor::wrapped(wrap), 7, batch * 150, (batch + 1) * 150));
    batches.flat_map(|campaign| campaign.first).next().expect("a broken client passed every case")
}

macro_rules! is_found {
    ($($name:ident: $defect:ident by $text:literal,)*) => {$(
        #[test]
        fn $name() {
            let (index, violation) = found(|inner| Broken { inner, defect: Defect::$defect });
            assert!(violation.contains($text), "case {index}: {violation}");
        }
    )*};
}

is_found! {
    a_lost_last_slice_taken_for_success_is_found: TrustsALostLastSlice by "success (Parts)",
    a_lost_slice_taken_for_success_is_found: TrustsALostSlice by "",
    http_200_taken_for_success_is_found: TrustsStatusTwoHundred by "success (Parts)",
    going_on_behind_a_gap_is_found: GoesOnOneSliceTooFar by "",
    beginning_anew_is_found: BeginsAnewWhenItResumes by "",
    giving_up_too_early_is_found: GivesUpAfterALostReply by "nothing that was injected explains this end",
    sealing_without_a_check_is_found: SealsNothing by "was not checked before",
    waiting_for_nothing_is_found: WaitsForever by "waits for nothing that can happen",
    a_journal_that_is_saved_seldom_is_found: SavesSeldom by "bytes were",
    a_key_in_a_checkpoint_is_found: KeepsAKeyInItsCheckpoints by "canary-of-the-first-key is in",
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    assert_eq!(campaign::run(&CosV1Vendor::new(), 7, 0, 600).first, []);
}
