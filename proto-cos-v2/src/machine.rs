//! The upload itself: which call comes next, and what each answer means.
//!
//! ```text
//! Fresh ─ upload ──────────────────────────────► Done
//!   │ init ─ session ─► Open ─ data* ─ finish ─► Done       after a lost reply, or in a new run: list first
//!   │      ├ urls ─────────────────────────────► Done       instant
//!   │      ├ -4019 ─► Leftover ─ list ─ ours ──► Open
//!   │      ├ -4020 ─► Stranger ─ fail, or list, stat, delete ─► Fresh
//!   │      └ -177, -4018 ─► Verify ─ stat ─ ours ─► Done
//!   └ any "finished" that was not an answer to our own call ─► Verify
//! ```
//!
//! | call | after a lost reply |
//! |---|---|
//! | init | the same again: -4019 leads to the list |
//! | data | the same offset again |
//! | finish | list: addresses mean done (after stat), slices mean go on |
//! | upload | stat: our SHA-1 means done; without a hash, upload again |
//! | delete | list |

use std::time::Duration;

use http::Request;
use resumable_core::kit::Ranges;
use resumable_core::{
    Answer, Authority, Body, Cx, Digest, Env, Happened, HashJob, HashKind, How, Intent, Lane, Limits, Lost, Manner,
    Next, Protocol, Rejection, Remains, SourceInfo, State, Step,
};

use crate::credential::Credential;
use crate::fault::Fault;
use crate::message::Boundary;
use crate::object::ObjectUrls;
use crate::op::Op;
use crate::options::{Integrity, Options};
use crate::place::Place;
use crate::session::{Call, Phase, Removal, Scratch, Session, Suspicion, Uploaded};
use crate::sha::Sha;
use crate::sign::{self, Signing};
use crate::stat::{Stat, StatReply};
use crate::upload_slice_data::{DataReply, UploadSliceData};
use crate::upload_slice_finish::{FinishReply, UploadSliceFinish};
use crate::upload_slice_init::{InitReply, UploadSliceInit};
use crate::upload_slice_list::ListReply;
use crate::uploadparts::uploadparts;
use crate::{delete, stat, upload, upload_slice_data, upload_slice_finish, upload_slice_init, upload_slice_list};

/// Distance of the states in `uploadparts`, in bytes: what the vendor's SDKs use, whatever the slice size.
const CHAIN: u64 = 1 << 20;

/// Tencent COS JSON API v2.
#[derive(Clone, Debug)]
pub struct CosV2 {
    place: Place,
    options: Options,
}

impl CosV2 {
    /// Uploads to `place`.
    pub fn new(place: Place, options: Options) -> Self {
        Self { place, options }
    }

    /// Where the object goes.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// `datalen` of every part but the last in `uploadparts`: at most a slice, so that tiny limits work too.
    fn chain(session: &Session) -> HashKind {
        HashKind::Sha1Chain { every: CHAIN.min(session.slice_size) }
    }
}

/// A decoded success of any call.
#[derive(Clone, Debug)]
pub enum Reply {
    /// To `upload`.
    Upload(upload::UploadReply),
    /// To `upload_slice_init`.
    Init(InitReply),
    /// To `upload_slice_data`.
    Data(DataReply),
    /// To `upload_slice_list`.
    List(ListReply),
    /// To `upload_slice_finish`.
    Finish(FinishReply),
    /// To `delete`.
    Delete(delete::DeleteReply),
    /// To `stat`.
    Stat(StatReply),
}

impl Protocol for CosV2 {
    const ID: &'static str = "cos-v2/1";
    const AUTHORITY: Authority = Authority::Vendor;
    type Credential = Credential;
    type Session = Session;
    type Scratch = Scratch;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Uploaded;
    type Fault = Fault;

    fn target(&self) -> String {
        self.place.uri().to_string()
    }

