//! The calls, what their answers mean, and what a fault may make of them.

use bytes::Bytes;
use fastrand::Rng;
use http::{Method, Request, Response};
use resumable_core::{Body, Segment};
use resumable_emulator::{Fault, VendorCode};

use crate::calls::{Stake, calls};
use crate::chance::pick;
use crate::fault_kind::Kind;
use crate::ledger::Allowed;
use crate::vendor::{Wire, allowed_anywhere};

const SESSION: &[Kind] = &[Kind::WrongEcho, Kind::WrongSession, Kind::Forget];
const SLICE: &[Kind] = &[Kind::WrongEcho, Kind::WrongSession, Kind::Forget, Kind::Flipped];

// The slice at the end of the file is a call of its own: it completes the object.
calls! {
    Upload "upload" { stake: Stake::Result, meets: &[Kind::Flipped] };
    Init "upload_slice_init" { meets: SESSION };
    Slice "upload_slice_data" { meets: SLICE };
    Last "upload_slice_data" { stake: Stake::Result, meets: SLICE };
    Stat "stat" { meets: &[Kind::Forget] };
}

/// Codes that may pass, and what they say.
const CODES: [(u16, i64); 18] = [
    (400, -181),
    (400, -195),
    (503, -196),
    (400, -5997),
    (400, -97),
    (400, -48),
    (400, -59),
    (400, -96),
    (400, -166),
    (400, -288),
    (400, -197),
    (400, -4016),
    (400, -177),
    (400, -4018),
    (400, -12_345),
    (500, -12_346),
    (400, -5999),
    (404, -133),
];

impl Wire for Call {
    const SLOWEST: u64 = 450_000;

    fn of(request: &Request<Body>, len: u64) -> Self {
        if request.method() == Method::GET {
            return Self::Stat;
        }
        let segments = request.body().segments();
        let is_slice = matches!(segments.first(), Some(Segment::Bytes(head))
            if String::from_utf8_lossy(head).contains("name=\"op\"\r\n\r\nupload_slice\r\n"));
        let source = segments.iter().find_map(|segment| match segment {
            Segment::Source(range) => Some(range.clone()),
            Segment::Bytes(_) => None,
        });
        match (is_slice, source) {
            (false, _) => Self::Upload,
            (true, None) => Self::Init,
            (true, Some(range)) if range.end == len => Self::Last,
            (true, Some(_)) => Self::Slice,
        }
    }

    /// The vendor gives no instructions about the order: whether slices may go side by side is a setting of the client.
    fn blames_client(response: &Response<Bytes>) -> bool {
        String::from_utf8_lossy(response.body()).contains("slice does not fit")
    }

    fn wrong_echo(self, chance: &mut Rng) -> Fault {
        if chance.bool() { Fault::OffsetBeyondFile } else { Fault::WrongOffset }
    }

    fn refusal(self, chance: &mut Rng) -> Fault {
        match pick(chance, &CODES) {
            // "No such file" is an ordinary answer to this, and a lie if there is one.
            (_, -166 | -197) if self == Self::Stat => Fault::refuse(400, -195),
            (status, code) => Fault::refuse(status, code),
        }
    }

    fn allows(self, fault: &Fault) -> Vec<Allowed> {
        match fault {
            // A page that is not the vendor's is transient, too.
            Fault::Html { status: 404 | 302 } if self == Self::Stat => vec![Allowed::Refusal, Allowed::Outage],
            // Another offset than the slice's, or one beyond the file, costs the session; one to go on at is believed.
            Fault::WrongOffset | Fault::OffsetBeyondFile | Fault::ForgetSession => {
                vec![Allowed::Session, Allowed::Refusal]
            }
            Fault::WrongSession if self == Self::Init => vec![Allowed::Session, Allowed::Refusal],
            Fault::WrongSession => vec![Allowed::Refusal],
            Fault::SliceSize { .. } => vec![Allowed::Outage, Allowed::Refusal, Allowed::Session, Allowed::Fatal],
            Fault::Refuse { code: VendorCode::Number(code), .. } => self.code_allows(*code),
            _ => allowed_anywhere(fault),
        }
    }
}

impl Call {
    fn code_allows(self, code: i64) -> Vec<Allowed> {
        let in_session = matches!(self, Self::Init | Self::Slice | Self::Last);
        match code {
            -97 | -48 => vec![Allowed::Credential],
            -59 | -96 => vec![Allowed::Clock],
            // After one request an init tells; stat only asks again.
            -288 | -166 if !in_session => vec![Allowed::Refusal],
            -288 | -166 => vec![Allowed::Session],
            -4016 => vec![Allowed::Digest, Allowed::Refusal],
            // To an init without a session they are what they say.
            -197 | -5999 if self == Self::Init => vec![Allowed::Session, Allowed::Fatal],
            -197 | -5999 if in_session => vec![Allowed::Session],
            // A look at the path tells otherwise, and then the session is as good as lost.
            -177 | -4018 if self != Self::Stat => vec![Allowed::Session, Allowed::Fatal],
            -12_345 | -5999 | -133 | -197 | -177 | -4018 => vec![Allowed::Fatal],
            _ => vec![Allowed::Outage],
        }
    }
}
