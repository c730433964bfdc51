//! Clients of OSS that are broken on purpose are found out.

use resumable_core::{Advice, Answer, Body, Cx, Intent, Next, Occurrence, Protocol as _, Rejection, Remains, State};
use resumable_proto_oss::complete_multipart_upload::Completed;
use resumable_proto_oss::stage::{Call, Reply, Stage};
use resumable_proto_oss::{Called, Fault, Oss};
use resumable_sim::registry::oss::Setting;
use serde_json::Value;

use crate::all_vendors::broken::{Defective, fatal_if_unsure, is_found, nothing_is_found, one_says, shortened};

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
    CommitsNothing,
    WaitsForever,
    KeepsAKeyInItsCheckpoints,
}

/// The same upload with another value in it.
fn with(stage: &Stage, name: &str, value: bool) -> Stage {
    let mut saved = serde_json::to_value(stage).unwrap();
    saved[name] = Value::Bool(value);
    serde_json::from_value(saved).unwrap()
}

fn completed(callback: Option<&'static str>) -> Reply {
    Reply::Completed(Completed { etag: None, checksum: None, callback: callback.map(Into::into) })
}

impl Defective<Oss> for Defect {
    fn leak(&self) -> &'static str {
        if *self == Self::KeepsAKeyInItsCheckpoints { "?canary-of-the-first-secret" } else { "" }
    }

    fn open(&self, stage: Stage) -> Stage {
        if *self == Self::OverwritesWhatItMayNot { with(&stage, "forbid_overwrite", false) } else { stage }
    }

    fn planned(&self, stage: Stage) -> Stage {
        if *self == Self::SendsPartsInOrderSideBySide { with(&stage, "sequential", false) } else { stage }
    }

    fn next(&self, _: &Oss, next: Next<Oss>, _: &State<Oss>, cx: &Cx<'_, Oss>) -> Next<Oss> {
        match (self, next) {
            (Self::LeavesWithoutAborting, Next::Call(Call::Abort)) if cx.env.intent == Intent::Abandon => {
                Next::Left(Remains::Nothing)
            }
            (Self::TellsOfNoCallback, Next::Done(mut outcome)) => {
                outcome.called = Called::No;
                Next::Done(outcome)
            }
            (Self::WaitsForever, Next::Call(Call::Complete)) => Next::Wait(None),
            (_, next) => next,
        }
    }

    fn commits(&self, commits: bool) -> bool {
        commits && *self != Self::CommitsNothing
    }

    fn body(&self, body: Body, len: u64) -> Body {
        if *self == Self::LosesTheTailOfAnEvenFile { shortened(&body, len) } else { body }
    }

    fn decode(&self, inner: &Oss, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        match (self, call, inner.decode(call, answer)) {
            (Self::TakesAFailedCallbackForSuccess, Call::Complete, Ok(Reply::CallbackFailed { .. })) => {
                Ok(completed(Some("{}")))
            }
            (Self::TrustsStatusTwoHundred, Call::Complete, Err(_)) if answer.response.status() == 200 => {
                Ok(completed(None))
            }
            (Self::ReadsTheFirstPageAlone, _, Ok(Reply::Page(mut page))) => {
                page.next = None;
                Ok(Reply::Page(page))
            }
            (Self::GivesUpAtAPartThatIsThere, _, Ok(Reply::Exists { why, .. })) => {
                Err(Rejection { fault: why, advice: Advice::Fatal })
            }
            (Self::GivesUpAfterALostReply, _, decoded) => fatal_if_unsure(decoded),
            (Self::BeginsAgainAfterALostPart, Call::Part { .. }, Err(rejection)) => {
                Err(Rejection { advice: Advice::Restart, ..rejection })
            }
            (_, _, decoded) => decoded,
        }
    }

    fn occurred(
        &self,
        _: &Oss,
        what: Occurrence<Call, Reply>,
        _: &mut State<Oss>,
        _: &Cx<'_, Oss>,
    ) -> Option<Occurrence<Call, Reply>> {
        Some(match (self, what) {
            (Self::TrustsALostComplete, Occurrence::Unsure(Call::Complete)) => {
                Occurrence::Replied(Call::Complete, completed(None))
            }
            (Self::CompletesInTheMiddle, Occurrence::Replied(Call::Part { number }, Reply::Part { .. }))
                if number > 1 =>
            {
                Occurrence::Replied(Call::Complete, completed(None))
            }
            (_, what) => what,
        })
    }
}

is_found! {
    Setting, one_says,
    a_failed_callback_taken_for_success_is_found: Defect::TakesAFailedCallbackForSuccess => "the callback is said",
    a_lost_complete_taken_for_success_is_found: Defect::TrustsALostComplete => "without an object",
    http_200_taken_for_success_is_found: Defect::TrustsStatusTwoHundred => "without an object",
    overwriting_what_may_not_be_overwritten_is_found: Defect::OverwritesWhatItMayNot => "has other bytes now",
    a_success_in_the_middle_is_found: Defect::CompletesInTheMiddle => "without an object",
    a_lost_tail_is_found: Defect::LosesTheTailOfAnEvenFile => "",
    parts_in_order_sent_side_by_side_are_found: Defect::SendsPartsInOrderSideBySide => "PartNotSequential",
    a_list_that_is_not_read_to_its_end_is_found: Defect::ReadsTheFirstPageAlone => "",
    giving_up_at_a_part_that_is_there_is_found: Defect::GivesUpAtAPartThatIsThere => "PartAlreadyExist",
    giving_up_too_early_is_found: Defect::GivesUpAfterALostReply => "nothing that was injected explains this end",
    beginning_again_without_need_is_found: Defect::BeginsAgainAfterALostPart => "",
    an_upload_that_is_not_aborted_is_found: Defect::LeavesWithoutAborting => "cancelled; left at the vendor: nothing",
    a_callback_that_is_not_told_is_found: Defect::TellsOfNoCallback => "the callback is said",
    committing_without_a_check_is_found: Defect::CommitsNothing => "was not checked before",
    waiting_for_nothing_is_found: Defect::WaitsForever => "waits for nothing that can happen",
    a_key_in_a_checkpoint_is_found: Defect::KeepsAKeyInItsCheckpoints => "canary-of-the-first-secret is in",
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    nothing_is_found::<Setting>(450);
}
