//! The upload itself: which call comes next, and what each answer means.
//!
//! ```text
//! Begin ─ by the facts that were saved:
//!   a call that may have completed the object ─ list ─ finished ─► Look
//!   a session of ours ─ list* ─ data* ─ finish ──────────────────► Done     * asked for once in every run
//!   neither ─ upload ────────────────────────────────────────────► Done
//!           └ init ─┬ session ─► data* …
//!                   ├ addresses ─────────────────────────────────► Done     instant, if our hash was given
//!                   ├ -4019 ─► Leftover ─ list ─ ours ─► data* …
//!                   ├ -4020 ─► Stranger ─ fail, or list, stat, delete ─► init
//!                   └ -177, -4018 ─► Look ─ stat ─ our SHA-1 ────► Done
//! ```
//!
//! What is saved are facts (our session's name, a call without an answer), never a verdict: what stands at the path is
//! asked of the vendor in every run.
//!
//! | call | after a lost reply |
//! |---|---|
//! | init | the same again: -4019 leads to the list |
//! | data | the same offset again |
//! | finish, upload | list; where it says finished, stat: our SHA-1 and length mean done; else the same again |
//! | delete | list |

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::time::Duration;

use http::Request;
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Digest, Env, HashJob, HashKind, Intent, Lane, Limits, Next,
    Occurrence, Protocol, Rejection, Remains, SourceInfo, State, Transition, starts_among,
};
use resumable_proto_cos::options::InvalidOptions;
use resumable_proto_cos::{Boundary, Credential, InvalidArgument, ObjectPath, Sha, Signing, Uploaded, sign};

use crate::fault::Fault;
use crate::op::Op;
use crate::options::{Integrity, Options};
use crate::session::{Call, Ephemeral, Init, Open, Phase, Proof, Removal, Session};
use crate::stat::StatReply;
use crate::upload_slice_data::{DataReply, UploadSliceData};
use crate::upload_slice_finish::{FinishReply, UploadSliceFinish};
use crate::upload_slice_init::{InitReply, UploadSliceInit};
use crate::upload_slice_list::ListReply;
use crate::uploadparts::uploadparts;
use crate::{
    Place, delete, stat, transitions, upload, upload_slice_data, upload_slice_finish, upload_slice_init,
    upload_slice_list,
};

/// Distance of the states in `uploadparts`, in bytes: what the vendor's SDKs use, whatever the slice size.
const CHAIN: u64 = 1 << 20;

/// How long it is believed that no finished object stands beside what is to be deleted.
const STALE: Duration = Duration::from_secs(10);

/// Tencent COS JSON API v2.
#[derive(Clone, Debug)]
pub struct CosV2 {
    place: Place,
    options: Options,
}

/// Uploads to `path` in the account's bucket, with default options. `endpoint` is like `https://sh.file.myqcloud.com`,
/// `appid` the account's number, `bucket` the bucket's name without it, `path` like `/dir/name`.
///
/// # Errors
/// When one of them cannot be used; the error names it.
pub fn at(endpoint: &str, appid: &str, bucket: &str, path: &str) -> Result<CosV2, InvalidArgument> {
    let place = Place::new(endpoint, appid, bucket, ObjectPath::new(path)?)?;
    Ok(CosV2::new(place, Options::default())?)
}

impl CosV2 {
    /// Uploads to `place`.
    ///
    /// # Errors
    /// When no request could be made by the options.
    pub fn new(place: Place, options: Options) -> Result<Self, InvalidOptions> {
        options.check()?;
        Ok(Self { place, options })
    }

    /// The same with these options.
    ///
    /// # Errors
    /// When no request could be made by the options.
    pub fn with_options(self, options: Options) -> Result<Self, InvalidOptions> {
        Self::new(self.place, options)
    }

    /// Where the object goes.
    pub fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// A file goes in one request if it is small enough and no session was ever asked for.
    fn one_request(&self, session: &Session, len: u64) -> bool {
        len <= self.options.one_request_most() && session.open.is_none() && session.init == Init::Never
    }

