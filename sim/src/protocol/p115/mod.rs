//! The 115 open platform, and the Aliyun OSS that it sends its clients to.

mod honesty;
mod host;
mod server;
mod setting;

use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{Method, Request, Response};
use resumable_core::{Body, Protocol, Receipt, Remains, Segment};
use resumable_emulator::{Emulator, Fault, Rule};
use resumable_proto_115::{AccessToken, Call, Fault as Refusal, P115, Session, Site, Uploaded};

pub use self::setting::{Before, Folder, Setting, Target};
use super::{CredentialOf, FaultOf, OutcomeOf, Renewal, Vendor};
use crate::fate::Kind;
use crate::ledger::{Hazard, Ledger};
use crate::source::Source;

/// The first access token, one that the platform has never given out, and the refresh token that goes with the first.
const TOKENS: [&str; 3] = ["canary-of-the-first-token", "canary-of-the-wrong-token", "canary-of-the-refresh-token"];
/// None may ever be seen outside a request: those three, how the tokens begin that the platform gives out later, and
/// how the storage's begin.
const CANARIES: [&str; 6] = [TOKENS[0], TOKENS[1], TOKENS[2], "emu-access-", "emu-refresh-", "CAIS"];
const CALLS: [&str; 13] = [
    "Look",
    "FolderAdd",
    "Init",
    "Prove",
    "Resume",
    "GetToken",
    "Check",
    "Put",
    "Initiate",
    "List",
    "Part",
    "Complete",
    "Abort",
];
const OPS: [&str; 13] = [
    "folder/get_info",
    "folder/add",
    "upload/init",
    "upload/init",
    "upload/resume",
    "upload/get_token",
    "folder/get_info",
    "put_object",
    "initiate",
    "list_parts",
    "upload_part",
    "complete",
    "abort",
];

const LOOK: usize = 0;
const FOLDER_ADD: usize = 1;
const INIT: usize = 2;
const PROVE: usize = 3;
const RESUME: usize = 4;
const GET_TOKEN: usize = 5;
const CHECK: usize = 6;
/// From here on, the storage's.
const PUT: usize = 7;
const INITIATE: usize = 8;
const LIST: usize = 9;
const PART: usize = 10;
const COMPLETE: usize = 11;
const ABORT: usize = 12;

/// 115 with its own protocol, or with one that is made of it.
#[derive(Clone, Copy, Debug)]
pub struct P115Vendor<P = P115> {
    wrap: fn(P115) -> P,
}

impl P115Vendor {
    /// The protocol as it is.
    pub fn new() -> Self {
        Self { wrap: |protocol| protocol }
    }
}

impl Default for P115Vendor {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> P115Vendor<P> {
    /// Another protocol in its place: one that is broken on purpose, say.
    pub fn wrapped(wrap: fn(P115) -> P) -> Self {
        Self { wrap }
    }
}

impl<P> Vendor for P115Vendor<P>
where
    P: Protocol<Credential = AccessToken, Session = Session, Call = Call, Fault = Refusal, Outcome = Uploaded>,
{
    type Protocol = P;
    type Setting = Setting;

    fn calls(&self) -> &'static [&'static str] {
        &CALLS
    }