    fn open(&self, source: &SourceInfo) -> Session {
        Session::open(&self.options, source.len)
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        let Env { source, intent, .. } = cx.env;
        match &state.session.phase {
            Phase::Done { how, urls } => {
                return Next::Done(Uploaded { how: *how, urls: urls.clone(), sha: sha1(&cx.env).cloned() });
            }
            Phase::Gone => return Next::Left(Remains::Nothing),
            Phase::Taken if intent == Intent::Abandon => return Next::Left(Remains::Object),
            Phase::Taken => return Next::Fail(Fault::Exists),
            _ if cx.in_flight.iter().any(|call| !matches!(call, Call::Data { .. })) => return Next::Wait(None),
            Phase::Verify { .. } => return after_all(cx, Next::Call(Call::Stat)),
            _ if intent == Intent::Abandon => return after_all(cx, abandon(state, &cx.env)),
            Phase::Fresh if source.len > self.options.file_max => {
                return Next::Fail(Fault::FileTooBig { filesize: source.len });
            }
            _ => {}
        }
        if let Some(jobs) = missing_digests(&state.session, &cx.env) {
            return Next::Hash(jobs);
        }
        match &state.session.phase {
            Phase::Fresh if state.session.one_request => Next::Call(Call::Upload),
            Phase::Fresh => Next::Call(Call::Init),
            Phase::Leftover => Next::Call(Call::List),
            Phase::Stranger if !self.options.replace_unfinished || state.session.replaced => {
                Next::Fail(Fault::Occupied)
            }
            Phase::Stranger => match removal(state.scratch.removal) {
                Some(call) => Next::Call(call),
                None => Next::Fail(Fault::Occupied),
            },
            Phase::Open { slice_size, serial, .. } => data_or_finish(state, cx, *slice_size, *serial),
            Phase::Verify { .. } | Phase::Taken | Phase::Done { .. } | Phase::Gone => Next::Wait(None),
        }
    }

    fn manner(&self, call: &Call) -> Manner {
        let op = op(call);
        let lane = if matches!(call, Call::Data { .. } | Call::Upload) { Lane::Data } else { Lane::Api };
        // The vendor assembles up to 64 GiB before it answers a finish.
        let reply_within = Duration::from_secs(if matches!(call, Call::Finish) { 300 } else { 60 });
        let seals = matches!(call, Call::Upload | Call::Finish | Call::Delete);
        Manner { lane, seals, limits: Limits { reply_bytes: op.reply_bytes(), reply_within } }
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        let (place, session, filesize) = (&self.place, &state.session, cx.env.source.len);
        let signing = Signing::new(cx.credential, place, cx.env.now.unix, cx.env.nonce);
        let signature = match call {
            Call::Delete => sign::once_effect(&signing, &place.file_id()),
            _ => sign::multi_effect(&signing, self.options.signature_life, &place.file_id()),
        };
        let boundary = Boundary::from_nonce(cx.env.nonce);
        let sha = if session.hashed() { sha1(&cx.env).and_then(|digest| Sha::try_from(digest).ok()) } else { None };
        let (biz_attr, insert_only) = (self.options.biz_attr.clone(), session.insert_only);
        Ok(match (call, &session.phase) {
            (Call::Upload, _) => {
                let message = upload::Upload { filesize, sha, biz_attr, insert_only };
                upload::encode(place, &message, &signature, &boundary)
            }
            (Call::Init, _) => {
                let (slice_size, uploadparts) = (session.slice_size, uploadparts_of(session, &cx.env));
                let message = UploadSliceInit { filesize, slice_size, sha, uploadparts, biz_attr, insert_only };
                upload_slice_init::encode(place, &message, &signature, &boundary)
            }
            (Call::Data { offset, datalen }, Phase::Open { session, .. }) => {
                let message = UploadSliceData { session, offset: *offset, datalen: *datalen, sha };
                upload_slice_data::encode(place, &message, &signature, &boundary)
            }
            (Call::Finish, Phase::Open { session, .. }) => {
                let message = UploadSliceFinish { session, filesize, sha };
                upload_slice_finish::encode(place, &message, &signature, &boundary)
            }
            (Call::Data { .. } | Call::Finish, _) => return Err(Fault::Gone),
            (Call::List, _) => upload_slice_list::encode(place, &signature, &boundary),
            (Call::Delete, _) => delete::encode(place, &signature),
            (Call::Stat, _) => stat::encode(place, &signature),
        })
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        let response = &answer.response;
        match call {
            Call::Upload => upload::decode(response).map(Reply::Upload),
            Call::Init => upload_slice_init::decode(response).map(Reply::Init),
            Call::Data { offset, datalen } => upload_slice_data::decode(*offset, *datalen, response).map(Reply::Data),
            Call::List => upload_slice_list::decode(response).map(Reply::List),
            Call::Finish => upload_slice_finish::decode(response).map(Reply::Finish),
            Call::Delete => delete::decode(response).map(Reply::Delete),
            Call::Stat => stat::decode(response).map(Reply::Stat),
        }
    }

