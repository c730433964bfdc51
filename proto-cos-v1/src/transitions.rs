//! What each answer, and each lost one, means: the only writer of the state.

use alloc::string::ToString;

use resumable_core::{Env, How, Intent, Invalidated, Ranges, Transition};
use resumable_proto_cos::ObjectUrls;
use resumable_proto_cos::echo::echoed;

use crate::fault::Fault;
use crate::machine::CosV1;
use crate::options::Options;
use crate::ownership::is_ours;
use crate::session::{Call, Claim, Ephemeral, Offset, Open, Order, Phase, Reason, Remote};
use crate::stat::StatReply;
use crate::upload::UploadReply;
use crate::upload_slice::SliceReply;
use crate::upload_slice_init::{InitReply, Opened};

type State = resumable_core::State<CosV1>;

/// A parameter is wrong.
const PARAMETER: i64 = -5999;

/// How many new sessions in a row are tried where a slice is refused as wrong, before it is believed: as many as the core
/// allows for, because a vendor that loses one session may lose the next.
const SESSIONS: u8 = 3;

fn go_to(state: &mut State, phase: Phase) -> Transition<Fault> {
    state.ephemeral.phase = phase;
    Transition::Forward
}

fn done(state: &mut State, how: How, urls: ObjectUrls, len: u64) -> Transition<Fault> {
    state.session.got = all(len);
    state.session.differed = None;
    state.session.claim = Some(if state.session.open.is_some() { Claim::Slices } else { Claim::Upload });
    state.ephemeral.urls = urls;
    go_to(state, Phase::Done(how))
}