    fn ops(&self) -> &'static [&'static str] {
        &OPS
    }

    fn can_meet(&self, call: usize, kind: Kind) -> bool {
        match kind {
            Kind::Fails => false,
            Kind::WrongEcho => matches!(call, CHECK | PUT | LIST | PART | COMPLETE),
            Kind::WrongSession => call == RESUME,
            Kind::Forget => matches!(call, PROVE | RESUME | LIST | PART | COMPLETE | ABORT),
            Kind::Callback => matches!(call, PUT | COMPLETE),
            _ => true,
        }
    }

    fn draw(&self, chance: &mut Rng) -> Setting {
        Setting::draw(chance)
    }

    fn enumerated(&self) -> Vec<(Setting, usize)> {
        setting::enumerated()
    }

    fn size(&self, setting: &Setting) -> u64 {
        setting.size
    }

    fn piece(&self, setting: &Setting) -> u64 {
        setting.piece()
    }

    fn in_one_request(&self, setting: &Setting) -> bool {
        setting.in_one_request()
    }

    fn protocol(&self, setting: &Setting) -> P {
        let target = setting.target_text().parse().expect("the simulator's own target");
        (self.wrap)(P115::new(Site::default(), "a", target, setting.options.clone()))
    }

    /// One token is right at a time: there is no second one.
    fn credential(&self, number: usize) -> CredentialOf<Self> {
        AccessToken::new(TOKENS[usize::from(number == 2)]).expect("the simulator's own tokens")
    }

    /// A host begins with the token that is in its store.
    fn granted(
        &self,
        _setting: &Setting,
        server: &Emulator,
        _now: Duration,
        _fresh: bool,
        _chance: &mut Rng,
    ) -> Option<CredentialOf<Self>> {
        Some(host::stored(server))
    }

    fn renewed(
        &self,
        server: &Emulator,
        now: Duration,
        refused: Option<&CredentialOf<Self>>,
        chance: &mut Rng,
    ) -> Option<Renewal<CredentialOf<Self>>> {
        Some(host::renewed(server, now, refused, chance))
    }

    fn has_neighbours(&self) -> bool {
        true
    }

    /// Another program of the same person refreshes: the token in this process's hand may be dead from now on.
    fn intrude(&self, server: &Emulator, now: Duration) {
        let _ = host::refresh(server, now);
    }

    fn canaries(&self) -> &'static [&'static str] {
        &CANARIES
    }

    fn server(&self, setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
        server::build(setting, source, chance)
    }

    fn call_of(&self, request: &Request<Body>, _len: u64) -> usize {
        let query = request.uri().query().unwrap_or_default();
        match (request.uri().path(), request.method()) {
            ("/open/folder/get_info", &Method::POST) => LOOK,
            ("/open/folder/get_info", _) => CHECK,
            ("/open/folder/add", _) => FOLDER_ADD,
            ("/open/upload/init", _) if has_proof(request.body()) => PROVE,
            ("/open/upload/init", _) => INIT,
            ("/open/upload/resume", _) => RESUME,
            ("/open/upload/get_token", _) => GET_TOKEN,
            (_, &Method::PUT) if query.contains("partNumber=") => PART,
            (_, &Method::PUT) => PUT,
            (_, &Method::POST) if query.contains("uploadId=") => COMPLETE,
            (_, &Method::POST) => INITIATE,
            (_, &Method::DELETE) => ABORT,
            _ => LIST,
        }
    }

    /// An init may put the file into the drive, and so may whatever makes the object complete.
    fn seals(&self, call: usize) -> bool {
        matches!(call, INIT | PROVE | PUT | COMPLETE)
    }

    /// An upload at the storage whose name is lost can be found by nobody.
    fn is_remembered(&self, call: usize) -> bool {
        self.seals(call) || call == INITIATE
    }

    /// Temporary keys may be judged when the request begins, or when it ends.
    fn minds_beginnings(&self, call: usize) -> bool {
        call == PART
    }

    /// An abort names the upload that it removes, and no other can have that name.
    fn removes(&self, _call: usize) -> bool {
        false
    }

    fn says_finished(&self, _call: usize, _response: &Response<Bytes>) -> Option<bool> {
        None
    }

    fn says_success(&self, response: &Response<Bytes>) -> bool {
        server::says_success(response)
    }

    fn blames_client(&self, response: &Response<Bytes>) -> bool {
        server::blames_client(response)
    }

    fn fault(&self, kind: Kind, call: usize, chance: &mut Rng) -> Fault {
        server::fault(kind, call, chance)
    }

    /// What 115 answers its storage is no request, and has an operation of its own.
    fn rule(&self, call: usize, fault: Fault) -> Rule {
        if server::is_of_callback(call, &fault) { Rule::once("callback", fault) } else { Rule::any(fault) }
    }

    fn hazards(&self, call: usize, fault: &Fault) -> Vec<Hazard> {
        server::hazards(call, fault)
    }

    fn asks_to_wait(&self, call: usize, fault: &Fault) -> Duration {
        server::asks_to_wait(call, fault)
    }

    fn hazards_of_answer(
        &self,
        setting: &Setting,
        ledger: &Ledger,
        call: usize,
        response: &Response<Bytes>,
        elapsed: Duration,
    ) -> Vec<Hazard> {
        honesty::hazards_of_answer(setting, ledger, call, response, elapsed)
    }

    /// A late abort takes an upload away that a later process goes on with; and a late complete is told to 115 by a name
    /// that a resume may have replaced, and then the object is of no use.
    fn straggles_into(&self, _setting: &Setting, call: usize, response: &Response<Bytes>) -> Option<Hazard> {
        (call == ABORT || server::code(response) == Some(10_002)).then_some(Hazard::Session)
    }

    /// Where 115 does not know its own files again, nobody can find out what became of a call without an answer; and of a
    /// task that is over, it takes no file.
    fn doubts_into(&self, setting: &Setting, call: Option<usize>) -> Option<Hazard> {
        let finishes = matches!(call, None | Some(PUT | COMPLETE));
        (finishes && !(setting.knows_again() && setting.outlives_uploads())).then_some(Hazard::Session)
    }

    fn object(&self, setting: &Setting, server: &Emulator) -> Option<Vec<u8>> {
        server.p115().read_file(&setting.path()).ok().flatten()
    }

    fn object_of(&self, setting: &Setting, server: &Emulator, receipt: &Receipt) -> Option<Vec<u8>> {
        honesty::object_of(setting, server, receipt)
    }

    fn check_outcome(
        &self,
        setting: &Setting,
        server: &Emulator,
        ledger: &Ledger,
        outcome: &OutcomeOf<Self>,
    ) -> Result<(), String> {
        honesty::check_outcome(setting, server, ledger, outcome)
    }

    fn check_requests(&self, ledger: &Ledger, processes: u32) -> Result<(), String> {
        honesty::check_requests(ledger, processes)
    }

    fn is_left(&self, setting: &Setting, server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
        honesty::is_left(setting, server, ledger, remains)
    }

    /// 115 counts no bytes but those whose SHA-1 was announced.
    fn compares_content(&self, _: &Setting) -> bool {
        true
    }

    /// What was announced must be there within the task's life, and no proof may be asked for again and again.
    fn takes_no_content(&self, setting: &Setting, ledger: &Ledger, took: Duration) -> bool {
        took.as_secs() >= setting.limits.task_life || setting.asks_too_much(ledger.rests)
    }

    fn has_unfinished(&self, _setting: &Setting, server: &Emulator) -> bool {
        honesty::has_parts(server)
    }

    fn protects_older(&self, setting: &Setting) -> bool {
        setting.switches.name_taken == resumable_emulator::p115::NameTaken::Number
    }

    fn has_stranger(&self, _setting: &Setting) -> bool {
        false
    }

    fn explains(&self, setting: &Setting, ledger: &Ledger, fault: &FaultOf<Self>) -> bool {
        honesty::explains(setting, ledger, fault)
    }

    fn clock_is_hopeless(&self, _setting: &Setting) -> bool {
        false
    }

    fn hides_sessions(&self, _setting: &Setting, _ledger: &Ledger) -> bool {
        false
    }
}

fn has_proof(body: &Body) -> bool {
    let holds = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8_lossy(bytes).contains("sign_key="),
        Segment::Source(_) => false,
    };
    body.segments().iter().any(holds)
}