    fn apply(&self, state: &mut State<Self>, what: Happened<Self>, cx: &Cx<'_, Self>) -> Step<Fault> {
        match what {
            Happened::Hashed => Step::Forward,
            Happened::Unsure(call) => lost_reply(state, &call),
            Happened::Replied(_, Reply::Upload(reply)) => uploaded(state, reply, cx.env.source.len),
            Happened::Replied(_, Reply::Init(reply)) => opened(state, reply, cx.env.source.len),
            Happened::Replied(_, Reply::Data(reply)) => stored(state, &reply),
            Happened::Replied(_, Reply::List(reply)) => listed(state, reply, &cx.env),
            Happened::Replied(_, Reply::Finish(reply)) => finished(state, reply, cx.env.source.len),
            Happened::Replied(_, Reply::Delete(_)) => deleted(state, cx.env.intent),
            Happened::Replied(_, Reply::Stat(reply)) => looked(state, reply, &cx.env),
        }
    }

    fn confirmed(&self, session: &Session) -> u64 {
        session.confirmed
    }
}

fn op(call: &Call) -> Op {
    match call {
        Call::Upload => Op::Upload,
        Call::Init => Op::UploadSliceInit,
        Call::List => Op::UploadSliceList,
        Call::Data { .. } => Op::UploadSliceData,
        Call::Finish => Op::UploadSliceFinish,
        Call::Delete => Op::Delete,
        Call::Stat => Op::Stat,
    }
}

/// What needs a quiet moment: no slice may be on its way.
fn after_all(cx: &Cx<'_, CosV2>, then: Next<CosV2>) -> Next<CosV2> {
    if cx.in_flight.is_empty() { then } else { Next::Wait(None) }
}

/// The SHA-1 of the whole file.
fn sha1<'a>(env: &Env<'a>) -> Option<&'a Digest> {
    env.digest(HashKind::Sha1, &(0..env.source.len))
}

fn missing_digests(session: &Session, env: &Env<'_>) -> Option<Vec<HashJob>> {
    let range = 0..env.source.len;
    let job = |kind, keep| HashJob { kind, range: range.clone(), keep };
    let chain_wanted = session.integrity == Integrity::Chain && session.phase == Phase::Fresh && !session.one_request;
    let wanted = [(session.hashed(), HashKind::Sha1, true), (chain_wanted, CosV2::chain(session), false)];
    let missing = wanted.into_iter().filter(|(wanted, kind, _)| *wanted && env.digest(*kind, &range).is_none());
    let jobs: Vec<HashJob> = missing.map(|(_, kind, keep)| job(kind, keep)).collect();
    if jobs.is_empty() { None } else { Some(jobs) }
}

fn uploadparts_of(session: &Session, env: &Env<'_>) -> Option<String> {
    if session.integrity != Integrity::Chain {
        return None;
    }
    let HashKind::Sha1Chain { every } = CosV2::chain(session) else { return None };
    let chain = env.digest(HashKind::Sha1Chain { every }, &(0..env.source.len))?;
    uploadparts(every, env.source.len, chain).ok()
}

