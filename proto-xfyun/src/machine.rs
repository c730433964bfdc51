//! The upload itself: which call comes next, and what each answer means.
//!
//! ```text
//! Fresh ─┬─ small or empty ─ upload ────────────────────────────────► Complete
//!        └─ init ─► Open ─ slice* ─ all acknowledged ─ complete ────► Complete
//!                     │                                  └ lost, then 10005: the url is lost ─► Fresh, once
//!                     ├─ 10005, or 10001 to a slice that may be there ─► Fresh, within the restarts
//!                     └─ abandoned ─ cancel ─► left: nothing, or what nobody can name
//! ```
//!
//! The vendor can be asked nothing: what it has acknowledged, and what was saved of that, is all that is known.
//!
//! | call | after a lost reply |
//! |---|---|
//! | upload | the same again; a copy whose url nobody knows may be left |
//! | init | the same again; an upload without slices, whose id nobody knows, may be left |
//! | slice | the same id again; 10001 then means that the vendor may take a slice only once: from the start |
//! | complete | the same again; 10005 then means that the file is there and its url lost: once more from the start |
//! | cancel | the same again; 10005 then means that nothing is left |

use alloc::string::{String, ToString};
use core::time::Duration;

use http::Request;
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Intent, Lane, Limits, Next, Occurrence, Protocol, Rejection,
    Remains, SourceInfo, State, Transition, starts_among,
};

use crate::app::{App, ENDPOINT};
use crate::argument::InvalidArgument;
use crate::credential::Credential;
use crate::fault::Fault;
use crate::limits::REPLY_BYTES;
use crate::message::{Boundary, FILE, RequestId};
use crate::mpupload_init::Opened;
use crate::mpupload_upload::Slice;
use crate::op::Op;
use crate::options::{InvalidOptions, Options};
use crate::session::{Call, Ephemeral, Open, Session, Stage, Uploaded, Verdict};
use crate::sign::Signing;
use crate::slicing::Way;
use crate::upload::{Stored, Upload};
use crate::{mpupload_cancel, mpupload_complete, mpupload_init, mpupload_upload, transitions, upload};

/// iFLYTEK OST file upload.
#[derive(Clone, Debug)]
pub struct Xfyun {
    app: App,
    options: Options,
}

/// Uploads for the application `app_id` at the vendor's own endpoint, with default options.
///
/// # Errors
/// When the `app_id` is none.
pub fn at(app_id: &str) -> Result<Xfyun, InvalidArgument> {
    Ok(Xfyun::new(App::new(ENDPOINT, app_id, None)?, Options::default())?)
}

impl Xfyun {
    /// Uploads for `app`.
    ///
    /// # Errors
    /// When the options are such that the vendor, or nobody, could go by them.
    pub fn new(app: App, options: Options) -> Result<Self, InvalidOptions> {
        options.check()?;
        Ok(Self { app, options })
    }

    /// The same with these options.
    ///
    /// # Errors
    /// As with [`Xfyun::new`].
    pub fn with_options(self, options: Options) -> Result<Self, InvalidOptions> {
        Self::new(self.app, options)
    }

