//! What the vendor's answers can be besides a success, and what else ends an upload.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;

use resumable_core::Rejection;
use resumable_core::units::show_number;

use crate::checksum::Checksum;
use crate::codes::Class;
use crate::error_reply::ErrorReply;
use crate::op::Op;

/// An answer that is no success, with what to do about it.
pub type Refused = Rejection<Fault>;

/// Why an upload to a part-number store cannot go on, or what an answer lacks. The texts are for people, and hold nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The vendor refused a call.
    #[error("{}", vendor(*op, error))]
    Vendor {
        /// The call.
        op: Op,
        /// What it said.
        error: Box<ErrorReply>,
    },
    /// The answer is not what this API answers: HTML, half a body, some other service.
    #[error("{op}: the answer (HTTP {status}) is not from {vendor}: {}", or_nothing(excerpt))]
    Unreadable {
        /// Whose answer it should be.
        vendor: &'static str,
        /// The call.
        op: Op,
        /// The HTTP status.
        status: u16,
        /// How the answer begins: one printable line of at most 200 characters.
        excerpt: String,
    },
    /// The vendor refused a call, and said nothing but the HTTP status: the answer to HEAD has no body.
    #[error("{op} was refused: {}{} (HTTP {status}{})", by_status(*status).0, by_status(*status).1, of(request_id.as_deref()))]
    Bare {
        /// The call.
        op: Op,
        /// The HTTP status.
        status: u16,
        /// The vendor's name for the request.
        request_id: Option<String>,
    },
    /// The answer says success, but lacks what makes it one.
    #[error("{op} was answered with success, but without a usable {missing}{}", of(request_id.as_deref()))]
    Incomplete {
        /// The call.
        op: Op,
        /// What is missing, in the vendor's name.
        missing: &'static str,
        /// The vendor's name for the request.
        request_id: Option<String>,
    },
    /// HTTP 413: the server takes no body of this length.
    #[error("{op} was refused with HTTP 413: the body is too large for this server; use smaller parts")]
    TooLarge {
        /// The call.
        op: Op,
    },
    /// A success came before all of the content was sent.
    #[error("{op} was answered with success before all of the content was sent")]
    TooEarly {
        /// The call.
        op: Op,
    },
    /// A page of the list says that there is another one, but not where it begins.
    #[error("ListParts did not advance: the page after part {after} leads to {}", next.map_or("nowhere".to_owned(), |next| format!("part {next}")))]
    StuckMarker {
        /// Where the page began.
        after: u32,
        /// Where the next is said to begin.
        next: Option<u32>,
    },
    /// A page of open uploads says that there is another one, but leads to none that is new.
    #[error("ListMultipartUploads did not advance: a page leads back to where it began")]
    StuckUploads,
    /// A part at the vendor has other content than the file there.
    #[error("part {part_number} has other content at the vendor than in the file")]
    PartDiffers {
        /// The part's number.
        part_number: u32,
    },
    /// The list shows parts that this upload cannot have sent.
    #[error("the vendor lists parts that do not fit: part {part_number} of {size} bytes")]
    PartsDoNotFit {
        /// The first such part's number.
        part_number: u32,
        /// Its length at the vendor, in bytes; 0 where it is missing.
        size: u64,
    },
    /// The whole object has another sum than the file.
    #[error("the object at the vendor has {theirs}, the file has {}: the content differs", ours.value)]
    Integrity {
        /// The file's.
        ours: Checksum,
        /// The object's.
        theirs: Checksum,
    },
    /// The object came in one request, and its MD5 is another one than the file's.
    #[error("the object at the vendor has ETag {theirs}, which is not the file's MD5: the content differs")]
    EtagDiffers {
        /// The object's tag.
        theirs: String,
    },
    /// An upload that may have been completed is gone, and what is at the key is not the file.
    #[error("the upload is gone, and at its key is {}", found.text())]
    Lost {
        /// What is at the key.
        found: Found,
    },
    /// An object that is not ours is at the key, and may not be overwritten.
    #[error("another object already exists at this key, and overwriting is forbidden")]
    Taken,
    /// The object is stored, but the callback failed. To upload it again would not help it.
    #[error("the object is stored at OSS, but its callback failed: {message}{}; it is not sent again: check the callback's server, then abort this upload and start over", of(request_id.as_deref()))]
    CallbackFailed {
        /// What the vendor said: one printable line of at most 200 characters.
        message: String,
        /// The vendor's name for the request.
        request_id: Option<String>,
    },
    /// The file is larger than the vendor takes.
    #[error("the file has {} bytes; the vendor takes at most {} in one object here", show_number(*len), show_number(*most))]
    FileTooBig {
        /// The file's length in bytes.
        len: u64,
        /// The largest possible length, in bytes.
        most: u64,
    },
    /// The part size is none that the vendor takes.
    #[error("parts of {size} bytes are not possible: the vendor takes {least} to {most} bytes; change the part size")]
    BadPartSize {
        /// The size, in bytes.
        size: u64,
        /// The smallest possible size, in bytes.
        least: u64,
        /// The largest possible size, in bytes.
        most: u64,
    },
    /// V4 signatures name the region, and nobody said it.
    #[error("cannot tell the region from the endpoint: set the region, like cn-shenzhen, or sign with V1")]
    NoRegion,
    /// No request can name this key.
    #[error("the key \"{key}\" cannot be sent: {why}")]
    Key {
        /// The key, as it can be shown.
        key: String,
        /// Why.
        why: String,
    },
    /// The call belongs to an upload in parts, and none is open; or it names a part that is not known.
    #[error("{op} was planned, but the upload that it belongs to is not open")]
    NotOpen {
        /// The call.
        op: Op,
    },
}

