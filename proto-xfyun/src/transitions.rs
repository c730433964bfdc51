//! What each answer, and each lost one, means: the only writer of the state.

use alloc::boxed::Box;

use resumable_core::{How, Intent, Invalidated, Ranges, Transition};

use crate::fault::Fault;
use crate::machine::Xfyun;
use crate::mpupload_init::Opened;
use crate::session::{Call, Open, Session, Stage, Unanswered, Verdict};
use crate::slicing::Way;
use crate::upload::Stored;

type State = resumable_core::State<Xfyun>;

pub(crate) fn lost_reply(state: &mut State, call: &Call) -> Transition<Fault> {
    let session = &mut state.session;
    match (call, &mut session.stage) {
        (Call::Upload | Call::Init, _) => session.orphans = session.orphans.saturating_add(1),
        (Call::Complete, Stage::Open(open)) => open.doubt = true,
        (Call::Slice { slice_id }, _) => state.ephemeral.unanswered.add(*slice_id),
        // To cancel twice does no harm.
        (Call::Complete | Call::Cancel, _) => {}
    }
    Transition::Forward
}

pub(crate) fn opened(state: &mut State, opened: Opened) -> Transition<Fault> {
    if let Way::Slices(slicing) = state.session.way {
        state.session.stage = Stage::Open(Open::new(opened.upload_id, slicing));
        state.ephemeral.unanswered = Unanswered::These(Ranges::new());
    }
    Transition::Forward
}

pub(crate) fn acknowledged(session: &mut Session, call: &Call) -> Transition<Fault> {
    if let (Stage::Open(open), Call::Slice { slice_id }) = (&mut session.stage, call) {
        open.acknowledge(*slice_id);
    }
    Transition::Forward
}

/// A slice was refused for good. A vendor may refuse a slice that it has: nothing says so, and to count it would be a
/// guess that may cost a piece of the file. So the upload is begun again.
pub(crate) fn refused(state: &mut State, call: &Call, why: Fault, intent: Intent) -> Transition<Fault> {
    let may_be_there = matches!(call, Call::Slice { slice_id } if state.ephemeral.unanswered.has(*slice_id));
    match (call, intent) {
        (Call::Cancel, Intent::Abandon) => {
            state.ephemeral.uncancellable = Some(why);
            return Transition::Forward;
        }
        // What cannot be cancelled is not gone on with all the same.
        (Call::Cancel, Intent::Finish) => {
            state.session.stage = Stage::Fresh;
            state.session.orphans = state.session.orphans.saturating_add(1);
            return Transition::Forward;
        }
        _ => {}
    }
    if intent == Intent::Abandon {
        return Transition::Forward;
    }
    if let (false, Stage::Open(open)) = (may_be_there, &mut state.session.stage) {
        open.verdict = Verdict::SliceRefused;
        state.ephemeral.verdict = Some(why);
        return Transition::Forward;
    }
    state.session.stage = Stage::Fresh;
    state.session.orphans = state.session.orphans.saturating_add(1);
    Transition::Regressed { why, drop: Invalidated::Session }
}

/// The end, and nobody knows whether the call had its effect.
pub(crate) fn unexplained(state: &mut State, call: &Call, why: Fault) -> Transition<Fault> {
    state.ephemeral.verdict = Some(why);
    lost_reply(state, call)
}

pub(crate) fn stored(session: &mut Session, stored: Stored) -> Transition<Fault> {
    let how = if session.open().is_some() { How::Parts } else { How::OneRequest };
    session.stage = Stage::Complete { how, url: stored.url };
    Transition::Forward
}

/// The vendor had the upload until now, so that a complete without an answer did not happen.
pub(crate) fn cancelled(session: &mut Session) -> Transition<Fault> {
    session.stage = Stage::Fresh;
    Transition::Forward
}

/// The vendor does not know the upload: it has expired, or was completed by a call whose answer is lost.
pub(crate) fn gone(state: &mut State, why: Fault, intent: Intent) -> Transition<Fault> {
    let session = &mut state.session;
    let doubt = session.open().is_some_and(|open| open.doubt);
    if doubt && session.urls_lost > 0 && intent == Intent::Finish {
        // The next run is a new decision: it asks once more for this url, and has the whole budget again.
        session.urls_lost = 0;
        state.ephemeral.verdict = Some(Fault::UrlLost(Box::new(why)));
        return Transition::Forward;
    }
    session.stage = Stage::Fresh;
    session.orphans = session.orphans.saturating_add(u32::from(doubt));
    if intent == Intent::Abandon {
        return Transition::Forward;
    }
    if !doubt {
        return Transition::Regressed { why, drop: Invalidated::Session };
    }
    session.urls_lost = session.urls_lost.saturating_add(1);
    Transition::Regressed { why: Fault::UrlLost(Box::new(why)), drop: Invalidated::Url }
}
