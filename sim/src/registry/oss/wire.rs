//! The calls, what their answers mean, and what a fault may make of them.

use bytes::Bytes;
use fastrand::Rng;
use http::{Method, Request, Response};
use resumable_core::Body;
use resumable_emulator::{Fault, VendorCode};
use resumable_proto_oss::{DIALECT, ErrorReply};

use crate::calls::{Stake, calls};
use crate::chance::pick;
use crate::fault_kind::Kind;
use crate::ledger::Allowed;
use crate::vendor::{Wire, allowed_anywhere};

// Nobody can find an upload whose name is lost. An abort names the upload that it removes, and no other can have that name.
// A temporary key may be judged when the request begins, or when it ends.
calls! {
    Put "put_object" {
        stake: Stake::Result, minds_beginnings: true, meets: &[Kind::WrongEcho, Kind::Callback, Kind::Flipped]
    };
    Initiate "initiate" { stake: Stake::Name };
    List "list_parts" { meets: &[Kind::WrongEcho, Kind::Forget] };
    Part "upload_part" { minds_beginnings: true, meets: &[Kind::WrongEcho, Kind::Forget, Kind::Flipped] };
    Complete "complete" {
        stake: Stake::Result, meets: &[Kind::WrongEcho, Kind::Forget, Kind::Callback, Kind::Spoilt]
    };
    Abort "abort" { meets: &[Kind::Forget] };
    Head "head_object" { meets: &[Kind::WrongEcho] };
}

/// Codes of the vendor's, with every kind of meaning; the last two are in no table. Those that no client gets that does
/// as the vendor says are not among them, for the oracle watches out for them.
const CODES: [(u16, &str); 22] = [
    (500, "InternalError"),
    (503, "ServiceUnavailable"),
    (400, "RequestTimeout"),
    (503, "QpsLimitExceeded"),
    (400, "BadRequest"),
    (403, "RequestTimeTooSkewed"),
    (403, "InvalidAccessKeyId"),
    (403, "SecurityTokenExpired"),
    (403, "InvalidSecurityToken"),
    (403, "SignatureDoesNotMatch"),
    (403, "AccessDenied"),
    (404, "NoSuchBucket"),
    (404, "NoSuchKey"),
    (404, "NoSuchUpload"),
    (409, "PartAlreadyExist"),
    (400, "PartNotSequential"),
    (400, "InvalidPart"),
    (400, "EntityTooSmall"),
    (409, "FileAlreadyExists"),
    (409, "FileImmutable"),
    (400, "NoSuchCodeAnywhere"),
    (500, "NoSuchFailureAnywhere"),
];

/// What a page of a list may lie about.
pub(crate) const LISTS: [Fault; 8] = [
    Fault::WrongEtag,
    Fault::WrongCrc,
    Fault::WrongLength,
    Fault::DuplicatePart,
    Fault::MissingPart,
    Fault::ExtraPart,
    Fault::StuckMarker,
    Fault::MissingMarker,
];

impl Wire for Call {
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

    /// HTTP 203 is how the vendor says that a callback failed.
    fn says_success(response: &Response<Bytes>) -> bool {
        matches!(response.status().as_u16(), 200 | 204) && ErrorReply::read(&DIALECT, response).is_none()
    }

    /// What only the server says of itself, and no fault in its place.
    fn blames_client(response: &Response<Bytes>) -> bool {
        let text = String::from_utf8_lossy(response.body());
        let has = |what: &str| text.contains(what);
        match code(response).as_deref() {
            Some(
                "InvalidArgument"
                | "InvalidDigest"
                | "InvalidObjectName"
                | "InvalidPartOrder"
                | "MalformedXML"
                | "MissingContentLength"
                | "NotImplemented",
            ) => true,
            Some("PartNotSequential") => has("<PartNumber>"),
            Some("EntityTooSmall" | "EntityTooLarge") => has("<ProposedSize>"),
            _ => false,
        }
    }

    fn wrong_echo(self, chance: &mut Rng) -> Fault {
        match self {
            Self::List => LISTS[chance.usize(0..LISTS.len())].clone(),
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
            Fault::CallbackFailed { .. } => vec![Allowed::Fatal],
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
            Fault::Refuse { code: VendorCode::Text(code), .. } => self.code_allows(code),
            _ => allowed_anywhere(fault),
        }
    }
}

impl Call {
    /// Where the vendor tells another digest than that of what it has.
    fn lie_allows(self, fault: &Fault) -> Vec<Allowed> {
        match (self, fault) {
            (Self::Put | Self::Complete | Self::Head, Fault::WrongEtag) => Vec::new(),
            // What a list says of parts that count already goes into the digest of the whole.
            (Self::Put | Self::Complete, _) | (Self::List, Fault::WrongCrc) => vec![Allowed::Digest],
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
            | "QpsLimitExceeded"
            | "NoSuchFailureAnywhere" => {
                vec![Allowed::Outage]
            }
            "RequestTimeTooSkewed" => vec![Allowed::Clock],
            "InvalidAccessKeyId" | "SecurityTokenExpired" | "InvalidSecurityToken" | "SignatureDoesNotMatch" => {
                vec![Allowed::Credential]
            }
            "NoSuchKey" if self == Self::Head => vec![Allowed::Session],
            // What is said to be gone is still there, and the client cannot know.
            "NoSuchUpload" if in_upload => vec![Allowed::Session, Allowed::Denial],
            "InvalidPart" | "PartNotSequential" if self == Self::Complete => vec![Allowed::Refusal, Allowed::Session],
            "FileAlreadyExists" if matches!(self, Self::Put | Self::Complete) => {
                vec![Allowed::Fatal, Allowed::Session, Allowed::Denial]
            }
            "BadRequest" | "NoSuchUpload" | "PartAlreadyExist" | "PartNotSequential" | "InvalidPart" => {
                vec![Allowed::Refusal]
            }
            _ => vec![Allowed::Fatal],
        }
    }
}

/// The code of a refusal, wherever it stands.
pub(crate) fn code(response: &Response<Bytes>) -> Option<String> {
    ErrorReply::read(&DIALECT, response)?.code
}

/// True for the refusals of a key that is not known, or no more.
pub(crate) fn is_of_key(response: &Response<Bytes>) -> bool {
    let code = code(response);
    matches!(code.as_deref(), Some("InvalidAccessKeyId" | "SecurityTokenExpired" | "InvalidSecurityToken"))
}
