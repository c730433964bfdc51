//! Clients of xfyun that are broken on purpose are found out.

use bytes::Bytes;
use resumable_core::{
    Advice, Answer, Authority, Body, Cx, Intent, Next, Occurrence, Protocol as _, Rejection, Remains, Segment, State,
};
use resumable_proto_xfyun::{Call, Fault, Reply, Xfyun};
use resumable_sim::registry::xfyun::Setting;

use crate::all_vendors::broken::{Defective, fatal_if_unsure, is_found, nothing_is_found, one_says, shortened};

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defect {
    CompletesWithoutTheLastSlice,
    CompletesWhileSlicesAreOnTheirWay,
    CountsASliceWithoutItsAnswer,
    CountsSlicesFromZero,
    LosesTheTailOfAnEvenFile,
    TrustsStatusTwoHundred,
    TellsNoOrphans,
    LeavesWithoutCancelling,
    ForgetsItsJournal,
    BeginsAgainAfterALostSlice,
    GivesUpAfterALostReply,
    CommitsNothing,
    WaitsForever,
    KeepsAKeyInItsCheckpoints,
}

/// Whether nothing but complete would be left to do if these slices were there.
fn is_last(inner: &Xfyun, slices: &[Call], state: &State<Xfyun>, cx: &Cx<'_, Xfyun>) -> bool {
    let mut held = State { session: state.session.clone(), ephemeral: state.ephemeral.clone() };
    let seen = Cx { in_flight: &[], env: cx.env, credential: cx.credential };
    for slice in slices {
        let _ = inner.apply(&mut held, Occurrence::Replied(slice.clone(), Reply::Acknowledged), &seen);
    }
    matches!(inner.next(&held, &seen), Next::Call(Call::Complete))
}

/// A form with a slice's number less one.
fn one_less(form: &Bytes) -> Bytes {
    let text = String::from_utf8_lossy(form).into_owned();
    let Some((before, rest)) = text.split_once("name=\"slice_id\"\r\n\r\n") else { return form.clone() };
    let (number, after) = rest.split_once("\r\n").unwrap();
    let number = number.parse::<u64>().unwrap() - 1;
    format!("{before}name=\"slice_id\"\r\n\r\n{number}\r\n{after}").into()
}

impl Defective<Xfyun> for Defect {
    fn leak(&self) -> &'static str {
        if *self == Self::KeepsAKeyInItsCheckpoints { "?canary-of-the-first-secret" } else { "" }
    }

    fn authority(&self, authority: Authority) -> Authority {
        if *self == Self::ForgetsItsJournal { Authority::Vendor } else { authority }
    }

    fn next(&self, inner: &Xfyun, next: Next<Xfyun>, state: &State<Xfyun>, cx: &Cx<'_, Xfyun>) -> Next<Xfyun> {
        match (self, next) {
            (Self::CompletesWithoutTheLastSlice, Next::Call(call @ Call::Slice { .. }))
                if cx.in_flight.is_empty() && is_last(inner, std::slice::from_ref(&call), state, cx) =>
            {
                Next::Call(Call::Complete)
            }
            (Self::CompletesWhileSlicesAreOnTheirWay, Next::Wait(None))
                if cx.in_flight.iter().all(|call| matches!(call, Call::Slice { .. }))
                    && is_last(inner, cx.in_flight, state, cx) =>
            {
                Next::Call(Call::Complete)
            }
            (Self::LeavesWithoutCancelling, Next::Call(Call::Cancel)) if cx.env.intent == Intent::Abandon => {
                Next::Left(Remains::Nothing)
            }
            (Self::TellsNoOrphans, Next::Done(mut outcome)) => {
                outcome.orphans = 0;
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
        match self {
            Self::LosesTheTailOfAnEvenFile => shortened(&body, len),
            Self::CountsSlicesFromZero => {
                let mut other = Body::empty();
                for segment in body.segments() {
                    other.push(match segment {
                        Segment::Bytes(bytes) => Segment::Bytes(one_less(bytes)),
                        segment @ Segment::Source(_) => segment.clone(),
                    });
                }
                other
            }
            _ => body,
        }
    }

    fn decode(&self, inner: &Xfyun, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        match (self, call, inner.decode(call, answer)) {
            (Self::TrustsStatusTwoHundred, Call::Slice { .. }, _) if answer.response.status() == 200 => {
                Ok(Reply::Acknowledged)
            }
            (Self::GivesUpAfterALostReply, _, decoded) => fatal_if_unsure(decoded),
            (Self::BeginsAgainAfterALostSlice, Call::Slice { .. }, Err(rejection)) => {
                Err(Rejection { advice: Advice::Restart, ..rejection })
            }
            (_, _, decoded) => decoded,
        }
    }

    fn occurred(
        &self,
        _: &Xfyun,
        what: Occurrence<Call, Reply>,
        _: &mut State<Xfyun>,
        _: &Cx<'_, Xfyun>,
    ) -> Option<Occurrence<Call, Reply>> {
        Some(match what {
            Occurrence::Unsure(call @ Call::Slice { .. }) if *self == Self::CountsASliceWithoutItsAnswer => {
                Occurrence::Replied(call, Reply::Acknowledged)
            }
            what => what,
        })
    }
}

is_found! {
    Setting, one_says,
    a_complete_without_the_last_slice_is_found: Defect::CompletesWithoutTheLastSlice => "with other bytes",
    a_complete_before_the_last_answers_is_found: Defect::CompletesWhileSlicesAreOnTheirWay => "with other bytes",
    a_slice_that_counts_without_its_answer_is_found: Defect::CountsASliceWithoutItsAnswer => "with other bytes",
    slice_ids_from_zero_are_found: Defect::CountsSlicesFromZero => "sliceId must not be empty",
    a_lost_tail_is_found: Defect::LosesTheTailOfAnEvenFile => "with other bytes",
    http_200_taken_for_success_is_found: Defect::TrustsStatusTwoHundred => "",
    copies_that_are_not_told_are_found: Defect::TellsNoOrphans => "orphans were told",
    an_upload_that_is_not_cancelled_is_found: Defect::LeavesWithoutCancelling => "cancelled; left at the vendor: nothing",
    a_journal_that_is_not_kept_is_found: Defect::ForgetsItsJournal => "acknowledged and not durable",
    beginning_again_without_need_is_found: Defect::BeginsAgainAfterALostSlice => "",
    giving_up_too_early_is_found: Defect::GivesUpAfterALostReply => "nothing that was injected explains this end",
    committing_without_a_check_is_found: Defect::CommitsNothing => "was not checked before",
    waiting_for_nothing_is_found: Defect::WaitsForever => "waits for nothing that can happen",
    a_key_in_a_checkpoint_is_found: Defect::KeepsAKeyInItsCheckpoints => "canary-of-the-first-secret is in",
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    nothing_is_found::<Setting>(450);
}
