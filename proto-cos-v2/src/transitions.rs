//! What each answer, and each lost one, means: the only writer of the state.

use resumable_core::{Env, How, Intent, Invalidated, Ranges, Transition};
use resumable_proto_cos::ObjectUrls;

use crate::delete::DeleteReply;
use crate::fault::Fault;
use crate::machine::CosV2;
use crate::options::Options;
use crate::ownership::{Found, Ownership, ownership};
use crate::session::{Call, Claim, Ephemeral, Init, Open, Phase, Proof, Reason, Removal, Replaced};
use crate::stat::StatReply;
use crate::upload::UploadReply;
use crate::upload_slice_data::DataReply;
use crate::upload_slice_finish::FinishReply;
use crate::upload_slice_init::InitReply;
use crate::upload_slice_list::ListReply;

type State = resumable_core::State<CosV2>;

/// A parameter is wrong.
const PARAMETER: i64 = -5999;

/// How often finish may say that slices are missing although the list shows them all, before the session is discarded.
const FINISHES: u8 = 3;

fn go_to(state: &mut State, phase: Phase) -> Transition<Fault> {
    state.ephemeral.phase = phase;
    Transition::Forward
}

fn done(state: &mut State, how: How, urls: ObjectUrls, len: u64) -> Transition<Fault> {
    state.session.confirmed = len;
    state.session.distrusted = false;
    state.session.differed = None;
    if state.session.hashed() {
        state.ephemeral.proof = Proof::Compared;
    }
    state.session.claim = Some(if state.session.open.is_some() { Claim::Finish } else { Claim::Upload });
    state.ephemeral.urls = urls;
    go_to(state, Phase::Done(how))
}

/// Back to the beginning, as the core counts it. Where the vendor has said that the content differs, what it lost is
/// what it threw away for that: to send it again with the same digest would lead to the same answer.
fn lose_session(state: &mut State, why: Fault) -> Transition<Fault> {
    if state.session.differed.is_some() {
        return distrust(state, why);
    }
    forget_session(state);
    Transition::Regressed { why, drop: Invalidated::Session }
}

fn forget_session(state: &mut State) {
    state.session.open = None;
    state.session.distrusted = false;
    state.session.claim = None;
    state.session.confirmed = 0;
    begin_talk(state);
}

/// What was said of another session means nothing; what was done to it still counts.
fn begin_talk(state: &mut State) {
    let Ephemeral { replaced, discarded, resent_whole, .. } = core::mem::take(&mut state.ephemeral);
    state.ephemeral = Ephemeral { replaced, discarded, resent_whole, ..Ephemeral::default() };
}

/// Acts on the verdict that the content differs: the file is read again, and what is in the session is of no use.
fn distrust(state: &mut State, why: Fault) -> Transition<Fault> {
    state.session.distrusted = state.session.open.is_some();
    state.session.differed = None;
    state.session.confirmed = 0;
    begin_talk(state);
    if state.ephemeral.resent_whole > 0 && state.session.distrusted {
        // The vendor ties that session to other content, and it cannot be deleted: to send it once more is of no use.
        state.ephemeral.removal = Removal::Occupied;
        return Transition::Forward;
    }
    Transition::Regressed { why, drop: Invalidated::Digests }
}

/// The list shows every slice of our session, and it cannot be finished: it is deleted, and another one opened, once.
fn discard(state: &mut State, why: Fault) -> Transition<Fault> {
    if state.ephemeral.discarded > 0 {
        state.ephemeral.refused = Some(why);
        return Transition::Forward;
    }
    state.session.distrusted = true;
    state.session.claim = None;
    state.session.confirmed = 0;
    begin_talk(state);
    state.ephemeral.discarded = 1;
    Transition::Regressed { why, drop: Invalidated::Session }
}

pub(crate) fn hashed(state: &mut State, options: &Options, env: &Env<'_>) -> Transition<Fault> {
    if state.session.init == Init::Never && env.source.len > options.one_request_most() {
        state.session.init = Init::Asked;
    }
    match state.ephemeral.phase {
        Phase::Look(why) => compare(state, why, options, env),
        _ => Transition::Forward,
    }
}

