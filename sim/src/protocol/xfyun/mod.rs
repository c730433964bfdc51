//! iFLYTEK OST file upload. The vendor names the objects and can be asked nothing: an object is known by the url of a
//! receipt, copies are left, and the client's checkpoints alone know what has arrived.

mod honesty;
mod server;
mod setting;

use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::{Body, Protocol, Receipt, Remains};
use resumable_emulator::{Emulator, Fault};
use resumable_proto_xfyun::{App, Call, Credential, Fault as Refusal, Op, Session, Uploaded, Xfyun};

pub use self::setting::Setting;
use super::{CredentialOf, FaultOf, OutcomeOf, Vendor};
use crate::fate::Kind;
use crate::ledger::{Hazard, Ledger};
use crate::source::Source;

const ENDPOINT: &str = "https://upload-ost-api.xfyun.cn";
const APP_ID: &str = "4CC5779A";
const OBJECTS_URL: &str = "https://ost.example/objects";
/// The secrets of the two key pairs, and a wrong one. None may ever be seen outside a signature.
const SECRETS: [&str; 3] = ["canary-of-the-first-secret", "canary-of-the-second-secret", "canary-of-the-wrong-secret"];
/// The keys that go with them.
const KEYS: [&str; 3] = ["first-key", "second-key", "first-key"];
const CALLS: [&str; 5] = ["Upload", "Init", "Slice", "Complete", "Cancel"];
const OPS: [&str; 5] = ["upload", "mpupload/init", "mpupload/upload", "mpupload/complete", "mpupload/cancel"];
/// In the order of [`CALLS`].
const PATHS: [Op; 5] = [Op::Upload, Op::MpuploadInit, Op::MpuploadUpload, Op::MpuploadComplete, Op::MpuploadCancel];

const SLICE: usize = 2;
const COMPLETE: usize = 3;
const CANCEL: usize = 4;

/// xfyun with its own protocol, or with one that is made of it.
#[derive(Clone, Copy, Debug)]
pub struct XfyunVendor<P = Xfyun> {
    wrap: fn(Xfyun) -> P,
}

impl XfyunVendor {
    /// The protocol as it is.
    pub fn new() -> Self {
        Self { wrap: |protocol| protocol }
    }
}

impl Default for XfyunVendor {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> XfyunVendor<P> {
    /// Another protocol in its place: one that is broken on purpose, say.
    pub fn wrapped(wrap: fn(Xfyun) -> P) -> Self {
        Self { wrap }
    }
}

impl<P> Vendor for XfyunVendor<P>
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

    fn hashes(&self) -> bool {
        false
    }

    fn can_meet(&self, call: usize, kind: Kind) -> bool {
        match kind {
            // No answer echoes anything.
            Kind::Fails | Kind::WrongEcho | Kind::WrongSession | Kind::Callback => false,
            Kind::Forget => matches!(call, SLICE | COMPLETE | CANCEL),
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
        let app = App::new(ENDPOINT, APP_ID, setting.cloud_id).expect("the simulator's own app");
        (self.wrap)(Xfyun::new(app, setting.options.clone()).expect("options that are possible"))
    }

    fn credential(&self, number: usize) -> CredentialOf<Self> {
        Credential::new(KEYS[number], SECRETS[number]).expect("the simulator's own keys")
    }

    fn canaries(&self) -> &'static [&'static str] {
        &SECRETS
    }

    fn server(&self, setting: &Setting, _source: &Source, _chance: &mut Rng) -> Emulator {
        server::build(setting)
    }

    fn call_of(&self, request: &Request<Body>, _: u64) -> usize {
        let path = request.uri().path();
        PATHS.iter().position(|op| op.path() == path).expect("a path of this API")
    }

    /// An init opens what nobody can name if its answer is lost: a crash must not forget it.
    fn seals(&self, call: usize) -> bool {
        call != SLICE
    }

    /// Slices of one upload that are on the way at the same time may be refused.
    fn minds_beginnings(&self, call: usize) -> bool {
        call == SLICE
    }

    /// A cancel names the upload that it removes, and no other can have that name.
    fn removes(&self, _call: usize) -> bool {
        false
    }

    fn says_finished(&self, _call: usize, _response: &Response<Bytes>) -> Option<bool> {
        None
    }

    fn says_success(&self, response: &Response<Bytes>) -> bool {
        response.body().starts_with(b"{\"code\":0,")
    }

    fn blames_client(&self, response: &Response<Bytes>) -> bool {
        honesty::blames_client(response)
    }

    fn fault(&self, kind: Kind, _call: usize, chance: &mut Rng) -> Fault {
        server::fault(kind, chance)
    }

    fn hazards(&self, call: usize, fault: &Fault) -> Vec<Hazard> {
        server::hazards(call, fault)
    }

    fn hazards_of_answer(
        &self,
        setting: &Setting,
        ledger: &Ledger,
        call: usize,
        response: &Response<Bytes>,
        elapsed: Duration,
    ) -> Vec<Hazard> {
        let gone = server::is_gone(response) && honesty::can_be_gone(setting, ledger, call, elapsed);
        let lost = gone || (call == SLICE && honesty::is_refused_again(setting, ledger, response));
        lost.then_some(Hazard::Session).into_iter().collect()
    }

    /// What arrives late leaves a copy or an upload at most, and touches no other.
    fn straggles_into(&self, _: &Setting, _: usize, _: &Response<Bytes>) -> Option<Hazard> {
        None
    }

    /// There are no paths: nothing is where an object would go.
    fn object(&self, _setting: &Setting, _server: &Emulator) -> Option<Vec<u8>> {
        None
    }

    fn object_of(&self, _setting: &Setting, server: &Emulator, receipt: &Receipt) -> Option<Vec<u8>> {
        let name = receipt.url.as_deref()?.strip_prefix(OBJECTS_URL)?.strip_prefix('/')?;
        server.xfyun().read_object(name).ok().flatten()
    }

    fn check_outcome(
        &self,
        _setting: &Setting,
        server: &Emulator,
        ledger: &Ledger,
        outcome: &OutcomeOf<Self>,
    ) -> Result<(), String> {
        honesty::check_strays(server, ledger, outcome.strays)
    }

    fn is_left(&self, _setting: &Setting, server: &Emulator, ledger: &Ledger, remains: Remains) -> bool {
        honesty::is_left(server, ledger, remains)
    }

    fn left_by_older(&self, _: &Setting, server: &Emulator) -> u64 {
        honesty::there(server)
    }

    fn trusts_checkpoints(&self) -> bool {
        true
    }

    /// A second lost url ends a run; the next one asks once more, and may then upload again.
    fn can_be_run_again(&self, fault: &FaultOf<Self>) -> bool {
        matches!(fault, Refusal::UrlLost(_))
    }

    fn has_unfinished(&self, _setting: &Setting, server: &Emulator) -> bool {
        !server.xfyun().unfinished().is_empty()
    }

    /// Nothing is ever replaced.
    fn protects_older(&self, _setting: &Setting) -> bool {
        true
    }

    fn has_stranger(&self, _setting: &Setting) -> bool {
        false
    }

    fn explains(&self, setting: &Setting, ledger: &Ledger, fault: &FaultOf<Self>) -> bool {
        honesty::explains(setting, ledger, fault)
    }

    fn clock_is_hopeless(&self, setting: &Setting) -> bool {
        honesty::no_signature_will_do(setting)
    }

    fn hides_sessions(&self, _setting: &Setting, _ledger: &Ledger) -> bool {
        false
    }
}
