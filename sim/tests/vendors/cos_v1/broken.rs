//! Clients of COS v1 that are broken on purpose are found out.

use resumable_core::{Answer, Authority, Cx, Next, Occurrence, Protocol as _, Rejection, State};
use resumable_proto_cos_v1::upload_slice::SliceReply;
use resumable_proto_cos_v1::upload_slice_init::InitReply;
use resumable_proto_cos_v1::{Call, CosV1, Fault, ObjectUrls, Reply};
use resumable_sim::registry::cos_v1::Setting;

use crate::all_vendors::broken::{Defective, fatal_if_unsure, first_says, is_found, nothing_is_found};

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Defect {
    TrustsALostLastSlice,
    TrustsALostSlice,
    TrustsStatusTwoHundred,
    GoesOnOneSliceTooFar,
    BeginsAnewWhenItResumes,
    GivesUpAfterALostReply,
    CommitsNothing,
    WaitsForever,
    SavesSeldom,
    KeepsAKeyInItsCheckpoints,
}

fn urls() -> ObjectUrls {
    let mut urls = ObjectUrls::default();
    urls.access_url = Some("http://nowhere".to_owned());
    urls
}

impl Defective<CosV1> for Defect {
    fn leak(&self) -> &'static str {
        if *self == Self::KeepsAKeyInItsCheckpoints { "?key=canary-of-the-first-key" } else { "" }
    }

    fn authority(&self, authority: Authority) -> Authority {
        if *self == Self::SavesSeldom { Authority::Vendor } else { authority }
    }

    fn next(&self, _: &CosV1, next: Next<CosV1>, _: &State<CosV1>, _: &Cx<'_, CosV1>) -> Next<CosV1> {
        match next {
            Next::Call(Call::Slice { last: true, .. }) if *self == Self::WaitsForever => Next::Wait(None),
            next => next,
        }
    }

    fn commits(&self, commits: bool) -> bool {
        commits && *self != Self::CommitsNothing
    }

    fn decode(&self, inner: &CosV1, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        match (self, call, inner.decode(call, answer)) {
            (Self::TrustsStatusTwoHundred, Call::Slice { offset, last: true, .. }, Err(_))
                if answer.response.status() == 200 =>
            {
                Ok(Reply::Slice(SliceReply { offset: Some(*offset), session: None, urls: Some(urls()) }))
            }
            (Self::GivesUpAfterALostReply, _, decoded) => fatal_if_unsure(decoded),
            (_, _, decoded) => decoded,
        }
    }

    fn occurred(
        &self,
        _: &CosV1,
        what: Occurrence<Call, Reply>,
        _: &mut State<CosV1>,
        _: &Cx<'_, CosV1>,
    ) -> Option<Occurrence<Call, Reply>> {
        let believed = |offset, urls| Reply::Slice(SliceReply { offset: Some(offset), session: None, urls });
        Some(match (self, what) {
            (Self::TrustsALostLastSlice, Occurrence::Unsure(Call::Slice { offset, datalen, last: true })) => {
                Occurrence::Replied(Call::Slice { offset, datalen, last: true }, believed(offset, Some(urls())))
            }
            (Self::TrustsALostSlice, Occurrence::Unsure(Call::Slice { offset, datalen, last: false })) => {
                Occurrence::Replied(Call::Slice { offset, datalen, last: false }, believed(offset, None))
            }
            (Self::GoesOnOneSliceTooFar, Occurrence::Replied(call, Reply::Init(InitReply::Opened(mut opened)))) => {
                opened.offset += opened.slice_size.unwrap_or_default();
                Occurrence::Replied(call, Reply::Init(InitReply::Opened(opened)))
            }
            (Self::BeginsAnewWhenItResumes, Occurrence::Replied(call, Reply::Init(InitReply::Opened(mut opened)))) => {
                opened.offset = 0;
                Occurrence::Replied(call, Reply::Init(InitReply::Opened(opened)))
            }
            (_, what) => what,
        })
    }
}

is_found! {
    Setting, first_says,
    a_lost_last_slice_taken_for_success_is_found: Defect::TrustsALostLastSlice => "success (Parts)",
    a_lost_slice_taken_for_success_is_found: Defect::TrustsALostSlice => "",
    http_200_taken_for_success_is_found: Defect::TrustsStatusTwoHundred => "success (Parts)",
    going_on_behind_a_gap_is_found: Defect::GoesOnOneSliceTooFar => "",
    beginning_anew_is_found: Defect::BeginsAnewWhenItResumes => "",
    giving_up_too_early_is_found: Defect::GivesUpAfterALostReply => "nothing that was injected explains this end",
    committing_without_a_check_is_found: Defect::CommitsNothing => "was not checked before",
    waiting_for_nothing_is_found: Defect::WaitsForever => "waits for nothing that can happen",
    a_journal_that_is_saved_seldom_is_found: Defect::SavesSeldom => "bytes were",
    a_key_in_a_checkpoint_is_found: Defect::KeepsAKeyInItsCheckpoints => "canary-of-the-first-key is in",
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    nothing_is_found::<Setting>(600);
}
