//! Clients of COS v2 that are broken on purpose are found out.

use fastrand::Rng;
use resumable_core::{Advice, Answer, Cx, Next, Occurrence, Protocol as _, Rejection, State};
use resumable_proto_cos_v2::upload_slice_data::DataReply;
use resumable_proto_cos_v2::upload_slice_finish::FinishReply;
use resumable_proto_cos_v2::upload_slice_init::InitReply;
use resumable_proto_cos_v2::upload_slice_list::ListReply;
use resumable_proto_cos_v2::{Call, CosV2, Fault, Integrity, ObjectUrls, Reply};
use resumable_sim::case;
use resumable_sim::profile::{Command, Profile};
use resumable_sim::registry::cos_v2::Setting;
use resumable_sim::source::{Event, Nature, Tells};
use resumable_sim::transcript::Detail;
use resumable_sim::vendor::Wrapped;

use crate::all_vendors::broken::{Broken, Defective, fatal_if_unsure, first_says, is_found, nothing_is_found};

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
    CommitsNothing,
    WaitsForever,
    KeepsAKeyInItsCheckpoints,
    ForgetsAVerdict,
}

fn complete() -> Reply {
    Reply::Finish(FinishReply::Complete(ObjectUrls::default()))
}

impl Defective<CosV2> for Defect {
    fn leak(&self) -> &'static str {
        if *self == Self::KeepsAKeyInItsCheckpoints { "?key=canary-of-the-first-key" } else { "" }
    }

    fn next(&self, _: &CosV2, next: Next<CosV2>, _: &State<CosV2>, _: &Cx<'_, CosV2>) -> Next<CosV2> {
        match next {
            Next::Fail(Fault::Exists) if *self == Self::DeletesWhatIsInItsWay => Next::Call(Call::Delete),
            Next::Call(Call::Finish) if *self == Self::WaitsForever => Next::Wait(None),
            next => next,
        }
    }

    fn commits(&self, commits: bool) -> bool {
        commits && *self != Self::CommitsNothing
    }

    fn decode(&self, inner: &CosV2, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        match (self, call, inner.decode(call, answer)) {
            (Self::TrustsStatusTwoHundred, Call::Finish, Err(_)) if answer.response.status() == 200 => Ok(complete()),
            (Self::GivesUpAfterALostReply, _, decoded) => fatal_if_unsure(decoded),
            // It begins again with the digests that were refused.
            (Self::ForgetsAVerdict, _, Ok(Reply::Differs(fault))) => Err(Rejection { fault, advice: Advice::Restart }),
            (Self::IgnoresSerial, _, Ok(Reply::Init(mut reply))) => {
                if let InitReply::Opened { serial_upload, .. } = &mut reply {
                    *serial_upload = Some(false);
                }
                Ok(Reply::Init(reply))
            }
            (_, _, decoded) => decoded,
        }
    }

    fn occurred(
        &self,
        _: &CosV2,
        what: Occurrence<Call, Reply>,
        _: &mut State<CosV2>,
        _: &Cx<'_, CosV2>,
    ) -> Option<Occurrence<Call, Reply>> {
        Some(match (self, what) {
            (Self::TrustsALostFinish, Occurrence::Unsure(Call::Finish)) => {
                Occurrence::Replied(Call::Finish, complete())
            }
            (Self::TrustsALostSlice, Occurrence::Unsure(Call::Data { offset, datalen })) => {
                let reply = Reply::Data(DataReply { offset, datalen, session: None });
                Occurrence::Replied(Call::Data { offset, datalen }, reply)
            }
            (
                Self::LosesSessionsWhenItResumes,
                Occurrence::Replied(call, Reply::List(ListReply::Unfinished { .. })),
            ) => Occurrence::Replied(call, Reply::List(ListReply::Nothing)),
            (_, what) => what,
        })
    }
}

is_found! {
    Setting, first_says,
    a_lost_finish_taken_for_success_is_found: Defect::TrustsALostFinish => "without an object",
    a_lost_slice_taken_for_success_is_found: Defect::TrustsALostSlice => "",
    http_200_taken_for_success_is_found: Defect::TrustsStatusTwoHundred => "without an object",
    slices_out_of_order_are_found: Defect::IgnoresSerial => "slice out of order",
    sessions_given_up_are_found: Defect::LosesSessionsWhenItResumes => "",
    giving_up_too_early_is_found: Defect::GivesUpAfterALostReply => "nothing that was injected explains this end",
    deleting_a_finished_object_is_found: Defect::DeletesWhatIsInItsWay => "",
    committing_without_a_check_is_found: Defect::CommitsNothing => "was not checked before",
    waiting_for_nothing_is_found: Defect::WaitsForever => "waits for nothing that can happen",
    a_key_in_a_checkpoint_is_found: Defect::KeepsAKeyInItsCheckpoints => "canary-of-the-first-key is in",
}

/// The file changes after it was hashed, its looks claim that it did not, and nothing but the vendor's verdict shows it.
#[test]
fn going_round_for_ever_is_found() {
    let vendor = Wrapped::<Setting, _>::new(|inner| Broken { inner, defect: Defect::ForgetsAVerdict });
    let setting = Setting::plain(3 * 64 + 1, Integrity::Sha1);
    let nature = Nature { tells: Tells::NothingAndClaimsTo, ..Nature::plain() };
    let found = (0..20).filter_map(|number| {
        let commands = vec![(number, Command::File(Event::WrittenQuietly))];
        let profile = Profile { commands, nature, ..Profile::calm(3) };
        case::run_with(&vendor, &setting, profile, Rng::with_seed(7), Detail::Off).violation
    });
    let found: Vec<String> = found.collect();
    assert!(found.iter().any(|what| what.contains("runs end short")), "{found:?}");
}

#[test]
fn a_client_with_nothing_wrong_passes_the_same_cases() {
    nothing_is_found::<Setting>(450);
}
