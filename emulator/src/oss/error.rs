//! The vendor's errors: status, code, message, the number that its support asks for, and what some tell beside
//! (reference §6.4, §6.6, §6.11, §6.12). Messages were seen only where the reference has them; numbers that it does not have
//! are left out.

use std::borrow::Cow;

use crate::codes::codes;
use crate::part_store::NoSuchUpload;

/// A kind of error.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) name: &'static str,
    status: u16,
    message: &'static str,
    ec: &'static str,
}

const fn code(name: &'static str, status: u16, ec: &'static str, message: &'static str) -> Code {
    Code { name, status, message, ec }
}

codes! {
    pub(super),
    ACCESS_DENIED = ("AccessDenied", 403, "0003-00000001", "You have no right to access this object because of bucket acl.");
    CALLBACK_FAILED = ("CallbackFailed", 203, "0007-00000203", "Error status : 502.");
    ENTITY_TOO_LARGE = ("EntityTooLarge", 400, "", "Your proposed upload exceeds the maximum allowed object size.");
    ENTITY_TOO_SMALL = (
        "EntityTooSmall", 400, "0042-00000213",
        "Your proposed upload smaller than the minimum allowed object size."
    );
    FILE_ALREADY_EXISTS = (
        "FileAlreadyExists", 409, "",
        "The object you specified already exists and can not be overwritten."
    );
    INTERNAL_ERROR = ("InternalError", 500, "", "We encountered an internal error. Please try again.");
    INVALID_ACCESS_KEY_ID = (
        "InvalidAccessKeyId", 403, "0002-00000002",
        "The OSS Access Key Id you provided does not exist in our records."
    );
    INVALID_ARGUMENT = ("InvalidArgument", 400, "", "Invalid argument.");
    INVALID_DIGEST = ("InvalidDigest", 400, "", "The Content-MD5 you specified was invalid.");
    INVALID_OBJECT_NAME = (
        "InvalidObjectName", 400, "",
        "The specified object is not valid: the emulator keeps objects as files."
    );
    INVALID_PART = (
        "InvalidPart", 400, "",
        "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag."
    );
    INVALID_PART_ORDER = (
        "InvalidPartOrder", 400, "0042-00000209",
        "The list of parts was not in ascending order. Parts list must specified in order by part number."
    );
    INVALID_SECURITY_TOKEN = ("InvalidSecurityToken", 403, "0002-00000006", "The security token you provided is invalid.");
    MALFORMED_XML = (
        "MalformedXML", 400, "",
        "The XML you provided was not well-formed or did not validate against our published schema."
    );
    MISSING_CONTENT_LENGTH = ("MissingContentLength", 411, "", "You must provide the Content-Length HTTP header.");
    NO_SUCH_BUCKET = ("NoSuchBucket", 404, "", "The specified bucket does not exist.");
    NO_SUCH_KEY = ("NoSuchKey", 404, "", "The specified key does not exist.");
    NO_SUCH_UPLOAD = (
        "NoSuchUpload", 404, "0017-00000244",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    );
    NOT_IMPLEMENTED = ("NotImplemented", 501, "", "The emulator does not do this: it is for uploading.");
    PART_ALREADY_EXIST = (
        "PartAlreadyExist", 409, "0042-00000108",
        "For sequential multipart upload, you can't overwrite uploaded parts."
    );
    PART_NOT_SEQUENTIAL = (
        "PartNotSequential", 400, "",
        "For sequential multipart upload, you must upload or complete parts with sequential part number."
    );
    REQUEST_TIME_TOO_SKEWED = (
        "RequestTimeTooSkewed", 403, "",
        "The difference between the request time and the current time is too large."
    );
    REQUEST_TIMEOUT = (
        "RequestTimeout", 400, "",
        "Your socket connection to the server was not read from or written to within the timeout period."
    );
    SECURITY_TOKEN_EXPIRED = ("SecurityTokenExpired", 403, "0002-00000007", "The security token you provided has expired.");
    SERVICE_UNAVAILABLE = ("ServiceUnavailable", 503, "", "Please reduce your request rate or try again later.");
    SIGNATURE_DOES_NOT_MATCH = (
        "SignatureDoesNotMatch", 403, "0002-00000040",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method."
    );
    SLOW_DOWN = ("SlowDown", 503, "", "Please reduce your request rate.");
}

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) status: u16,
    pub(super) code: Cow<'static, str>,
    pub(super) message: Cow<'static, str>,
    /// Empty if it is not known.
    pub(super) ec: &'static str,
    /// Further elements of the document.
    pub(super) details: Vec<(&'static str, String)>,
    /// Further fields of the head.
    pub(super) headers: Vec<(&'static str, String)>,
}

impl From<NoSuchUpload> for Error {
    fn from(NoSuchUpload(id): NoSuchUpload) -> Error {
        NO_SUCH_UPLOAD.error().with("UploadId", id)
    }
}

impl Code {
    pub(super) fn error(&self) -> Error {
        Error {
            status: self.status,
            code: Cow::Borrowed(self.name),
            message: Cow::Borrowed(self.message),
            ec: self.ec,
            details: Vec::new(),
            headers: Vec::new(),
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
                ec: "",
                details: Vec::new(),
                headers: Vec::new(),
            },
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Error {
        self.details.push((name, value.into()));
        self
    }

    pub(super) fn numbered(self, ec: &'static str) -> Error {
        Error { ec, ..self }
    }
}
