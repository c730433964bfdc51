//! What each answer, and each lost one, means: the only writer of the state.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::ToString;
use core::time::Duration;

use bytes::Bytes;
use resumable_core::{Env, How, Invalidated, Occurrence, Transition};
use resumable_proto_oss as oss;
use resumable_proto_oss::stage::{self, Doubt, StageStep};

use crate::callback_reply;
use crate::codes::{self, Class};
use crate::fault::Fault;
use crate::folder_add::Added;
use crate::get_info::Info;
use crate::get_token::StorageToken;
use crate::init::Announced;
use crate::limits::CHALLENGES;
use crate::machine::{P115, fileid_job};
use crate::resume::Resumed;
use crate::session::{Asked, Call, Phase, Place, Walk};
use crate::storage::Keys;
use crate::target::FolderId;
use crate::task::Task;

type State = resumable_core::State<P115>;

/// How long 115 may take to show a file that the storage has told it of: it is asked after each of these.
const PAUSES: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15)];

/// The same for a file that 115 says it has, and does not show: to send it again would make a second one.
const SHOWN: [Duration; 5] = [PAUSES[0], PAUSES[1], PAUSES[2], Duration::from_secs(60), Duration::from_secs(240)];

/// How long a key for a second authentication is taken to live: that a proof was refused which came later says nothing.
const KEY_LIFE: Duration = Duration::from_secs(60);

/// How often a resume may be refused, in a way that may pass, before the file is announced anew.
const RESUMES: u8 = 3;

/// How often the storage's keys are replaced before it is an error that it refuses them.
const RENEWALS: u8 = 2;

pub(crate) fn lost_reply(state: &mut State, call: Call, env: &Env<'_>) -> Transition<Fault> {
    match call {
        Call::Oss(call) => {
            let finishes = matches!(call, oss::stage::Call::Put | oss::stage::Call::Complete);
            if let (Phase::Send { doubt, .. }, true) = (&mut state.session.phase, finishes) {
                *doubt = true;
            }
            storage(state, Occurrence::Unsure(call), env)
        }
        Call::Init { proof } => {
            state.session.unsure_init = true;
            // A proof without an answer is none that was refused; what was proven before may be asked for again.
            if let Some(asked) = state.ephemeral.challenge.as_mut().filter(|_| proof) {
                asked.nth = 0;
            }
            Transition::Forward
        }
        // To ask, or to make a folder, twice does no harm.
        Call::Look { .. } | Call::FolderAdd { .. } | Call::Resume | Call::GetToken | Call::Check => Transition::Forward,
    }
}

/// What is at the end of the first names of the target's path.
pub(crate) fn looked(p115: &P115, state: &mut State, depth: usize, info: Option<&Info>) -> Transition<Fault> {
    let folder = info.filter(|info| info.is_folder).and_then(|info| FolderId::new(info.file_id.as_str()).ok());
    match folder {
        Some(folder) => found(p115, state, depth, folder),
        None if info.is_some() => state.ephemeral.verdict = Some(Fault::NotAFolder { path: p115.path(depth) }),
        None if !p115.options().create_folders => {
            state.ephemeral.verdict = Some(Fault::NoFolder { path: p115.path(p115.names().len()) });
        }
        None if depth > 1 => state.ephemeral.walk = Some(Walk::Look { depth: depth - 1 }),
        None => state.ephemeral.walk = Some(Walk::Make { depth: 1, parent: FolderId::root() }),
    }
    Transition::Forward
}

pub(crate) fn added(p115: &P115, state: &mut State, depth: usize, added: Added) -> Transition<Fault> {
    match added {
        Added::Made(folder) => {
            found(p115, state, depth, folder);
            Transition::Forward
        }
        // Made by a call whose answer was lost, or by somebody else.
        Added::Exists(why) => {
            state.ephemeral.walk = Some(Walk::Look { depth });
            Transition::Regressed { why, drop: Invalidated::Nothing }
        }
    }
}

