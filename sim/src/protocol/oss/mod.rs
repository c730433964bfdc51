//! Aliyun OSS.

mod callback;
mod honesty;
mod server;
mod setting;

use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{Method, Request, Response};
use resumable_core::{Body, Protocol, Remains};
use resumable_emulator::oss::Sts;
use resumable_emulator::{Emulator, Fault};
use resumable_proto_oss::stage::{Call, Stage};
use resumable_proto_oss::{
    Addressing, Credential, Endpoint, ErrorReply, Fault as Refusal, Object, ObjectKey, Oss, Uploaded,
};

// The order of the calls is that of `CALLS`: whoever embeds the storage's stage counts on from its own.
pub(crate) use self::server::{CODES, blames_client, code, hazards_of_code, hazards_of_lie, is_of_key};

pub use self::callback::Listener;
pub use self::setting::{Before, Setting};
use super::{CredentialOf, FaultOf, OutcomeOf, Vendor};
use crate::fate::Kind;
use crate::ledger::{Hazard, Ledger};
use crate::source::Source;

const BUCKET: &str = "emubucket";
const REGION: &str = "cn-shenzhen";
/// The secrets of the two accounts, and a wrong one.
const KEYS: [&str; 3] = ["canary-of-the-first-secret", "canary-of-the-second-secret", "canary-of-the-wrong-secret"];
/// The ids that go with them.
const IDS: [&str; 3] = ["LTAIfirst", "LTAIsecond", "LTAIfirst"];
/// None may ever be seen outside a request; the last one begins every token of temporary keys.
const CANARIES: [&str; 5] = [KEYS[0], KEYS[1], KEYS[2], callback::CANARY, "CAIS"];
const CALLS: [&str; 7] = ["Put", "Initiate", "List", "Part", "Complete", "Abort", "Head"];
const OPS: [&str; 7] = ["put_object", "initiate", "list_parts", "upload_part", "complete", "abort", "head_object"];

const PUT: usize = 0;
const INITIATE: usize = 1;
const LIST: usize = 2;
const PART: usize = 3;
const COMPLETE: usize = 4;
const ABORT: usize = 5;
const HEAD: usize = 6;

/// OSS with its own protocol, or with one that is made of it.
#[derive(Clone, Copy, Debug)]
pub struct OssVendor<P = Oss> {
    wrap: fn(Oss) -> P,
}

impl OssVendor {
    /// The protocol as it is.
    pub fn new() -> Self {
        Self { wrap: |protocol| protocol }
    }
}

