//! What can keep an upload, or a log-in, from going on.

use resumable_core::Rejection;

use crate::codes;
use crate::op::Op;

/// An answer that is no success, with what to do about it.
pub type Refused = Rejection<Fault>;

/// Why 115 refused, or what its answers lack. The texts are for people, and hold nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// 115 refused a call.
    #[error("{}", vendor(*op, *code, message, *status))]
    Vendor {
        /// The call.
        op: Op,
        /// The vendor's code; 0 where it sent none.
        code: i64,
        /// The vendor's message: one printable line of at most 200 characters.
        message: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not what this API answers: HTML, half a body, some other service.
    #[error("{op} was answered with HTTP {status} and no reply of this API: {}", or_nothing(excerpt))]
    Unreadable {
        /// The call.
        op: Op,
        /// The HTTP status.
        status: u16,
        /// How the answer begins: one printable line of at most 200 characters.
        excerpt: String,
    },
    /// The answer says success, but lacks what makes it one.
    #[error("{op} was answered with success, but without a usable {missing}")]
    Incomplete {
        /// The call.
        op: Op,
        /// What is missing, in the vendor's name.
        missing: &'static str,
    },
}

impl Fault {
    /// The vendor's code, if it sent one.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Vendor { code, .. } if *code != 0 => Some(*code),
            _ => None,
        }
    }
}

fn vendor(op: Op, code: i64, message: &str, status: u16) -> String {
    let unknown = if code == 0 && message.is_empty() {
        "nothing is said, as when the account asks too much"
    } else {
        "the known tables do not explain it"
    };
    let (meaning, remedy) = codes::find(code).map_or((unknown, ""), |row| (row.meaning, row.remedy));
    let remedy = if remedy.is_empty() { String::new() } else { format!("; {remedy}") };
    let words = if message.is_empty() { String::new() } else { format!(", \"{message}\"") };
    format!("{op} was refused: {meaning}{remedy} (code {code}{words}, HTTP {status})")
}

fn or_nothing(excerpt: &str) -> &str {
    if excerpt.is_empty() { "an empty body" } else { excerpt }
}