fn found(p115: &P115, state: &mut State, depth: usize, folder: FolderId) {
    if depth >= p115.names().len() {
        state.ephemeral.walk = None;
        state.session.folder = Some(folder);
    } else {
        state.ephemeral.walk = Some(Walk::Make { depth: depth + 1, parent: folder });
    }
}

/// The target's folder is not there; if it was found by its path, the path is walked once more. Where it leads to the same
/// folder, 115 contradicts itself.
pub(crate) fn no_folder(p115: &P115, state: &mut State, why: Fault, env: &Env<'_>) -> Transition<Fault> {
    if p115.names().is_empty() {
        state.ephemeral.verdict = Some(why);
        return Transition::Forward;
    }
    let absent = state.session.folder.take();
    if state.ephemeral.absent.is_some() && state.ephemeral.absent == absent {
        state.ephemeral.verdict = Some(why);
        return Transition::Forward;
    }
    state.ephemeral.absent = absent;
    state.ephemeral.absent_at = Some(env.now.mono);
    begin_anew(state, why, Invalidated::Session)
}

/// The folder in which one was to be made is not there. What was known of it may be older than this upload: the path is
/// walked once more.
pub(crate) fn no_parent(state: &mut State, why: Fault, env: &Env<'_>) -> Transition<Fault> {
    if state.ephemeral.absent_at.replace(env.now.mono).is_some() {
        state.ephemeral.verdict = Some(why);
        return Transition::Forward;
    }
    state.ephemeral.walk = None;
    Transition::Regressed { why, drop: Invalidated::Nothing }
}

pub(crate) fn announced(state: &mut State, announced: Announced, env: &Env<'_>) -> Transition<Fault> {
    match announced {
        Announced::Challenged(challenge) => {
            let at = env.now.mono;
            let before = state.ephemeral.challenge.take().filter(|asked| at.saturating_sub(asked.at) < KEY_LIFE);
            let nth = before.map_or(0, |asked| asked.nth).saturating_add(1);
            if nth > CHALLENGES {
                // Most often it is the file that changed since its digest was taken.
                return begin_anew(state, Fault::Unproven { asked: nth }, Invalidated::Digests);
            }
            state.ephemeral.challenge = Some(Asked { challenge, nth, at });
            Transition::Forward
        }
        Announced::Disbelieved(why) => disbelieved(state, why, env),
        Announced::Instant { file_id, file_name } => {
            let verifies = matches!(state.session.phase, Phase::Verify { .. });
            let how = if verifies { How::AlreadyThere } else { How::Instant };
            state.session.phase = Phase::Done { file_id, how, name: file_name };
            Transition::Forward
        }
        Announced::Wanted(task) => {
            state.ephemeral.challenge = None;
            wanted(state, task, env)
        }
    }
}

/// A proof was refused, and is given again; one that came in time counts like a question that came again.
fn disbelieved(state: &mut State, why: Fault, env: &Env<'_>) -> Transition<Fault> {
    if let Some(asked) = &mut state.ephemeral.challenge
        && env.now.mono.saturating_sub(asked.at) < KEY_LIFE
    {
        asked.nth = asked.nth.saturating_add(1);
        if asked.nth > CHALLENGES {
            let why = Fault::Unproven { asked: asked.nth };
            return begin_anew(state, why, Invalidated::Digests);
        }
    }
    Transition::Regressed { why, drop: Invalidated::Nothing }
}

fn wanted(state: &mut State, task: Task, env: &Env<'_>) -> Transition<Fault> {
    let Phase::Verify { absences } = &mut state.session.phase else {
        go_on_with(state, task);
        return Transition::Forward;
    };
    *absences = absences.saturating_add(1);
    if let Some(pause) = PAUSES.get(usize::from(*absences)) {
        state.ephemeral.ask_at = Some(env.now.mono.saturating_add(*pause));
        return Transition::Forward;
    }
    let why = Fault::NotThere(Box::new(state.ephemeral.doubt.take().unwrap_or(Fault::LostReply)));
    let step = begin_anew(state, why, Invalidated::Session);
    go_on_with(state, task);
    step
}

