//! The vendor's codes, each with the HTTP status it travels under (reference §6).

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

pub(crate) const SECRET_UNKNOWN: Code = code(-47, 403, "PROXY_AUTH_SECRETID_NOEXIST");
// The text is the vendor's, its number was not seen.
pub(crate) const SIGN_EMPTY: Code = code(-48, 403, "ERROR_PROXY_AUTH_SIGN_EMPTY");
pub(crate) const SIGN_WRONG: Code = code(-48, 403, "ERROR_PROXY_AUTH_SIGN_WRONG");
pub(crate) const SIGN_EXPIRED: Code = code(-59, 403, "ERROR_PROXY_AUTH_SIGN_EXPIRED");
pub(crate) const OTHER_BUCKET: Code = code(-61, 403, "ERROR_PROXY_AUTH_BUCKET");
pub(crate) const OTHER_FILE: Code = code(-63, 403, "ERROR_PROXY_AUTH_FILEID");
pub(crate) const OTHER_APPID: Code = code(-70, 403, "ERROR_PROXY_AUTH_APPID");
pub(crate) const THROTTLED: Code = code(-71, 503, "ERROR_PROXY_FREQUENCY_LIMIT");
pub(crate) const AUTH_EXPIRED: Code = code(-96, 403, "ERROR_PROXY_AUTH_EXPIRED");
pub(crate) const AUTH_FAILED: Code = code(-97, 403, "ERROR_PROXY_AUTH_FAILED");
pub(crate) const NO_BUCKET: Code = code(-133, 404, "ERROR_CMD_BUCKET_NOTEXIST");
pub(crate) const NO_INDEX: Code = code(-166, 404, "ERROR_CMD_INDEX_NOTEXIST");
pub(crate) const FINISH_LENGTH: Code = code(-175, 400, "ERROR_CMD_FILE_LENGTH");
pub(crate) const FILE_EXISTS: Code = code(-177, 409, "ERROR_CMD_COS_FILE_EXIST");
pub(crate) const PATH_CONFLICT: Code = code(-178, 409, "ERROR_CMD_COS_PATH_CONFLICT");
pub(crate) const ILLEGAL_PATH: Code = code(-180, 400, "ERROR_CMD_COS_ILLEGAL_PATH");
pub(crate) const STORAGE: Code = code(-195, 500, "ERROR_CMD_STORAGE");
pub(crate) const UNAVAILABLE: Code = code(-196, 503, "ERROR_CMD_UNAVAILABLE");
pub(crate) const NO_FILE: Code = code(-197, 404, "ERROR_CMD_FILE_NOTEXIST");
pub(crate) const SLICE_SIZE: Code = code(-284, 400, "ERROR_CMD_SLICE_SIZE");
pub(crate) const SESSION_LOST: Code = code(-288, 400, "ERROR_CMD_PROCESS_FAILED");
pub(crate) const SHA_MISMATCH: Code = code(-4016, 409, "ERROR_SHA_CHECK_FAILED");
pub(crate) const SAME_FILE: Code = code(-4018, 409, "ERROR_SAME_FILE_UPLOAD");
pub(crate) const UNFINISHED: Code = code(-4019, 409, "_ERROR_FILE_NOT_FINISH_UPLOAD");
pub(crate) const UNFINISHED_OTHER: Code = code(-4020, 409, "_ERROR_FILE_UPLOAD_OTHER_SHA");
pub(crate) const UPLOADPARTS: Code = code(-5965, 400, "ERROR_UPLOADPARTS_NOT_JSON");
pub(crate) const BACKEND: Code = code(-5997, 503, "ERROR_CGI_BACKEND_NETWORK");
pub(crate) const PARAMETER: Code = code(-5999, 400, "ERROR_CGI_PARAM");
pub(crate) const MISSING_OP: Code = code(-5999, 400, "ERROR_CGI_PARAM_MISSING_OP");
pub(crate) const SHA_MISSING: Code = code(-29094, 400, "ERROR_SHA_MISSING");

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
    const ALL: [Code; 27] = [
        SECRET_UNKNOWN,
        SIGN_WRONG,
        SIGN_EXPIRED,
        OTHER_BUCKET,
        OTHER_FILE,
        OTHER_APPID,
        THROTTLED,
        AUTH_EXPIRED,
        AUTH_FAILED,
        NO_BUCKET,
        NO_INDEX,
        FINISH_LENGTH,
        FILE_EXISTS,
        PATH_CONFLICT,
        ILLEGAL_PATH,
        STORAGE,
        UNAVAILABLE,
        NO_FILE,
        SLICE_SIZE,
        SESSION_LOST,
        SHA_MISMATCH,
        SAME_FILE,
        UNFINISHED,
        UNFINISHED_OTHER,
        UPLOADPARTS,
        BACKEND,
        PARAMETER,
    ];
    let known = ALL.iter().find(|code| code.number == number);
    known.map_or(INJECTED, |code| code.message)
}