pub(crate) fn lost_reply(state: &mut State, call: &Call) -> Transition<Fault> {
    match call {
        Call::Upload => state.session.claim = Some(Claim::Upload),
        Call::Init => state.session.init = Init::Unsure,
        Call::Finish => {
            state.session.claim = Some(Claim::Finish);
            state.ephemeral.got = None;
        }
        Call::Delete => state.ephemeral.removal = Removal::Unknown,
        Call::Data { .. } | Call::List | Call::Stat => {}
    }
    Transition::Forward
}

pub(crate) fn uploaded(state: &mut State, reply: UploadReply, len: u64) -> Transition<Fault> {
    match reply {
        UploadReply::Complete(urls) => done(state, How::OneRequest, urls, len),
        UploadReply::Exists => go_to(state, Phase::Look(Reason::Exists)),
        UploadReply::Same => go_to(state, Phase::Look(Reason::Same)),
    }
}

pub(crate) fn opened(state: &mut State, reply: InitReply, len: u64) -> Transition<Fault> {
    let hashed = state.session.hashed();
    match reply {
        InitReply::Opened { session, slice_size, serial_upload } => {
            forget_session(state);
            state.session.init = Init::Asked;
            state.session.open = Some(Open { session, slice_size, serial: serial_upload.unwrap_or(false) });
            state.ephemeral.got = Some(Ranges::new());
            Transition::Forward
        }
        InitReply::Complete(urls) if hashed => done(state, How::Instant, urls, len),
        // Without our hash the vendor cannot know that it is the same.
        InitReply::Complete(_) | InitReply::Exists => go_to(state, Phase::Look(Reason::Exists)),
        InitReply::Same => go_to(state, Phase::Look(Reason::Same)),
        InitReply::Unfinished => go_to(state, Phase::Leftover),
        InitReply::OtherUnfinished if !hashed => go_to(state, Phase::Leftover),
        InitReply::OtherUnfinished if state.ephemeral.replaced == Replaced::Yes => go_to(state, Phase::Occupied),
        InitReply::OtherUnfinished => go_to(state, Phase::Stranger),
    }
}

pub(crate) fn stored(state: &mut State, reply: &DataReply) -> Transition<Fault> {
    if let Some(open) = &state.session.open
        && let Err(why) = reply.check_session(&open.session)
    {
        state.ephemeral.got = None;
        return Transition::Regressed { why, drop: Invalidated::Nothing };
    }
    state.ephemeral.refusals = 0;
    state.session.differed = state.session.differed.filter(|differed| *differed != reply.offset);
    if let Some(got) = &mut state.ephemeral.got {
        state.ephemeral.unfinishable = 0;
        got.add(reply.offset..reply.offset.saturating_add(reply.datalen));
        state.session.confirmed = got.bytes();
    }
    Transition::Forward
}

pub(crate) fn finished(state: &mut State, reply: FinishReply, len: u64) -> Transition<Fault> {
    match reply {
        FinishReply::Complete(urls) => done(state, How::Parts, urls, len),
        FinishReply::SlicesMissing if state.ephemeral.unfinishable >= FINISHES => discard(state, Fault::SlicesMissing),
        FinishReply::SlicesMissing => {
            state.ephemeral.unfinishable += 1;
            state.ephemeral.got = None;
            Transition::Regressed { why: Fault::SlicesMissing, drop: Invalidated::Nothing }
        }
        FinishReply::Exists => go_to(state, Phase::Look(Reason::Exists)),
        FinishReply::Same => go_to(state, Phase::Look(Reason::Same)),
    }
}

/// The session of this call is not there. A finish that arrived after all, behind one whose reply was lost, leaves the
/// next one without a session: the list tells.
pub(crate) fn no_session(state: &mut State, call: &Call, why: Fault) -> Transition<Fault> {
    match call {
        Call::Finish if state.ephemeral.unfinishable > 0 => return discard(state, why),
        Call::Finish => state.ephemeral.unfinishable += 1,
        // The list has shown the session since the last time: it is the slice that is wrong.
        Call::Data { .. } if why.code() == Some(PARAMETER) => {
            if state.ephemeral.got.is_some() && state.ephemeral.refusals > 0 {
                state.ephemeral.refused = Some(why);
                return Transition::Forward;
            }
            state.ephemeral.refusals = 1;
        }
        _ => return lose_session(state, why),
    }
    state.ephemeral.got = None;
    Transition::Regressed { why, drop: Invalidated::Nothing }
}