fn data_or_finish(state: &State<CosV2>, cx: &Cx<'_, CosV2>, slice_size: u64, serial: bool) -> Next<CosV2> {
    let Some(got) = &state.scratch.got else { return after_all(cx, Next::Call(Call::List)) };
    if serial && !cx.in_flight.is_empty() {
        return Next::Wait(None);
    }
    let busy = |at| cx.in_flight.iter().any(|call| matches!(call, Call::Data { offset, .. } if *offset == at));
    let ahead = slice_size.saturating_mul(4 * cx.env.window as u64);
    match got.next_missing(cx.env.source.len, slice_size, ahead, busy) {
        Some(slice) => Next::Call(Call::Data { offset: slice.start, datalen: slice.end - slice.start }),
        None if got.full(cx.env.source.len) => after_all(cx, Next::Call(Call::Finish)),
        None => Next::Wait(None),
    }
}

/// What stands between us and a delete; `None` when nothing may be deleted.
fn removal(known: Removal) -> Option<Call> {
    match known {
        Removal::Unknown => Some(Call::List),
        Removal::Unfinished => Some(Call::Stat),
        Removal::Vacant => Some(Call::Delete),
        Removal::Occupied => None,
    }
}

/// Only a session that is ours for certain is deleted.
fn abandon(state: &State<CosV2>, env: &Env<'_>) -> Next<CosV2> {
    let session = &state.session;
    // A one-request upload is in doubt until it is answered; an init may have been answered to a process that crashed.
    let never_asked = session.one_request || (session.hashed() && sha1(env).is_none());
    match &state.session.phase {
        Phase::Open { .. } => match removal(state.scratch.removal) {
            Some(call) => Next::Call(call),
            None => Next::Left(Remains::Parts),
        },
        Phase::Fresh if never_asked => Next::Left(Remains::Nothing),
        _ => Next::Left(Remains::Unknown),
    }
}

fn done(state: &mut State<CosV2>, how: How, urls: ObjectUrls, len: u64) -> Step<Fault> {
    state.session.confirmed = len;
    state.session.phase = Phase::Done { how, urls };
    Step::Forward
}

fn suspect(state: &mut State<CosV2>, why: Suspicion) -> Step<Fault> {
    state.session.phase = Phase::Verify { why };
    Step::Forward
}

/// Back to the beginning, as the core counts it.
fn lose_session(state: &mut State<CosV2>, why: Fault) -> Step<Fault> {
    state.session.phase = Phase::Fresh;
    state.session.confirmed = 0;
    state.scratch = Scratch::default();
    Step::Back { why, drop: Lost::Session }
}

fn lost_reply(state: &mut State<CosV2>, call: &Call) -> Step<Fault> {
    match call {
        Call::Upload if state.session.hashed() => return suspect(state, Suspicion::UploadUnsure),
        Call::Finish => state.scratch.got = None,
        Call::Delete => state.scratch.removal = Removal::Unknown,
        Call::Upload | Call::Init | Call::Data { .. } | Call::List | Call::Stat => {}
    }
    Step::Forward
}

fn uploaded(state: &mut State<CosV2>, reply: upload::UploadReply, len: u64) -> Step<Fault> {
    match reply {
        upload::UploadReply::Complete(urls) => done(state, How::OneRequest, urls, len),
        upload::UploadReply::Exists => suspect(state, Suspicion::Exists),
        upload::UploadReply::Same => suspect(state, Suspicion::Same),
    }
}