    fn missing_digests(&self, session: &Session, env: &Env<'_>) -> Option<Vec<HashJob>> {
        let len = env.source.len;
        let states = session.integrity == Integrity::Chain && session.open.is_none();
        let chain = states && !self.one_request(session, len);
        let wanted = [(session.hashed(), HashKind::Sha1, true), (chain, chain_of(session), false)];
        let missing = wanted.into_iter().filter(|(wanted, kind, _)| *wanted && env.digest(*kind, &(0..len)).is_none());
        let jobs: Vec<HashJob> = missing.map(|(_, kind, keep)| HashJob { kind, range: 0..len, keep }).collect();
        if jobs.is_empty() { None } else { Some(jobs) }
    }

    /// A stranger's unfinished upload is in the way.
    fn replace(&self, state: &State<Self>, env: &Env<'_>) -> Next<Self> {
        match removal(state.ephemeral.removal, env) {
            Some(call) if self.options.replace_unfinished => Next::Call(call),
            _ => Next::Fail(Fault::Occupied),
        }
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
    /// The session of the call is not known to the vendor: lost, or finished already.
    NoSession(Fault),
    /// The vendor computed another digest (-4016).
    Differs(Fault),
    /// Something is at the path already: the same content, as far as the vendor knows (-4018), or other (-177).
    Overtaken {
        /// The same.
        same: bool,
    },
    /// To `delete`.
    Delete(delete::DeleteReply),
    /// To `stat`.
    Stat(StatReply),
}

impl Protocol for CosV2 {
    const ID: &'static str = "cos-v2/1";
    type Credential = Credential;
    type Session = Session;
    type Ephemeral = Ephemeral;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Uploaded;
    type Fault = Fault;

    fn target(&self) -> String {
        self.place.uri().to_string()
    }

    fn open(&self, source: &SourceInfo, _: u128) -> Session {
        Session::new(&self.options, source)
    }

    fn validate(&self, session: &Session, source: &SourceInfo) -> Result<(), String> {
        session.validate(source.len, &self.options)
    }

    fn authority(&self, _: &Session) -> Authority {
        Authority::Vendor
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        let (State { session, ephemeral }, env) = (state, &cx.env);
        let sha = || HashJob { kind: HashKind::Sha1, range: 0..env.source.len, keep: true };
        if let (Some(why), Intent::Finish) = (&ephemeral.refused, env.intent) {
            return cx.when_idle(Next::Fail(why.clone()));
        }
        match ephemeral.phase {
            Phase::Done(how) => {
                let sha = sha1(env).filter(|_| ephemeral.proof == Proof::Compared).cloned();
                return Next::Done(Uploaded::new(how, ephemeral.urls.clone(), sha));
            }
            Phase::Gone => return Next::Left(Remains::Nothing),
            Phase::Taken if env.intent == Intent::Abandon => return Next::Left(Remains::Object),
            Phase::Taken => return Next::Fail(Fault::Exists),
            Phase::Occupied => return Next::Fail(Fault::Occupied),
            Phase::Hidden => return Next::Fail(Fault::Hidden),
            _ if cx.in_flight.iter().any(|call| !matches!(call, Call::Data { .. })) => return Next::Wait(None),
            Phase::Look(_) if ephemeral.seen.is_some() && env.intent == Intent::Abandon => {
                return Next::Left(Remains::Object);
            }
            Phase::Look(_) if ephemeral.seen.is_some() => return Next::Hash(vec![sha()]),
            Phase::Look(_) => return cx.when_idle(Next::Call(Call::Stat)),
            Phase::Begin if session.claim.is_some() && session.open.is_none() => return Next::Call(Call::List),
            _ if env.intent == Intent::Abandon => return cx.when_idle(abandon(state, env)),
            Phase::Begin | Phase::Leftover | Phase::Stranger => {}
        }
        if env.source.len > self.options.file_max {
            return Next::Fail(Fault::FileTooBig { filesize: env.source.len });
        }
        if let Some(jobs) = self.missing_digests(session, env) {
            return Next::Hash(jobs);
        }
        match (ephemeral.phase, &session.open) {
            (Phase::Stranger, _) => self.replace(state, env),
            (Phase::Leftover, _) => Next::Call(Call::List),
            (_, Some(_)) if session.distrusted => cx.when_idle(discard(state, env)),
            (_, Some(open)) => data_or_finish(state, cx, open),
            (_, None) if self.one_request(session, env.source.len) => Next::Call(Call::Upload),
            (_, None) => Next::Call(Call::Init),
        }
    }

