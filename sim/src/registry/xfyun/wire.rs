//! The calls, what their answers mean, and what a fault may make of them.

use bytes::Bytes;
use fastrand::Rng;
use http::{Request, Response};
use resumable_core::{Body, Segment};
use resumable_emulator::{Fault, VendorCode};
use resumable_proto_xfyun::Op;

use crate::calls::{Calls as _, Stake, calls};
use crate::chance::pick;
use crate::fault_kind::Kind;
use crate::ledger::Allowed;
use crate::vendor::{Wire, allowed_anywhere};

// No answer echoes anything. An init opens what nobody can name if its answer is lost: a crash must not forget it. Slices
// of one upload that are on the way at the same time may be refused. A cancel names the upload that it removes, and no
// other can have that name.
calls! {
    Upload "upload" { stake: Stake::Result, meets: &[Kind::Flipped] };
    Init "mpupload/init" { stake: Stake::Result };
    Slice "mpupload/upload" { minds_beginnings: true, meets: &[Kind::Forget, Kind::Flipped] };
    Complete "mpupload/complete" { stake: Stake::Result, meets: &[Kind::Forget] };
    Cancel "mpupload/cancel" { stake: Stake::Result, meets: &[Kind::Forget] };
}

/// In the order of the calls.
const PATHS: [Op; 5] = [Op::Upload, Op::MpuploadInit, Op::MpuploadUpload, Op::MpuploadComplete, Op::MpuploadCancel];

/// The emulator's words for a request that no client makes that counts slices from 1, fills all but the last, and sends
/// all of them.
const BLAME: [&str; 4] = ["must not be empty", "is too short", "are missing", "does not belong"];
/// Codes of the vendor's, with every kind of meaning; the last two are in no table.
const CODES: [i64; 13] =
    [10_002, 10_003, 10_004, 10_005, 10_005, 10_006, 10_007, 11_202, 11_203, 10_001, 11_201, 10_303, 12_345];

/// Texts of the gateway's, each with its status; the last one is in no table.
const TEXTS: [(u16, &str); 5] = [
    (401, "HMAC signature does not match"),
    (401, "Unauthorized"),
    (403, "Your IP address is not allowed"),
    (429, "API rate limit exceeded"),
    (400, "no such thing"),
];

impl Wire for Call {
    fn of(request: &Request<Body>, _: u64) -> Self {
        let path = request.uri().path();
        Self::ALL[PATHS.iter().position(|op| op.path() == path).expect("a path of this API")]
    }

    fn upload_of(request: &Request<Body>) -> Option<String> {
        request.body().segments().iter().find_map(|segment| match segment {
            Segment::Bytes(bytes) => {
                let text = String::from_utf8_lossy(bytes);
                let (_, value) = text.split_once("name=\"upload_id\"\r\n\r\n")?;
                value.split("\r\n").next().map(str::to_owned)
            }
            Segment::Source(_) => None,
        })
    }

    fn blames_client(response: &Response<Bytes>) -> bool {
        let text = String::from_utf8_lossy(response.body());
        BLAME.iter().any(|words| text.contains(words))
    }

    fn refusal(self, chance: &mut Rng) -> Fault {
        if chance.u8(0..3) == 0 {
            let (status, text) = pick(chance, &TEXTS);
            return Fault::Refuse { status, code: VendorCode::Text(text.to_owned()) };
        }
        let status = pick(chance, &[200, 500, 400]);
        Fault::refuse(status, pick(chance, &CODES))
    }

    fn allows(self, fault: &Fault) -> Vec<Allowed> {
        match fault {
            Fault::Refuse { status, code: VendorCode::Number(code) } => self.code_allows(*code, *status),
            Fault::Refuse { status, code: VendorCode::Text(_) } => vec![match status {
                401 => Allowed::Credential,
                429 => Allowed::Outage,
                400..500 => Allowed::Fatal,
                _ => Allowed::Outage,
            }],
            _ => allowed_anywhere(fault),
        }
    }
}

impl Call {
    fn code_allows(self, code: i64, status: u16) -> Vec<Allowed> {
        match code {
            // A slice that may be there is begun again with all the others.
            10_001 if self == Self::Slice => vec![Allowed::Fatal, Allowed::Session],
            10_001 | 11_200 | 11_201 => vec![Allowed::Fatal],
            // What is said to be gone is still there, and the client cannot know.
            10_005 => vec![Allowed::Session, Allowed::Denial],
            10_002..=10_007 | 11_202 | 11_203 => vec![Allowed::Outage],
            // The vendor's hosts answer refusals with it: the end, and the call may have had its effect.
            _ if status == 500 => vec![Allowed::Fatal, Allowed::Outage],
            _ if status > 500 => vec![Allowed::Outage],
            _ => vec![Allowed::Fatal],
        }
    }
}
