//! The vendor's error codes: names in `<Code>`, with an HTTP status beside them that says less (page 436/7730).

use resumable_proto_multipart::{Class, Code};

const KEYS: &str = "check the secret_id and the secret_key, and that they belong together";
const RENEW: &str = "get new keys; temporary ones expire";
const PROGRAM: &str = "this is a bug in this program";
const SETTINGS: &str = "check the options of the upload; if they are right, this is a bug in this program";
const MONEY: &str = "check the bills and messages in the vendor's console";
const CLOCK: &str = "check this machine's clock";
const LARGER: &str = "use larger parts";
const SMALLER: &str = "use smaller parts";
const KEY: &str = "choose another key";
const SLOW: &str = "use fewer requests at a time, or smaller parts";
const SERVER: &str = "check the endpoint and the bucket";

/// The codes that an upload can meet. What each class leads to stands in `docs/cos-xml.md`, for every code of this table.
pub const CODES: &[Code] = &[
    row(
        "AccessDenied",
        Class::Refused,
        "the keys do not allow it",
        "check the policies of the keys and the bucket, and the endpoint",
    ),
    row("AccessForbidden", Class::Refused, "the bucket's rules do not allow it", "check the rules of the bucket"),
    row("BadDigest", Class::Again, "the request arrived damaged", ""),
    row("BadRequest", Class::Again, "the request did not arrive as it should", ""),
    // As the vendor's own table of statuses writes it.
    row("BadRquest", Class::Again, "the request did not arrive as it should", ""),
    row("BucketLocked", Class::Refused, "the bucket is locked against changes", "choose another bucket"),
    row("DomainAuditFailed", Class::Refused, "the domain was not approved", MONEY),
    row("EntitySizeNotMatch", Class::Refused, "the content has another length than the request says", PROGRAM),
    row("EntityTooLarge", Class::Refused, "the content is too large", SMALLER),
    row("EntityTooSmall", Class::Refused, "a part is smaller than the vendor takes", LARGER),
    row("ExpiredToken", Class::Credential, "the security token has expired", RENEW),
    row(
        "FileAlreadyExists",
        Class::FileAlreadyExists,
        "an object already exists there",
        "choose another key, or allow overwriting",
    ),
    row("IncompleteBody", Class::Again, "the request ended early", ""),
    row("InternalError", Class::Unable, "the vendor failed", ""),
    row("InvalidAccessKeyId", Class::Credential, "the key is not known, or no longer", RENEW),
    row("InvalidArgument", Class::Refused, "a parameter is wrong", SETTINGS),
    row("InvalidBucketName", Class::Refused, "this is not a valid bucket name", SERVER),
    row("InvalidDigest", Class::Again, "the request arrived damaged", ""),
    row("InvalidObjectName", Class::Refused, "the vendor does not accept this object name", KEY),
    row("InvalidObjectState", Class::Refused, "the object is archived or locked", KEY),
    row("InvalidPart", Class::InvalidPart, "the parts there are not those that were sent", ""),
    row("InvalidPartOrder", Class::Refused, "the parts were named out of order", PROGRAM),
    row("InvalidRange", Class::Refused, "a range is wrong", PROGRAM),
    row("InvalidRequest", Class::Refused, "the request is wrong", SETTINGS),
    row("InvalidSHA1Digest", Class::Again, "the request arrived damaged", ""),
    row("InvalidURI", Class::Refused, "the address could not be read", KEY),
    row("InvalidUploadStatus", Class::Underway, "the parts are being put together, or were", ""),
    row("KeyTooLong", Class::Refused, "the object's key is too long", "choose a shorter one"),
    row("ListPartUploadIdIsEmpty", Class::Refused, "the request names no upload", PROGRAM),
    row("MalformedXML", Class::Refused, "the request could not be read", PROGRAM),
    row("MethodNotAllowed", Class::Refused, "the server does not do this here", SERVER),
    row("MissingContentLength", Class::Refused, "the request has no length", PROGRAM),
    row("NoSuchBucket", Class::Refused, "there is no such bucket", "check the bucket, its appid, and the region"),
    row("NoSuchKey", Class::NoSuchKey, "there is no such object", ""),
    row("NoSuchUpload", Class::NoSuchUpload, "the upload is not known: completed, aborted, or cleared away", ""),
    row("NotImplemented", Class::Refused, "the server does not do this", SERVER),
    row("NotSupportedStorageClass", Class::Refused, "the bucket does not take this storage class", "choose another"),
    row("ObjectLocked", Class::Refused, "the object is locked against changes", KEY),
    row("PathConflict", Class::Refused, "the key stands in the way of another", KEY),
    row("PaymentRequired", Class::Refused, "the account owes money", MONEY),
    row("PreconditionFailed", Class::Refused, "a condition of the request does not hold", SETTINGS),
    row("RequestTimeTooSkewed", Class::Clock, "the request's date is not accepted", CLOCK),
    row("RequestTimeout", Class::Unable, "the request did not arrive in time", SLOW),
    row("ServiceUnavailable", Class::Unable, "the vendor is not available", ""),
    row("SignatureDoesNotMatch", Class::Signature, "the signature is not accepted", KEYS),
    row("SlowDown", Class::Throttled, "too many calls", ""),
    row("UnavailableForLegalReasons", Class::Refused, "the vendor has blocked this", MONEY),
    row("UploadConflict", Class::Underway, "another request about the same upload is under way", ""),
    row("UploadIdNotSupported", Class::Refused, "the object takes no parts", KEY),
    row("UserNetworkTooSlow", Class::Unable, "the request did not arrive in time", SLOW),
    row("XMLSizeLimit", Class::Refused, "the list of parts is too long", LARGER),
];

const fn row(code: &'static str, class: Class, meaning: &'static str, remedy: &'static str) -> Code {
    Code { code, class, meaning, remedy }
}

/// The row of a code, if it is in the table.
pub fn find(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|row| row.code == code)
}
