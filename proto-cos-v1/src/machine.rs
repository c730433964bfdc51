//! The upload itself: which call comes next, and what each answer means.
//!
//! ```text
//! hash ─ by the facts that were saved:
//!   small, and no call of ours without an answer ─ upload ─► Done
//!   else ─ Ask ─ init ─┬ addresses ────────────────────────► Done     instant, or ours: the vendor goes by our hash
//!                      ├ offset ─► Send ─ slice* ─ addresses ► Done
//!                      ├ offset = length ─► Look ─ stat ─ ours ► Done
//!                      │                    └ not there ─► Nudge ─ last slice again ─► Ask
//!                      └ -177, -4018 ─► Look ─ stat ─ our SHA-1 ► Done
//! ```
//!
//! There is no call to finish and no list. The slice that arrives last completes the object, and an init is the probe for
//! everything: by path and hash the vendor knows the upload again, and says how far it is.
//!
//! | call | after a lost reply |
//! |---|---|
//! | init | the same again |
//! | slice | init: go on at its offset |
//! | last slice, upload | init: addresses mean done, else go on at its offset; an empty file: stat |
//!
//! A slice that was acknowledged although it was the last missing one, without an address, is treated like a lost reply.

use alloc::string::{String, ToString};
use core::ops::Range;
use core::time::Duration;

use http::Request;
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Env, HashJob, HashKind, Intent, Lane, Limits, Next, Occurrence,
    Protocol, Ranges, Rejection, Remains, SourceInfo, State, Transition,
};
use resumable_proto_cos::options::InvalidOptions;
use resumable_proto_cos::sign::{self, Signing};
use resumable_proto_cos::{Boundary, Credential, InvalidArgument, ObjectPath, Sha, Uploaded};

use crate::fault::Fault;
use crate::limits::REPLY_BYTES;
use crate::op::Op;
use crate::options::Options;
use crate::session::{Call, Claim, Ephemeral, Open, Order, Phase, Remote, Session};
use crate::stat::StatReply;
use crate::upload::UploadReply;
use crate::upload_slice::{SliceReply, UploadSlice};
use crate::upload_slice_init::{InitReply, UploadSliceInit};
use crate::{Place, stat, transitions, upload, upload_slice, upload_slice_init};

/// Tencent COS JSON API v1.
#[derive(Clone, Debug)]
pub struct CosV1 {
    place: Place,
    options: Options,
}

/// Uploads to `path` in the account's bucket, with default options. `endpoint` is like `http://web.file.myqcloud.com`,
/// `appid` the account's number, `bucket` the bucket's name without it, `path` like `/dir/name`.
///
/// # Errors
/// When one of them cannot be used; the error names it.
pub fn at(endpoint: &str, appid: &str, bucket: &str, path: &str) -> Result<CosV1, InvalidArgument> {
    let place = Place::new(endpoint, appid, bucket, ObjectPath::new(path)?)?;
    Ok(CosV1::new(place, Options::default())?)
}

impl CosV1 {
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

    /// A file goes in one request if it is small enough and nothing of it may be there already.
    fn one_request(&self, session: &Session, len: u64) -> bool {
        len <= self.options.one_request_most() && session.open.is_none() && session.claim.is_none()
    }

    fn remains(&self, state: &State<Self>, env: &Env<'_>) -> Remains {
        let len = env.source.len;
        let asked = Sha::of_source(env).is_some() && len > self.options.one_request_most();
        match (&state.session.open, state.ephemeral.left) {
            (Some(_), _) => Remains::Parts,
            (None, Some(Remote::Object)) => Remains::Object,
            (None, _) if state.ephemeral.phase == Phase::Taken => Remains::Object,
            (None, _) if asked => Remains::Unknown,
            (None, _) => Remains::Nothing,
        }
    }
}

