//! The upload itself: which call comes next, and what each answer means.
//!
//! ```text
//! folder? ─ SHA-1 ─ Announce ─ init ─┬─ instant ──────────────────────────────────────────► Done
//!            ▲  ▲                    ├─ a proof is wanted ─ init with it, three times
//!            │  │                    └─ bytes are wanted ─► Send ─ get_token ─ the storage's stage ─ callback ─► Done
//!            │  │                        ▲                   │ │                                      │
//!            │  └── resume is refused ───┼─── a new run ─────┘ │                                      │
//!            └───── 10002: hashed again, once ────────────────┼──────────────────────────────────────┤
//!                                        │                    ▼ 203, or no answer and the upload gone ▼
//!                                        └── not there ── Verify ─ init, after 2, 5 and 15 s ─ instant ─────────► Done
//! ```
//!
//! | call | after a lost reply |
//! |---|---|
//! | get_info, get_token, resume, init | the same again |
//! | folder/add | the same again; 20004 then means that it is there |
//! | the storage's, but for complete | as its stage does: the same again, 409 is compared |
//! | complete | again; `NoSuchUpload`, and a 203, then mean: init tells whether 115 has the file |

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use http::Request;
use resumable_core::{
    Advice, Answer, Authority, Body, CallProps, Cx, Env, HashJob, HashKind, Intent, Lane, Limits, Next, Occurrence,
    Protocol, Question, Rejection, Remains, Serves, SourceInfo, State, Transition,
};
use resumable_proto_oss as oss;
use resumable_proto_oss::stage::StageStep;

use crate::argument::InvalidArgument;
use crate::codes::{self, Class};
use crate::fault::{Fault, Refused};
use crate::folder_add::{self, Added};
use crate::get_info::{self, Info};
use crate::get_token::{self, StorageToken};
use crate::init::{self, Announced, Init, Proof};
use crate::limits::{PREID_BYTES, REPLY_BYTES};
use crate::op::Op;
use crate::options::{InvalidOptions, Options};
use crate::resume::{self, Resume, Resumed};
use crate::session::{Asked, Call, Ephemeral, Phase, Place, Session, Uploaded, Walk};
use crate::site::Site;
use crate::target::{Folder, FolderId, Target};
use crate::task::Task;
use crate::token::AccessToken;
use crate::{storage, transitions};

/// The 115 open platform.
#[derive(Clone, Debug)]
pub struct P115 {
    site: Site,
    account: String,
    target: Target,
    options: Options,
}

/// Uploads to `path` at the vendor's own hosts, with default options. `path` is `/folder/NAME` or `FOLDER_ID:NAME`;
/// `account` is any text that tells this account from others of the same user, without a secret in it.
///
/// # Errors
/// When one of them cannot be used; the error names it.
pub fn at(account: &str, path: &str) -> Result<P115, InvalidArgument> {
    Ok(P115::new(Site::default(), account, path.parse()?, Options::default())?)
}

impl P115 {
    /// Uploads to `target`. `account` is any text that tells this account from others of the same user, without a
    /// secret in it: checkpoints are bound to it.
    ///
    /// # Errors
    /// When no file could be cut by the options, or `account` is empty or not one line.
    pub fn new(
        site: Site,
        account: impl Into<String>,
        target: Target,
        options: Options,
    ) -> Result<Self, InvalidOptions> {
        let account = account.into();
        if account.trim().is_empty() || account.contains(char::is_control) {
            return Err(InvalidOptions::Account);
        }
        options.check()?;
        Ok(Self { site, account, target, options })
    }

    /// The same with these options.
    ///
    /// # Errors
    /// As with [`P115::new`].
    pub fn with_options(self, options: Options) -> Result<Self, InvalidOptions> {
        Self::new(self.site, self.account, self.target, options)
    }

    /// Where the file goes.
    pub fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn site(&self) -> &Site {
        &self.site
    }

    /// The names that lead to the target's folder; none where it is named by its id.
    pub(crate) fn names(&self) -> &[String] {
        if let Folder::Path(names) = self.target.folder() { names } else { &[] }
    }

