//! The vendor's errors (reference §6): code, status and message. The vendor's pages tell few messages; the others are ours.

use std::borrow::Cow;

use crate::codes::codes;
use crate::part_store::NoSuchUpload;

/// A kind of error.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) name: &'static str,
    status: u16,
    message: &'static str,
}

const fn code(name: &'static str, status: u16, message: &'static str) -> Code {
    Code { name, status, message }
}

codes! {
    pub(super),
    ACCESS_DENIED = ("AccessDenied", 403, "Access Denied.");
    BAD_DIGEST = ("BadDigest", 400, "The Content-MD5 you specified did not match what we received.");
    ENTITY_TOO_LARGE = ("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed object size.");
    ENTITY_TOO_SMALL = ("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed object size.");
    EXPIRED_TOKEN = ("ExpiredToken", 400, "The provided token has expired.");
    FILE_ALREADY_EXISTS = ("FileAlreadyExists", 409, "The object you specified already exists and can not be overwritten.");
    INCOMPLETE_BODY = ("IncompleteBody", 400, "You did not provide the number of bytes specified by the Content-Length header.");
    INTERNAL_ERROR = ("InternalError", 500, "We encountered an internal error. Please try again.");
    INVALID_ACCESS_KEY_ID = ("InvalidAccessKeyId", 403, "The Access Key Id you provided does not exist in our records.");
    INVALID_ARGUMENT = ("InvalidArgument", 400, "Invalid argument.");
    INVALID_DIGEST = ("InvalidDigest", 400, "The Content-MD5 you specified is not valid.");
    INVALID_OBJECT_NAME = (
        "InvalidObjectName", 400, "The key is not valid, or the emulator, which keeps objects as files, has another in its place."
    );
    INVALID_PART = ("InvalidPart", 400, "One or more of the specified parts could not be found.");
    INVALID_PART_ORDER = ("InvalidPartOrder", 400, "The list of parts was not in ascending order.");
    INVALID_REQUEST = ("InvalidRequest", 400, "The request is not valid.");
    NOT_SUPPORTED_STORAGE_CLASS = ("NotSupportedStorageClass", 400, "The storage class you specified is not supported.");
    INVALID_UPLOAD_STATUS = ("InvalidUploadStatus", 400, "The upload is in a status that does not allow this.");
    INVALID_URI = ("InvalidURI", 400, "Could not parse the specified URI.");
    KEY_TOO_LONG = ("KeyTooLong", 400, "Your key is too long.");
    LIST_PART_UPLOAD_ID_IS_EMPTY = ("ListPartUploadIdIsEmpty", 400, "The upload id is empty.");
    MALFORMED_XML = ("MalformedXML", 400, "The XML you provided was not well-formed.");
    METHOD_NOT_ALLOWED = ("MethodNotAllowed", 405, "The specified method is not allowed against this resource.");
    MISSING_CONTENT_LENGTH = ("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");
    NO_SUCH_BUCKET = ("NoSuchBucket", 404, "The specified bucket does not exist.");
    NO_SUCH_KEY = ("NoSuchKey", 404, "The specified key does not exist.");
    NO_SUCH_UPLOAD = (
        "NoSuchUpload", 404,
        "The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might have been aborted or completed."
    );
    NOT_IMPLEMENTED = ("NotImplemented", 501, "The emulator does not do this: it is for uploading.");
    REQUEST_HAS_EXPIRED = ("Request has expired", 403, "Request has expired");
    REQUEST_TIME_TOO_SKEWED = (
        "RequestTimeTooSkewed", 403,
        "The difference between the request time and the server's time is too large."
    );
    SERVICE_UNAVAILABLE = ("ServiceUnavailable", 503, "Please try again later.");
    SIGNATURE_DOES_NOT_MATCH = ("SignatureDoesNotMatch", 403, "The Signature you specified is invalid.");
    SLOW_DOWN = ("SlowDown", 503, "Please reduce your request rate.");
    UPLOAD_CONFLICT = ("UploadConflict", 409, "The upload is being completed, or is complete.");
    // The emulator itself has no use for these: plans name them.
    ACCESS_FORBIDDEN = ("AccessForbidden", 403, "CORS does not allow this.");
    BAD_REQUEST = ("BadRequest", 400, "Bad request.");
    BUCKET_LOCKED = ("BucketLocked", 409, "The bucket is locked.");
    DOMAIN_AUDIT_FAILED = ("DomainAuditFailed", 451, "The domain did not pass its audit.");
    ENTITY_SIZE_NOT_MATCH = ("EntitySizeNotMatch", 400, "The entity is not as long as it was said to be.");
    INVALID_OBJECT_STATE = ("InvalidObjectState", 409, "The object's state does not allow this.");
    INVALID_RANGE = ("InvalidRange", 416, "The requested range is not satisfiable.");
    INVALID_SHA1_DIGEST = ("InvalidSHA1Digest", 400, "The SHA-1 you specified did not match what we received.");
    OBJECT_LOCKED = ("ObjectLocked", 409, "The object is locked.");
    PATH_CONFLICT = ("PathConflict", 409, "The path is in conflict with another.");
    PAYMENT_REQUIRED = ("PaymentRequired", 402, "The account is in arrears.");
    PRECONDITION_FAILED = ("PreconditionFailed", 412, "A precondition does not hold.");
    REQUEST_TIMEOUT = ("RequestTimeout", 400, "Your socket connection was not read from or written to within the timeout period.");
    UNAVAILABLE_FOR_LEGAL_REASONS = ("UnavailableForLegalReasons", 451, "The object is not available for legal reasons.");
    USER_NETWORK_TOO_SLOW = ("UserNetworkTooSlow", 400, "Your network is too slow.");
}

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) status: u16,
    pub(super) code: Cow<'static, str>,
    pub(super) message: Cow<'static, str>,
    /// Further elements of the document.
    pub(super) details: Vec<(&'static str, String)>,
}

impl From<NoSuchUpload> for Error {
    fn from(NoSuchUpload(_): NoSuchUpload) -> Error {
        NO_SUCH_UPLOAD.error()
    }
}

impl Code {
    pub(super) fn error(&self) -> Error {
        Error {
            status: self.status,
            code: Cow::Borrowed(self.name),
            message: Cow::Borrowed(self.message),
            details: Vec::new(),
        }
    }

    pub(super) fn because(&self, message: impl Into<Cow<'static, str>>) -> Error {
        Error { message: message.into(), ..self.error() }
    }
}

impl Error {
    /// What a plan asks for, known to the vendor or not.
    pub(super) fn injected(status: u16, name: &str) -> Error {
        match ALL.iter().find(|code| code.name == name) {
            Some(code) => Error { status, ..code.error() },
            None => Error {
                status,
                code: Cow::Owned(name.to_owned()),
                message: Cow::Borrowed("injected by the emulator"),
                details: Vec::new(),
            },
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Error {
        self.details.push((name, value.into()));
        self
    }
}
