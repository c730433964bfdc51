//! The faults, the same for every vendor.

use serde::{Deserialize, Serialize};

/// A fault that a request can meet.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// Before the work: a refusal with this status and code, in the vendor's shape.
    Refuse {
        /// HTTP status.
        status: u16,
        /// The vendor's code.
        code: VendorCode,
    },
    /// Before the work: the vendor's 5xx.
    Unavailable,
    /// Before the work: the vendor's "too many requests".
    Throttle {
        /// `Retry-After`, if any.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_seconds: Option<u64>,
    },
    /// Before the work: an HTML page with this status.
    Html {
        /// HTTP status.
        status: u16,
    },
    /// Before the work: 200 with a body that is no answer at all.
    Garbage,
    /// Before the work: the vendor's refusal of a credential whose time is over.
    ExpireToken,
    /// Before the work: close the connection without an answer.
    CutBefore,
    /// Before the work: reset the connection (RST).
    Reset,
    /// Before the work: never answer, and never close.
    Stall,
    /// After the work: close the connection without an answer.
    DropReply,
    /// After the work: close the connection in the middle of the answer.
    CutReply,
    /// After the work: send the answer byte by byte.
    Trickle {
        /// Milliseconds before each byte.
        millis: u64,
    },
    /// After the work: answer after this long.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// The server loses the session, then handles the request.
    ForgetSession,
    /// The answer echoes another offset.
    WrongOffset,
    /// The answer's `datalen` is one less than it should be.
    WrongLength,
    /// The answer names another session.
    WrongSession,
    /// The answer names an offset beyond the end of the file.
    OffsetBeyondFile,
    /// The object is stored, but its callback has failed.
    CallbackFailed {
        /// Whether the callback was heard all the same, and only its answer did not come back.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        delivered: bool,
    },
    /// The page of a list says that there are more, and that the next one begins where it began itself.
    StuckMarker,
    /// The page of a list says that there are more, and not where the next one begins.
    MissingMarker,
    /// The answer names the `ETag` of other bytes.
    WrongEtag,
    /// The answer names the CRC-64 of other bytes.
    WrongCrc,
    /// The page of a list has one of its entries twice.
    DuplicatePart,
    /// The page of a list leaves one of its entries out.
    MissingPart,
    /// The page of a list has one more entry, of a part that nobody sent.
    ExtraPart,
    /// One bit of the object that is put together is not as it was sent, and all that is told of the object is true of it.
    /// Where 115 is told of an object, 115 takes it whatever it is.
    OtherBytes,
    /// Before the request is handled, somebody else replaces what it is about: an object, or the bytes of a part.
    OtherWriter,
    /// The upload is given up, and is there all the same.
    PartSurvives,
    /// The answer begins at once with 200 and blanks, and its end comes later; whatever it is, the status stays. Before the work
    /// if it is an error or breaks off, else after it.
    Blanks {
        /// How many blanks.
        count: u64,
        /// Milliseconds before each.
        #[serde(skip_serializing_if = "is_zero")]
        millis: u64,
        /// The error that comes behind them, in place of the answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<VendorCode>,
        /// The connection is closed among them.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        cut: bool,
    },
    /// The connection is closed without an answer, and the work is done this long after.
    Late {
        /// Milliseconds.
        millis: u64,
        /// Until then there is nothing of the session to be seen.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        hidden: bool,
    },
    /// Before the work: the vendor's "too many requests", with a header of any name and value.
    ThrottleHeader {
        /// Its name.
        name: String,
        /// What it says.
        value: String,
    },
    /// The server sets this slice size, whatever was asked for; where none is set, the answer only says so.
    SliceSize {
        /// Bytes.
        bytes: u64,
    },
}

/// A vendor's code: a number or a text.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum VendorCode {
    /// `-177`.
    Number(i64),
    /// `NoSuchUpload`.
    Text(String),
}

impl Fault {
    /// A refusal.
    pub fn refuse(status: u16, code: impl Into<VendorCode>) -> Fault {
        Fault::Refuse { status, code: code.into() }
    }

    /// Whether only a vendor that speaks of such things can show it.
    pub(crate) fn is_of_objects(&self) -> bool {
        matches!(
            self,
            Fault::CallbackFailed { .. }
                | Fault::StuckMarker
                | Fault::MissingMarker
                | Fault::WrongEtag
                | Fault::WrongCrc
        ) || self.is_of_part_stores()
    }

    /// Whether only some vendors with numbered parts can show it.
    pub(crate) fn is_of_part_stores(&self) -> bool {
        matches!(
            self,
            Fault::DuplicatePart
                | Fault::MissingPart
                | Fault::ExtraPart
                | Fault::OtherBytes
                | Fault::OtherWriter
                | Fault::PartSurvives
                | Fault::Blanks { .. }
                | Fault::Late { .. }
                | Fault::ThrottleHeader { .. }
        )
    }

    pub(crate) fn is_before_the_work(&self) -> bool {
        match self {
            Fault::Refuse { .. }
            | Fault::Unavailable
            | Fault::Throttle { .. }
            | Fault::Html { .. }
            | Fault::Garbage
            | Fault::ExpireToken
            | Fault::CutBefore
            | Fault::Reset
            | Fault::Stall
            | Fault::ThrottleHeader { .. } => true,
            Fault::Blanks { code, cut, .. } => *cut || code.is_some(),
            Fault::DropReply
            | Fault::CutReply
            | Fault::Trickle { .. }
            | Fault::Delay { .. }
            | Fault::ForgetSession
            | Fault::WrongOffset
            | Fault::WrongLength
            | Fault::WrongSession
            | Fault::OffsetBeyondFile
            | Fault::CallbackFailed { .. }
            | Fault::StuckMarker
            | Fault::MissingMarker
            | Fault::WrongEtag
            | Fault::WrongCrc
            | Fault::DuplicatePart
            | Fault::MissingPart
            | Fault::ExtraPart
            | Fault::OtherBytes
            | Fault::OtherWriter
            | Fault::PartSurvives
            | Fault::Late { .. }
            | Fault::SliceSize { .. } => false,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl VendorCode {
    /// As a text, where a vendor knows no numbers.
    pub(crate) fn text(&self) -> String {
        match self {
            VendorCode::Number(number) => number.to_string(),
            VendorCode::Text(text) => text.clone(),
        }
    }
}

impl From<i64> for VendorCode {
    fn from(number: i64) -> VendorCode {
        VendorCode::Number(number)
    }
}

impl From<&str> for VendorCode {
    fn from(text: &str) -> VendorCode {
        VendorCode::Text(text.to_owned())
    }
}
