//! Tencent COS JSON API v2.

mod honesty;
mod server;
mod setting;

use bytes::Bytes;
use fastrand::Rng;
use http::{Method, Request, Response};
use resumable_core::{Body, Protocol, Segment};
use resumable_emulator::cos_v2::SerialUpload;
use resumable_emulator::{Emulator, Fault};
use resumable_proto_cos_v2::{
    Call, CosV2, Credential, Fault as Refusal, Integrity, ObjectPath, Place, Session, Uploaded,
};

pub use self::setting::{Before, Setting};
use super::{CredentialOf, FaultOf, Vendor};
use crate::fate::Kind;
use crate::ledger::{Hazard, Ledger};
use crate::source::Source;

const APPID: &str = "10055004";
const BUCKET: &str = "accesslog";
/// The secret keys of the two accounts, and a wrong one. None may ever be seen outside a signature.
const KEYS: [&str; 3] = ["canary-of-the-first-key", "canary-of-the-second-key", "canary-of-the-wrong-key"];
/// The ids that go with them.
const IDS: [&str; 3] = ["AKIDfirst", "AKIDsecond", "AKIDfirst"];
const CALLS: [&str; 7] = ["Upload", "Init", "List", "Data", "Finish", "Delete", "Stat"];
const OPS: [&str; 7] =
    ["upload", "upload_slice_init", "upload_slice_list", "upload_slice_data", "upload_slice_finish", "delete", "stat"];

const UPLOAD: usize = 0;
const INIT: usize = 1;
const LIST: usize = 2;
const DATA: usize = 3;
const FINISH: usize = 4;
const DELETE: usize = 5;
const STAT: usize = 6;

/// COS v2 with its own protocol, or with one that is made of it.
#[derive(Clone, Copy, Debug)]
pub struct CosV2Vendor<P = CosV2> {
    wrap: fn(CosV2) -> P,
}

impl CosV2Vendor {
    /// The protocol as it is.
    pub fn new() -> Self {
        Self { wrap: |protocol| protocol }
    }
}