impl Default for OssVendor {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> OssVendor<P> {
    /// Another protocol in its place: one that is broken on purpose, say.
    pub fn wrapped(wrap: fn(Oss) -> P) -> Self {
        Self { wrap }
    }
}

impl<P> Vendor for OssVendor<P>
where
    P: Protocol<Credential = Credential, Session = Stage, Call = Call, Fault = Refusal, Outcome = Uploaded>,
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
            Kind::Fails | Kind::WrongSession => false,
            Kind::WrongEcho => !matches!(call, INITIATE | ABORT),
            Kind::Forget => matches!(call, LIST | PART | COMPLETE | ABORT),
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
        (self.wrap)(Oss::new(object(setting), setting.options.clone()).expect("the endpoint tells its region"))
    }

    fn credential(&self, number: usize) -> CredentialOf<Self> {
        key_pair(number)
    }

    /// A host that has kept its keys may come with some whose time is nearly over, or over, or forgotten.
    fn granted(
        &self,
        setting: &Setting,
        server: &Emulator,
        now: Duration,
        fresh: bool,
        chance: &mut Rng,
    ) -> Option<CredentialOf<Self>> {
        if !setting.sts {
            return None;
        }
        let (life, memory) = (setting.limits.sts_life, setting.limits.sts_memory);
        let ages = [0, 0, 0, life / 2, life - 1, life + 1, life + memory + 1];
        let age = Duration::from_secs(if fresh { 0 } else { ages[chance.usize(0..ages.len())] });
        let clock = setting.server_clock(now).saturating_sub(age);
        let Sts { access_key_id, access_key_secret, security_token, .. } = server.oss().grant(clock);
        let token = Some(security_token.into());
        Some(Credential::new(access_key_id, access_key_secret, token).expect("the server's own keys"))
    }

    fn canaries(&self) -> &'static [&'static str] {
        &CANARIES
    }

    fn server(&self, setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
        server::build(setting, source, chance)
    }

    fn call_of(&self, request: &Request<Body>, _len: u64) -> usize {
        let query = request.uri().query().unwrap_or_default();
        match *request.method() {
            Method::PUT if query.contains("partNumber=") => PART,
            Method::PUT => PUT,
            Method::POST if query.contains("uploadId=") => COMPLETE,
            Method::POST => INITIATE,
            Method::GET => LIST,
            Method::DELETE => ABORT,
            _ => HEAD,
        }
    }

    fn seals(&self, call: usize) -> bool {
        matches!(call, PUT | COMPLETE)
    }

    /// Nobody can find an upload whose name is lost.
    fn is_remembered(&self, call: usize) -> bool {
        self.seals(call) || call == INITIATE
    }

    /// A temporary key may be judged when the request begins, or when it ends.
    fn minds_beginnings(&self, call: usize) -> bool {
        matches!(call, PUT | PART)
    }

    /// An abort names the upload that it removes, and no other can have that name.
    fn removes(&self, _call: usize) -> bool {
        false
    }

    fn says_finished(&self, _call: usize, _response: &Response<Bytes>) -> Option<bool> {
        None
    }

    /// HTTP 203 is how the vendor says that a callback failed.
    fn says_success(&self, response: &Response<Bytes>) -> bool {
        matches!(response.status().as_u16(), 200 | 204) && ErrorReply::read(response).is_none()
    }

    fn blames_client(&self, response: &Response<Bytes>) -> bool {
        server::blames_client(response)
    }

    fn fault(&self, kind: Kind, call: usize, chance: &mut Rng) -> Fault {
        server::fault(kind, call, chance)
    }

    fn hazards(&self, call: usize, fault: &Fault) -> Vec<Hazard> {
        server::hazards(call, fault)
    }

    /// Temporary keys end by themselves.
    fn hazards_of_answer(
        &self,
        setting: &Setting,
        _ledger: &Ledger,
        _call: usize,
        response: &Response<Bytes>,
        _elapsed: Duration,
    ) -> Vec<Hazard> {
        let over = setting.sts && server::is_of_key(response);
        over.then_some(Hazard::Credential).into_iter().collect()
    }

    /// A late abort takes an upload away that a later process goes on with.
    fn straggles_into(&self, _setting: &Setting, call: usize, _response: &Response<Bytes>) -> Option<Hazard> {
        (call == ABORT).then_some(Hazard::Session)
    }

    fn object(&self, setting: &Setting, server: &Emulator) -> Option<Vec<u8>> {
        honesty::read(setting, server)
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

    fn is_left(&self, setting: &Setting, server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
        honesty::is_left(setting, server, ledger, remains)
    }

    /// The object is there, and its callback failed: that is not sent again.
    fn asks_to_begin_anew(&self, fault: &FaultOf<Self>) -> bool {
        matches!(fault, Refusal::CallbackFailed { .. })
    }

    fn left_by_older(&self, setting: &Setting, server: &Emulator) -> u64 {
        honesty::left(setting, server)
    }

    fn has_unfinished(&self, setting: &Setting, server: &Emulator) -> bool {
        honesty::has_unfinished(setting, server)
    }

    fn protects_older(&self, setting: &Setting) -> bool {
        setting.options.settings.forbid_overwrite
    }

    fn has_stranger(&self, setting: &Setting) -> bool {
        setting.before.strangers().0 > 0
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

/// The two right key pairs of accounts, and a wrong one.
fn key_pair(number: usize) -> Credential {
    Credential::new(IDS[number], KEYS[number], None).expect("the simulator's own keys")
}

fn object(setting: &Setting) -> Object {
    let endpoint = Endpoint::new("https://oss-cn-shenzhen.aliyuncs.com").expect("the simulator's own endpoint");
    let key = ObjectKey::new(setting.key).expect("the simulator's own key");
    Object::new(endpoint, BUCKET, key, Addressing::Auto).expect("the simulator's own object")
}