    /// Where files go.
    pub fn app(&self) -> &App {
        &self.app
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// How the file goes: what is open keeps to how it was opened, what is not goes by the options of today.
    fn way(&self, session: &Session) -> Way {
        session.open().map_or_else(|| Way::of(&self.options, session.len), |open| Way::Slices(open.slicing))
    }

    /// Slices in order; what is in flight or acknowledged is not sent.
    fn slice_or_complete(&self, open: &Open, cx: &Cx<'_, Self>) -> Next<Self> {
        if !self.options.parallel && !cx.in_flight.is_empty() {
            return Next::Wait(None);
        }
        let index = |call: &Call| if let Call::Slice { slice_id } = call { slice_id.checked_sub(1) } else { None };
        let busy = starts_among(cx.in_flight, index);
        let ahead = 4 * cx.env.window as u64;
        match open.acknowledged.next_missing(open.slicing.count(), 1, ahead, busy) {
            Some(slice) => Next::Call(Call::Slice { slice_id: slice.end }),
            None if cx.in_flight.is_empty() && open.is_whole() => Next::Call(Call::Complete),
            None => Next::Wait(None),
        }
    }
}

/// A decoded success of any call.
#[derive(Clone, Debug)]
pub enum Reply {
    /// To `upload` and `complete`.
    Stored(Stored),
    /// To `init`.
    Opened(Opened),
    /// To a slice.
    Acknowledged,
    /// To `cancel`.
    Cancelled,
    /// 10005: the vendor does not know the upload of this call.
    Gone(Fault),
    /// 10001 to a slice: it is wrong, or the vendor has it already. 10001 to `cancel`: what is left stays.
    Refused(Fault),
    /// A code that nobody explains, under HTTP 500: the end, and the call may have had its effect.
    Unexplained(Fault),
}

/// The code of a slice that is refused, whatever is wrong with it.
const PARAMETER: i64 = 10_001;

impl Protocol for Xfyun {
    const ID: &'static str = "xfyun-ost/1";
    type Credential = Credential;
    type Session = Session;
    type Ephemeral = Ephemeral;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Uploaded;
    type Fault = Fault;

    fn target(&self) -> String {
        self.app.to_string()
    }

    fn open(&self, source: &SourceInfo, _: u128) -> Session {
        Session::new(&self.options, source.len)
    }

    fn validate(&self, session: &Session, source: &SourceInfo) -> Result<(), String> {
        session.validate(source.len, &self.options.limits)
    }

    fn authority(&self, _: &Session) -> Authority {
        Authority::Checkpoint
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        let (State { session, ephemeral }, intent) = (state, cx.env.intent);
        if let Stage::Complete { how, url } = &session.stage {
            return Next::Done(Uploaded { how: *how, url: url.clone(), orphans: session.orphans });
        }
        if cx.in_flight.iter().any(|call| !matches!(call, Call::Slice { .. })) {
            return Next::Wait(None);
        }
        if intent == Intent::Abandon {
            return match &ephemeral.uncancellable {
                Some(why) => Next::Fail(why.clone()),
                None => abandon(session, cx),
            };
        }
        if let Some(fault) = &ephemeral.verdict {
            return Next::Fail(fault.clone());
        }
        if session.open().is_some_and(|open| open.verdict == Verdict::SliceRefused) {
            return if cx.in_flight.is_empty() { Next::Call(Call::Cancel) } else { Next::Wait(None) };
        }
        let way = self.way(session);
        if let Err(fault) = way.check(&self.options.limits) {
            return Next::Fail(fault);
        }
        match (session.open(), way) {
            (Some(open), _) => self.slice_or_complete(open, cx),
            (None, Way::OneRequest) => Next::Call(Call::Upload),
            (None, Way::Slices(_)) => Next::Call(Call::Init),
        }
    }

    fn name(call: &Call) -> &'static str {
        op(call).name()
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.sid()
    }