fn opened(state: &mut State<CosV2>, reply: InitReply, len: u64) -> Step<Fault> {
    match reply {
        InitReply::Opened { session, slice_size, serial_upload } => {
            state.scratch = Scratch { got: Some(Ranges::new()), ..Scratch::default() };
            let serial = serial_upload.unwrap_or(false);
            state.session.phase = Phase::Open { session, slice_size, serial };
            Step::Forward
        }
        InitReply::Complete(urls) => done(state, How::Instant, urls, len),
        InitReply::Unfinished => {
            state.session.phase = Phase::Leftover;
            Step::Forward
        }
        // Without a hash the vendor cannot know whose it is: the list shows whether it is ours to go on with.
        InitReply::OtherUnfinished if !state.session.hashed() => {
            state.session.phase = Phase::Leftover;
            Step::Forward
        }
        InitReply::OtherUnfinished => {
            state.session.phase = Phase::Stranger;
            Step::Forward
        }
        InitReply::Exists => suspect(state, Suspicion::Exists),
        InitReply::Same => suspect(state, Suspicion::Same),
    }
}

fn stored(state: &mut State<CosV2>, reply: &DataReply) -> Step<Fault> {
    if let Phase::Open { session, .. } = &state.session.phase
        && let Err(why) = reply.check_session(session)
    {
        return Step::Back { why, drop: Lost::Nothing };
    }
    if let Some(got) = &mut state.scratch.got {
        got.add(reply.offset..reply.offset + reply.datalen);
        state.session.confirmed = got.bytes();
    }
    Step::Forward
}

fn finished(state: &mut State<CosV2>, reply: FinishReply, len: u64) -> Step<Fault> {
    match reply {
        FinishReply::Complete(urls) => done(state, How::Parts, urls, len),
        FinishReply::SlicesMissing => {
            state.scratch.got = None;
            Step::Back { why: Fault::SlicesMissing, drop: Lost::Nothing }
        }
        FinishReply::Exists => suspect(state, Suspicion::Exists),
        FinishReply::Same => suspect(state, Suspicion::Same),
    }
}

fn deleted(state: &mut State<CosV2>, intent: Intent) -> Step<Fault> {
    state.session.replaced = true;
    state.session.phase = if intent == Intent::Abandon { Phase::Gone } else { Phase::Fresh };
    state.scratch = Scratch::default();
    Step::Forward
}

fn listed(state: &mut State<CosV2>, reply: ListReply, env: &Env<'_>) -> Step<Fault> {
    let ours = matches!(state.session.phase, Phase::Open { .. });
    match reply {
        ListReply::Nothing if ours && env.intent == Intent::Abandon => {
            state.session.phase = Phase::Gone;
            Step::Forward
        }
        ListReply::Nothing => lose_session(state, Fault::Gone),
        ListReply::Finished(_) if ours => suspect(state, Suspicion::OursListed),
        ListReply::Finished(_) => suspect(state, Suspicion::OtherListed),
        ListReply::Unfinished { session, slice_size, filesize, listparts, sha } => {
            let got: Ranges = listparts.iter().map(|part| part.offset..part.offset + part.datalen).collect();
            let found = Found { session, slice_size, filesize, sha, got };
            found_session(state, found, env)
        }
    }
}

/// A session was found: ours to go on with, ours to delete, or a stranger's.
fn found_session(state: &mut State<CosV2>, found: Found, env: &Env<'_>) -> Step<Fault> {
    let ours = found.is_ours(&state.session, env);
    match (&state.session.phase, env.intent) {
        (Phase::Stranger, _) => state.scratch.removal = Removal::Unfinished,
        (Phase::Open { .. }, Intent::Abandon) if ours => state.scratch.removal = Removal::Unfinished,
        (Phase::Open { .. }, Intent::Abandon) => state.session.phase = Phase::Gone,
        (Phase::Open { .. } | Phase::Leftover, _) if ours => {
            // The list never says whether slices may be sent side by side.
            let Found { session, slice_size, got, .. } = found;
            state.session.confirmed = got.bytes();
            state.session.phase = Phase::Open { session, slice_size, serial: true };
            state.scratch.got = Some(got);
        }
        // The vendor has another session now; init tells whether it is tied to our content.
        (Phase::Open { .. }, _) => return lose_session(state, Fault::Gone),
        _ => state.session.phase = Phase::Stranger,
    }
    Step::Forward
}

