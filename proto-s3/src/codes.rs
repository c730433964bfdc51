//! The vendor's error codes, and those of services that speak S3: names in `<Code>`.

use resumable_proto_multipart::{Class, Code};

const KEYS: &str = "check the access_key_id and the access_key_secret, and that they belong together";
const RENEW: &str = "get new keys; temporary ones expire";
const PROGRAM: &str = "this is a bug in this program";
const OWNER: &str = "ask the owner of the bucket to check the account";
const REGION: &str = "set the region and the endpoint of the bucket";
const SERVICE: &str = "check the preset: this service may not know checksums, conditions, or headers that are set";
const HEADERS: &str = "check the headers that are set for the object";
const CLOCK: &str = "check this machine's clock";
const SMALLER: &str = "use smaller parts";

/// The codes that an upload can meet. What each class leads to stands in `docs/s3.md`, for every code of this table.
pub const CODES: &[Code] = &[
    row(
        "AccessDenied",
        Class::Refused,
        "the keys do not allow it",
        "check the policies of the keys and the bucket, and the endpoint",
    ),
    row("AccessControlListNotSupported", Class::Refused, "the bucket has no access control lists", HEADERS),
    row("AccountProblem", Class::Refused, "there is a problem with the account", OWNER),
    row("AllAccessDisabled", Class::Refused, "all access to this is disabled", OWNER),
    row("AuthorizationHeaderMalformed", Class::Region, "the request was signed for another region", REGION),
    row("BadDigest", Class::Digest, "the request arrived damaged, or the object would be another one", ""),
    row("BandwidthLimitExceeded", Class::Throttled, "too many bytes", ""),
    row("Busy", Class::Unable, "the vendor is not available", ""),
    row("ClientTokenConflict", Class::Again, "another request about the same thing is under way", ""),
    row("ConditionalRequestConflict", Class::Conflict, "another request changed the object at the same time", ""),
    row("EntityTooLarge", Class::Refused, "the content is too large", SMALLER),
    row("EntityTooSmall", Class::Refused, "a part is smaller than the vendor takes", "use larger parts"),
    row("ExpiredToken", Class::Credential, "the session token has expired", RENEW),
    row("IllegalLocationConstraintException", Class::Region, "the bucket is in another region", REGION),
    row("IncompleteBody", Class::Again, "the request ended early", ""),
    row("InternalError", Class::Unable, "the vendor failed", ""),
    row("InvalidAccessKeyId", Class::Credential, "the access key is not known, or no longer", RENEW),
    row("InvalidArgument", Class::Refused, "a parameter is wrong", SERVICE),
    row("InvalidBucketName", Class::Refused, "this is not a valid bucket name", "check the bucket"),
    row("InvalidBucketState", Class::Again, "the bucket is being changed", ""),
    row("InvalidDigest", Class::Refused, "a digest is not written as one", PROGRAM),
    row("InvalidObjectState", Class::Refused, "the object is archived", "choose another key"),
    row("InvalidPart", Class::InvalidPart, "the parts there are not those that were sent", ""),
    row("InvalidPartOrder", Class::Refused, "the parts were named out of order", PROGRAM),
    row("InvalidPayer", Class::Refused, "the account cannot be charged", OWNER),
    row("InvalidRequest", Class::Refused, "the request is not one that this service takes", SERVICE),
    row("InvalidStorageClass", Class::Refused, "there is no such storage class here", HEADERS),
    row("InvalidTag", Class::Refused, "a tag cannot be one", HEADERS),
    row("InvalidToken", Class::Credential, "the session token is not valid", RENEW),
    row("InvalidURI", Class::Refused, "the vendor does not accept this object name", "choose another"),
    row("KeyTooLongError", Class::Refused, "the object's key is too long", "choose a shorter one"),
    row("KMS.DisabledException", Class::Refused, "the encryption key is disabled", OWNER),
    row("KMS.InvalidStateException", Class::Refused, "the encryption key cannot be used now", OWNER),
    row("KMS.NotFoundException", Class::Refused, "there is no such encryption key", HEADERS),
    row("MalformedXML", Class::Refused, "the request could not be read", PROGRAM),
    row("MaxMessageLengthExceeded", Class::Refused, "the request is too long", SMALLER),
    row("MetadataTooLarge", Class::Refused, "the metadata is too long", "shorten it"),
    row("MethodNotAllowed", Class::Refused, "the server does not do this here", "check the endpoint and the bucket"),
    row("MissingContentLength", Class::Refused, "the request has no length", PROGRAM),
    row("MissingSecurityHeader", Class::Refused, "the request lacks a header", SERVICE),
    row("NoSuchBucket", Class::Refused, "there is no such bucket", "check the bucket and the endpoint"),
    row("NoSuchKey", Class::NoSuchKey, "there is no such object", ""),
    row("NoSuchUpload", Class::NoSuchUpload, "the upload is not known: completed, aborted, or cleared away", ""),
    row("NotImplemented", Class::Refused, "the server does not do this", SERVICE),
    row("NotSignedUp", Class::Refused, "the account is not signed up for this service", OWNER),
    row("OperationAborted", Class::Again, "another request about the same thing is under way", ""),
    row("PermanentRedirect", Class::Region, "the bucket is at another endpoint", REGION),
    row(
        "PreconditionFailed",
        Class::FileAlreadyExists,
        "an object already exists there",
        "choose another key, or allow overwriting",
    ),
    row("Redirect", Class::Region, "the bucket is at another endpoint for now", REGION),
    row("RequestExpired", Class::Clock, "the request's date is not accepted", CLOCK),
    row("RequestHeaderSectionTooLarge", Class::Refused, "the headers are too long", HEADERS),
    row("RequestInTheFuture", Class::Clock, "the request's date is not accepted", CLOCK),
    row("RequestLimitExceeded", Class::Throttled, "too many calls", ""),
    row("RequestThrottled", Class::Throttled, "too many calls", ""),
    row("RequestThrottledException", Class::Throttled, "too many calls", ""),
    row("RequestTimeTooSkewed", Class::Clock, "the request's date is not accepted", CLOCK),
    row("RequestTimeout", Class::Unable, "the request did not arrive in time", ""),
    row(
        "SecondLevelDomainForbidden",
        Class::Refused,
        "the host must contain the bucket",
        "set addressing to \"virtual-host\", with the endpoint's name",
    ),
    row("ServiceUnavailable", Class::Unable, "the vendor is not available", ""),
    row("SignatureDoesNotMatch", Class::Signature, "the signature is not accepted", KEYS),
    row("SlowDown", Class::Throttled, "too many calls", ""),
    row("SlowDownRead", Class::Throttled, "too many calls", ""),
    row("SlowDownWrite", Class::Throttled, "too many calls", ""),
    row("TemporaryRedirect", Class::Region, "the bucket is at another endpoint for now", REGION),
    row("Throttling", Class::Throttled, "too many calls", ""),
    row("ThrottlingException", Class::Throttled, "too many calls", ""),
    row("ThrottledException", Class::Throttled, "too many calls", ""),
    row("TokenRefreshRequired", Class::Credential, "the session token has expired", RENEW),
    row("TooManyRequests", Class::Throttled, "too many calls", ""),
    row("TooManyRequestsException", Class::Throttled, "too many calls", ""),
    row("UnexpectedContent", Class::Refused, "the request has a body that this service does not take", PROGRAM),
    row("XAmzContentSHA256Mismatch", Class::Digest, "the request arrived damaged", ""),
];

const fn row(code: &'static str, class: Class, meaning: &'static str, remedy: &'static str) -> Code {
    Code { code, class, meaning, remedy }
}

/// The row of a code, if it is in the table.
pub fn find(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|row| row.code == code)
}
