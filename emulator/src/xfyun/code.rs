//! The vendor's codes (reference §4). Only the texts of `success` and of the slice id were seen; the others are ours.

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
    PARAMETER = (10_001, "request parameter is invalid");
    S3 = (10_002, "s3 operation failed");
    DATABASE = (10_003, "database operation failed");
    CACHE = (10_004, "cache operation failed");
    EXPIRED = (10_005, "upload info expired or nothing uploaded");
    IO = (10_006, "io operation failed");
    TASK = (10_007, "task push failed");
}

/// What a fault's code says that is none of these.
const INJECTED: &str = "injected by the emulator";

impl Code {
    pub(super) const fn because(self, message: &'static str) -> Code {
        Code { message, ..self }
    }
}

impl From<FormError> for Code {
    fn from(error: FormError) -> Code {
        PARAMETER.because(match error {
            FormError::Missing | FormError::Kind => "content type is not supported",
            FormError::Malformed | FormError::MalformedJson => "request body is malformed",
            FormError::TooLong => "request body is too long",
            FormError::Twice => "request has a field twice",
        })
    }
}

pub(super) fn message(number: i64) -> &'static str {
    ALL.iter().find(|code| code.number == number).map_or(INJECTED, |code| code.message)
}