/// The vendor computed another digest. A slice that differs is sent again; if that does not settle it, the file is read
/// again.
pub(crate) fn differs(state: &mut State, call: &Call, why: Fault) -> Transition<Fault> {
    if let Call::Data { offset, .. } = call
        && state.session.differed.replace(*offset) != Some(*offset)
    {
        state.ephemeral.got = None;
        return Transition::Regressed { why, drop: Invalidated::Nothing };
    }
    distrust(state, why)
}

/// Somebody else finished the same path meanwhile.
pub(crate) fn overtaken(state: &mut State, same: bool) -> Transition<Fault> {
    go_to(state, Phase::Look(if same { Reason::Same } else { Reason::Exists }))
}

pub(crate) fn deleted(state: &mut State, _: DeleteReply, intent: Intent) -> Transition<Fault> {
    if state.ephemeral.phase == Phase::Stranger {
        state.ephemeral.replaced = Replaced::Yes;
    }
    forget_session(state);
    if intent == Intent::Abandon { go_to(state, Phase::Gone) } else { Transition::Forward }
}

pub(crate) fn listed(state: &mut State, reply: ListReply, env: &Env<'_>) -> Transition<Fault> {
    let ListReply::Unfinished { session, slice_size, filesize, listparts, sha } = reply else {
        return match (reply, state.ephemeral.phase, &state.session.open) {
            (ListReply::Finished(_), Phase::Begin, Some(_)) => go_to(state, Phase::Look(Reason::OursListed)),
            (ListReply::Finished(_), Phase::Begin, None) => go_to(state, Phase::Look(Reason::Claimed)),
            (ListReply::Finished(_), ..) => go_to(state, Phase::Look(Reason::OtherListed)),
            (_, phase, open) => {
                let open = open.is_some();
                nothing_listed(state, phase, open, env)
            }
        };
    };
    let got = listparts.iter().map(|part| part.offset..part.offset.saturating_add(part.datalen)).collect();
    found(state, Found { session, slice_size, filesize, sha, got }, env)
}

fn nothing_listed(state: &mut State, phase: Phase, open: bool, env: &Env<'_>) -> Transition<Fault> {
    match phase {
        // The stranger's upload is gone: we deleted it, or somebody did.
        Phase::Stranger => {
            if state.ephemeral.replaced != Replaced::No {
                state.ephemeral.replaced = Replaced::Yes;
            }
            go_to(state, Phase::Begin)
        }
        Phase::Begin if open && env.intent == Intent::Abandon => go_to(state, Phase::Gone),
        Phase::Begin if !open || state.session.distrusted => {
            forget_session(state);
            Transition::Forward
        }
        _ => lose_session(state, Fault::Gone),
    }
}

/// A session was found: ours to go on with, ours to delete, or a stranger's.
fn found(state: &mut State, found: Found, env: &Env<'_>) -> Transition<Fault> {
    let named = state.session.is_named(&found.session);
    let discarding = state.session.distrusted || env.intent == Intent::Abandon;
    match (state.ephemeral.phase, state.session.open.is_some()) {
        (Phase::Stranger, _) => return stranger_found(state, found),
        // Our one-request upload did not happen.
        (Phase::Begin, false) => state.session.claim = None,
        (Phase::Begin, true) if discarding && named => state.ephemeral.removal = Removal::Unfinished,
        (Phase::Begin, true) if env.intent == Intent::Abandon => state.ephemeral.phase = Phase::Gone,
        _ if !discarding && found.is_ours(&state.session, &state.ephemeral, env) => adopt(state, found),
        // The vendor has another session now; init tells whether it is tied to our content.
        (Phase::Begin, true) => return lose_session(state, Fault::Gone),
        _ => state.ephemeral.phase = Phase::Stranger,
    }
    Transition::Forward
}

fn adopt(state: &mut State, found: Found) {
    let Found { session, slice_size, got, .. } = found;
    state.session.confirmed = got.bytes();
    state.session.init = Init::Asked;
    // The list never says whether slices may be sent side by side.
    state.session.open = Some(Open { session, slice_size, serial: true });
    state.ephemeral.got = Some(got);
    state.ephemeral.phase = Phase::Begin;
}