fn go_on_with(state: &mut State, task: Task) {
    state.ephemeral.place = Place::Told;
    state.session.phase = Phase::Send { task, doubt: false };
}

pub(crate) fn resumed(state: &mut State, resumed: Resumed, env: &Env<'_>) -> Transition<Fault> {
    let Phase::Send { task: old, doubt } = &state.session.phase else { return Transition::Forward };
    let refused = if let Place::Unasked { refused } = state.ephemeral.place { refused } else { 0 };
    let (doubt, same) = (*doubt, matches!(&resumed, Resumed::Task(task) if task.same_object(old)));
    let why = match resumed {
        Resumed::Task(mut task) if same => {
            if task.pick_code.is_empty() {
                task.pick_code.clone_from(&old.pick_code);
            }
            state.ephemeral.place = Place::Told;
            state.session.phase = Phase::Send { task, doubt };
            return Transition::Forward;
        }
        Resumed::Refused(why) if refused < RESUMES => {
            state.ephemeral.place = Place::Unasked { refused: refused + 1 };
            return Transition::Regressed { why, drop: Invalidated::Nothing };
        }
        // What has an upload that may be finished is not sent again before that is known.
        Resumed::Task(_) if doubt => return verify(state, Fault::Moved, env),
        Resumed::Task(task) if state.session.stage.is_fresh() => {
            go_on_with(state, task);
            return Transition::Forward;
        }
        Resumed::Task(task) => {
            let step = begin_anew(state, Fault::Moved, Invalidated::Session);
            go_on_with(state, task);
            return step;
        }
        Resumed::Gone(why) | Resumed::Refused(why) => Fault::TaskGone(Box::new(why)),
    };
    if doubt { verify(state, why, env) } else { begin_anew(state, why, Invalidated::Session) }
}

pub(crate) fn token(p115: &P115, state: &mut State, token: StorageToken, env: &Env<'_>) -> Transition<Fault> {
    state.ephemeral.keys_at = Some(env.now.mono);
    match Keys::new(p115.site(), token, env) {
        Ok(keys) => state.ephemeral.keys = Some(keys),
        Err(why) => state.ephemeral.verdict = Some(why),
    }
    Transition::Forward
}

/// The keys have died before their time: others are asked for, and the call is made again.
pub(crate) fn keys_refused(state: &mut State, why: oss::Fault) -> Transition<Fault> {
    state.ephemeral.keys = None;
    state.ephemeral.keys_refused = state.ephemeral.keys_refused.saturating_add(1);
    if state.ephemeral.keys_refused > RENEWALS {
        state.ephemeral.verdict = Some(Fault::KeysRefused(why));
    }
    Transition::Forward
}

/// What occurred in the storage's part, and what follows from it: only 115 says what an object that is stored is worth.
pub(crate) fn storage(
    state: &mut State,
    heard: Occurrence<stage::Call, stage::Reply>,
    env: &Env<'_>,
) -> Transition<Fault> {
    if !matches!(state.session.phase, Phase::Send { .. }) {
        return Transition::Forward;
    }
    match state.session.stage.apply(&mut state.ephemeral.storage, heard, env) {
        Transition::Regressed { why, drop: Invalidated::Digests } => {
            return begin_anew(state, why.into(), Invalidated::Digests);
        }
        Transition::Regressed { why, drop } => return Transition::Regressed { why: why.into(), drop },
        Transition::Listed => return Transition::Listed,
        Transition::Forward => {}
    }
    match state.session.stage.next(&state.ephemeral.storage, env, &[]) {
        StageStep::Stored(stored) => stored_object(state, stored.how, stored.callback.as_ref(), env),
        StageStep::Unknown(Doubt::LostReply) => verify(state, Fault::LostReply, env),
        StageStep::Unknown(Doubt::CallbackFailed(why)) => verify(state, why.into(), env),
        _ => Transition::Forward,
    }
}