/// The vendor's word on what is at the path.
fn looked(state: &mut State<CosV2>, reply: StatReply, env: &Env<'_>) -> Step<Fault> {
    let there = match reply {
        StatReply::Object(stat) if is_whole(&stat) => Some(stat),
        StatReply::Object(_) | StatReply::Nothing => None,
    };
    let Phase::Verify { why } = state.session.phase else {
        state.scratch.removal = if there.is_some() { Removal::Occupied } else { Removal::Vacant };
        return Step::Forward;
    };
    let Some(stat) = there else {
        return match why {
            Suspicion::UploadUnsure => upload_again(state),
            _ => lose_session(state, Fault::Gone),
        };
    };
    match (likeness(&stat, why, env), why) {
        (Likeness::Ours, Suspicion::UploadUnsure) => done(state, How::OneRequest, stat.urls, env.source.len),
        (Likeness::Ours, Suspicion::OursListed) => done(state, How::Parts, stat.urls, env.source.len),
        (Likeness::Ours, _) => done(state, How::AlreadyThere, stat.urls, env.source.len),
        (Likeness::Unknown, Suspicion::UploadUnsure) => upload_again(state),
        (_, Suspicion::UploadUnsure) if !state.session.insert_only => upload_again(state),
        (_, Suspicion::OursListed | Suspicion::OtherListed) if !state.session.insert_only => {
            lose_session(state, Fault::Gone)
        }
        _ => refuse(state),
    }
}

fn upload_again(state: &mut State<CosV2>) -> Step<Fault> {
    state.session.phase = Phase::Fresh;
    Step::Forward
}

/// Somebody else's file is there.
fn refuse(state: &mut State<CosV2>) -> Step<Fault> {
    state.session.phase = Phase::Taken;
    Step::Forward
}

/// An unfinished upload that the list shows.
struct Found {
    session: String,
    slice_size: u64,
    filesize: Option<u64>,
    sha: Option<String>,
    got: Ranges,
}

impl Found {
    /// Ours: the saved session; or one that the vendor ties to our content; or one without bytes.
    fn is_ours(&self, session: &Session, env: &Env<'_>) -> bool {
        let length_fits = self.filesize.is_none_or(|filesize| filesize == env.source.len);
        let saved = matches!(&session.phase, Phase::Open { session, .. } if *session == self.session);
        let tied = match (sha1(env).and_then(|sha| Sha::try_from(sha).ok()), &self.sha) {
            _ if !session.hashed() => false,
            (Some(ours), Some(theirs)) => ours.is(theirs),
            (ours, _) => ours.is_some() && session.phase == Phase::Leftover,
        };
        let contradicted = session.hashed() && !tied && self.sha.is_some();
        let empty = self.got.bytes() == 0 && env.intent == Intent::Finish;
        length_fits && !contradicted && (saved || tied || empty)
    }
}

/// How much what is there is like our file.
enum Likeness {
    Ours,
    Other,
    Unknown,
}

fn likeness(stat: &Stat, why: Suspicion, env: &Env<'_>) -> Likeness {
    if stat.filesize.is_some_and(|filesize| filesize != env.source.len) {
        return Likeness::Other;
    }
    let ours = sha1(env).and_then(|sha| Sha::try_from(sha).ok());
    match (ours, &stat.sha) {
        (Some(ours), Some(theirs)) if ours.is(theirs) => Likeness::Ours,
        (Some(_), Some(_)) => Likeness::Other,
        // No digest to compare: the vendor's word on the content, or our own session at the right length.
        _ if why == Suspicion::Same => Likeness::Ours,
        _ if why == Suspicion::OursListed && stat.filesize.is_some() => Likeness::Ours,
        _ => Likeness::Unknown,
    }
}

/// An unfinished upload may show as an object of which less is there than its length.
fn is_whole(stat: &Stat) -> bool {
    match (stat.filelen, stat.filesize) {
        (Some(have), Some(all)) => have >= all,
        _ => true,
    }
}
