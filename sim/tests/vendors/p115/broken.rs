//! Clients of 115 that are broken on purpose are found out.

use std::sync::Mutex;

use bytes::Bytes;
use http::{Response, StatusCode};
use resumable_core::{
    Advice, Answer, Body, Cx, Intent, Next, Occurrence, Protocol as _, Rejection, Remains, Segment, State,
};
use resumable_proto_115::{Call, Fault, P115, Reply};
use resumable_proto_oss::stage;
use resumable_sim::registry::p115::Setting;

use crate::all_vendors::broken::{Defective, fatal_if_unsure, is_found, nothing_is_found, one_says};

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
    CommitsNothing,
    WaitsForever,
    KeepsATokenInItsCheckpoints,
}

/// A client with one thing wrong, which remembers what it announced.
struct Forger {
    defect: Defect,
    /// Length and SHA-1 as they were announced.
    announced: Mutex<Option<(String, String)>>,
}

fn with(defect: Defect) -> Forger {
    Forger { defect, announced: Mutex::default() }
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

impl Forger {
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
}

impl Defective<P115> for Forger {
    fn leak(&self) -> &'static str {
        if self.defect == Defect::KeepsATokenInItsCheckpoints { "canary-of-the-first-token" } else { "" }
    }

    fn next(&self, _: &P115, next: Next<P115>, _: &State<P115>, cx: &Cx<'_, P115>) -> Next<P115> {
        match (self.defect, next) {
            (Defect::LeavesWithoutAborting, Next::Call(Call::Oss(stage::Call::Abort)))
                if cx.env.intent == Intent::Abandon =>
            {
                Next::Left(Remains::Nothing)
            }
            (Defect::WaitsForever, Next::Call(Call::GetToken)) => Next::Wait(None),
            (_, next) => next,
        }
    }

    fn commits(&self, commits: bool) -> bool {
        commits && self.defect != Defect::CommitsNothing
    }

    fn body(&self, body: Body, len: u64) -> Body {
        let form = text_of(&body);
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

    fn decode(&self, inner: &P115, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        let finishes = matches!(call, Call::Oss(stage::Call::Put | stage::Call::Complete));
        if finishes && self.overlooks(answer) {
            return inner.decode(call, &self.forged(answer));
        }
        match (self.defect, inner.decode(call, answer)) {
            (Defect::BeginsAgainWhenAPartIsThere, Ok(Reply::Oss(stage::Reply::Exists { why, .. }))) => {
                Err(Rejection { fault: why.into(), advice: Advice::Restart })
            }
            (Defect::GivesUpWhenItsKeysDie, Ok(Reply::KeysRefused(why))) => {
                Err(Rejection { fault: why.into(), advice: Advice::Fatal })
            }
            (Defect::GivesUpAfterALostReply, decoded) => fatal_if_unsure(decoded),
            (_, decoded) => decoded,
        }
    }

    fn occurred(
        &self,
        inner: &P115,
        what: Occurrence<Call, Reply>,
        state: &mut State<P115>,
        cx: &Cx<'_, P115>,
    ) -> Option<Occurrence<Call, Reply>> {
        match (self.defect, what) {
            (Defect::ForgetsThatACompleteHasNoAnswer, Occurrence::Unsure(Call::Oss(stage::Call::Complete))) => None,
            // What was announced is announced again, whatever came of it.
            (Defect::AnnouncesTwice, Occurrence::Replied(Call::Resume, Reply::Resumed(_))) => {
                state.session = inner.open(cx.env.source, cx.env.nonce);
                None
            }
            (_, what) => Some(what),
        }
    }
}

is_found! {
    Setting, one_says,
    http_203_taken_for_success_is_found: with(Defect::TakesAFailedCallbackForSuccess) => "without an object",
    a_callback_that_nobody_reads_is_found: with(Defect::IgnoresTheCallbacksBody) => "without an object",
    a_proof_in_small_letters_is_found: with(Defect::ProvesInSmallLetters) => "accepted none",
    beginning_again_for_a_part_that_is_there_is_found: with(Defect::BeginsAgainWhenAPartIsThere) => "",
    a_complete_without_its_answer_that_is_forgotten_is_found: with(Defect::ForgetsThatACompleteHasNoAnswer) => "",
    a_lost_tail_is_found: with(Defect::LosesTheTail) => "",
    keys_that_die_and_are_not_replaced_are_found: with(Defect::GivesUpWhenItsKeysDie) => "nothing that was injected explains this end",
    giving_up_too_early_is_found: with(Defect::GivesUpAfterALostReply) => "nothing that was injected explains this end",
    an_upload_that_is_not_aborted_is_found: with(Defect::LeavesWithoutAborting) => "cancelled; left at the vendor: nothing",
    sending_again_what_is_there_is_found: with(Defect::AnnouncesTwice) => "",
    committing_without_a_check_is_found: with(Defect::CommitsNothing) => "was not checked before",
    waiting_for_nothing_is_found: with(Defect::WaitsForever) => "waits for nothing that can happen",
    a_token_in_a_checkpoint_is_found: with(Defect::KeepsATokenInItsCheckpoints) => "canary-of-the-first-token is in",
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    nothing_is_found::<Setting>(450);
}