/// The object is stored; what 115 answered the storage tells whether it is in the drive.
fn stored_object(state: &mut State, how: How, callback: Option<&Bytes>, env: &Env<'_>) -> Transition<Fault> {
    let Some(callback) = callback else { return verify(state, Fault::LostReply, env) };
    match callback_reply::decode(callback) {
        Ok(registered) => match differs(state, registered.sha1.as_deref(), registered.file_size, env) {
            Some(why) => begin_anew(state, why, Invalidated::Digests),
            None if registered.sha1.is_some() && registered.file_size.is_some() => {
                state.session.phase =
                    Phase::Done { file_id: Some(registered.file_id), how, name: registered.file_name };
                Transition::Forward
            }
            None => {
                state.ephemeral.ask_at = Some(env.now.mono.saturating_add(SHOWN[0]));
                state.session.phase = Phase::Check { file_id: registered.file_id, how, absences: 0 };
                Transition::Forward
            }
        },
        Err(refused) => match refused.fault.code().map(|code| codes::find(code).map(|row| row.class)) {
            Some(Some(Class::Content)) => begin_anew(state, refused.fault, Invalidated::Digests),
            // 115 has said that it does not take the file, and would say so again.
            Some(Some(Class::Person | Class::NoFolder | Class::Refused) | None) => {
                state.ephemeral.verdict = Some(refused.fault.clone());
                verify(state, refused.fault, env)
            }
            _ => verify(state, refused.fault, env),
        },
    }
}

/// What 115 shows of the file that it says it has.
pub(crate) fn checked(state: &mut State, info: Option<&Info>, env: &Env<'_>) -> Transition<Fault> {
    let (sha1, size) = info.map_or((None, None), |info| (info.sha1.as_deref(), info.size));
    if let Some(why) = differs(state, sha1, size, env) {
        return begin_anew(state, why, Invalidated::Digests);
    }
    let Phase::Check { file_id, how, absences } = &mut state.session.phase else { return Transition::Forward };
    if let Some(info) = info {
        let file_id = Some(core::mem::take(file_id));
        state.session.phase = Phase::Done { file_id, how: *how, name: info.file_name.clone() };
        return Transition::Forward;
    }
    // A run that took it up has asked at once: how long the last one waited, it does not know.
    *absences = absences.saturating_add(u8::from(state.ephemeral.ask_at.is_some()));
    match SHOWN.get(usize::from(*absences)) {
        Some(pause) => {
            state.ephemeral.ask_at = Some(env.now.mono.saturating_add(*pause));
            Transition::Forward
        }
        None => verify(state, Fault::LostReply, env),
    }
}

/// What the vendor says of its file, where that is not true of ours.
fn differs(state: &State, sha1: Option<&str>, size: Option<u64>, env: &Env<'_>) -> Option<Fault> {
    let len = state.session.len;
    if let Some(size) = size.filter(|size| *size != len) {
        return Some(Fault::Differs { what: "length", theirs: size.to_string(), ours: len.to_string() });
    }
    let fileid = fileid_job(env);
    let ours = env.digest(fileid.kind, &fileid.range)?.to_hex().to_ascii_uppercase();
    let theirs = sha1.filter(|theirs| *theirs != ours)?.to_owned();
    Some(Fault::Differs { what: "SHA-1", theirs, ours })
}

/// Nobody knows whether the file is in the drive: it is announced again after a while, to find out.
fn verify(state: &mut State, doubt: Fault, env: &Env<'_>) -> Transition<Fault> {
    state.ephemeral.doubt = Some(doubt);
    state.ephemeral.challenge = None;
    state.ephemeral.ask_at = Some(env.now.mono.saturating_add(PAUSES[0]));
    state.session.phase = Phase::Verify { absences: 0 };
    Transition::Forward
}

/// Nothing of what was sent is of any use.
fn begin_anew(state: &mut State, why: Fault, drop: Invalidated) -> Transition<Fault> {
    state.session.phase = Phase::Announce;
    state.session.stage.reset(&mut state.ephemeral.storage);
    state.ephemeral.challenge = None;
    state.ephemeral.place = Place::default();
    Transition::Regressed { why, drop }
}
