//! Why an upload is not done.

use std::error::Error as StdError;
use std::fmt;

use resumable_core::{Budget, Failure, Remains, ResumeError};
use resumable_transport::SourceError;

use crate::credentials::BoxError;
use crate::file::{InvalidKey, Key, LoadError, LockError};
use crate::units::show_part;

/// Why an upload is not done: what happened, whose fault it is, and whether to run it again will help.
///
/// [`Display`](fmt::Display) says all of it in words, with no secret. [`cause`](Self::cause) is the typed error beneath:
/// a [`Failure`] of the machine with the vendor's own fault in it, a [`LockError`], a [`LoadError`], a [`SourceError`].
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    cause: BoxError,
    confirmed: Option<(u64, u64)>,
    advice: Vec<String>,
    key: Option<Key>,
}

/// What kind of reason there is. Each says who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The program gave something that cannot be, or cannot be sent. The text names the argument.
    Argument,
    /// The profile, or its file, cannot be used. The text names line and key.
    Profile,
    /// The source is missing or cannot be read.
    Source,
    /// The source is not what it was when the upload began. Start over, or restore the old one.
    Changed,
    /// Another upload of this key runs, in this process or another.
    Held,
    /// The store of checkpoints cannot be used.
    Store,
    /// There is a checkpoint, and it is damaged, of another upload, or of a newer version of this library.
    Checkpoint,
    /// The vendor refused the credential, or there is none. Another one resumes the upload.
    Credential,
    /// The vendor could not be reached, or was unable for too long. Run it again.
    GaveUp,
    /// The vendor refused for good, in its own words.
    Refused,
    /// Something else stands at the destination, and is not to be touched: see [`IfExists`](crate::IfExists). Nothing was
    /// sent.
    Exists,
    /// The vendor's API cannot do what was asked for.
    Unsupported,
    /// The content does not match at the vendor.
    Integrity,
    /// It was stopped or drained, as asked. Run it again to resume.
    Stopped,
    /// It was cancelled, as asked. [`Error::remains`] says what is left at the vendor.
    Abandoned,
    /// It is complete, and what was to be done with the receipt failed. The checkpoint is kept: run it again to have the
    /// receipt once more.
    Delivery,
    /// A defect in a program: please report it.
    Defect,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, cause: impl Into<BoxError>) -> Self {
        Self(Box::new(Inner { kind, cause: cause.into(), confirmed: None, advice: Vec::new(), key: None }))
    }

    pub(crate) fn argument(name: &str, why: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Argument, format!("{name} {why}"))
    }

    /// How far the upload is, and what can be changed about its end.
    pub(crate) fn with(mut self, confirmed: Option<(u64, u64)>, advice: Vec<String>) -> Self {
        self.0.confirmed = confirmed;
        self.0.advice = advice;
        self
    }

    /// It is of this kind after all.
    pub(crate) fn kind_of(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// It is about the upload of this key.
    pub(crate) fn of(mut self, key: &Key) -> Self {
        self.0.key = Some(key.clone());
        self
    }

    /// What kind of reason it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// True if the same upload may succeed when it is run again later, with nothing changed but time or the credential.
    /// It then resumes where it stopped.
    pub fn is_resumable(&self) -> bool {
        match self.failure() {
            Some(failure) => failure.resumable(),
            None => matches!(self.0.kind, ErrorKind::Held | ErrorKind::Delivery),
        }
    }

    /// True if no other upload with the same credentials and store can succeed either, until somebody does something about
    /// it: the credentials were refused, checkpoints cannot be kept, or the vendor was never reached.
    pub fn concerns_all(&self) -> bool {
        let never_reached = matches!(
            self.failure(),
            Some(
                Failure::Exhausted { budget: Budget::FirstContact(_), .. }
                    | Failure::Untrusted(_)
                    | Failure::Redirected { .. }
                    | Failure::Compressed { .. }
            )
        );
        never_reached || matches!(self.0.kind, ErrorKind::Credential | ErrorKind::Store | ErrorKind::Profile)
    }

    /// True if something else stands at the destination and was to be left there
    /// ([`IfExists::Skip`](crate::IfExists::Skip)): the upload did what it was told.
    pub fn is_skipped(&self) -> bool {
        #[cfg(any(feature = "async", feature = "blocking"))]
        let skipped = self.0.cause.downcast_ref().is_some_and(crate::put::Taken::is_skipped);
        #[cfg(not(any(feature = "async", feature = "blocking")))]
        let skipped = false;
        skipped
    }

    /// How many bytes the vendor has acknowledged, and how many there are in all; `None` if the upload was not begun.
    pub fn confirmed(&self) -> Option<(u64, u64)> {
        self.0.confirmed
    }

    /// What is left at the vendor of an upload that was cancelled.
    pub fn remains(&self) -> Option<Remains> {
        match self.failure() {
            Some(Failure::Abandoned(remains)) => Some(*remains),
            _ => None,
        }
    }

    /// What to do about it, as sentences: which key of the profile to change, where the upload was made of one. Empty if
    /// the error says all.
    pub fn advice(&self) -> &[String] {
        &self.0.advice
    }

    /// The upload's key, where somebody else holds it.
    pub fn key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }

    /// How the machine ended, with the vendor's own fault as any error; `None` if it was not begun.
    pub fn failure(&self) -> Option<&Failure<BoxError>> {
        self.0.cause.downcast_ref()
    }

    /// The error beneath.
    pub fn cause(&self) -> &(dyn StdError + 'static) {
        &*self.0.cause
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { cause, advice, confirmed, .. } = &*self.0;
        write!(f, "{cause}")?;
        if !advice.is_empty() {
            write!(f, " ({})", advice.join(" "))?;
        }
        match confirmed {
            Some((confirmed, total)) if self.is_resumable() && *confirmed > 0 => {
                write!(f, "; {} stored, the next run resumes there", show_part(*confirmed, *total))
            }
            _ => Ok(()),
        }
    }
}

