//! The calls, what their answers mean, and what a fault may make of them.

use bytes::Bytes;
use fastrand::Rng;
use http::{Method, Request, Response};
use resumable_core::Body;
use resumable_emulator::{Fault, VendorCode};
use resumable_proto_cos_xml::{DIALECT, ErrorReply};

use crate::calls::{Stake, calls};
use crate::chance::pick;
use crate::fault_kind::Kind;
use crate::ledger::Allowed;
use crate::vendor::{Wire, allowed_anywhere};

// Nobody can find an upload whose name is lost. An abort names the upload that it removes, and no other can have that name.
// A temporary key may be judged when the request begins, or when it ends.
calls! {
    Put "put_object" {
        stake: Stake::Result, minds_beginnings: true, meets: &[Kind::WrongEcho, Kind::Flipped]
    };
    Initiate "initiate" { stake: Stake::Name };
    List "list_parts" { meets: &[Kind::WrongEcho, Kind::Forget] };
    Part "upload_part" { minds_beginnings: true, meets: &[Kind::WrongEcho, Kind::Forget, Kind::Flipped] };
    Complete "complete" { stake: Stake::Result, meets: &[Kind::WrongEcho, Kind::Forget, Kind::Spoilt] };
    Abort "abort" { meets: &[Kind::Forget] };
    Head "head_object" { meets: &[Kind::WrongEcho] };
}

/// Codes of the vendor's, with every kind of meaning; the last two are in no table. Those that no client gets that does
/// as the vendor says are not among them, for the oracle watches out for them.
const CODES: [(u16, &str); 23] = [
    (500, "InternalError"),
    (503, "ServiceUnavailable"),
    (400, "RequestTimeout"),
    (400, "UserNetworkTooSlow"),
    (503, "SlowDown"),
    (400, "BadDigest"),
    (400, "IncompleteBody"),
    (403, "RequestTimeTooSkewed"),
    (403, "InvalidAccessKeyId"),
    (400, "ExpiredToken"),
    (403, "SignatureDoesNotMatch"),
    (403, "AccessDenied"),
    (402, "PaymentRequired"),
    (404, "NoSuchBucket"),
    (404, "NoSuchKey"),
    (404, "NoSuchUpload"),
    (400, "InvalidPart"),
    (400, "EntityTooSmall"),
    (400, "InvalidUploadStatus"),
    (409, "UploadConflict"),
    (409, "FileAlreadyExists"),
    (400, "NoSuchCodeAnywhere"),
    (500, "NoSuchFailureAnywhere"),
];

impl Wire for Call {
    /// A redirect is not among them: it has a `Location` here, and ends an upload that has no other host to go to.
    const PAGES: &'static [u16] = &[502, 504, 404, 413];
    /// The vendor itself says nothing while it puts parts together.
    const SLOWEST: u64 = 1_300_000;

    fn of(request: &Request<Body>, _: u64) -> Self {
        let query = request.uri().query().unwrap_or_default();
        match *request.method() {
            Method::PUT if query.contains("partNumber=") => Self::Part,
            Method::PUT => Self::Put,
            Method::POST if query.contains("uploadId=") => Self::Complete,
            Method::POST => Self::Initiate,
            Method::GET => Self::List,
            Method::DELETE => Self::Abort,
            _ => Self::Head,
        }
    }

    /// Complete says 200 before it is done: of its answer the body alone counts.
    fn says_success(response: &Response<Bytes>) -> bool {
        let body = response.body().trim_ascii_start();
        let blanks_alone = body.is_empty() && !response.body().is_empty();
        matches!(response.status().as_u16(), 200 | 204)
            && !blanks_alone
            && ErrorReply::read(&DIALECT, response).is_none()
    }

    /// What only the server says of itself, and no fault in its place.
    fn blames_client(response: &Response<Bytes>) -> bool {
        let text = String::from_utf8_lossy(response.body());
        match code(response).as_deref() {
            Some(
                "InvalidArgument"
                | "InvalidDigest"
                | "InvalidObjectName"
                | "InvalidPartOrder"
                | "InvalidRequest"
                | "InvalidURI"
                | "KeyTooLong"
                | "ListPartUploadIdIsEmpty"
                | "MalformedXML"
                | "MethodNotAllowed"
                | "MissingContentLength"
                | "NotImplemented",
            ) => true,
            Some("AccessDenied") => text.contains("These have to be signed"),
            Some("SignatureDoesNotMatch") => text.contains("The names of a list"),
            Some("InvalidPart") => text.contains("leave one out"),
            _ => false,
        }
    }

