//! The calls, what their answers mean, and what a fault may make of them.

use bytes::Bytes;
use fastrand::Rng;
use http::{Method, Request, Response};
use resumable_core::{Body, Segment};
use resumable_emulator::{Fault, VendorCode};
use serde_json::Value;

use crate::calls::{Calls as _, Stake, calls};
use crate::chance::pick;
use crate::fault_kind::Kind;
use crate::ledger::Allowed;
use crate::vendor::{Wire, allowed_anywhere};

calls! {
    Upload "upload" { stake: Stake::Result, meets: &[Kind::Flipped] };
    Init "upload_slice_init" { meets: &[Kind::WrongSession, Kind::Forget] };
    List "upload_slice_list" { meets: &[Kind::WrongSession, Kind::Forget] };
    Data "upload_slice_data" { meets: &[Kind::WrongEcho, Kind::WrongSession, Kind::Forget, Kind::Flipped] };
    Finish "upload_slice_finish" { stake: Stake::Result, meets: &[Kind::Forget] };
    Delete "delete" { stake: Stake::Path, meets: &[Kind::Forget] };
    Stat "stat" { meets: &[Kind::Forget] };
}

/// Codes that may pass, and what they say. -197 and -4016 fit some calls only.
const CODES: [(u16, i64); 13] = [
    (500, -195),
    (503, -196),
    (503, -5997),
    (403, -97),
    (403, -48),
    (403, -59),
    (400, -288),
    (409, -4016),
    (400, -12_345),
    (500, -12_346),
    (400, -5999),
    (404, -133),
    (404, -197),
];

impl Wire for Call {
    const SLOWEST: u64 = 150_000;

    fn of(request: &Request<Body>, _: u64) -> Self {
        if request.method() == Method::GET {
            return Self::Stat;
        }
        let Some(Segment::Bytes(head)) = request.body().segments().first() else { return Self::Stat };
        let text = String::from_utf8_lossy(head);
        let form = text.split("name=\"op\"\r\n\r\n").nth(1).and_then(|rest| rest.split("\r\n").next());
        let Some(op) = form else { return Self::Delete };
        Self::ALL.iter().copied().find(|call| call.facts().op == op).unwrap_or(Self::Stat)
    }

    fn says_finished(self, response: &Response<Bytes>) -> Option<bool> {
        let said: Value = (self == Self::List).then(|| serde_json::from_slice(response.body()).ok())??;
        (said["code"] == 0).then(|| said["data"]["session"].is_null())
    }

    /// The client may survive it: the refusal is as good as one of an unknown session.
    fn blames_client(response: &Response<Bytes>) -> bool {
        String::from_utf8_lossy(response.body()).contains("slice out of order")
    }

    fn wrong_echo(self, chance: &mut Rng) -> Fault {
        if chance.bool() { Fault::WrongLength } else { Fault::WrongOffset }
    }

    fn refusal(self, chance: &mut Rng) -> Fault {
        match pick(chance, &CODES) {
            // "No such file" is an ordinary answer to these, and a lie if there is one.
            (_, -197) if self.reads() || self == Self::Delete => Fault::refuse(500, -195),
            (status, code) => Fault::refuse(status, code),
        }
    }

    fn allows(self, fault: &Fault) -> Vec<Allowed> {
        match fault {
            // A page that is not the vendor's is transient, too.
            Fault::Html { status: 404 | 302 } if self.reads() => vec![Allowed::Refusal, Allowed::Outage],
            Fault::WrongOffset | Fault::WrongLength | Fault::WrongSession if self == Self::Data => {
                vec![Allowed::Refusal]
            }
            // A list or a slice size that lies may be refused, or lead to slices that are.
            Fault::WrongLength | Fault::OffsetBeyondFile | Fault::SliceSize { .. } => {
                vec![Allowed::Outage, Allowed::Refusal, Allowed::Session, Allowed::Fatal]
            }
            Fault::WrongSession if matches!(self, Self::Init | Self::List) => vec![Allowed::Session, Allowed::Refusal],
            Fault::ForgetSession => vec![Allowed::Session, Allowed::Refusal],
            Fault::Refuse { code: VendorCode::Number(code), .. } => self.code_allows(*code),
            _ => allowed_anywhere(fault),
        }
    }
}

impl Call {
    fn reads(self) -> bool {
        matches!(self, Self::List | Self::Stat)
    }

    fn code_allows(self, code: i64) -> Vec<Allowed> {
        let in_session = matches!(self, Self::Data | Self::Finish);
        match code {
            // The list tells whether the session is lost, finished, or none of it.
            -288 | -166 | -197 if in_session => vec![Allowed::Session, Allowed::Refusal],
            -5999 if self == Self::Finish => vec![Allowed::Session, Allowed::Refusal],
            -97 | -48 | -47 => vec![Allowed::Credential],
            -59 | -96 => vec![Allowed::Clock],
            -288 | -166 if self.reads() => vec![Allowed::Refusal],
            -288 | -166 => vec![Allowed::Session],
            -4016 | -174 => vec![Allowed::Digest, Allowed::Refusal],
            -12_345 | -5999 | -133 | -197 => vec![Allowed::Fatal],
            _ => vec![Allowed::Outage],
        }
    }
}
