//! The vendor's codes (reference §5). Only the text of 10002 was seen; the others are ours.

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

pub(super) const BAD_PARAMETER: Code = code(990_002, "a parameter is wrong");
pub(super) const FAILED: Code = code(990_003, "the operation failed");
pub(super) const NO_FOLDER: Code = code(10_014, "the target folder does not exist");
pub(super) const FOLDER_EXISTS: Code = code(20_004, "the folder exists already");
pub(super) const NO_PARENT: Code = code(20_009, "the parent folder does not exist");
pub(super) const NOT_FOUND: Code = code(430_004, "the file or folder does not exist");
pub(super) const NO_TASK: Code = code(20_018, "the upload task does not exist");
pub(super) const NO_SPACE: Code = code(91_005, "no space is left");
pub(super) const CHECK_FAILED: Code = code(10_002, "校验文件失败，请重新上传。");
pub(super) const THROTTLED: Code = code(770_004, "the access limit is reached");

pub(super) const CLIENT_ID: Code = code(40_140_100, "client_id is wrong");
pub(super) const CHALLENGE: Code = code(40_140_101, "code_challenge is wrong");
pub(super) const METHOD: Code = code(40_140_102, "code_challenge_method is wrong");
pub(super) const SIGN: Code = code(40_140_103, "sign is wrong");
pub(super) const DEVICE_CODE: Code = code(40_140_104, "uid is wrong");
pub(super) const VERIFIER_LENGTH: Code = code(40_140_112, "code_verifier must have 43 to 128 characters");
pub(super) const VERIFIER: Code = code(40_140_113, "code_verifier does not match code_challenge");
pub(super) const REFRESH_MALFORMED: Code = code(40_140_114, "refresh_token is malformed");
pub(super) const REFRESH_INVALID: Code = code(40_140_116, "refresh_token is invalid");
pub(super) const REFRESH_TOO_OFTEN: Code = code(40_140_117, "refreshed too frequently");
pub(super) const REFRESH_EXPIRED: Code = code(40_140_119, "refresh_token is expired");
pub(super) const REFRESH_STALE: Code = code(40_140_120, "refresh_token check failed");
pub(super) const REFRESH_FAILED: Code = code(40_140_121, "refreshing failed");
pub(super) const ACCESS_MALFORMED: Code = code(40_140_123, "access_token is malformed");
pub(super) const ACCESS_SIGNATURE: Code = code(40_140_124, "access_token signature check failed");
pub(super) const ACCESS_INVALID: Code = code(40_140_125, "access_token is invalid or expired");
pub(super) const ACCESS_STALE: Code = code(40_140_126, "access_token check failed");
pub(super) const NOT_CONFIRMED: Code = code(40_101_017, "the device code is not confirmed");
pub(super) const CODE_EXPIRED: Code = code(40_199_002, "the device code is expired");

/// What a fault's code says that is none of these.
const INJECTED: &str = "injected by the emulator";

const ALL: &[Code] = &[
    BAD_PARAMETER,
    FAILED,
    NO_FOLDER,
    FOLDER_EXISTS,
    NO_PARENT,
    NOT_FOUND,
    NO_TASK,
    NO_SPACE,
    CHECK_FAILED,
    THROTTLED,
    CLIENT_ID,
    CHALLENGE,
    METHOD,
    SIGN,
    DEVICE_CODE,
    VERIFIER_LENGTH,
    VERIFIER,
    REFRESH_MALFORMED,
    REFRESH_INVALID,
    REFRESH_TOO_OFTEN,
    REFRESH_EXPIRED,
    REFRESH_STALE,
    REFRESH_FAILED,
    ACCESS_MALFORMED,
    ACCESS_SIGNATURE,
    ACCESS_INVALID,
    ACCESS_STALE,
    NOT_CONFIRMED,
    CODE_EXPIRED,
    code(99, "log in again"),
    code(406, "the access limit is reached"),
    code(413, "网络异常"),
    code(911, "human verification is needed"),
    code(590_075, "too frequent"),
    code(990_001, "the login timed out"),
    code(990_009, "busy"),
];

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
        ALL.iter().find(|code| code.number == number).copied().unwrap_or(Code { number, message: INJECTED })
    }
}