/// What was found where an object was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// No object.
    Nothing,
    /// An object of another length, with another sum, or of another upload.
    Other,
    /// An object of the same length, of whose content the vendor says nothing.
    Unproven,
}

impl Found {
    fn text(self) -> &'static str {
        match self {
            Self::Nothing => "no object",
            Self::Other => "an object with other content",
            Self::Unproven => "an object of the same length, but without a checksum that could be compared",
        }
    }
}

impl Fault {
    /// What the vendor's code says about the request; `None` for a code that is not in the table, and for every fault
    /// that is not the vendor's word.
    pub fn class(&self) -> Option<Class> {
        self.error().and_then(ErrorReply::class)
    }

    /// What the vendor said, if it is its word.
    pub fn error(&self) -> Option<&ErrorReply> {
        if let Self::Vendor { error, .. } = self { Some(error) } else { None }
    }

    /// The vendor's name for the request, to quote to its support.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Vendor { error, .. } => error.request_id.as_deref(),
            Self::Bare { request_id, .. }
            | Self::Incomplete { request_id, .. }
            | Self::CallbackFailed { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }
}

/// What a status means where nothing else is said, and what to do about it.
fn by_status(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => ("the request is not accepted", "; if the keys are temporary, get new ones: they expire"),
        403 => (
            "access is denied",
            "; check that the keys are right and belong together, that they may read the object and list the bucket, and \
             this machine's clock",
        ),
        412 => ("a condition does not hold", ""),
        429 => ("too many calls", ""),
        408 | 500.. => ("the vendor is not available", ""),
        _ => ("unknown reason", ""),
    }
}

fn vendor(op: Op, error: &ErrorReply) -> String {
    let known = error.row.map(|row| (row.meaning, row.remedy.to_owned()));
    let elsewhere = error.endpoint.as_deref();
    let elsewhere = elsewhere.map(|host| ("the bucket is at another endpoint", elsewhere_is(host, error)));
    let (meaning, remedy) = elsewhere.or(known).unwrap_or(("unknown reason", String::new()));
    let remedy = if remedy.is_empty() { String::new() } else { format!("; {remedy}") };
    let code = error.code.as_deref().unwrap_or("no code");
    let words = if error.message.is_empty() { String::new() } else { format!(", \"{}\"", error.message) };
    let ec = error.ec.as_ref().map(|ec| format!(", EC {ec}")).unwrap_or_default();
    let (status, id) = (error.status, of(error.request_id.as_deref()));
    format!("{op} was refused: {meaning}{remedy} ({code}{words}, HTTP {status}{ec}{id})")
}

/// What to set when the vendor names the bucket's endpoint.
fn elsewhere_is(host: &str, error: &ErrorReply) -> String {
    let region = error.region.as_ref().map(|region| format!(" and region to \"{region}\"")).unwrap_or_default();
    format!("set endpoint to \"{host}\"{region}")
}

fn of(request_id: Option<&str>) -> String {
    request_id.map(|id| format!(", request id {id}")).unwrap_or_default()
}

fn or_nothing(excerpt: &str) -> &str {
    if excerpt.is_empty() { "an empty body" } else { excerpt }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::codes::Code;
    use crate::dialect::tests::PLAIN;

    #[test]
    fn a_refusal_says_what_it_means_and_what_to_do() {
        const ROW: Code = PLAIN.codes[0];
        let error = ErrorReply {
            status: 403,
            code: Some("AccessDenied".into()),
            message: "no".into(),
            request_id: Some("695584A0EMU0000000000002".into()),
            ec: Some("0003-00000001".into()),
            etag: None,
            part_number: None,
            endpoint: None,
            region: None,
            server_time: None,
            row: Some(&ROW),
        };
        let mut fault = Fault::Vendor { op: Op::UploadPart, error: Box::new(error) };
        assert_eq!(
            fault.to_string(),
            "UploadPart was refused: no right; ask (AccessDenied, \"no\", HTTP 403, EC 0003-00000001, request id \
             695584A0EMU0000000000002)"
        );
        assert_eq!(fault.class(), Some(Class::Refused));
        let Fault::Vendor { error, .. } = &mut fault else { panic!() };
        (error.code, error.row) = (Some("Other".into()), None);
        assert!(fault.to_string().contains("unknown reason (Other, "));
        assert_eq!((fault.class(), fault.request_id()), (None, Some("695584A0EMU0000000000002")));
        let Fault::Vendor { error, .. } = &mut fault else { panic!() };
        (error.endpoint, error.region) = (Some("eu.example.com".into()), Some("eu".into()));
        let told = "the bucket is at another endpoint; set endpoint to \"eu.example.com\" and region to \"eu\"";
        assert!(fault.to_string().contains(told), "{fault}");
    }

    #[test]
    fn a_refusal_without_words_is_told_by_its_status() {
        let bare = |status| Fault::Bare { op: Op::HeadObject, status, request_id: Some("4442587FB7D0A2F9".into()) };
        let denied = bare(403).to_string();
        assert!(
            denied.starts_with("HeadObject was refused: access is denied; check that the keys are right"),
            "{denied}"
        );
        assert!(denied.ends_with("(HTTP 403, request id 4442587FB7D0A2F9)"), "{denied}");
        for (status, meaning) in
            [(400, "not accepted"), (412, "a condition"), (429, "too many"), (503, "not available")]
        {
            assert!(bare(status).to_string().contains(meaning), "{status}");
        }
        assert_eq!((bare(403).class(), bare(403).request_id()), (None, Some("4442587FB7D0A2F9")));
    }

    #[test]
    fn faults_can_be_sent_between_threads() {
        fn check<T: core::error::Error + Send + Sync + 'static>() {}
        check::<Fault>();
    }
}