    /// The folder that the first names of the target's path lead to.
    pub(crate) fn path(&self, depth: usize) -> String {
        self.names().iter().take(depth).flat_map(|name| ["/", name.as_str()]).collect()
    }

    fn walk(&self, walk: Option<&Walk>) -> Next<Self> {
        Next::Call(match walk {
            None => Call::Look { depth: self.names().len() },
            Some(Walk::Look { depth }) => Call::Look { depth: *depth },
            Some(Walk::Make { depth, .. }) => Call::FolderAdd { depth: *depth },
        })
    }

    fn encode_init(&self, proof: bool, state: &State<Self>, cx: &Cx<'_, Self>) -> Option<Request<Body>> {
        let digest = |job: &HashJob| cx.env.digest(job.kind, &job.range);
        let challenge = state.ephemeral.challenge.as_ref().filter(|_| proof).map(|asked| &asked.challenge);
        let proof = match challenge {
            Some(challenge) => Some(Proof { challenge, sign_val: digest(&range_job(challenge.range.clone()))? }),
            None => None,
        };
        let message = Init {
            file_name: self.target.name(),
            file_size: state.session.len,
            folder: state.session.folder.as_ref()?,
            fileid: digest(&fileid_job(&cx.env))?,
            preid: digest(&preid_job(&cx.env))?,
            proof,
        };
        Some(init::encode(&self.site, &message, cx.credential))
    }

    fn encode_resume(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Option<Request<Body>> {
        let fileid = fileid_job(&cx.env);
        let message = Resume {
            file_size: state.session.len,
            folder: state.session.folder.as_ref()?,
            fileid: cx.env.digest(fileid.kind, &fileid.range)?,
            pick_code: &task(&state.session)?.pick_code,
        };
        Some(resume::encode(&self.site, &message, cx.credential))
    }

    fn encode_oss(&self, call: &oss::stage::Call, state: &State<Self>, env: &Env<'_>) -> Result<Request<Body>, Fault> {
        let not_ready = Fault::NotReady { op: Op::GetToken };
        let (Some(task), Some(keys)) = (task(&state.session), &state.ephemeral.keys) else { return Err(not_ready) };
        let (object, callback) = (keys.object(task)?, storage::callback(task)?);
        let version = keys.version(&self.options);
        let signing = oss::Signing { credential: keys.credential(), version, now: env.now.unix };
        let wire =
            oss::stage::Wire { object: &object, signing, callback: Some(&callback), content_type: None, headers: None };
        Ok(oss::stage::encode(call, &state.session.stage, &state.ephemeral.storage, &wire)?)
    }
}

/// A decoded answer, as far as the upload can go on with it.
#[derive(Clone, Debug)]
pub enum Reply {
    /// To `Look` and `Check`: what there is.
    Info(Option<Info>),
    /// To `FolderAdd`.
    Added(Added),
    /// To `Init`.
    Announced(Announced),
    /// To `Init` and `FolderAdd`: the folder, or the one above it, is not there.
    NoFolder(Fault),
    /// To `Resume`.
    Resumed(Resumed),
    /// To `GetToken`.
    Token(StorageToken),
    /// To the storage's calls.
    Oss(oss::stage::Reply),
    /// To the storage's calls: other keys are needed.
    KeysRefused(oss::Fault),
}

impl Protocol for P115 {
    const ID: &'static str = "115-open/1";
    const PACED: &'static [Lane] = &[Lane::Api];
    type Credential = AccessToken;
    type Session = Session;
    type Ephemeral = Ephemeral;
    type Call = Call;
    type Reply = Reply;
    type Outcome = Uploaded;
    type Fault = Fault;

    fn target(&self) -> String {
        format!("{} {} {}", self.site.endpoint(), self.account, self.target)
    }

    fn open(&self, source: &SourceInfo, _: u128) -> Session {
        Session::new(&self.options, &self.target, source.len)
    }

    fn validate(&self, session: &Session, source: &SourceInfo) -> Result<(), String> {
        session.validate(source.len, &self.options.limits)
    }

    fn authority(&self, _: &Session) -> Authority {
        Authority::Vendor
    }

