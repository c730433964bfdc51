//! The simulator can fail: clients that are broken on purpose are found out.

use std::sync::Mutex;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Intent, Next, Occurrence, Protocol, Rejection, Remains, Segment,
    SourceInfo, State, Transition,
};
use resumable_proto_115::{AccessToken, Call, Ephemeral, Fault, P115, Reply, Session, Uploaded};
use resumable_proto_oss::stage;
use resumable_sim::campaign;
use resumable_sim::protocol::p115::P115Vendor;

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defect {
    TakesAFailedCallbackForSuccess,
    IgnoresTheCallbacksBody,
    ProvesInSmallLetters,
    BeginsAgainWhenAPartIsThere,
    ForgetsThatACompleteHasNoAnswer,
    LosesTheTail,
    GivesUpWhenItsKeysDie,
    GivesUpAfterALostReply,
    LeavesWithoutAborting,
    AnnouncesTwice,
    SealsNothing,
    WaitsForever,
    KeepsATokenInItsCheckpoints,
}

/// 115 with one thing wrong.
struct Broken {
    inner: P115,
    defect: Defect,
    /// Length and SHA-1 as they were announced.
    announced: Mutex<Option<(String, String)>>,
}

fn inner(state: &State<Broken>) -> State<P115> {
    State { session: state.session.clone(), ephemeral: state.ephemeral.clone() }
}

fn seen<'a>(cx: &Cx<'a, Broken>) -> Cx<'a, P115> {
    Cx { env: cx.env, credential: cx.credential, in_flight: cx.in_flight }
}

fn text_of(body: &Body) -> String {
    let bytes = body.segments().iter().filter_map(|segment| match segment {
        Segment::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Segment::Source(_) => None,
    });
    bytes.collect()
}

fn field(form: &str, name: &str) -> Option<String> {
    let of = |pair: &str| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
    form.split('&').find_map(of)
}

impl Broken {
    fn remember(&self, form: &str) {
        if let Some(announced) = field(form, "file_size").zip(field(form, "fileid")) {
            *self.announced.lock().unwrap() = Some(announced);
        }
    }

    /// The answer as somebody reads it who does not look at what 115 said.
    fn forged(&self, answer: &Answer) -> Answer {
        let announced = self.announced.lock().unwrap().clone();
        let (size, sha1) = announced.expect("announced before it is sent");
        let body = format!(
            r#"{{"state":true,"code":0,"data":{{"file_id":"3000000000000000001","file_size":{size},"sha1":"{sha1}"}}}}"#
        );
        let mut response = Response::new(Bytes::from(body));
        response.headers_mut().clone_from(answer.response.headers());
        Answer { response, observed: answer.observed.clone() }
    }

    fn overlooks(&self, answer: &Answer) -> bool {
        let status = answer.response.status();
        match self.defect {
            Defect::TakesAFailedCallbackForSuccess => status == StatusCode::NON_AUTHORITATIVE_INFORMATION,
            Defect::IgnoresTheCallbacksBody => status == StatusCode::OK,
            _ => false,
        }
    }

    fn distort_body(&self, body: &Body, len: u64) -> Body {
        let form = text_of(body);
        self.remember(&form);
        let mut other = Body::empty();
        for segment in body.segments() {
            other.push(match (self.defect, segment) {
                (Defect::LosesTheTail, Segment::Source(range)) if range.end == len && range.start + 1 < len => {
                    Segment::Source(range.start..len - 1)
                }
                (Defect::ProvesInSmallLetters, Segment::Bytes(bytes)) => match field(&form, "sign_val") {
                    Some(value) => Segment::Bytes(form.replace(&value, &value.to_lowercase()).into()),
                    None => Segment::Bytes(bytes.clone()),
                },
                (_, segment) => segment.clone(),
            });
        }
        other.observing(body.observe())
    }
}

impl Protocol for Broken {
    const ID: &'static str = P115::ID;
    type Credential = AccessToken;
    type Session = Session;
    type Ephemeral = Ephemeral;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Uploaded;
    type Fault = Fault;

