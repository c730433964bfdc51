//! What the vendor's answers can be besides a success.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;

use resumable_core::Rejection;
use resumable_core::units::show_number;

use crate::codes;
use crate::op::Op;

/// An answer that is no success, with what to do about it.
pub type Refused = Rejection<Fault>;

/// Why an upload to xfyun cannot go on, or what an answer lacks. The texts are for people, and hold nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The vendor, or the gateway in front of it, refused a call.
    #[error("{}", vendor(*op, *code, message, sid.as_deref(), *status))]
    Vendor {
        /// The call.
        op: Op,
        /// The vendor's code; `None` where the gateway sent a message without one.
        code: Option<i64>,
        /// The message: one printable line of at most 200 characters.
        message: String,
        /// The vendor's name for the exchange, to quote to its support.
        sid: Option<String>,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not what this API answers: HTML, half a body, some other service.
    #[error("{op}: the answer (HTTP {status}) is not from this API: {}", or_nothing(excerpt))]
    Unreadable {
        /// The call.
        op: Op,
        /// The HTTP status.
        status: u16,
        /// How the answer begins: one printable line of at most 200 characters.
        excerpt: String,
    },
    /// The answer says success, but lacks what makes it one.
    #[error("{op} was answered with success, but without a usable {missing}{}", of(sid.as_deref()))]
    Incomplete {
        /// The call.
        op: Op,
        /// What is missing, in the vendor's name.
        missing: &'static str,
        /// The vendor's name for the exchange.
        sid: Option<String>,
    },
    /// HTTP 413: the server takes no body of this length.
    #[error("{op} was refused with HTTP 413: the body is too large for this server; use smaller slices")]
    TooLarge {
        /// The call.
        op: Op,
    },
    /// The file was put together, but the answer with its url was lost, and the vendor does not say it again.
    #[error("the file was probably put together, but the answer with its url was lost: {0}")]
    UrlLost(Box<Fault>),
    /// The file is larger than this API takes.
    #[error("the file has {} bytes; xfyun takes at most {} through this API", show_number(*len), show_number(*most))]
    FileTooBig {
        /// The file's length in bytes.
        len: u64,
        /// The largest possible length, in bytes.
        most: u64,
    },
    /// The slice size is none that the vendor takes.
    #[error("slices of {size} bytes are not possible: xfyun takes {least} to {most} bytes; change the slice size")]
    BadPartSize {
        /// The size, in bytes.
        size: u64,
        /// The smallest possible size, in bytes.
        least: u64,
        /// The largest possible size, in bytes.
        most: u64,
    },
    /// The call belongs to an upload in slices, and none is open.
    #[error("{op} was planned, but no upload in slices is open")]
    NotOpen {
        /// The call.
        op: Op,
    },
}

impl Fault {
    /// The vendor's code, if it sent one.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Vendor { code, .. } => *code,
            Self::UrlLost(why) => why.code(),
            _ => None,
        }
    }

    /// True for a code that no table explains, under HTTP 500: the call may have had its effect.
    pub(crate) fn is_unexplained(&self) -> bool {
        matches!(self, Self::Vendor { code: Some(code), status: 500, .. } if codes::find(*code).is_none())
    }

    /// The vendor's name for the exchange, if it sent one.
    pub fn sid(&self) -> Option<&str> {
        match self {
            Self::Vendor { sid, .. } | Self::Incomplete { sid, .. } => sid.as_deref(),
            Self::UrlLost(why) => why.sid(),
            _ => None,
        }
    }
}

fn vendor(op: Op, code: Option<i64>, message: &str, sid: Option<&str>, status: u16) -> String {
    let by_code = code.and_then(codes::find).map(|row| (row.meaning, row.remedy));
    let by_text = || codes::find_text(message).map(|row| (row.meaning, row.remedy));
    let known = if code.is_some() { by_code } else { by_text() };
    let (meaning, remedy) = known.unwrap_or(("unknown reason", ""));
    let remedy = if remedy.is_empty() { String::new() } else { format!("; {remedy}") };
    let code = code.map_or("no code".to_owned(), |code| format!("code {code}"));
    let words = if message.is_empty() { String::new() } else { format!(", \"{message}\"") };
    format!("{op} was refused: {meaning}{remedy} ({code}{words}, HTTP {status}{})", of(sid))
}

fn of(sid: Option<&str>) -> String {
    sid.map(|sid| format!(", sid {sid}")).unwrap_or_default()
}

fn or_nothing(excerpt: &str) -> &str {
    if excerpt.is_empty() { "an empty body" } else { excerpt }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn refused(code: Option<i64>, message: &str) -> Fault {
        let sid = Some("ost00010002@dx17e29a1f3d0a1b2c3d".to_owned());
        Fault::Vendor { op: Op::MpuploadUpload, code, message: message.to_owned(), sid, status: 500 }
    }

    #[test]
    fn a_refusal_says_what_it_means_and_what_to_do() {
        assert_eq!(
            refused(Some(10002), "s3 error").to_string(),
            "mpupload/upload was refused: the vendor's storage failed; if it persists, open a ticket with the vendor \
             (code 10002, \"s3 error\", HTTP 500, sid ost00010002@dx17e29a1f3d0a1b2c3d)"
        );
        let text = refused(None, "HMAC signature does not match").to_string();
        assert!(text.contains("check the APIKey and the APISecret") && text.contains("(no code, "), "{text}");
        assert!(refused(Some(-1), "HMAC signature does not match").to_string().contains("unknown reason"));
        let lost = Fault::UrlLost(Box::new(refused(Some(10005), "gone")));
        assert!(lost.to_string().contains("sid ost") && lost.code() == Some(10005) && lost.sid().is_some());
    }

    #[test]
    fn faults_can_be_sent_between_threads() {
        fn check<T: core::error::Error + Send + Sync + 'static>() {}
        check::<Fault>();
    }
}