    fn next(&self, state: &State<Self>, cx: &Cx<'_, Self>) -> Next<Self> {
        let State { session, ephemeral } = state;
        if let Phase::Done { file_id, how, name } = &session.phase {
            let fileid = fileid_job(&cx.env);
            let sha1 = cx.env.digest(fileid.kind, &fileid.range).cloned();
            return Next::Done(Uploaded { how: *how, file_id: file_id.clone(), sha1, name: name.clone() });
        }
        if !cx.in_flight.is_empty() {
            return Next::Wait(None);
        }
        if cx.env.intent == Intent::Abandon {
            return abandon(state, cx);
        }
        if let Some(verdict) = &ephemeral.verdict {
            return Next::Fail(verdict.clone());
        }
        if let StageStep::Fail(fault) = session.stage.next(&ephemeral.storage, &cx.env, &[]) {
            return Next::Fail(fault.into());
        }
        if session.folder.is_none() {
            return self.walk(ephemeral.walk.as_ref());
        }
        let missing = missing(&cx.env, [fileid_job(&cx.env), preid_job(&cx.env)]);
        match &session.phase {
            _ if !missing.is_empty() => Next::Hash(missing),
            Phase::Verify { .. } | Phase::Check { .. } if ephemeral.ask_at.is_some_and(|at| at > cx.env.now.mono) => {
                Next::Wait(ephemeral.ask_at)
            }
            Phase::Announce | Phase::Verify { .. } => announce(ephemeral, session, &cx.env),
            Phase::Check { .. } => Next::Call(Call::Check),
            Phase::Send { .. } if ephemeral.place != Place::Told => Next::Call(Call::Resume),
            Phase::Send { .. } => send(state, cx),
            Phase::Done { .. } => Next::Wait(None),
        }
    }

    fn name(call: &Call) -> &'static str {
        match call {
            Call::Look { .. } | Call::Check => Op::GetInfo.name(),
            Call::FolderAdd { .. } => Op::FolderAdd.name(),
            Call::Init { .. } => Op::Init.name(),
            Call::Resume => Op::Resume.name(),
            Call::GetToken => Op::GetToken.name(),
            Call::Oss(call) => call.op(&oss::DIALECT).name(),
        }
    }

    fn request_id(fault: &Fault) -> Option<&str> {
        fault.request_id()
    }

    fn props(&self, call: &Call) -> CallProps {
        if let Call::Oss(call) = call {
            // 115 limits calls to its own hosts only.
            return CallProps { lane: Lane::Data, ..oss::stage::props(call) };
        }
        // An init may put the file into the drive: it is checked once more, and a crash must not forget the call.
        let commits = matches!(call, Call::Init { .. });
        CallProps {
            lane: Lane::Api,
            carries_source: false,
            commits,
            digested: true,
            limits: Limits { reply_bytes: REPLY_BYTES, ..Limits::default() },
        }
    }

    fn asks(&self, call: &Call, state: &State<Self>) -> Option<Question> {
        let (what, since) = match call {
            Call::Look { depth } => (format!("folder {}", self.path(*depth)), state.ephemeral.absent_at),
            Call::FolderAdd { depth } => (format!("new folder {}", self.path(*depth)), state.ephemeral.absent_at),
            Call::GetToken => ("keys of the storage".to_owned(), state.ephemeral.keys_at),
            Call::Init { .. } | Call::Resume | Call::Check | Call::Oss(_) => return None,
        };
        Some(Question { name: format!("{} {what}", self.site.endpoint()), since })
    }

    fn serves(&self, reply: &Reply) -> Option<Serves> {
        match reply {
            // Whoever asks later may find that it was made by then.
            Reply::Info(info) if info.as_ref().is_none_or(|info| !info.is_folder) => Some(Serves::Waiting),
            Reply::Info(_) | Reply::Added(Added::Made(_)) | Reply::Token(_) => Some(Serves::All),
            _ => None,
        }
    }

