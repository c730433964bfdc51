//! Tencent COS JSON API v1.

mod honesty;
mod server;
mod setting;

use bytes::Bytes;
use fastrand::Rng;
use http::{Method, Request, Response};
use resumable_core::{Body, Protocol, Segment};
use resumable_emulator::cos_v1::{ResumeOffset, ResumeSession, StraySession};
use resumable_emulator::{Emulator, Fault};
use resumable_proto_cos_v1::{Call, CosV1, Credential, Fault as Refusal, ObjectPath, Place, Session, Uploaded};

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
/// The slice at the end of the file is a call of its own: it completes the object.
const CALLS: [&str; 5] = ["Upload", "Init", "Slice", "Last", "Stat"];
const OPS: [&str; 5] = ["upload", "upload_slice_init", "upload_slice_data", "upload_slice_data", "stat"];

const UPLOAD: usize = 0;
const INIT: usize = 1;
const SLICE: usize = 2;
const LAST: usize = 3;
const STAT: usize = 4;

/// COS v1 with its own protocol, or with one that is made of it.
#[derive(Clone, Copy, Debug)]
pub struct CosV1Vendor<P = CosV1> {
    wrap: fn(CosV1) -> P,
}

impl CosV1Vendor {
    /// The protocol as it is.
    pub fn new() -> Self {
        Self { wrap: |protocol| protocol }
    }
}

impl Default for CosV1Vendor {
    fn default() -> Self {
        Self::new()
    }
}

impl<P> CosV1Vendor<P> {
    /// Another protocol in its place: one that is broken on purpose, say.
    pub fn wrapped(wrap: fn(CosV1) -> P) -> Self {
        Self { wrap }
    }
}

impl<P> Vendor for CosV1Vendor<P>
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
            Kind::WrongEcho | Kind::WrongSession => matches!(call, INIT | SLICE | LAST),
            Kind::Forget => call != UPLOAD,
            _ => true,
        }
    }

    fn draw(&self, chance: &mut Rng) -> Setting {
        Setting::draw(chance)
    }

    /// Slices one after the other and side by side, with and without a short one at the end; the whole file in one
    /// request; an empty one.
    fn enumerated(&self) -> Vec<(Setting, usize)> {
        let mut all = Vec::new();
        for size in [3 * 64, 3 * 64 + 1] {
            for (parallel, window) in [(false, 1), (false, 3), (true, 3), (true, 2)] {
                for offset in [ResumeOffset::FirstGap, ResumeOffset::LastByte] {
                    let mut sliced = Setting::plain(size, parallel);
                    sliced.switches.resume_offset = offset;
                    all.push((sliced, window));
                }
            }
        }
        for size in [100, 0] {
            let mut whole = Setting::plain(size, false);
            whole.options.one_request_max = 200;
            all.push((whole, 1));
        }
        all
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
        (self.wrap)(CosV1::new(place(setting.key), setting.options.clone()).expect("options that are possible"))
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

    fn call_of(&self, request: &Request<Body>, len: u64) -> usize {
        if request.method() == Method::GET {
            return STAT;
        }
        let segments = request.body().segments();
        let is_slice = matches!(segments.first(), Some(Segment::Bytes(head))
            if String::from_utf8_lossy(head).contains("name=\"op\"\r\n\r\nupload_slice\r\n"));
        let source = segments.iter().find_map(|segment| match segment {
            Segment::Source(range) => Some(range.clone()),
            Segment::Bytes(_) => None,
        });
        match (is_slice, source) {
            (false, _) => UPLOAD,
            (true, None) => INIT,
            (true, Some(range)) if range.end == len => LAST,
            (true, Some(_)) => SLICE,
        }
    }

    fn seals(&self, call: usize) -> bool {
        matches!(call, UPLOAD | LAST)
    }

    /// Nothing that an upload needs removes anything.
    fn removes(&self, _: usize) -> bool {
        false
    }

    fn says_finished(&self, _: usize, _: &Response<Bytes>) -> Option<bool> {
        None
    }

    fn says_success(&self, response: &Response<Bytes>) -> bool {
        response.body().starts_with(b"{\"code\":0,")
    }

    /// The vendor gives no instructions about the order: whether slices may go side by side is a setting of the client.
    fn blames_client(&self, response: &Response<Bytes>) -> bool {
        String::from_utf8_lossy(response.body()).contains("slice does not fit")
    }

    fn fault(&self, kind: Kind, call: usize, chance: &mut Rng) -> Fault {
        server::fault(kind, call, chance)
    }

    fn hazards(&self, call: usize, fault: &Fault) -> Vec<Hazard> {
        server::hazards(call, fault)
    }

    /// A late init may give the session another name. A late slice may complete the object, and the session is gone with
    /// it.
    fn straggles_into(&self, setting: &Setting, call: usize, response: &Response<Bytes>) -> Option<Hazard> {
        let completes = || String::from_utf8_lossy(response.body()).contains("access_url");
        let lost = match call {
            INIT => setting.switches.resume_session == ResumeSession::Fresh,
            SLICE | LAST => completes(),
            _ => false,
        };
        lost.then_some(Hazard::Session)
    }

    fn renames(&self, setting: &Setting, call: usize) -> bool {
        let switches = &setting.switches;
        let refused = switches.stray_session == StraySession::Refuse;
        call == INIT && switches.resume_session == ResumeSession::Fresh && refused
    }

    /// A vendor that takes slices only in their order is found out by trying. Where slices of somebody else are there, one
    /// in the midst may complete the object, and those beside it find the session gone.
    fn leads_to(&self, setting: &Setting, call: usize, response: &Response<Bytes>) -> Option<Hazard> {
        let text = String::from_utf8_lossy(response.body());
        let found = text.contains("slice out of order") || (call == SLICE && text.contains("access_url"));
        (setting.options.parallel && found).then_some(Hazard::Session)
    }

    /// An offset behind a gap is believed where nothing tells of the gap, and everything is sent again once it shows.
    fn hazards_before(&self, setting: &Setting) -> Vec<Hazard> {
        let gap = matches!(setting.before, Before::Ours { gap: true, slices: 1.. });
        let hidden = gap && setting.switches.resume_offset == ResumeOffset::LastByte;
        if hidden { vec![Hazard::Session] } else { Vec::new() }
    }

    fn object(&self, setting: &Setting, server: &Emulator) -> Option<Vec<u8>> {
        server.cos_v1().read_object(APPID, BUCKET, setting.key).ok().flatten()
    }

    fn compares_content(&self, _: &Setting) -> bool {
        true
    }

    fn has_unfinished(&self, setting: &Setting, server: &Emulator) -> bool {
        server.cos_v1().slices(APPID, BUCKET, setting.key).iter().any(|slices| !slices.is_empty())
    }

    fn protects_older(&self, setting: &Setting) -> bool {
        setting.protects_older()
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

    fn sessions_are_hopeless(&self, setting: &Setting) -> bool {
        honesty::sessions_are_hopeless(setting)
    }

    /// So it is side by side, and once the offset was found to prove nothing.
    fn has_only_a_journal(&self, setting: &Setting, ledger: &Ledger) -> bool {
        setting.options.parallel || ledger.sessions() > 0
    }

    /// An init always tells how far ours is.
    fn hides_sessions(&self, _: &Setting, _: &Ledger) -> bool {
        false
    }
}

fn place(key: &str) -> Place {
    let path = ObjectPath::new(format!("/{key}")).expect("the simulator's own path");
    Place::new("http://web.file.myqcloud.com", APPID, BUCKET, path).expect("the simulator's own place")
}