    fn wrong_echo(self, chance: &mut Rng) -> Fault {
        match self {
            Self::List => {
                let all = [
                    Fault::WrongEtag,
                    Fault::WrongLength,
                    Fault::DuplicatePart,
                    Fault::MissingPart,
                    Fault::ExtraPart,
                    Fault::StuckMarker,
                    Fault::MissingMarker,
                ];
                all[chance.usize(0..all.len())].clone()
            }
            _ if chance.bool() => Fault::WrongEtag,
            _ => Fault::WrongCrc,
        }
    }

    fn refusal(self, chance: &mut Rng) -> Fault {
        let (status, code) = pick(chance, &CODES);
        Fault::refuse(status, code)
    }

    fn allows(self, fault: &Fault) -> Vec<Allowed> {
        match fault {
            Fault::Html { status: 404 } => vec![Allowed::Refusal, Allowed::Outage],
            Fault::StuckMarker | Fault::MissingMarker => vec![Allowed::Refusal],
            Fault::WrongEtag
            | Fault::WrongCrc
            | Fault::WrongLength
            | Fault::DuplicatePart
            | Fault::MissingPart
            | Fault::ExtraPart => self.lie_allows(fault),
            // A temporary key is revoked; with any other one the date is refused.
            Fault::ExpireToken => vec![Allowed::Clock, Allowed::Credential],
            Fault::Refuse { status, .. } if self == Self::Head => head_allows(*status),
            Fault::Refuse { code: VendorCode::Text(code), .. } => self.code_allows(code),
            _ => allowed_anywhere(fault),
        }
    }
}

impl Call {
    /// Where the vendor tells another digest or length than that of what it has.
    fn lie_allows(self, fault: &Fault) -> Vec<Allowed> {
        match (self, fault) {
            (Self::Put | Self::Complete | Self::Head, Fault::WrongEtag) => Vec::new(),
            (Self::Put | Self::Complete, _) => vec![Allowed::Digest],
            (Self::Head, _) => vec![Allowed::Session],
            // A tag that is not the part's is refused with complete, or makes another upload necessary.
            (Self::Part, _) => vec![Allowed::Refusal, Allowed::Session],
            // It is seen twice: there is less than was acknowledged, and then, what is there is something else.
            _ => vec![Allowed::Session, Allowed::Session],
        }
    }

    fn code_allows(self, code: &str) -> Vec<Allowed> {
        let in_upload = matches!(self, Self::Part | Self::List | Self::Complete | Self::Abort);
        match code {
            "InternalError"
            | "ServiceUnavailable"
            | "RequestTimeout"
            | "UserNetworkTooSlow"
            | "SlowDown"
            | "NoSuchFailureAnywhere" => vec![Allowed::Outage],
            "InvalidUploadStatus" | "UploadConflict" if self == Self::Complete => vec![Allowed::Outage],
            "RequestTimeTooSkewed" => vec![Allowed::Clock],
            "InvalidAccessKeyId" | "ExpiredToken" | "SignatureDoesNotMatch" => vec![Allowed::Credential],
            // What is said to be gone is still there, and the client cannot know.
            "NoSuchUpload" if in_upload => vec![Allowed::Session, Allowed::Denial],
            "InvalidPart" if self == Self::Complete => vec![Allowed::Refusal, Allowed::Session],
            "FileAlreadyExists" if matches!(self, Self::Put | Self::Complete) => {
                vec![Allowed::Fatal, Allowed::Session, Allowed::Denial]
            }
            "BadDigest"
            | "IncompleteBody"
            | "NoSuchUpload"
            | "InvalidPart"
            | "InvalidUploadStatus"
            | "UploadConflict" => vec![Allowed::Refusal],
            _ => vec![Allowed::Fatal],
        }
    }
}

/// A refusal of `HEAD` has no body, so its status is all that is known.
fn head_allows(status: u16) -> Vec<Allowed> {
    match status {
        404 => vec![Allowed::Session],
        // So the vendor says that a token has expired.
        400 => vec![Allowed::Credential],
        403 => vec![Allowed::Fatal],
        500.. => vec![Allowed::Outage],
        _ => vec![Allowed::Refusal],
    }
}

/// The code of a refusal.
pub(super) fn code(response: &Response<Bytes>) -> Option<String> {
    ErrorReply::read(&DIALECT, response)?.code
}

/// True for the refusals of a key that is not known, or no more.
pub(super) fn is_of_key(response: &Response<Bytes>) -> bool {
    matches!(code(response).as_deref(), Some("InvalidAccessKeyId" | "ExpiredToken"))
}