    fn name(call: &Call) -> &'static str {
        op(call).name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn props(&self, call: &Call) -> CallProps {
        let carries_source = matches!(call, Call::Data { .. } | Call::Upload);
        let lane = if carries_source { Lane::Data } else { Lane::Api };
        // The vendor assembles up to 64 GiB before it answers a finish.
        let reply_within = Duration::from_secs(if matches!(call, Call::Finish) { 300 } else { 60 });
        // Without a hash nothing else ties a session to us than that we remember to have asked for one.
        let remembered = matches!(call, Call::Init) && self.options.integrity == Integrity::None;
        let commits = matches!(call, Call::Upload | Call::Finish | Call::Delete) || remembered;
        CallProps {
            lane,
            carries_source,
            commits,
            digested: self.options.integrity != Integrity::None,
            limits: Limits { reply_bytes: op(call).reply_bytes(), reply_within },
        }
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        let (place, session, filesize) = (&self.place, &state.session, cx.env.source.len);
        let signing = Signing::new(cx.credential, place, cx.env.now.unix, cx.env.nonce);
        let signature = match call {
            Call::Delete => sign::once_effect(&signing, &place.file_id()),
            _ => sign::multi_effect(&signing, self.options.signature_life, &place.file_id()),
        };
        let boundary = Boundary::from_nonce(cx.env.nonce);
        let sha = Sha::of_source(&cx.env).filter(|_| session.hashed());
        let (biz_attr, insert_only) = (self.options.biz_attr.clone(), self.options.insert_only);
        Ok(match (call, &session.open) {
            (Call::Upload, _) => {
                let message = upload::Upload { filesize, sha, biz_attr, insert_only };
                upload::encode(place, &message, &signature, &boundary)
            }
            (Call::Init, _) => {
                let (slice_size, uploadparts) = (session.slice_size, uploadparts_of(session, &cx.env));
                let message = UploadSliceInit { filesize, slice_size, sha, uploadparts, biz_attr, insert_only };
                upload_slice_init::encode(place, &message, &signature, &boundary)
            }
            (Call::Data { offset, datalen }, Some(Open { session, .. })) => {
                let message = UploadSliceData { session, offset: *offset, datalen: *datalen, sha };
                upload_slice_data::encode(place, &message, &signature, &boundary)
            }
            (Call::Finish, Some(Open { session, .. })) => {
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
        let reply = match call {
            Call::Upload => upload::decode(response).map(Reply::Upload),
            Call::Init => upload_slice_init::decode(response).map(Reply::Init),
            Call::Data { offset, datalen } => upload_slice_data::decode(*offset, *datalen, response).map(Reply::Data),
            Call::List => upload_slice_list::decode(response).map(Reply::List),
            Call::Finish => upload_slice_finish::decode(response).map(Reply::Finish),
            Call::Delete => delete::decode(response).map(Reply::Delete),
            Call::Stat => stat::decode(response).map(Reply::Stat),
        };
        reply.or_else(|refused| verdicts(call, refused))
    }

    fn apply(&self, state: &mut State<Self>, what: Occurrence<Call, Reply>, cx: &Cx<'_, Self>) -> Transition<Fault> {
        let (env, options, len) = (&cx.env, &self.options, cx.env.source.len);
        match what {
            Occurrence::Hashed => transitions::hashed(state, options, env),
            Occurrence::Unsure(call) => transitions::lost_reply(state, &call),
            Occurrence::Replied(call, Reply::NoSession(why)) => transitions::no_session(state, &call, why),
            Occurrence::Replied(call, Reply::Differs(why)) => transitions::differs(state, &call, why),
            Occurrence::Replied(_, Reply::Overtaken { same }) => transitions::overtaken(state, same),
            Occurrence::Replied(_, Reply::Upload(reply)) => transitions::uploaded(state, reply, len),
            Occurrence::Replied(_, Reply::Init(reply)) => transitions::opened(state, reply, len),
            Occurrence::Replied(_, Reply::Data(reply)) => transitions::stored(state, &reply),
            Occurrence::Replied(_, Reply::List(reply)) => transitions::listed(state, reply, env),
            Occurrence::Replied(_, Reply::Finish(reply)) => transitions::finished(state, reply, len),
            Occurrence::Replied(_, Reply::Delete(reply)) => transitions::deleted(state, reply, env.intent),
            Occurrence::Replied(_, Reply::Stat(reply)) => transitions::looked(state, reply, options, env),
        }
    }

    fn confirmed(&self, session: &Session) -> u64 {
        session.confirmed
    }
}

/// Refusals that tell of our session or our content: `apply` knows what they mean, for it has the state.
fn verdicts(call: &Call, refused: Rejection<Fault>) -> Result<Reply, Rejection<Fault>> {
    let sliced = matches!(call, Call::Data { .. } | Call::Finish);
    match (refused.fault.code(), refused.advice) {
        // What an unknown session is answered with is not documented; -5999 may be that, and the list tells.
        (_, Advice::Restart) | (Some(-5999), _) if sliced => Ok(Reply::NoSession(refused.fault)),
        (_, Advice::Rehash) if sliced || *call == Call::Upload => Ok(Reply::Differs(refused.fault)),
        (Some(-4018), _) if sliced => Ok(Reply::Overtaken { same: true }),
        (Some(-177), _) if sliced => Ok(Reply::Overtaken { same: false }),
        _ => Err(refused),
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

/// The SHA-1 of the whole file, once it is known.
fn sha1<'a>(env: &Env<'a>) -> Option<&'a Digest> {
    env.digest(HashKind::Sha1, &(0..env.source.len))
}

/// The states for `uploadparts`: at most a slice apart, so that tiny limits work too.
fn chain_of(session: &Session) -> HashKind {
    HashKind::Sha1Chain { every: CHAIN.min(session.slice_size) }
}

fn uploadparts_of(session: &Session, env: &Env<'_>) -> Option<String> {
    if session.integrity != Integrity::Chain {
        return None;
    }
    let HashKind::Sha1Chain { every } = chain_of(session) else { return None };
    let chain = env.digest(HashKind::Sha1Chain { every }, &(0..env.source.len))?;
    uploadparts(every, env.source.len, chain).ok()
}

fn data_or_finish(state: &State<CosV2>, cx: &Cx<'_, CosV2>, open: &Open) -> Next<CosV2> {
    let Some(got) = &state.ephemeral.got else { return cx.when_idle(Next::Call(Call::List)) };
    if open.serial && !cx.in_flight.is_empty() {
        return Next::Wait(None);
    }
    let busy =
        starts_among(cx.in_flight, |call| if let Call::Data { offset, .. } = call { Some(*offset) } else { None });
    let ahead = open.slice_size.saturating_mul(4 * cx.env.window as u64);
    match got.next_missing(cx.env.source.len, open.slice_size, ahead, busy) {
        Some(slice) => Next::Call(Call::Data { offset: slice.start, datalen: slice.end - slice.start }),
        None if got.full(cx.env.source.len) => cx.when_idle(Next::Call(Call::Finish)),
        None => Next::Wait(None),
    }
}

/// What stands between us and a delete; `None` when nothing may be deleted. What was seen a while ago proves nothing.
fn removal(known: Removal, env: &Env<'_>) -> Option<Call> {
    match known {
        Removal::Unknown => Some(Call::List),
        Removal::Unfinished => Some(Call::Stat),
        Removal::Vacant { at } if env.now.mono.saturating_sub(at) > STALE => Some(Call::List),
        Removal::Vacant { .. } => Some(Call::Delete),
        Removal::Occupied => None,
    }
}

/// Our session holds other content than it should: it is deleted.
fn discard(state: &State<CosV2>, env: &Env<'_>) -> Next<CosV2> {
    match removal(state.ephemeral.removal, env) {
        Some(call) => Next::Call(call),
        None => Next::Fail(Fault::Occupied),
    }
}

/// Only a session that is ours for certain is deleted.
fn abandon(state: &State<CosV2>, env: &Env<'_>) -> Next<CosV2> {
    match (&state.session.open, removal(state.ephemeral.removal, env)) {
        (Some(_), Some(call)) => Next::Call(call),
        (Some(_), None) => Next::Left(Remains::Parts),
        (None, _) if state.session.init != Init::Never => Next::Left(Remains::Unknown),
        (None, _) => Next::Left(Remains::Nothing),
    }
}
