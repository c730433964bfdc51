//! The vendor's codes (reference §5). Only the text of 10002 was seen; the others are ours.

use crate::codes::codes;
use crate::form::FormError;

/// A refusal: the number and text of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) number: i64,
    pub(super) message: &'static str,
}

const fn code(number: i64, message: &'static str) -> Code {
    Code { number, message }
}

codes! {
    pub(super),
    BAD_PARAMETER = (990_002, "a parameter is wrong");
    FAILED = (990_003, "the operation failed");
    NO_FOLDER = (10_014, "the target folder does not exist");
    FOLDER_EXISTS = (20_004, "the folder exists already");
    NO_PARENT = (20_009, "the parent folder does not exist");
    NOT_FOUND = (430_004, "the file or folder does not exist");
    NO_TASK = (20_018, "the upload task does not exist");
    NO_SPACE = (91_005, "no space is left");
    CHECK_FAILED = (10_002, "校验文件失败，请重新上传。");
    THROTTLED = (770_004, "the access limit is reached");
    CLIENT_ID = (40_140_100, "client_id is wrong");
    CHALLENGE = (40_140_101, "code_challenge is wrong");
    METHOD = (40_140_102, "code_challenge_method is wrong");
    SIGN = (40_140_103, "sign is wrong");
    DEVICE_CODE = (40_140_104, "uid is wrong");
    VERIFIER_LENGTH = (40_140_112, "code_verifier must have 43 to 128 characters");
    VERIFIER = (40_140_113, "code_verifier does not match code_challenge");
    REFRESH_MALFORMED = (40_140_114, "refresh_token is malformed");
    REFRESH_INVALID = (40_140_116, "refresh_token is invalid");
    REFRESH_TOO_OFTEN = (40_140_117, "refreshed too frequently");
    REFRESH_EXPIRED = (40_140_119, "refresh_token is expired");
    REFRESH_STALE = (40_140_120, "refresh_token check failed");
    REFRESH_FAILED = (40_140_121, "refreshing failed");
    ACCESS_MALFORMED = (40_140_123, "access_token is malformed");
    ACCESS_SIGNATURE = (40_140_124, "access_token signature check failed");
    ACCESS_INVALID = (40_140_125, "access_token is invalid or expired");
    ACCESS_STALE = (40_140_126, "access_token check failed");
    NOT_CONFIRMED = (40_101_017, "the device code is not confirmed");
    CODE_EXPIRED = (40_199_002, "the device code is expired");
}

/// Codes that only a fault answers with.
const OTHERS: &[Code] = &[
    code(99, "log in again"),
    code(406, "the access limit is reached"),
    code(413, "网络异常"),
    code(911, "human verification is needed"),
    code(590_075, "too frequent"),
    code(990_001, "the login timed out"),
    code(990_009, "busy"),
];

/// What a fault's code says that is none of these.
const INJECTED: &str = "injected by the emulator";

impl From<FormError> for Code {
    fn from(error: FormError) -> Code {
        BAD_PARAMETER.because(match error {
            FormError::Missing | FormError::Kind => "the content type is not supported",
            FormError::Malformed | FormError::MalformedJson => "the form is malformed",
            FormError::TooLong => "the form is too long",
            FormError::Twice => "a field is there twice",
        })
    }
}

impl Code {
    pub(super) const fn because(self, message: &'static str) -> Code {
        Code { message, ..self }
    }

    /// With the text that goes with a number.
    pub(super) fn of(number: i64) -> Code {
        ALL.iter()
            .chain(OTHERS)
            .find(|code| code.number == number)
            .copied()
            .unwrap_or(Code { number, message: INJECTED })
    }
}
