//! What can keep an upload, or a log-in, from going on.

use alloc::boxed::Box;
use alloc::string::String;

use resumable_core::Rejection;
use resumable_core::units::show_count;
use resumable_proto_oss as oss;

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
    #[error(
        "{op}: the answer (HTTP {status}) is not from this API: {}{}",
        or_nothing(excerpt),
        wall(*op, *status, excerpt)
    )]
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
    /// The storage refused, or its answer lacks something.
    #[error(transparent)]
    Oss(#[from] oss::Fault),
    /// What the vendor says of its storage cannot be used.
    #[error("115 gave a {what} for its storage that cannot be used: {why}")]
    Storage {
        /// What it is.
        what: &'static str,
        /// Why.
        why: String,
    },
    /// The storage refuses keys that 115 gave just before.
    #[error("the storage keeps refusing keys that 115 has just issued; check this machine's clock: {0}")]
    KeysRefused(oss::Fault),
    /// A folder of the target's path is not there.
    #[error("there is no folder {path}; create it, choose another one, or allow creating it (create_folders)")]
    NoFolder {
        /// The path up to it.
        path: String,
    },
    /// What the target's path leads to is a file.
    #[error("{path} is a file, not a folder; choose another target")]
    NotAFolder {
        /// The path up to it.
        path: String,
    },
    /// The vendor does not believe that the content is here.
    #[error("115 asked {} for proof that the file is here and accepted none; is the file changing?", show_count((*asked).into(), "time", "times"))]
    Unproven {
        /// How often it asked.
        asked: u8,
    },
    /// The vendor asks for bytes that there are not.
    #[error("115 asks for proof with bytes up to {end}, but the file has {len}")]
    BadChallenge {
        /// Where the bytes that it asks for end.
        end: u64,
        /// The file's length.
        len: u64,
    },
    /// The file in the drive is not the one that was sent.
    #[error("115 has a file with {what} {theirs}, ours has {ours}: the content differs")]
    Differs {
        /// What differs.
        what: &'static str,
        /// The vendor's.
        theirs: String,
        /// Ours.
        ours: String,
    },
    /// The object was sent, and 115 does not have the file.
    #[error("the file was sent, but is not in the drive: {0}")]
    NotThere(Box<Fault>),
    /// Nobody knows whether the storage's last call took effect.
    #[error("the storage's last answer was lost")]
    LostReply,
    /// Where the bytes are to go has changed, so that what was sent is of no use.
    #[error("115 now wants the file in another place; what was sent is lost")]
    Moved,
    /// The announcement that the bytes were sent for is not there any more.
    #[error("115 no longer knows this upload: {0}")]
    TaskGone(Box<Fault>),
    /// The call does not fit how far the upload is.
    #[error("{op} was planned, but the upload is not that far")]
    NotReady {
        /// The call.
        op: Op,
    },
}

impl Fault {
    /// True for what 115's firewall answers to a request that holds a name: it may be the name that it does not let
    /// through, and not the number of calls.
    pub fn may_be_the_name(&self) -> bool {
        matches!(self, Self::Unreadable { op, status, excerpt } if !wall(*op, *status, excerpt).is_empty())
    }

    /// The vendor's code, if it sent one.
    pub fn code(&self) -> Option<i64> {
        match self {
            Self::Vendor { code, .. } if *code != 0 => Some(*code),
            Self::TaskGone(why) | Self::NotThere(why) => why.code(),
            _ => None,
        }
    }

    /// The storage's name for the request, to quote to its support; 115 itself gives none.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Oss(fault) | Self::KeysRefused(fault) => fault.request_id(),
            _ => None,
        }
    }
}

fn vendor(op: Op, code: i64, message: &str, status: u16) -> String {
    let unknown = if code == 0 && message.is_empty() {
        "no reason given, as when the account makes too many calls"
    } else {
        "unknown reason"
    };
    let (meaning, remedy) = codes::find(code).map_or((unknown, ""), |row| (row.meaning, row.remedy));
    let remedy = if remedy.is_empty() { String::new() } else { format!("; {remedy}") };
    let words = if message.is_empty() { String::new() } else { format!(", \"{message}\"") };
    format!("{op} was refused: {meaning}{remedy} (code {code}{words}, HTTP {status})")
}

/// What else the firewall's page may mean.
fn wall(op: Op, status: u16, excerpt: &str) -> &'static str {
    let named = matches!(op, Op::Init | Op::FolderAdd | Op::GetInfo);
    let page = excerpt.starts_with('<') && status < 500 && status != 413;
    if named && (matches!(status, 403 | 405) || page) {
        ". 115's firewall answers like this when an account makes too many calls, and for some file and folder names: if \
         other uploads work, try another name"
    } else {
        ""
    }
}

fn or_nothing(excerpt: &str) -> &str {
    if excerpt.is_empty() { "an empty body" } else { excerpt }
}