    fn encode(&self, call: &Call, state: &State<Self>, cx: &Cx<'_, Self>) -> Result<Request<Body>, Fault> {
        let (site, token) = (&self.site, cx.credential);
        let ready = |request: Option<Request<Body>>, op| request.ok_or(Fault::NotReady { op });
        match call {
            Call::Look { depth } => {
                let names = self.names().get(..*depth).ok_or(Fault::NotReady { op: Op::GetInfo })?;
                Ok(get_info::encode(site, get_info::Question::Path(names), token))
            }
            Call::FolderAdd { depth } => {
                let request = parent(state, *depth).zip(depth.checked_sub(1).and_then(|above| self.names().get(above)));
                let request = request.map(|(parent, name)| folder_add::encode(site, parent, name, token));
                ready(request, Op::FolderAdd)
            }
            Call::Init { proof } => ready(self.encode_init(*proof, state, cx), Op::Init),
            Call::Resume => ready(self.encode_resume(state, cx), Op::Resume),
            Call::GetToken => Ok(get_token::encode(site, token)),
            Call::Check => {
                let Phase::Check { file_id, .. } = &state.session.phase else { return ready(None, Op::GetInfo) };
                Ok(get_info::encode(site, get_info::Question::Id(file_id), token))
            }
            Call::Oss(call) => self.encode_oss(call, state, &cx.env),
        }
    }

    fn decode(&self, call: &Call, answer: &Answer) -> Result<Reply, Refused> {
        let response = &answer.response;
        match call {
            Call::Look { .. } | Call::Check => get_info::decode(response).map(Reply::Info),
            Call::FolderAdd { .. } => folder_add::decode(response).map(Reply::Added).or_else(no_folder),
            Call::Init { .. } => init::decode(response).map(Reply::Announced).or_else(no_folder),
            Call::Resume => resume::decode(response).map(Reply::Resumed),
            Call::GetToken => get_token::decode(response).map(Reply::Token),
            Call::Oss(call) => oss::stage::decode(call, true, answer).map(Reply::Oss).or_else(keys_refused),
        }
    }

    fn apply(&self, state: &mut State<Self>, what: Occurrence<Call, Reply>, cx: &Cx<'_, Self>) -> Transition<Fault> {
        match what {
            Occurrence::Hashed => transitions::storage(state, Occurrence::Hashed, &cx.env),
            Occurrence::Unsure(call) => transitions::lost_reply(state, call, &cx.env),
            Occurrence::Replied(Call::Check, Reply::Info(info)) => transitions::checked(state, info.as_ref(), &cx.env),
            Occurrence::Replied(Call::Look { depth }, Reply::Info(info)) => {
                transitions::looked(self, state, depth, info.as_ref())
            }
            Occurrence::Replied(Call::FolderAdd { depth }, Reply::Added(added)) => {
                transitions::added(self, state, depth, added)
            }
            Occurrence::Replied(_, Reply::Announced(announced)) => transitions::announced(state, announced, &cx.env),
            Occurrence::Replied(Call::FolderAdd { .. }, Reply::NoFolder(why)) => {
                transitions::no_parent(state, why, &cx.env)
            }
            Occurrence::Replied(_, Reply::NoFolder(why)) => transitions::no_folder(self, state, why, &cx.env),
            Occurrence::Replied(_, Reply::Resumed(resumed)) => transitions::resumed(state, resumed, &cx.env),
            Occurrence::Replied(_, Reply::Token(token)) => transitions::token(self, state, token, &cx.env),
            Occurrence::Replied(_, Reply::KeysRefused(why)) => transitions::keys_refused(state, why),
            Occurrence::Replied(Call::Oss(call), Reply::Oss(reply)) => {
                state.ephemeral.keys_refused = 0;
                transitions::storage(state, Occurrence::Replied(call, reply), &cx.env)
            }
            Occurrence::Replied(_, Reply::Info(_) | Reply::Added(_) | Reply::Oss(_)) => Transition::Forward,
        }
    }

    fn confirmed(&self, session: &Session) -> u64 {
        session.confirmed()
    }
}