/// A decoded success of any call.
#[derive(Clone, Debug)]
pub enum Reply {
    /// To `upload`.
    Upload(UploadReply),
    /// To an init.
    Init(InitReply),
    /// To a slice.
    Slice(SliceReply),
    /// To `stat`.
    Stat(StatReply),
    /// The session of the call is not known to the vendor, or could not be put together (-288).
    NoSession(Fault),
    /// The vendor computed another digest.
    Differs(Fault),
    /// Something is at the path already: the same content, as far as the vendor knows (-4018), or other (-177).
    Overtaken {
        /// The same.
        same: bool,
    },
}

impl Protocol for CosV1 {
    const ID: &'static str = "cos-v1/1";
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

    fn open(&self, _: &SourceInfo, _: u128) -> Session {
        Session::new(&self.options)
    }

    fn validate(&self, session: &Session, source: &SourceInfo) -> Result<(), String> {
        session.validate(source.len, &self.options)
    }

    fn authority(&self, session: &Session) -> Authority {
        session.authority()
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        let (State { session, ephemeral }, env, len) = (state, &cx.env, cx.env.source.len);
        let sha = (HashKind::Sha1, 0..len);
        if let (Some(why), Intent::Finish) = (&ephemeral.refused, env.intent) {
            return cx.when_idle(Next::Fail(why.clone()));
        }
        match ephemeral.phase {
            Phase::Done(how) => {
                let (urls, sha) = (ephemeral.urls.clone(), env.digest(sha.0, &sha.1).cloned());
                return Next::Done(Uploaded::new(how, urls, sha));
            }
            _ if cx.in_flight.iter().any(|call| !matches!(call, Call::Slice { .. })) => return Next::Wait(None),
            _ if env.intent == Intent::Abandon => return cx.when_idle(self.abandon(state, env)),
            Phase::Taken => return Next::Fail(Fault::Exists),
            Phase::Look(_) => return cx.when_idle(Next::Call(Call::Stat)),
            Phase::Ask | Phase::Send | Phase::Nudge => {}
        }
        if len > self.options.file_max {
            return Next::Fail(Fault::FileTooBig { filesize: len, file_max: self.options.file_max });
        }
        if env.digest(sha.0, &sha.1).is_none() {
            return Next::Hash(vec![HashJob { kind: sha.0, range: sha.1, keep: true }]);
        }
        match (ephemeral.phase, &session.open) {
            _ if self.one_request(session, len) => Next::Call(Call::Upload),
            (Phase::Nudge, Some(open)) => cx.when_idle(Next::Call(last_slice(open, len))),
            (Phase::Send, Some(open)) => send(session, open, cx),
            _ => cx.when_idle(Next::Call(probe(session, len))),
        }
    }

    fn name(call: &Call) -> &'static str {
        match call {
            Call::Upload => Op::Upload,
            Call::Init { .. } => Op::Init,
            Call::Slice { .. } => Op::Slice,
            Call::Stat => Op::Stat,
        }
        .name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn props(&self, call: &Call) -> CallProps {
        let carries_source = matches!(call, Call::Slice { .. } | Call::Upload);
        let lane = if carries_source { Lane::Data } else { Lane::Api };
        let last = matches!(call, Call::Slice { last: true, .. });
        // The vendor assembles up to 64 GiB before it answers the last slice.
        let reply_within = Duration::from_secs(if last { 300 } else { 60 });
        let commits = last || *call == Call::Upload;
        CallProps {
            lane,
            carries_source,
            commits,
            digested: true,
            limits: Limits { reply_bytes: REPLY_BYTES, reply_within },
        }
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        let (place, session, filesize) = (&self.place, &state.session, cx.env.source.len);
        let signing = Signing::new(cx.credential, place, cx.env.now.unix, cx.env.nonce);
        let signature = sign::multi_effect(&signing, self.options.signature_life, &place.file_id());
        let boundary = Boundary::from_nonce(cx.env.nonce);
        let (biz_attr, insert_only) = (&self.options.biz_attr, self.options.insert_only);
        let sha = Sha::of_source(&cx.env);
        Ok(match (call, &session.open, sha) {
            (Call::Upload, _, sha) => {
                let message = upload::Upload { filesize, sha, biz_attr: biz_attr.clone(), insert_only };
                upload::encode(place, &message, &signature, &boundary)
            }
            (Call::Init { .. }, open, Some(sha)) => {
                let message = UploadSliceInit {
                    sha,
                    filesize,
                    slice_size: Some(session.slice_size),
                    biz_attr: biz_attr.as_deref(),
                    session: open.as_ref().map(|open| open.session.as_str()),
                    insert_only: Some(insert_only),
                };
                upload_slice_init::encode(place, &message, &signature, &boundary)
            }
            (Call::Slice { offset, datalen, .. }, Some(Open { session, .. }), _) => {
                let message = UploadSlice { session, offset: *offset, datalen: *datalen, sha: None };
                upload_slice::encode(place, &message, &signature, &boundary)
            }
            (Call::Init { .. } | Call::Slice { .. }, ..) => return Err(Fault::Gone),
            (Call::Stat, ..) => stat::encode(place, &signature),
        })
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        let response = &answer.response;
        let reply = match call {
            Call::Upload => upload::decode(response).map(Reply::Upload),
            Call::Init { .. } => upload_slice_init::decode(response).map(Reply::Init),
            Call::Slice { .. } => upload_slice::decode(response).map(Reply::Slice),
            Call::Stat => return stat::decode(response).map(Reply::Stat),
        };
        reply.or_else(|refused| verdicts(call, refused))
    }