impl Default for CosV2Vendor {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> CosV2Vendor<P> {
    /// Another protocol in its place: one that is broken on purpose, say.
    pub fn wrapped(wrap: fn(CosV2) -> P) -> Self {
        Self { wrap }
    }
}

impl<P> Vendor for CosV2Vendor<P>
where
    P: Protocol<Credential = Credential, Session = Session, Call = Call, Fault = Refusal, Outcome = Uploaded>,
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
            Kind::Fails | Kind::Callback => false,
            // A delete that comes after everything else destroys what was uploaded since: nobody can survive it.
            Kind::LostLate => call != DELETE,
            Kind::WrongEcho => call == DATA,
            Kind::WrongSession => matches!(call, INIT | LIST | DATA),
            Kind::Forget => call != UPLOAD,
            _ => true,
        }
    }

    fn draw(&self, chance: &mut Rng) -> Setting {
        Setting::draw(chance)
    }

    fn enumerated(&self) -> Vec<(Setting, usize)> {
        enumerated()
    }

    fn size(&self, setting: &Setting) -> u64 {
        setting.size
    }

    fn piece(&self, setting: &Setting) -> u64 {
        if setting.in_one_request() { setting.size } else { setting.slice_in_force().min(setting.size) }
    }

    fn in_one_request(&self, setting: &Setting) -> bool {
        setting.in_one_request()
    }

    fn protocol(&self, setting: &Setting) -> P {
        (self.wrap)(CosV2::new(place(setting.key), setting.options.clone()).expect("options that are possible"))
    }

    fn credential(&self, number: usize) -> CredentialOf<Self> {
        Credential::new(IDS[number], KEYS[number])
    }

    fn canaries(&self) -> &'static [&'static str] {
        &KEYS
    }

    fn server(&self, setting: &Setting, source: &Source, chance: &mut Rng) -> Emulator {
        server::build(setting, source, chance)
    }

    fn call_of(&self, request: &Request<Body>, _: u64) -> usize {
        if request.method() == Method::GET {
            return STAT;
        }
        let Some(Segment::Bytes(head)) = request.body().segments().first() else { return STAT };
        let text = String::from_utf8_lossy(head);
        let form = text.split("name=\"op\"\r\n\r\n").nth(1).and_then(|rest| rest.split("\r\n").next());
        let named = form.map(|op| OPS.iter().position(|known| *known == op));
        named.unwrap_or(Some(DELETE)).unwrap_or(STAT)
    }

    fn seals(&self, call: usize) -> bool {
        matches!(call, UPLOAD | FINISH | DELETE)
    }

    fn removes(&self, call: usize) -> bool {
        call == DELETE
    }

    fn says_finished(&self, call: usize, response: &Response<Bytes>) -> Option<bool> {
        let said = || serde_json::from_slice::<serde_json::Value>(response.body()).ok();
        let said = (call == LIST).then(said)??;
        (said["code"] == 0).then(|| said["data"]["session"].is_null())
    }

    fn says_success(&self, response: &Response<Bytes>) -> bool {
        response.body().starts_with(b"{\"code\":0,")
    }

    /// The client may survive it: the refusal is as good as one of an unknown session.
    fn blames_client(&self, response: &Response<Bytes>) -> bool {
        String::from_utf8_lossy(response.body()).contains("slice out of order")
    }

    fn fault(&self, kind: Kind, call: usize, chance: &mut Rng) -> Fault {
        server::fault(kind, call, chance)
    }

    fn hazards(&self, call: usize, fault: &Fault) -> Vec<Hazard> {
        server::hazards(call, fault)
    }

    /// A late init may open another session, beside the object or after the first session was finished.
    fn straggles_into(&self, _: &Setting, call: usize, _: &Response<Bytes>) -> Option<Hazard> {
        (call == INIT).then_some(Hazard::Session)
    }

    fn object(&self, setting: &Setting, server: &Emulator) -> Option<Vec<u8>> {
        server.cos_v2().read_object(APPID, BUCKET, setting.key).ok().flatten()
    }

    fn digests_what_it_sends(&self, setting: &Setting) -> bool {
        setting.options.integrity != Integrity::None
    }

    fn compares_content(&self, setting: &Setting) -> bool {
        setting.options.integrity != Integrity::None
    }

    fn has_unfinished(&self, setting: &Setting, server: &Emulator) -> bool {
        server.cos_v2().slices(APPID, BUCKET, setting.key).is_some_and(|slices| !slices.is_empty())
    }

    fn protects_older(&self, setting: &Setting) -> bool {
        setting.options.insert_only
    }

    fn has_stranger(&self, setting: &Setting) -> bool {
        matches!(setting.before, Before::Stranger { .. } | Before::Ours { .. } | Before::OtherAndStranger)
    }

    fn explains(&self, setting: &Setting, ledger: &Ledger, fault: &FaultOf<Self>) -> bool {
        honesty::explains(setting, ledger, fault)
    }

    fn clock_is_hopeless(&self, setting: &Setting) -> bool {
        honesty::clock_is_hopeless(setting)
    }

    fn hides_sessions(&self, setting: &Setting, ledger: &Ledger) -> bool {
        honesty::hides_sessions(setting, ledger)
    }
}

fn place(key: &str) -> Place {
    let path = ObjectPath::new(format!("/{key}")).expect("the simulator's own path");
    Place::new("https://sh.file.myqcloud.com", APPID, BUCKET, path).expect("the simulator's own place")
}

/// Three slices with every integrity mode, one after the other and side by side; and the whole file in one request.
fn enumerated() -> Vec<(Setting, usize)> {
    let mut all = Vec::new();
    for integrity in [Integrity::None, Integrity::Sha1, Integrity::Chain] {
        for (serial, window) in [(SerialUpload::One, 1), (SerialUpload::One, 3), (SerialUpload::Zero, 3)] {
            let mut sliced = Setting::plain(3 * 64, integrity);
            sliced.switches.serial_upload = serial;
            all.push((sliced, window));
        }
        let mut whole = Setting::plain(100, integrity);
        whole.options.one_request_max = 200;
        all.push((whole, 1));
    }
    all
}
