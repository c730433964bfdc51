//! Clients of COS that are broken on purpose are found out.

use resumable_core::{Answer, Body, Cx, Intent, Next, Occurrence, Protocol as _, Rejection, Remains, State};
use resumable_proto_cos_xml::stage::{Call, Reply, Stage};
use resumable_proto_cos_xml::{CosXml, Fault};
use resumable_proto_multipart::complete_multipart_upload::Completed;
use resumable_sim::registry::cos_xml::Setting;
use serde_json::Value;

use crate::all_vendors::broken::{Defective, fatal_if_unsure, is_found, nothing_is_found, one_says, shortened};

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defect {
    TrustsALostComplete,
    TrustsStatusTwoHundred,
    OverwritesWhatItMayNot,
    LosesTheTailOfAnEvenFile,
    ReadsTheFirstPageAlone,
    GivesUpAfterALostReply,
    LeavesWithoutAborting,
    CommitsNothing,
    WaitsForever,
    KeepsAKeyInItsCheckpoints,
}

fn completed() -> Reply {
    Reply::Completed(Completed { etag: None, checksum: None, callback: None })
}

impl Defective<CosXml> for Defect {
    fn leak(&self) -> &'static str {
        if *self == Self::KeepsAKeyInItsCheckpoints { "?canary-of-the-first-secret" } else { "" }
    }

    fn open(&self, stage: Stage) -> Stage {
        if *self != Self::OverwritesWhatItMayNot {
            return stage;
        }
        let mut saved = serde_json::to_value(stage).unwrap();
        saved["forbid_overwrite"] = Value::Bool(false);
        serde_json::from_value(saved).unwrap()
    }

    fn next(&self, _: &CosXml, next: Next<CosXml>, _: &State<CosXml>, cx: &Cx<'_, CosXml>) -> Next<CosXml> {
        match (self, next) {
            (Self::LeavesWithoutAborting, Next::Call(Call::Abort)) if cx.env.intent == Intent::Abandon => {
                Next::Left(Remains::Nothing)
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

    fn decode(&self, inner: &CosXml, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        match (self, call, inner.decode(call, answer)) {
            (Self::TrustsStatusTwoHundred, Call::Complete, Err(_)) if answer.response.status() == 200 => {
                Ok(completed())
            }
            (Self::ReadsTheFirstPageAlone, _, Ok(Reply::Page(mut page))) => {
                page.next = None;
                Ok(Reply::Page(page))
            }
            (Self::GivesUpAfterALostReply, _, decoded) => fatal_if_unsure(decoded),
            (_, _, decoded) => decoded,
        }
    }

    fn occurred(
        &self,
        _: &CosXml,
        what: Occurrence<Call, Reply>,
        _: &mut State<CosXml>,
        _: &Cx<'_, CosXml>,
    ) -> Option<Occurrence<Call, Reply>> {
        Some(match (self, what) {
            (Self::TrustsALostComplete, Occurrence::Unsure(Call::Complete)) => {
                Occurrence::Replied(Call::Complete, completed())
            }
            (_, what) => what,
        })
    }
}

is_found! {
    Setting, one_says,
    a_lost_complete_taken_for_success_is_found: Defect::TrustsALostComplete => "without an object",
    http_200_taken_for_success_is_found: Defect::TrustsStatusTwoHundred => "without an object",
    overwriting_what_may_not_be_overwritten_is_found: Defect::OverwritesWhatItMayNot => "has other bytes now",
    a_lost_tail_is_found: Defect::LosesTheTailOfAnEvenFile => "",
    a_list_that_is_not_read_to_its_end_is_found: Defect::ReadsTheFirstPageAlone => "",
    giving_up_too_early_is_found: Defect::GivesUpAfterALostReply => "nothing that was injected explains this end",
    an_upload_that_is_not_aborted_is_found: Defect::LeavesWithoutAborting => "cancelled; left at the vendor: nothing",
    committing_without_a_check_is_found: Defect::CommitsNothing => "was not checked before",
    waiting_for_nothing_is_found: Defect::WaitsForever => "waits for nothing that can happen",
    a_key_in_a_checkpoint_is_found: Defect::KeepsAKeyInItsCheckpoints => "canary-of-the-first-secret is in",
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    nothing_is_found::<Setting>(450);
}
