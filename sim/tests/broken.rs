//! The simulator can fail: clients that are broken on purpose are found out.

use fastrand::Rng;
use http::Request;
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Next, Occurrence, Protocol, Rejection, SourceInfo, State,
    Transition,
};
use resumable_proto_cos_v2::upload_slice_data::DataReply;
use resumable_proto_cos_v2::upload_slice_finish::FinishReply;
use resumable_proto_cos_v2::upload_slice_list::ListReply;
use resumable_proto_cos_v2::{
    Call, CosV2, Credential, Ephemeral, Fault, Integrity, ObjectUrls, Reply, Session, Uploaded,
};
use resumable_sim::mix::{Command, Mix};
use resumable_sim::protocol::cos_v2::{CosV2Vendor, Setting};
use resumable_sim::source::{Event, Nature, Tells};
use resumable_sim::transcript::Detail;
use resumable_sim::{campaign, case};

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defect {
    TrustsALostFinish,
    TrustsALostSlice,
    TrustsStatusTwoHundred,
    IgnoresSerial,
    LosesSessionsWhenItResumes,
    GivesUpAfterALostReply,
    DeletesWhatIsInItsWay,
    SealsNothing,
    WaitsForever,
    KeepsAKeyInItsCheckpoints,
    ForgetsAVerdict,
}

/// COS v2 with one thing wrong.
struct Broken {
    inner: CosV2,
    defect: Defect,
}

fn inner(state: &State<Broken>) -> State<CosV2> {
    State { session: state.session.clone(), ephemeral: state.ephemeral.clone() }
}

fn seen<'a>(cx: &Cx<'a, Broken>) -> Cx<'a, CosV2> {
    Cx { env: cx.env, credential: cx.credential, in_flight: cx.in_flight }
}

impl Broken {
    fn distort(&self, what: Occurrence<Call, Reply>) -> Occurrence<Call, Reply> {
        match (self.defect, what) {
            (Defect::TrustsALostFinish, Occurrence::Unsure(Call::Finish)) => {
                Occurrence::Replied(Call::Finish, Reply::Finish(FinishReply::Complete(ObjectUrls::default())))
            }
            (Defect::TrustsALostSlice, Occurrence::Unsure(Call::Data { offset, datalen })) => Occurrence::Replied(
                Call::Data { offset, datalen },
                Reply::Data(DataReply { offset, datalen, session: None }),
            ),
            (
                Defect::LosesSessionsWhenItResumes,
                Occurrence::Replied(call, Reply::List(ListReply::Unfinished { .. })),
            ) => Occurrence::Replied(call, Reply::List(ListReply::Nothing)),
            (_, what) => what,
        }
    }
}

impl Protocol for Broken {
    const ID: &'static str = CosV2::ID;
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
        self.inner.authority(session)
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        match self.inner.next(&inner(state), &seen(cx)) {
            Next::Fail(Fault::Exists) if self.defect == Defect::DeletesWhatIsInItsWay => Next::Call(Call::Delete),
            Next::Call(Call::Finish) if self.defect == Defect::WaitsForever => Next::Wait(None),
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
            (Defect::TrustsStatusTwoHundred, Call::Finish, Err(_)) if answer.response.status() == 200 => {
                Ok(Reply::Finish(FinishReply::Complete(ObjectUrls::default())))
            }
            (Defect::GivesUpAfterALostReply, _, Err(rejection)) if rejection.advice == Advice::Unsure => {
                Err(Rejection { advice: Advice::Fatal, ..rejection })
            }
            // It begins again with the digests that were refused.
            (Defect::ForgetsAVerdict, _, Ok(Reply::Differs(fault))) => {
                Err(Rejection { fault, advice: Advice::Restart })
            }
            (Defect::IgnoresSerial, _, Ok(Reply::Init(mut reply))) => {
                use resumable_proto_cos_v2::upload_slice_init::InitReply;
                if let InitReply::Opened { serial_upload, .. } = &mut reply {
                    *serial_upload = Some(false);
                }
                Ok(Reply::Init(reply))
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
fn found(wrap: fn(CosV2) -> Broken) -> (u64, String) {
    let batches = (0..20).map(|batch| campaign::run(&CosV2Vendor::wrapped(wrap), 7, batch * 150, (batch + 1) * 150));
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
    a_lost_finish_taken_for_success_is_found: TrustsALostFinish by "without an object",
    a_lost_slice_taken_for_success_is_found: TrustsALostSlice by "",
    http_200_taken_for_success_is_found: TrustsStatusTwoHundred by "without an object",
    slices_out_of_order_are_found: IgnoresSerial by "slice out of order",
    sessions_given_up_are_found: LosesSessionsWhenItResumes by "",
    giving_up_too_early_is_found: GivesUpAfterALostReply by "nothing that was injected explains this end",
    deleting_a_finished_object_is_found: DeletesWhatIsInItsWay by "",
    sealing_without_a_check_is_found: SealsNothing by "was not checked before",
    waiting_for_nothing_is_found: WaitsForever by "waits for nothing that can happen",
    a_key_in_a_checkpoint_is_found: KeepsAKeyInItsCheckpoints by "canary-of-the-first-key is in",
}

/// The file changes after it was hashed, its looks claim that it did not, and nothing but the vendor's verdict shows it.
#[test]
fn going_round_for_ever_is_found() {
    let vendor = CosV2Vendor::wrapped(|inner| Broken { inner, defect: Defect::ForgetsAVerdict });
    let setting = Setting::plain(3 * 64 + 1, Integrity::Sha1);
    let nature = Nature { tells: Tells::NothingAndClaimsTo, ..Nature::plain() };
    let found = (0..20).filter_map(|number| {
        let commands = vec![(number, Command::File(Event::WrittenQuietly))];
        let mix = Mix { commands, nature, ..Mix::calm(3) };
        case::run_with(&vendor, &setting, mix, Rng::with_seed(7), Detail::Off).violation
    });
    let found: Vec<String> = found.collect();
    assert!(found.iter().any(|what| what.contains("runs end short")), "{found:?}");
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    assert_eq!(campaign::run(&CosV2Vendor::new(), 7, 0, 450).first, []);
}