fn all(len: u64) -> Ranges {
    core::iter::once(0..len).collect()
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

/// Acts on the verdict that the content differs: the file is read again, and what the vendor holds is of no use.
fn distrust(state: &mut State, why: Fault) -> Transition<Fault> {
    if state.session.open.is_some() {
        state.session.offset = Offset::Bounds;
    }
    state.session.differed = None;
    state.session.claim = None;
    forget_session(state);
    Transition::Regressed { why, drop: Invalidated::Digests }
}

fn forget_session(state: &mut State) {
    state.session.open = None;
    state.session.got = Ranges::new();
    state.ephemeral = Ephemeral { refusals: state.ephemeral.refusals, ..Ephemeral::default() };
}

pub(crate) fn lost_reply(state: &mut State, call: &Call) -> Transition<Fault> {
    match call {
        Call::Upload => claim(state, Claim::Upload),
        Call::Slice { last: true, .. } => claim(state, Claim::Slices),
        Call::Slice { last: false, .. } => state.ephemeral.phase = Phase::Ask,
        Call::Init { .. } | Call::Stat => {}
    }
    Transition::Forward
}

/// The object may be complete: an init tells.
fn claim(state: &mut State, claim: Claim) {
    state.session.claim = Some(claim);
    state.ephemeral.phase = Phase::Ask;
}

pub(crate) fn uploaded(state: &mut State, reply: UploadReply, len: u64) -> Transition<Fault> {
    match reply {
        UploadReply::Complete(urls) => done(state, How::OneRequest, urls, len),
        UploadReply::Exists => go_to(state, Phase::Look(Reason::Exists)),
        UploadReply::Same => go_to(state, Phase::Look(Reason::Same)),
    }
}

pub(crate) fn initiated(state: &mut State, reply: InitReply, len: u64) -> Transition<Fault> {
    match reply {
        InitReply::Complete(urls) => completed(state, urls, len),
        InitReply::Opened(opened) => self::opened(state, opened, len),
        InitReply::Exists => go_to(state, Phase::Look(Reason::Exists)),
        InitReply::Same => go_to(state, Phase::Look(Reason::Same)),
    }
}

/// The vendor ties it to our hash, so it is ours; how it came to be is for the record.
fn completed(state: &mut State, urls: ObjectUrls, len: u64) -> Transition<Fault> {
    let how = match (state.session.claim, &state.session.open) {
        (Some(Claim::Upload), None) => How::OneRequest,
        (None, None) => How::Instant,
        _ => How::Parts,
    };
    done(state, how, urls, len)
}

fn opened(state: &mut State, opened: Opened, len: u64) -> Transition<Fault> {
    let Opened { session, offset, slice_size, urls } = opened;
    if offset > len {
        return lose_session(state, Fault::BadOffset { offset, filesize: len });
    }
    if state.session.differed.is_some_and(|differed| differed > offset) {
        return lose_session(state, Fault::ThrownAway);
    }
    let slice_size = slice_size.unwrap_or(state.session.slice_size).max(1);
    let got = believed(state, offset);
    if let (Some(urls), true) = (urls, got.full(len)) {
        return completed(state, urls, len);
    }
    let whole = got.full(len);
    state.session.got = got;
    state.session.open = Some(Open { session, slice_size });
    state.session.claim = whole.then_some(Claim::Slices);
    if state.session.order == Order::SideBySide {
        state.session.offset = Offset::Bounds;
    }
    go_to(state, if whole { Phase::Look(Reason::Whole) } else { Phase::Send })
}

/// What is there, if the vendor wants to go on at `offset`.
fn believed(state: &State, offset: u64) -> Ranges {
    match state.session.offset {
        Offset::Proves => all(offset),
        Offset::Bounds => state.session.got.iter().map(|range| range.start..range.end.min(offset)).collect(),
    }
}

pub(crate) fn stored(state: &mut State, call: &Call, reply: SliceReply, len: u64) -> Transition<Fault> {
    let Call::Slice { offset, datalen, last } = *call else { return Transition::Forward };
    let SliceReply { offset: answered, session, urls } = reply;
    let echo = answered.map_or(Ok(()), |answered| echoed("offset", &offset.to_string(), &answered.to_string()));
    if let Err(wrong) = echo {
        return lose_session(state, wrong.into());
    }
    if let (Some(open), Some(answered)) = (&state.session.open, &session)
        && let Err(wrong) = echoed("session", &open.session, answered)
    {
        state.ephemeral.phase = Phase::Ask;
        return Transition::Regressed { why: wrong.into(), drop: Invalidated::Nothing };
    }
    state.session.got.add(offset..offset.saturating_add(datalen));
    state.ephemeral.refusals = 0;
    // What the vendor says of the last slice may be said of the whole: only the complete object answers that.
    if !last {
        state.session.differed = state.session.differed.filter(|differed| *differed != offset);
    }
    match (urls, state.session.got.full(len)) {
        (Some(urls), true) => return done(state, How::Parts, urls, len),
        // Nothing is missing and nothing complete, or the other way round: an init tells.
        (None, true) | (Some(_), false) => claim(state, Claim::Slices),
        (None, false) => {}
    }
    Transition::Forward
}

/// The session of this call is not there, or could not be put together; the object may be complete all the same.
pub(crate) fn no_session(state: &mut State, call: &Call, why: Fault) -> Transition<Fault> {
    let last = match call {
        Call::Upload => {
            claim(state, Claim::Upload);
            return Transition::Regressed { why, drop: Invalidated::Nothing };
        }
        Call::Slice { last, .. } => *last,
        Call::Init { .. } | Call::Stat => return lose_session(state, why),
    };
    if last {
        state.session.claim = Some(Claim::Slices);
    } else if why.code() == Some(PARAMETER) {
        return wrong_slice(state, why);
    }
    lose_session(state, why)
}

/// -5999 to a slice. What is wrong may be its order, for that slices may come in any is not documented; or its session,
/// which is unknown. In each of several that the vendor has just named, it is neither.
fn wrong_slice(state: &mut State, why: Fault) -> Transition<Fault> {
    if state.session.order == Order::SideBySide {
        state.session.order = Order::OneByOne;
        return lose_session(state, why);
    }
    state.ephemeral.refusals = state.ephemeral.refusals.saturating_add(1);
    if state.ephemeral.refusals > SESSIONS {
        state.ephemeral.refused = Some(why);
        return Transition::Forward;
    }
    lose_session(state, why)
}

/// The vendor computed another digest. A slice that differs is sent again; if that does not settle it, the file is read
/// again.
pub(crate) fn differs(state: &mut State, call: &Call, why: Fault) -> Transition<Fault> {
    if let Call::Slice { offset, .. } = call
        && state.session.differed.replace(*offset) != Some(*offset)
    {
        return Transition::Regressed { why, drop: Invalidated::Nothing };
    }
    distrust(state, why)
}

/// Somebody else finished the same path meanwhile.
pub(crate) fn overtaken(state: &mut State, same: bool) -> Transition<Fault> {
    go_to(state, Phase::Look(if same { Reason::Same } else { Reason::Exists }))
}

/// The vendor's word on what is at the path.
pub(crate) fn looked(state: &mut State, reply: StatReply, options: &Options, env: &Env<'_>) -> Transition<Fault> {
    let object = match reply {
        StatReply::Object(stat) if stat.is_whole() => Some(stat),
        StatReply::Object(_) | StatReply::Nothing => None,
    };
    let why = match state.ephemeral.phase {
        Phase::Look(why) => why,
        _ => Reason::Claimed,
    };
    let there = if object.is_some() { Remote::Object } else { Remote::Nothing };
    if let Some(stat) = object.filter(|stat| is_ours(stat, why, &state.session, options.insert_only, env)) {
        let how = how_found(why, state.session.claim);
        return done(state, how, stat.urls, env.source.len);
    }
    if env.intent == Intent::Abandon {
        state.ephemeral.left = Some(there);
        return Transition::Forward;
    }
    not_ours(state, why, there)
}

fn how_found(why: Reason, claim: Option<Claim>) -> How {
    match (why, claim) {
        (Reason::Claimed, Some(Claim::Upload)) => How::OneRequest,
        (Reason::Claimed | Reason::Whole, _) => How::Parts,
        (Reason::Same | Reason::Exists, _) => How::AlreadyThere,
    }
}

fn not_ours(state: &mut State, why: Reason, there: Remote) -> Transition<Fault> {
    match (why, there) {
        (Reason::Same | Reason::Exists, Remote::Object) => go_to(state, Phase::Taken),
        (Reason::Same | Reason::Exists, Remote::Nothing) => lose_session(state, Fault::Gone),
        // It did not happen, or the vendor compares the content itself when it is sent again.
        (Reason::Claimed, _) => {
            state.session.claim = None;
            go_to(state, Phase::Ask)
        }
        (Reason::Whole, _) if state.ephemeral.nudged => {
            // Its offset may have been of the last byte that is there, behind a gap that somebody else left.
            state.session.offset = Offset::Bounds;
            lose_session(state, Fault::NotCompleted)
        }
        (Reason::Whole, _) => {
            state.ephemeral.nudged = true;
            go_to(state, Phase::Nudge)
        }
    }
}