    fn props(&self, call: &Call) -> CallProps {
        let carries_source = matches!(call, Call::Slice { .. } | Call::Upload);
        let lane = if carries_source { Lane::Data } else { Lane::Api };
        // From the last byte of the request on: however long it takes to send is the stall watch's business. The
        // vendor passes slices on, and puts up to 50 TB together, before it answers.
        let reply_within = Duration::from_secs(match call {
            Call::Upload | Call::Slice { .. } => 120,
            Call::Complete => 300,
            Call::Init | Call::Cancel => 60,
        });
        // An init commits nothing, but a crash must not forget it: what it opened could not be found again.
        let commits = !matches!(call, Call::Slice { .. });
        CallProps {
            lane,
            carries_source,
            commits,
            digested: true,
            limits: Limits { reply_bytes: REPLY_BYTES, reply_within },
        }
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        let (app, request_id) = (&self.app, &RequestId::from_nonce(cx.env.nonce));
        let signing = &Signing { credential: cx.credential, now: cx.env.now.unix, digest: self.options.digest };
        let boundary = &Boundary::from_nonce(cx.env.nonce);
        let open = || state.session.open().ok_or(Fault::NotOpen { op: op(call) });
        Ok(match call {
            Call::Upload => {
                let message = Upload { request_id, len: state.session.len, file: FILE, digest: None };
                upload::encode(app, &message, signing, boundary)
            }
            Call::Init => mpupload_init::encode(app, request_id, signing),
            Call::Slice { slice_id } => {
                let Open { upload_id, slicing, .. } = open()?;
                let (slice_id, bytes) = (*slice_id, slicing.bytes_of(*slice_id));
                let message = Slice { request_id, upload_id, slice_id, bytes, file: FILE, digest: None };
                mpupload_upload::encode(app, &message, signing, boundary)
            }
            Call::Complete => mpupload_complete::encode(app, request_id, &open()?.upload_id, signing),
            Call::Cancel => mpupload_cancel::encode(app, request_id, &open()?.upload_id, signing),
        })
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Rejection<Fault>> {
        let response = &answer.response;
        let reply = match call {
            Call::Upload => upload::decode(response).map(Reply::Stored),
            Call::Init => mpupload_init::decode(response).map(Reply::Opened),
            Call::Slice { .. } => mpupload_upload::decode(response).map(|_| Reply::Acknowledged),
            Call::Complete => mpupload_complete::decode(response).map(Reply::Stored),
            Call::Cancel => mpupload_cancel::decode(response).map(|_| Reply::Cancelled),
        };
        // `apply` knows what it means, for it has the state.
        reply.or_else(|refused| match refused.advice {
            Advice::Restart => Ok(Reply::Gone(refused.fault)),
            Advice::Fatal if refused.fault.code() == Some(PARAMETER) && call.is_refused_alone() => {
                Ok(Reply::Refused(refused.fault))
            }
            Advice::Fatal if call.leaves_doubt() && refused.fault.is_unexplained() => {
                Ok(Reply::Unexplained(refused.fault))
            }
            _ => Err(refused),
        })
    }

    fn apply(&self, state: &mut State<Self>, what: Occurrence<Call, Reply>, cx: &Cx<'_, Self>) -> Transition<Fault> {
        match what {
            Occurrence::Hashed => Transition::Forward,
            Occurrence::Unsure(call) => transitions::lost_reply(state, &call),
            Occurrence::Replied(call, Reply::Refused(why)) => transitions::refused(state, &call, why, cx.env.intent),
            Occurrence::Replied(_, Reply::Gone(why)) => transitions::gone(state, why, cx.env.intent),
            Occurrence::Replied(_, Reply::Stored(stored)) => transitions::stored(&mut state.session, stored),
            Occurrence::Replied(call, Reply::Unexplained(why)) => transitions::unexplained(state, &call, why),
            Occurrence::Replied(_, Reply::Opened(opened)) => {
                state.session.way = self.way(&state.session);
                transitions::opened(state, opened)
            }
            Occurrence::Replied(call, Reply::Acknowledged) => transitions::acknowledged(&mut state.session, &call),
            Occurrence::Replied(_, Reply::Cancelled) => transitions::cancelled(&mut state.session),
        }
    }

    fn confirmed(&self, session: &Session) -> u64 {
        session.confirmed()
    }
}

impl Call {
    /// A refusal of it says something of the upload that is open, and nothing of the file.
    fn is_refused_alone(&self) -> bool {
        matches!(self, Self::Slice { .. } | Self::Cancel)
    }

    /// What it may have left could be found by nobody.
    fn leaves_doubt(&self) -> bool {
        matches!(self, Self::Upload | Self::Init | Self::Complete)
    }
}

fn op(call: &Call) -> Op {
    match call {
        Call::Upload => Op::Upload,
        Call::Init => Op::MpuploadInit,
        Call::Slice { .. } => Op::MpuploadUpload,
        Call::Complete => Op::MpuploadComplete,
        Call::Cancel => Op::MpuploadCancel,
    }
}

/// An open upload is cancelled, once nothing of it is on its way any more.
fn abandon(session: &Session, cx: &Cx<'_, Xfyun>) -> Next<Xfyun> {
    match session.open() {
        _ if !cx.in_flight.is_empty() => Next::Wait(None),
        Some(_) => Next::Call(Call::Cancel),
        None if session.orphans > 0 => Next::Left(Remains::Unknown),
        None => Next::Left(Remains::Nothing),
    }
}
