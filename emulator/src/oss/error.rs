//! The vendor's errors: status, code, message, the number that its support asks for, and what some tell beside
//! (reference §6.4, §6.6, §6.11, §6.12). Messages were seen only where the reference has them; numbers that it does not have
//! are left out.

use std::borrow::Cow;

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

pub(super) const ACCESS_DENIED: Code =
    code("AccessDenied", 403, "0003-00000001", "You have no right to access this object because of bucket acl.");
pub(super) const CALLBACK_FAILED: Code = code("CallbackFailed", 203, "0007-00000203", "Error status : 502.");
pub(super) const ENTITY_TOO_LARGE: Code =
    code("EntityTooLarge", 400, "", "Your proposed upload exceeds the maximum allowed object size.");
pub(super) const ENTITY_TOO_SMALL: Code =
    code("EntityTooSmall", 400, "0042-00000213", "Your proposed upload smaller than the minimum allowed object size.");
pub(super) const FILE_ALREADY_EXISTS: Code =
    code("FileAlreadyExists", 409, "", "The object you specified already exists and can not be overwritten.");
pub(super) const INTERNAL_ERROR: Code =
    code("InternalError", 500, "", "We encountered an internal error. Please try again.");
pub(super) const INVALID_ACCESS_KEY_ID: Code = code(
    "InvalidAccessKeyId",
    403,
    "0002-00000002",
    "The OSS Access Key Id you provided does not exist in our records.",
);
pub(super) const INVALID_ARGUMENT: Code = code("InvalidArgument", 400, "", "Invalid argument.");
pub(super) const INVALID_DIGEST: Code = code("InvalidDigest", 400, "", "The Content-MD5 you specified was invalid.");
pub(super) const INVALID_OBJECT_NAME: Code =
    code("InvalidObjectName", 400, "", "The specified object is not valid: the emulator keeps objects as files.");
pub(super) const INVALID_PART: Code = code(
    "InvalidPart",
    400,
    "",
    "One or more of the specified parts could not be found or the specified entity tag might not have matched the part's entity tag.",
);
pub(super) const INVALID_PART_ORDER: Code = code(
    "InvalidPartOrder",
    400,
    "0042-00000209",
    "The list of parts was not in ascending order. Parts list must specified in order by part number.",
);
pub(super) const INVALID_SECURITY_TOKEN: Code =
    code("InvalidSecurityToken", 403, "0002-00000006", "The security token you provided is invalid.");
pub(super) const MALFORMED_XML: Code = code(
    "MalformedXML",
    400,
    "",
    "The XML you provided was not well-formed or did not validate against our published schema.",
);
pub(super) const MISSING_CONTENT_LENGTH: Code =
    code("MissingContentLength", 411, "", "You must provide the Content-Length HTTP header.");
pub(super) const NO_SUCH_BUCKET: Code = code("NoSuchBucket", 404, "", "The specified bucket does not exist.");
pub(super) const NO_SUCH_KEY: Code = code("NoSuchKey", 404, "", "The specified key does not exist.");
pub(super) const NO_SUCH_UPLOAD: Code = code(
    "NoSuchUpload",
    404,
    "0017-00000244",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
);
pub(super) const NOT_IMPLEMENTED: Code =
    code("NotImplemented", 501, "", "The emulator does not do this: it is for uploading.");
pub(super) const PART_ALREADY_EXIST: Code = code(
    "PartAlreadyExist",
    409,
    "0042-00000108",
    "For sequential multipart upload, you can't overwrite uploaded parts.",
);
pub(super) const PART_NOT_SEQUENTIAL: Code = code(
    "PartNotSequential",
    400,
    "",
    "For sequential multipart upload, you must upload or complete parts with sequential part number.",
);
pub(super) const REQUEST_TIME_TOO_SKEWED: Code =
    code("RequestTimeTooSkewed", 403, "", "The difference between the request time and the current time is too large.");
pub(super) const REQUEST_TIMEOUT: Code = code(
    "RequestTimeout",
    400,
    "",
    "Your socket connection to the server was not read from or written to within the timeout period.",
);
pub(super) const SECURITY_TOKEN_EXPIRED: Code =
    code("SecurityTokenExpired", 403, "0002-00000007", "The security token you provided has expired.");
pub(super) const SERVICE_UNAVAILABLE: Code =
    code("ServiceUnavailable", 503, "", "Please reduce your request rate or try again later.");
pub(super) const SIGNATURE_DOES_NOT_MATCH: Code = code(
    "SignatureDoesNotMatch",
    403,
    "0002-00000040",
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
);
pub(super) const SLOW_DOWN: Code = code("SlowDown", 503, "", "Please reduce your request rate.");

const ALL: [&Code; 27] = [
    &ACCESS_DENIED,
    &CALLBACK_FAILED,
    &ENTITY_TOO_LARGE,
    &ENTITY_TOO_SMALL,
    &FILE_ALREADY_EXISTS,
    &INTERNAL_ERROR,
    &INVALID_ACCESS_KEY_ID,
    &INVALID_ARGUMENT,
    &INVALID_DIGEST,
    &INVALID_OBJECT_NAME,
    &INVALID_PART,
    &INVALID_PART_ORDER,
    &INVALID_SECURITY_TOKEN,
    &MALFORMED_XML,
    &MISSING_CONTENT_LENGTH,
    &NO_SUCH_BUCKET,
    &NO_SUCH_KEY,
    &NO_SUCH_UPLOAD,
    &NOT_IMPLEMENTED,
    &PART_ALREADY_EXIST,
    &PART_NOT_SEQUENTIAL,
    &REQUEST_TIME_TOO_SKEWED,
    &REQUEST_TIMEOUT,
    &SECURITY_TOKEN_EXPIRED,
    &SERVICE_UNAVAILABLE,
    &SIGNATURE_DOES_NOT_MATCH,
    &SLOW_DOWN,
];

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