/// The file is announced, with a proof if one is wanted.
fn announce(ephemeral: &Ephemeral, session: &Session, env: &Env<'_>) -> Next<P115> {
    let Some(Asked { challenge, .. }) = &ephemeral.challenge else { return Next::Call(Call::Init { proof: false }) };
    if challenge.range.end > session.len {
        return Next::Fail(Fault::BadChallenge { end: challenge.range.end, len: session.len });
    }
    let missing = missing(env, [range_job(challenge.range.clone())]);
    if missing.is_empty() { Next::Call(Call::Init { proof: true }) } else { Next::Hash(missing) }
}

/// The bytes: where to, with which keys, and then as the storage's stage says.
fn send(state: &State<P115>, cx: &Cx<'_, P115>) -> Next<P115> {
    let State { session, ephemeral } = state;
    let step = session.stage.next(&ephemeral.storage, &cx.env, &[]);
    match step {
        StageStep::Call(_) if ephemeral.keys.as_ref().is_none_or(|keys| keys.are_old(cx.env.now.mono)) => {
            Next::Call(Call::GetToken)
        }
        StageStep::Call(call) => Next::Call(Call::Oss(call)),
        StageStep::Hash(jobs) => Next::Hash(jobs),
        StageStep::Wait(until) => Next::Wait(until),
        StageStep::Left(remains) => Next::Left(remains),
        StageStep::Fail(fault) => Next::Fail(Fault::Oss(fault)),
        StageStep::Unknown(_) | StageStep::Stored(_) if cx.env.intent == Intent::Abandon => {
            Next::Left(Remains::Unknown)
        }
        StageStep::Unknown(_) | StageStep::Stored(_) => Next::Fail(Fault::LostReply),
    }
}

fn abandon(state: &State<P115>, cx: &Cx<'_, P115>) -> Next<P115> {
    match &state.session.phase {
        Phase::Announce if state.session.unsure_init => Next::Left(Remains::Unknown),
        Phase::Announce => Next::Left(Remains::Nothing),
        Phase::Send { .. } => match &state.ephemeral.verdict {
            Some(verdict) => Next::Fail(verdict.clone()),
            None => send(state, cx),
        },
        Phase::Verify { .. } => Next::Left(Remains::Unknown),
        Phase::Check { .. } | Phase::Done { .. } => Next::Left(Remains::Object),
    }
}

/// The SHA-1 of the file, which is kept.
pub(crate) fn fileid_job(env: &Env<'_>) -> HashJob {
    HashJob { kind: HashKind::Sha1, range: 0..env.source.len, keep: true }
}

fn preid_job(env: &Env<'_>) -> HashJob {
    HashJob { kind: HashKind::Sha1, range: 0..env.source.len.min(PREID_BYTES), keep: true }
}

fn range_job(range: core::ops::Range<u64>) -> HashJob {
    HashJob { kind: HashKind::Sha1, range, keep: false }
}

/// Those that are not known, each of them once.
fn missing<const N: usize>(env: &Env<'_>, jobs: [HashJob; N]) -> Vec<HashJob> {
    let mut missing: Vec<HashJob> = Vec::new();
    for job in jobs {
        if env.digest(job.kind, &job.range).is_none() && !missing.contains(&job) {
            missing.push(job);
        }
    }
    missing
}

fn task(session: &Session) -> Option<&Task> {
    if let Phase::Send { task, .. } = &session.phase { Some(task) } else { None }
}

fn parent(state: &State<P115>, depth: usize) -> Option<&FolderId> {
    match &state.ephemeral.walk {
        Some(Walk::Make { depth: wanted, parent }) if *wanted == depth => Some(parent),
        _ => None,
    }
}

/// That the folder is not there is for `apply`, which knows whether it was found by its path.
fn no_folder(refused: Refused) -> Result<Reply, Refused> {
    let class = refused.fault.code().and_then(codes::find).map(|row| row.class);
    if class == Some(Class::NoFolder) { Ok(Reply::NoFolder(refused.fault)) } else { Err(refused) }
}

/// The storage's keys are 115's to give, not the host's.
fn keys_refused(refused: oss::Refused) -> Result<Reply, Refused> {
    let Rejection { fault, advice } = refused;
    if advice == Advice::Reauthorize {
        Ok(Reply::KeysRefused(fault))
    } else {
        Err(Rejection { fault: fault.into(), advice })
    }
}