    fn target(&self) -> String {
        let leak = if self.defect == Defect::KeepsATokenInItsCheckpoints { "canary-of-the-first-token" } else { "" };
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
        match (self.defect, self.inner.next(&inner(state), &seen(cx))) {
            (Defect::LeavesWithoutAborting, Next::Call(Call::Oss(stage::Call::Abort)))
                if cx.env.intent == Intent::Abandon =>
            {
                Next::Left(Remains::Nothing)
            }
            (Defect::WaitsForever, Next::Call(Call::GetToken)) => Next::Wait(None),
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
        let finishes = matches!(call, Call::Oss(stage::Call::Put | stage::Call::Complete));
        if finishes && self.overlooks(answer) {
            return self.inner.decode(call, &self.forged(answer));
        }
        match (self.defect, call, self.inner.decode(call, answer)) {
            (Defect::BeginsAgainWhenAPartIsThere, _, Ok(Reply::Oss(stage::Reply::Exists { why, .. }))) => {
                Err(Rejection { fault: why.into(), advice: Advice::Restart })
            }
            (Defect::GivesUpWhenItsKeysDie, _, Ok(Reply::KeysRefused(why))) => {
                Err(Rejection { fault: why.into(), advice: Advice::Fatal })
            }
            (Defect::GivesUpAfterALostReply, _, Err(rejection)) if rejection.advice == Advice::Unsure => {
                Err(Rejection { advice: Advice::Fatal, ..rejection })
            }
            (_, _, decoded) => decoded,
        }
    }

    fn apply(&self, state: &mut State<Self>, what: Occurrence<Call, Reply>, cx: &Cx<'_, Self>) -> Transition<Fault> {
        let what = match what {
            Occurrence::Unsure(Call::Oss(stage::Call::Complete))
                if self.defect == Defect::ForgetsThatACompleteHasNoAnswer =>
            {
                return Transition::Forward;
            }
            // What was announced is announced again, whatever came of it.
            Occurrence::Replied(Call::Resume, Reply::Resumed(_)) if self.defect == Defect::AnnouncesTwice => {
                state.session = self.inner.open(cx.env.source);
                return Transition::Forward;
            }
            what => what,
        };
        let mut held = inner(state);
        let step = self.inner.apply(&mut held, what, &seen(cx));
        (state.session, state.ephemeral) = (held.session, held.ephemeral);
        step
    }

    fn confirmed(&self, session: &Session) -> u64 {
        self.inner.confirmed(session)
    }
}

/// What the first cases that find it say.
fn found(wrap: fn(P115) -> Broken) -> Vec<(u64, String)> {
    let run = |batch: u64| campaign::run(&P115Vendor::wrapped(wrap), 7, batch * 150, (batch + 1) * 150).first;
    (0..20).map(run).find(|first| !first.is_empty()).expect("a broken client passed every case")
}

macro_rules! is_found {
    ($($name:ident: $defect:ident by $text:literal,)*) => {$(
        #[test]
        fn $name() {
            let first = found(|inner| Broken { inner, defect: Defect::$defect, announced: Mutex::default() });
            assert!(first.iter().any(|(_, violation)| violation.contains($text)), "{first:?}");
        }
    )*};
}

is_found! {
    http_203_taken_for_success_is_found: TakesAFailedCallbackForSuccess by "without an object",
    a_callback_that_nobody_reads_is_found: IgnoresTheCallbacksBody by "without an object",
    a_proof_in_small_letters_is_found: ProvesInSmallLetters by "took none",
    beginning_again_for_a_part_that_is_there_is_found: BeginsAgainWhenAPartIsThere by "",
    a_complete_without_its_answer_that_is_forgotten_is_found: ForgetsThatACompleteHasNoAnswer by "",
    a_lost_tail_is_found: LosesTheTail by "",
    keys_that_die_and_are_not_replaced_are_found: GivesUpWhenItsKeysDie by "nothing that was injected explains this end",
    giving_up_too_early_is_found: GivesUpAfterALostReply by "nothing that was injected explains this end",
    an_upload_that_is_not_aborted_is_found: LeavesWithoutAborting by "abandoned; left at the vendor: Nothing",
    sending_again_what_is_there_is_found: AnnouncesTwice by "",
    sealing_without_a_check_is_found: SealsNothing by "was not checked before",
    waiting_for_nothing_is_found: WaitsForever by "waits for nothing that can happen",
    a_token_in_a_checkpoint_is_found: KeepsATokenInItsCheckpoints by "canary-of-the-first-token is in",
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    assert_eq!(campaign::run(&P115Vendor::new(), 7, 0, 450).first, []);
}
