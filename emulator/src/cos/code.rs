//! The vendor's codes, each with the HTTP status it travels under (reference §6).

use crate::codes::codes;
use crate::form::FormError;

/// A refusal: the number and text of the body, and the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    pub(crate) number: i32,
    pub(crate) status: u16,
    pub(crate) message: &'static str,
}

const fn code(number: i32, status: u16, message: &'static str) -> Code {
    Code { number, status, message }
}

codes! {
    pub(crate),
    SECRET_UNKNOWN = (-47, 403, "PROXY_AUTH_SECRETID_NOEXIST");
    SIGN_WRONG = (-48, 403, "ERROR_PROXY_AUTH_SIGN_WRONG");
    /// The text is the vendor's, its number was not seen.
    SIGN_EMPTY = (-48, 403, "ERROR_PROXY_AUTH_SIGN_EMPTY");
    SIGN_EXPIRED = (-59, 403, "ERROR_PROXY_AUTH_SIGN_EXPIRED");
    OTHER_BUCKET = (-61, 403, "ERROR_PROXY_AUTH_BUCKET");
    OTHER_FILE = (-63, 403, "ERROR_PROXY_AUTH_FILEID");
    OTHER_APPID = (-70, 403, "ERROR_PROXY_AUTH_APPID");
    THROTTLED = (-71, 503, "ERROR_PROXY_FREQUENCY_LIMIT");
    AUTH_EXPIRED = (-96, 403, "ERROR_PROXY_AUTH_EXPIRED");
    AUTH_FAILED = (-97, 403, "ERROR_PROXY_AUTH_FAILED");
    NO_BUCKET = (-133, 404, "ERROR_CMD_BUCKET_NOTEXIST");
    NO_INDEX = (-166, 404, "ERROR_CMD_INDEX_NOTEXIST");
    FINISH_LENGTH = (-175, 400, "ERROR_CMD_FILE_LENGTH");
    FILE_EXISTS = (-177, 409, "ERROR_CMD_COS_FILE_EXIST");
    PATH_CONFLICT = (-178, 409, "ERROR_CMD_COS_PATH_CONFLICT");
    ILLEGAL_PATH = (-180, 400, "ERROR_CMD_COS_ILLEGAL_PATH");
    STORAGE = (-195, 500, "ERROR_CMD_STORAGE");
    UNAVAILABLE = (-196, 503, "ERROR_CMD_UNAVAILABLE");
    NO_FILE = (-197, 404, "ERROR_CMD_FILE_NOTEXIST");
    SLICE_SIZE = (-284, 400, "ERROR_CMD_SLICE_SIZE");
    SESSION_LOST = (-288, 400, "ERROR_CMD_PROCESS_FAILED");
    SHA_MISMATCH = (-4016, 409, "ERROR_SHA_CHECK_FAILED");
    SAME_FILE = (-4018, 409, "ERROR_SAME_FILE_UPLOAD");
    UNFINISHED = (-4019, 409, "_ERROR_FILE_NOT_FINISH_UPLOAD");
    UNFINISHED_OTHER = (-4020, 409, "_ERROR_FILE_UPLOAD_OTHER_SHA");
    UPLOADPARTS = (-5965, 400, "ERROR_UPLOADPARTS_NOT_JSON");
    BACKEND = (-5997, 503, "ERROR_CGI_BACKEND_NETWORK");
    PARAMETER = (-5999, 400, "ERROR_CGI_PARAM");
    MISSING_OP = (-5999, 400, "ERROR_CGI_PARAM_MISSING_OP");
    SHA_MISSING = (-29094, 400, "ERROR_SHA_MISSING");
}

impl Code {
    /// The same refusal with a text that says which field was at fault.
    pub(crate) const fn because(self, message: &'static str) -> Code {
        Code { message, ..self }
    }
}

impl From<FormError> for Code {
    fn from(error: FormError) -> Code {
        PARAMETER.because(match error {
            FormError::Missing => return MISSING_OP,
            FormError::Kind => "ERROR_CGI_PARAM: content-type",
            FormError::Malformed => "ERROR_CGI_PARAM: malformed form",
            FormError::MalformedJson => "ERROR_CGI_PARAM: malformed JSON",
            FormError::TooLong => "ERROR_CGI_PARAM: field too long",
            FormError::Twice => "ERROR_CGI_PARAM: field given twice",
        })
    }
}

/// The text of a code that a fault made up.
pub(crate) const INJECTED: &str = "ERROR_INJECTED";

/// The text of a code, for a fault that names only the number.
pub(crate) fn message(number: i32) -> &'static str {
    let known = ALL.iter().find(|code| code.number == number);
    known.map_or(INJECTED, |code| code.message)
}