    fn apply(&self, state: &mut State<Self>, what: Occurrence<Call, Reply>, cx: &Cx<'_, Self>) -> Transition<Fault> {
        let (env, options, len) = (&cx.env, &self.options, cx.env.source.len);
        match what {
            Occurrence::Hashed => Transition::Forward,
            Occurrence::Unsure(call) => transitions::lost_reply(state, &call),
            Occurrence::Replied(_, Reply::Upload(reply)) => transitions::uploaded(state, reply, len),
            Occurrence::Replied(_, Reply::Init(reply)) => transitions::initiated(state, reply, len),
            Occurrence::Replied(call, Reply::Slice(reply)) => transitions::stored(state, &call, reply, len),
            Occurrence::Replied(_, Reply::Stat(reply)) => transitions::looked(state, reply, options, env),
            Occurrence::Replied(call, Reply::NoSession(why)) => transitions::no_session(state, &call, why),
            Occurrence::Replied(call, Reply::Differs(why)) => transitions::differs(state, &call, why),
            Occurrence::Replied(_, Reply::Overtaken { same }) => transitions::overtaken(state, same),
        }
    }

    fn confirmed(&self, session: &Session) -> u64 {
        session.got.contiguous()
    }
}

impl CosV1 {
    /// There is no call to take an upload back: all that can be found out is whether it is complete.
    fn abandon(&self, state: &State<Self>, env: &Env<'_>) -> Next<Self> {
        let suspected = state.session.claim.is_some() || matches!(state.ephemeral.phase, Phase::Look(_));
        if suspected && state.ephemeral.left.is_none() && state.ephemeral.phase != Phase::Taken {
            return Next::Call(Call::Stat);
        }
        Next::Left(self.remains(state, env))
    }
}

/// Refusals that tell of our session or our content: `apply` knows what they mean, for it has the state.
fn verdicts(call: &Call, refused: Rejection<Fault>) -> Result<Reply, Rejection<Fault>> {
    let slice = matches!(call, Call::Slice { .. });
    let in_session = slice || matches!(call, Call::Init { with_session: true });
    match (refused.fault.code(), refused.advice) {
        (_, Advice::Restart) => Ok(Reply::NoSession(refused.fault)),
        // What an unknown session is answered with is not documented; these may be that.
        (Some(-197 | -5999), _) if in_session => Ok(Reply::NoSession(refused.fault)),
        (_, Advice::Rehash) => Ok(Reply::Differs(refused.fault)),
        (Some(-4018), _) if slice => Ok(Reply::Overtaken { same: true }),
        (Some(-177), _) if slice => Ok(Reply::Overtaken { same: false }),
        _ => Err(refused),
    }
}