// What `main` shows when it returns one.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {self}", self.0.kind)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.source()
    }
}

impl From<SourceError> for Error {
    fn from(error: SourceError) -> Self {
        Self::new(ErrorKind::Source, error)
    }
}

impl From<LockError> for Error {
    fn from(error: LockError) -> Self {
        let kind = if matches!(error, LockError::Held(_)) { ErrorKind::Held } else { ErrorKind::Store };
        Self::new(kind, error)
    }
}

impl From<LoadError> for Error {
    fn from(error: LoadError) -> Self {
        let kind = if matches!(error, LoadError::Io { .. }) { ErrorKind::Store } else { ErrorKind::Checkpoint };
        Self::new(kind, error)
    }
}

#[cfg(feature = "profiles")]
impl From<crate::profile::ProfileError> for Error {
    fn from(error: crate::profile::ProfileError) -> Self {
        let advice = error.advice().to_vec();
        Self::new(ErrorKind::Profile, error).with(None, advice)
    }
}

impl From<ResumeError> for Error {
    fn from(error: ResumeError) -> Self {
        let kind =
            if matches!(error, ResumeError::Changed { .. }) { ErrorKind::Changed } else { ErrorKind::Checkpoint };
        Self::new(kind, error)
    }
}

/// What a vendor's crate says of an argument, so that `?` takes it to a `main` that returns an [`Error`].
macro_rules! arguments {
    ($($which:meta: $($error:ty),+;)+) => {
        $($(
            #[cfg($which)]
            impl From<$error> for Error {
                fn from(error: $error) -> Self {
                    Self::new(ErrorKind::Argument, error)
                }
            }
        )+)+
    };
}

arguments! {
    feature = "oss": crate::oss::InvalidArgument, crate::oss::InvalidCredential, crate::oss::InvalidOptions;
    feature = "115": crate::p115::InvalidArgument, crate::p115::InvalidOptions, crate::p115::InvalidSite,
        crate::p115::InvalidToken, crate::p115::InvalidTarget, crate::p115::LogInError;
    any(feature = "cos-v1", feature = "cos-v2"): resumable_proto_cos::InvalidArgument,
        resumable_proto_cos::InvalidCredential, resumable_proto_cos::options::InvalidOptions;
    feature = "xfyun": crate::xfyun::InvalidArgument, crate::xfyun::InvalidCredential, crate::xfyun::InvalidOptions;
    any(feature = "ureq", feature = "reqwest", feature = "profiles"): resumable_transport::net::ConfigError;
    all(): InvalidKey, std::env::VarError;
}

impl From<std::io::Error> for Error {
    /// A file of the program's own that could not be used.
    fn from(error: std::io::Error) -> Self {
        Self::from(SourceError::from(error))
    }
}

impl From<Failure<BoxError>> for Error {
    fn from(failure: Failure<BoxError>) -> Self {
        let kind = match &failure {
            Failure::Refused(_) => ErrorKind::Refused,
            Failure::Credential(_) | Failure::Authorize(_) | Failure::Clock { .. } => ErrorKind::Credential,
            Failure::Integrity(_) => ErrorKind::Integrity,
            Failure::Exhausted { .. }
            | Failure::Untrusted(_)
            | Failure::Redirected { .. }
            | Failure::Compressed { .. } => ErrorKind::GaveUp,
            Failure::Source(_) => ErrorKind::Source,
            Failure::Changed { .. } => ErrorKind::Changed,
            Failure::Impossible(_) => ErrorKind::Argument,
            Failure::Store(_) => ErrorKind::Store,
            Failure::Stopped => ErrorKind::Stopped,
            Failure::Abandoned(_) => ErrorKind::Abandoned,
            _ => ErrorKind::Defect,
        };
        Self::new(kind, failure)
    }
}
