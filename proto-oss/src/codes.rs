//! The vendor's error codes: names in `<Code>`, with an HTTP status beside them that says less.
pub use resumable_proto_multipart::codes::{Class, Code, advice_unreadable};

use crate::Op;

use http::StatusCode;
use resumable_core::Advice;

const KEYS: &str = "check the access_key_id and the access_key_secret, and that they belong together";
const RENEW: &str = "get new keys; temporary ones expire";
const PROGRAM: &str = "this is a bug in this program";
const SETTINGS: &str = "check the region and the callback; if they are right, this is a bug in this program";
const MONEY: &str = "check the bills and messages in the vendor's console";
const OWNER: &str = "ask the owner of the bucket to check the vendor's console";
const ENCRYPTION: &str = "enable KMS in the vendor's console, or change how the bucket encrypts";
const SERVER: &str =
    "check the endpoint; a server that only resembles OSS may lack sequential, callback, forbid_overwrite";

/// The codes that an upload can meet. What each class leads to stands in `docs/oss.md`, for every code of this table.
pub const CODES: &[Code] = &[
    row("AbnormalBucketOwnerStatus", Class::Refused, "the account that owns the bucket is closed or suspended", OWNER),
    row(
        "AccessDenied",
        Class::Refused,
        "the keys do not allow it",
        "check the policies of the keys and the bucket, and the endpoint",
    ),
    row("AccessKeyIdAndSecurityTokenNotMatch", Class::Credential, "the security token belongs to other keys", RENEW),
    row("BadDigest", Class::Again, "the request arrived damaged", ""),
    row("BadRequest", Class::Again, "the request did not arrive as it should", ""),
    row("BucketDisable", Class::Refused, "the bucket is disabled", OWNER),
    row("BucketNotBelongTo", Class::Refused, "the bucket belongs to another account", "check the bucket and the keys"),
    row(
        "CallbackFailed",
        Class::CallbackFailed,
        "the object is stored, but the callback failed",
        "check the callback's server",
    ),
    row(
        "CnameDenied",
        Class::Refused,
        "the domain is not bound to this bucket",
        "check the endpoint, or use the vendor's own",
    ),
    row("DepositUnpaid", Class::Refused, "the account owes money", MONEY),
    row("EntityTooLarge", Class::Refused, "the content is too large", "use smaller parts"),
    row("EntityTooSmall", Class::Refused, "a part is smaller than the vendor takes", "use larger parts"),
    row(
        "FileAlreadyExists",
        Class::FileAlreadyExists,
        "an object already exists there",
        "choose another key, or allow overwriting",
    ),
    row("FileImmutable", Class::Refused, "the object is locked against changes", "choose another key"),
    row("InDebt", Class::Refused, "the account owes money", MONEY),
    row("InDebtOverdue", Class::Refused, "the account owes money", MONEY),
    row("IncompleteBody", Class::Again, "the request ended early", ""),
    row("InternalError", Class::Unable, "the vendor failed", ""),
    row("InvalidAccessKeyId", Class::Credential, "the access key is not known, or no longer", RENEW),
    row("InvalidArgument", Class::Refused, "a parameter is wrong", SETTINGS),
    row("InvalidBucketName", Class::Refused, "this is not a valid bucket name", "check the bucket"),
    row("InvalidDigest", Class::Again, "the request arrived damaged", ""),
    row(
        "InvalidEncryptionAlgorithmError",
        Class::Refused,
        "the bucket encrypts in a way that the vendor does not know",
        ENCRYPTION,
    ),
    row("InvalidObjectName", Class::Refused, "the vendor does not accept this object name", "choose another"),
    row("InvalidPart", Class::InvalidPart, "the parts there are not those that were sent", ""),
    row("InvalidPartOrder", Class::Refused, "the parts were named out of order", PROGRAM),
    row("InvalidSecurityToken", Class::Credential, "the security token is not valid", RENEW),
    row("KmsServiceNotEnabled", Class::Refused, "the bucket encrypts with KMS, which is not enabled", ENCRYPTION),
    row("MalformedXML", Class::Refused, "the request could not be read", PROGRAM),
    row("MethodNotAllowed", Class::Refused, "the server does not do this here", SERVER),
    row("MissingContentLength", Class::Refused, "the request has no length", PROGRAM),
    row("NoSuchBucket", Class::Refused, "there is no such bucket", "check the bucket and the endpoint"),
    row("NoSuchKey", Class::NoSuchKey, "there is no such object", ""),
    row("NoSuchUpload", Class::NoSuchUpload, "the upload is not known: completed, aborted, or cleared away", ""),
    row("NotImplemented", Class::Refused, "the server does not do this", SERVER),
    row("OperationAborted", Class::Again, "another request about the same thing is under way", ""),
    row("PartAlreadyExist", Class::PartAlreadyExist, "the part is there already", ""),
    row("PartNotSequential", Class::PartNotSequential, "the part is not the next one", ""),
    row("QpsLimitExceeded", Class::Throttled, "too many calls", ""),
    row("RequestTimeTooSkewed", Class::Clock, "the request's date is not accepted", "check this machine's clock"),
    row("RequestTimeout", Class::Unable, "the request did not arrive in time", ""),
    row(
        "SecondLevelDomainForbidden",
        Class::Refused,
        "the host must contain the bucket",
        "set addressing to \"virtual-host\", with the endpoint's name",
    ),
    row("SecurityTokenExpired", Class::Credential, "the security token has expired", RENEW),
    row("ServiceUnavailable", Class::Unable, "the vendor is not available", ""),
    row("SignatureDoesNotMatch", Class::Signature, "the signature is not accepted", KEYS),
    row("SlowDown", Class::Throttled, "too many calls", ""),
    row("Throttling", Class::Throttled, "too many calls", ""),
    row("Throttling.User", Class::Throttled, "too many calls", ""),
    row("TooManyRequests", Class::Throttled, "too many calls", ""),
    row("TotalQpsLimitExceeded", Class::Throttled, "too many calls", ""),
    row("UploadTrafficRateLimitExceeded", Class::Throttled, "too many bytes", ""),
    row("UserDisable", Class::Refused, "the account is disabled", MONEY),
];

const fn row(code: &'static str, class: Class, meaning: &'static str, remedy: &'static str) -> Code {
    Code { code, class, meaning, remedy }
}

/// The row of a code, if it is in the table.
pub fn find(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|row| row.code == code)
}

/// What to do about a refusal of `op`.
pub fn advice(code: Option<&str>, status: StatusCode, op: Op) -> Advice {
    resumable_proto_multipart::codes::advice(code, code.and_then(find), status, op)
}