fn stranger_found(state: &mut State, found: Found) -> Transition<Fault> {
    let another = match &state.ephemeral.replaced {
        Replaced::No => false,
        Replaced::Meant(session) => *session != found.session,
        Replaced::Yes => true,
    };
    if another {
        return go_to(state, Phase::Occupied);
    }
    state.ephemeral.replaced = Replaced::Meant(found.session);
    state.ephemeral.removal = Removal::Unfinished;
    Transition::Forward
}

/// The vendor's word on what is at the path.
pub(crate) fn looked(state: &mut State, reply: StatReply, options: &Options, env: &Env<'_>) -> Transition<Fault> {
    let there = match reply {
        StatReply::Object(stat) if stat.is_whole() => Some(stat),
        StatReply::Object(_) | StatReply::Nothing => None,
    };
    let Phase::Look(why) = state.ephemeral.phase else {
        return beside(state, there.is_some(), env);
    };
    match (there, why) {
        (Some(stat), _) => {
            state.ephemeral.seen = Some(stat);
            compare(state, why, options, env)
        }
        (None, Reason::Claimed) => unclaim(state),
        (None, _) => lose_session(state, Fault::Gone),
    }
}

/// A finished object stands beside the unfinished upload that is to be deleted, or none does.
fn beside(state: &mut State, there: bool, env: &Env<'_>) -> Transition<Fault> {
    if !there {
        state.ephemeral.removal = Removal::Vacant { at: env.now.mono };
    } else if state.session.distrusted && env.intent == Intent::Finish {
        // What cannot be deleted is sent again as a whole.
        state.session.distrusted = false;
        state.session.confirmed = 0;
        state.ephemeral.got = Some(Ranges::new());
        state.ephemeral.resent_whole += 1;
    } else {
        state.ephemeral.removal = Removal::Occupied;
    }
    Transition::Forward
}

/// It did not happen: the call is made again.
fn unclaim(state: &mut State) -> Transition<Fault> {
    state.session.claim = None;
    go_to(state, Phase::Begin)
}

fn compare(state: &mut State, why: Reason, options: &Options, env: &Env<'_>) -> Transition<Fault> {
    let Some(stat) = state.ephemeral.seen.take() else { return Transition::Forward };
    let how = match (why, state.session.claim, &state.session.open) {
        (Reason::Claimed, Some(Claim::Upload), _) => How::OneRequest,
        (Reason::Claimed | Reason::OursListed, ..) => How::Parts,
        _ => How::AlreadyThere,
    };
    let ownership = ownership(&stat, why, &state.session, options.insert_only, env);
    let compared = ownership == Ownership::Ours && stat.sha.is_some();
    state.ephemeral.proof = if compared { Proof::Compared } else { Proof::Missing };
    match ownership {
        Ownership::Unhashed => {
            state.ephemeral.seen = Some(stat);
            Transition::Forward
        }
        Ownership::Ours => done(state, how, stat.urls, env.source.len),
        _ if env.intent == Intent::Abandon => go_to(state, Phase::Taken),
        // The vendor compares the content itself when it is sent again.
        Ownership::Unknown if why == Reason::Claimed => unclaim(state),
        Ownership::Other | Ownership::Unknown if options.insert_only => go_to(state, Phase::Taken),
        Ownership::Other | Ownership::Unknown => older_object(state, why),
    }
}

/// Overwriting was asked for, and the older object is still there.
fn older_object(state: &mut State, why: Reason) -> Transition<Fault> {
    match why {
        Reason::Claimed => unclaim(state),
        // Our session is there too, but the list would not show it.
        Reason::OursListed if !state.ephemeral.resent => {
            state.ephemeral.resent = true;
            state.ephemeral.got = Some(Ranges::new());
            state.session.claim = None;
            state.session.confirmed = 0;
            go_to(state, Phase::Begin)
        }
        Reason::OursListed => lose_session(state, Fault::Gone),
        Reason::OtherListed => go_to(state, Phase::Hidden),
        Reason::Same | Reason::Exists => go_to(state, Phase::Taken),
    }
}