/// Where is the vendor? An empty file has no slices that an init could ask for.
fn probe(session: &Session, len: u64) -> Call {
    match (len, session.claim) {
        (0, Some(Claim::Upload)) => Call::Stat,
        _ => Call::Init { with_session: session.open.is_some() },
    }
}

fn last_slice(open: &Open, len: u64) -> Call {
    let last = len.saturating_sub(1);
    let offset = last - last % open.slice_size.max(1);
    Call::Slice { offset, datalen: len - offset, last: true }
}

fn send(session: &Session, open: &Open, cx: &Cx<'_, CosV1>) -> Next<CosV1> {
    let (len, quiet) = (cx.env.source.len, cx.in_flight.is_empty());
    let window = match session.order {
        Order::OneByOne if !quiet => return Next::Wait(None),
        Order::OneByOne => 1,
        Order::SideBySide => cx.env.window as u64,
    };
    match missing(&session.got, cx.in_flight, open.slice_size, window, len) {
        Some(slice) if slice.end == len => cx.when_idle(Next::Call(slice_call(&slice, len))),
        Some(slice) => Next::Call(slice_call(&slice, len)),
        None => cx.when_idle(Next::Call(probe(session, len))),
    }
}

fn slice_call(slice: &Range<u64>, len: u64) -> Call {
    Call::Slice { offset: slice.start, datalen: slice.end - slice.start, last: slice.end == len }
}

/// The next slice to send: neither acknowledged nor on its way, and less than a window after the first missing byte. Only
/// the last slice of the file, and one before a gap's end, is shorter than the others.
fn missing(got: &Ranges, in_flight: &[Call], slice_size: u64, window: u64, len: u64) -> Option<Range<u64>> {
    let horizon = got.contiguous().saturating_add(slice_size.saturating_mul(window)).min(len);
    let mut taken = got.clone();
    for call in in_flight {
        if let Call::Slice { offset, datalen, .. } = call {
            taken.add(*offset..offset.saturating_add(*datalen));
        }
    }
    let at = taken.contiguous();
    let gap_end = taken.iter().map(|range| range.start).find(|start| *start > at).unwrap_or(len);
    (at < horizon).then(|| at..at.saturating_add(slice_size).min(gap_end))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    proptest! {
        /// Slices are acknowledged in any order; what was there before is anywhere.
        #[test]
        fn slices_cover_what_is_missing_once(
            before in prop::collection::vec((0u64..200, 0u64..40), 0..4),
            (len, slice_size, window) in (1u64..200, 1u64..50, 1u64..6),
            order in prop::collection::vec(any::<Index>(), 1..20),
        ) {
            let clip = |(start, size): &(u64, u64)| (*start).min(len)..(start + size).min(len);
            let mut got: Ranges = before.iter().map(clip).collect();
            let (had, mut sent, mut in_flight) = (got.clone(), Ranges::new(), Vec::new());
            for step in 0..1_000 {
                if got.full(len) {
                    break;
                }
                if let Some(slice) = missing(&got, &in_flight, slice_size, window, len) {
                    prop_assert!(slice.start < slice.end && slice.end <= len && slice.end - slice.start <= slice_size);
                    prop_assert!(!had.overlaps(&slice) && !sent.overlaps(&slice), "{slice:?} is sent again");
                    prop_assert!(slice.start < got.contiguous() + slice_size * window, "{slice:?} is too far ahead");
                    let ends_early = slice.end == len || had.contains(&(slice.end..slice.end + 1));
                    prop_assert!(slice.end - slice.start == slice_size || ends_early, "{slice:?}");
                    sent.add(slice.clone());
                    in_flight.push(slice_call(&slice, len));
                } else {
                    prop_assert!(!in_flight.is_empty(), "nothing is on its way, and nothing is sent");
                    let Call::Slice { offset, datalen, last } =
                        in_flight.swap_remove(order[step % order.len()].index(in_flight.len()))
                    else {
                        panic!("no slice")
                    };
                    prop_assert_eq!(last, offset + datalen == len);
                    got.add(offset..offset + datalen);
                }
            }
            prop_assert!(got.full(len));
        }
    }
}
