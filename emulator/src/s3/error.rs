//! The vendor's errors: status, code, message, and what some tell beside (reference §7).

use std::borrow::Cow;
use std::time::Duration;

use crate::codes::codes;

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
    ACCESS_DENIED = ("AccessDenied", 403, "Access Denied");
    AUTHORIZATION_HEADER_MALFORMED = (
        "AuthorizationHeaderMalformed", 400,
        "The authorization header that you provided is not valid."
    );
    BAD_DIGEST = ("BadDigest", 400, "The Content-MD5 you specified did not match what we received.");
    CONDITIONAL_REQUEST_CONFLICT = (
        "ConditionalRequestConflict", 409,
        "The conditional request cannot succeed due to a conflicting operation against this resource."
    );
    ENTITY_TOO_LARGE = ("EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size");
    ENTITY_TOO_SMALL = ("EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size");
    EXPIRED_TOKEN = ("ExpiredToken", 400, "The provided token has expired.");
    ILLEGAL_LOCATION = (
        "IllegalLocationConstraintException", 400,
        "The location constraint is incompatible for the region specific endpoint this request was sent to."
    );
    INCOMPLETE_BODY = (
        "IncompleteBody", 400,
        "The request body terminated unexpectedly"
    );
    INTERNAL_ERROR = ("InternalError", 500, "We encountered an internal error. Please try again.");
    INVALID_ACCESS_KEY_ID = (
        "InvalidAccessKeyId", 403,
        "The AWS Access Key Id you provided does not exist in our records."
    );
    INVALID_ARGUMENT = ("InvalidArgument", 400, "Invalid Argument");
    INVALID_DIGEST = ("InvalidDigest", 400, "The Content-MD5 you specified was invalid.");
    INVALID_PART = (
        "InvalidPart", 400,
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."
    );
    INVALID_PART_ORDER = (
        "InvalidPartOrder", 400,
        "The list of parts was not in ascending order. Parts must be ordered by part number."
    );
    INVALID_REQUEST = ("InvalidRequest", 400, "The request is invalid.");
    INVALID_STORAGE_CLASS = ("InvalidStorageClass", 400, "The storage class you specified is not valid");
    INVALID_TOKEN = ("InvalidToken", 400, "The provided token is malformed or otherwise invalid.");
    KEY_TOO_LONG = ("KeyTooLongError", 400, "Your key is too long");
    MALFORMED_XML = (
        "MalformedXML", 400,
        "The XML you provided was not well-formed or did not validate against our published schema"
    );
    METADATA_TOO_LARGE = (
        "MetadataTooLarge", 400,
        "Your metadata headers exceed the maximum allowed metadata size"
    );
    MISSING_CONTENT_LENGTH = ("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");
    NO_SUCH_BUCKET = ("NoSuchBucket", 404, "The specified bucket does not exist");
    NO_SUCH_KEY = ("NoSuchKey", 404, "The specified key does not exist.");
    NO_SUCH_UPLOAD = (
        "NoSuchUpload", 404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    );
    NOT_IMPLEMENTED = (
        "NotImplemented", 501,
        "A header you provided implies functionality that is not implemented"
    );
    PERMANENT_REDIRECT = (
        "PermanentRedirect", 301,
        "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint."
    );
    PRECONDITION_FAILED = (
        "PreconditionFailed", 412,
        "At least one of the pre-conditions you specified did not hold"
    );
    REQUEST_TIME_TOO_SKEWED = (
        "RequestTimeTooSkewed", 403,
        "The difference between the request time and the current time is too large."
    );
    REQUEST_TIMEOUT = (
        "RequestTimeout", 400,
        "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed."
    );
    SERVICE_UNAVAILABLE = ("ServiceUnavailable", 503, "Service is unable to handle request.");
    SHA256_MISMATCH = (
        "XAmzContentSHA256Mismatch", 400,
        "The provided 'x-amz-content-sha256' header does not match what was computed."
    );
    SIGNATURE_DOES_NOT_MATCH = (
        "SignatureDoesNotMatch", 403,
        "The request signature we calculated does not match the signature you provided. Check your key and signing method."
    );
    SLOW_DOWN = ("SlowDown", 503, "Please reduce your request rate.");
    TEMPORARY_REDIRECT = (
        "TemporaryRedirect", 307,
        "Please re-send this request to the specified temporary endpoint. Continue to use the original request endpoint for future requests."
    );
}

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) status: u16,
    pub(super) code: Cow<'static, str>,
    pub(super) message: Cow<'static, str>,
    /// Further elements of the document.
    pub(super) details: Vec<(&'static str, String)>,
    /// Further fields of the head.
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Code {
    pub(super) fn error(&self) -> Error {
        Error {
            status: self.status,
            code: Cow::Borrowed(self.name),
            message: Cow::Borrowed(self.message),
            details: Vec::new(),
            headers: Vec::new(),
        }
    }

    pub(super) fn because(&self, message: impl Into<Cow<'static, str>>) -> Error {
        Error { message: message.into(), ..self.error() }
    }
}

/// Where the region is that a refusal names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) region: &'a str,
    pub(super) bucket: Option<&'a str>,
    /// The path and query of the request.
    pub(super) uri: &'a str,
}

impl Place<'_> {
    /// The host that takes requests for the bucket.
    fn endpoint(&self) -> String {
        let host = format!("s3.{}.amazonaws.com", self.region);
        self.bucket.map_or(host.clone(), |bucket| format!("{bucket}.{host}"))
    }
}

impl Error {
    /// What a plan asks for, known to the vendor or not; with what the vendor tells beside such a code.
    pub(super) fn injected(status: u16, name: &str, clock: Duration, place: Place<'_>) -> Error {
        let Some(code) = ALL.iter().find(|code| code.name == name) else {
            let (code, message) = (Cow::Owned(name.to_owned()), Cow::Borrowed("injected by the emulator"));
            return Error { status, code, message, details: Vec::new(), headers: Vec::new() };
        };
        let error = Error { status, ..code.error() };
        match code.name {
            "AuthorizationHeaderMalformed" => error.with("Region", place.region).in_region(place.region),
            "IllegalLocationConstraintException" => error.in_region(place.region),
            "PermanentRedirect" => error.redirected(place).in_region(place.region),
            "TemporaryRedirect" => {
                let location = format!("https://{}{}", place.endpoint(), place.uri);
                Error { headers: vec![("location", location)], ..error.redirected(place) }
            }
            "RequestTimeTooSkewed" => {
                super::signature::too_skewed(&super::signature::basic(clock), 900, clock).with_status(status)
            }
            _ => error,
        }
    }

    fn with_status(self, status: u16) -> Error {
        Error { status, ..self }
    }

    fn redirected(self, place: Place<'_>) -> Error {
        self.with("Endpoint", place.endpoint()).with("Bucket", place.bucket.unwrap_or_default())
    }

    /// Says in the head which region is the right one.
    pub(super) fn in_region(mut self, region: &str) -> Error {
        self.headers.push(("x-amz-bucket-region", region.to_owned()));
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Error {
        self.details.push((name, value.into()));
        self
    }
}
