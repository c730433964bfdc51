//! What survives a crash.

use alloc::borrow::{Cow, ToOwned};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::digest::{Digest, HashJob};
use crate::fingerprint::{Coverage, Fingerprint};
use crate::protocol::Protocol;
use crate::source::{Difference, SourceInfo};

/// The format of checkpoints that this version writes. It reads those of format 1, too.
pub const FORMAT: u32 = 2;

/// The format that had no checksum, no time of change of the source, and no digest of what was sent.
const FIRST_FORMAT: u32 = 1;

/// Everything needed to go on with an upload in another process: bound to its source and its target, free of secrets,
/// below 16 KiB whatever the size of the source.
#[derive(Clone)]
pub struct Checkpoint<P: Protocol> {
    pub(crate) format: u32,
    pub(crate) target: String,
    pub(crate) source: SourceInfo,
    pub(crate) saved_unix: Duration,
    pub(crate) confirmed: u64,
    pub(crate) restarts: u32,
    pub(crate) rehashes: u32,
    pub(crate) digests: Vec<(HashJob, Digest)>,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) in_doubt: Option<P::Call>,
    pub(crate) session: P::Session,
}

/// A checkpoint as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<S, C> {
    format: u32,
    protocol: String,
    target: String,
    source: SourceInfo,
    saved_unix: Duration,
    confirmed: u64,
    restarts: u32,
    rehashes: u32,
    digests: Vec<(HashJob, Digest)>,
    /// Only the first format has none.
    fingerprint: Option<Fingerprint>,
    in_doubt: Option<C>,
    session: S,
}

/// What every format says.
#[derive(Deserialize)]
struct AnyFormat {
    format: u32,
    protocol: String,
}

/// A checkpoint's text is one JSON object. From format 2 on it begins so, and goes on with 32 hexadecimal digits, `",`
/// and the fields: the first half of the SHA-256 of `{` and all that follows the comma.
const OPENING: &str = "{\"checksum\":\"";
const CHECKSUM_DIGITS: usize = 32;

fn checksum(fields: &str) -> String {
    let mut hash = Sha256::new();
    hash.update("{");
    hash.update(fields);
    hex::encode(&hash.finalize()[..CHECKSUM_DIGITS / 2])
}

/// The fields after the checksum, if there is one. `Err` if it is not theirs.
fn checked(text: &str) -> Option<Result<&str, DamagedCheckpoint>> {
    let (stated, fields) = text.strip_prefix(OPENING)?.split_at_checked(CHECKSUM_DIGITS)?;
    let fields = fields.strip_prefix("\",")?;
    Some(if checksum(fields) == stated { Ok(fields) } else { Err(damaged("its checksum does not fit")) })
}

/// The fields of a checkpoint of any vendor, as a JSON object, if it is of a known format and what was written.
fn sound(bytes: &[u8]) -> Result<Cow<'_, str>, ResumeError> {
    let text = core::str::from_utf8(bytes).map_err(damaged)?;
    let checked = checked(text).transpose();
    match (serde_json::from_str::<AnyFormat>(text), checked) {
        // Only whoever wrote a newer format knows how it is checked.
        (Ok(AnyFormat { format, .. }), _) if format > FORMAT => Err(ResumeError::Format { found: format }),
        (_, Err(damage)) => Err(damage.into()),
        (Ok(AnyFormat { format: FORMAT, .. }), Ok(Some(fields))) => Ok(format!("{{{fields}").into()),
        (Ok(AnyFormat { format: FIRST_FORMAT, .. }), Ok(None)) => Ok(text.into()),
        (Ok(AnyFormat { format, .. }), Ok(_)) => Err(damaged(format_args!("it says format {format}")).into()),
        (Err(error), _) => Err(damaged(error).into()),
    }
}

fn damaged(what: impl fmt::Display) -> DamagedCheckpoint {
    DamagedCheckpoint(what.to_string())
}

/// Bytes that are no checkpoint: cut, edited, or changed by a fault of a disk.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the checkpoint is damaged: {0}")]
pub struct DamagedCheckpoint(String);

impl DamagedCheckpoint {
    /// What is wrong with it.
    pub fn what(&self) -> &str {
        &self.0
    }
}

/// What can be read of a checkpoint without knowing its vendor.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Envelope {
    /// The format version.
    pub format: u32,
    /// Name and version of the vendor's protocol.
    pub protocol: String,
    /// Where the upload goes.
    pub target: String,
    /// The source when the upload began.
    pub source: SourceInfo,
    /// When the checkpoint was made, as time since 1970.
    pub saved_unix: Duration,
    /// Bytes that the vendor had acknowledged.
    pub confirmed: u64,
}

impl Envelope {
    /// Reads it out of the bytes of a checkpoint ([`Checkpoint::to_bytes`]).
    ///
    /// # Errors
    /// When they are no checkpoint, or of a newer format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ResumeError> {
        serde_json::from_str(&sound(bytes)?).map_err(damaged).map_err(Into::into)
    }
}

impl<P: Protocol> Checkpoint<P> {
    /// What the vendor's protocol keeps of the upload.
    pub fn session(&self) -> &P::Session {
        &self.session
    }

    /// The bytes to keep: one JSON object, with a checksum over the rest of it. They are to be kept as they are, because
    /// the checksum is over bytes. [`Checkpoint::from_bytes`] reads them.
    pub fn to_bytes(&self) -> Vec<u8> {
        let written = Written {
            format: FORMAT,
            protocol: P::ID.to_owned(),
            target: self.target.clone(),
            source: self.source.clone(),
            saved_unix: self.saved_unix,
            confirmed: self.confirmed,
            restarts: self.restarts,
            rehashes: self.rehashes,
            digests: self.digests.clone(),
            fingerprint: Some(self.fingerprint.clone()),
            in_doubt: self.in_doubt.as_ref(),
            session: &self.session,
        };
        // Names, numbers and texts can always be written.
        let text = serde_json::to_string(&written).unwrap_or_default();
        let fields = text.strip_prefix('{').unwrap_or_default();
        format!("{OPENING}{}\",{fields}", checksum(fields)).into_bytes()
    }

    /// Reads what [`Checkpoint::to_bytes`] made, or an earlier version of this crate. Whether it can be what it says is
    /// looked at when it is resumed.
    ///
    /// # Errors
    /// When the bytes are damaged, of a newer format, or of another vendor's protocol.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ResumeError> {
        let text = sound(bytes)?;
        let AnyFormat { protocol, .. } = serde_json::from_str(&text).map_err(damaged)?;
        if protocol != P::ID {
            return Err(ResumeError::Protocol { found: protocol, expected: P::ID });
        }
        let written: Written<P::Session, P::Call> = serde_json::from_str(&text).map_err(damaged)?;
        let fingerprint = match (written.format, written.fingerprint) {
            (FIRST_FORMAT, None) => Fingerprint::new(Coverage::OldCheckpoint),
            (FORMAT, Some(fingerprint)) => fingerprint,
            _ => return Err(damaged("its fields are of another format than it says").into()),
        };
        Ok(Self {
            format: written.format,
            target: written.target,
            source: written.source,
            saved_unix: written.saved_unix,
            confirmed: written.confirmed,
            restarts: written.restarts,
            rehashes: written.rehashes,
            digests: written.digests,
            fingerprint,
            in_doubt: written.in_doubt,
            session: written.session,
        })
    }

    /// Whether it can be what it says: the first format has no checksum, and bytes that are not kept by our own store
    /// may have been made by anybody.
    pub(crate) fn validate(&self, protocol: &P) -> Result<(), DamagedCheckpoint> {
        let len = self.source.len;
        protocol.validate(&self.session, &self.source).map_err(damaged)?;
        if self.confirmed > len || self.confirmed != protocol.confirmed(&self.session) {
            return Err(damaged("it says that more or less was acknowledged than its session does"));
        }
        if !self.fingerprint.is_within(len) || self.digests.iter().any(|(job, digest)| !job.can_give(len, digest)) {
            return Err(damaged("it has digests of what the file does not hold"));
        }
        Ok(())
    }

    /// True if it was written before sources had a time of change.
    pub(crate) fn is_of_first_format(&self) -> bool {
        self.format == FIRST_FORMAT
    }

    /// The format that it was read in; [`FORMAT`] if it was not read.
    pub fn format(&self) -> u32 {
        self.format
    }

    /// Where the upload goes.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The same upload by another address of the same object, like another endpoint of its bucket. Only the caller can
    /// know that it is the same object: a vendor that does not know the upload there has it sent again.
    #[must_use]
    pub fn with_target(mut self, target: impl Into<String>) -> Self {
        self.target = target.into();
        self
    }

    /// The source as it was when the upload began.
    pub fn source(&self) -> &SourceInfo {
        &self.source
    }

    /// When it was made, as time since 1970.
    pub fn saved_unix(&self) -> Duration {
        self.saved_unix
    }

    /// Bytes that the vendor had acknowledged.
    pub fn confirmed(&self) -> u64 {
        self.confirmed
    }
}

impl<P: Protocol> fmt::Debug for Checkpoint<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint")
            .field("protocol", &P::ID)
            .field("target", &self.target)
            .field("confirmed", &self.confirmed)
            .field("in_doubt", &self.in_doubt)
            .finish_non_exhaustive()
    }
}

/// Why a checkpoint cannot be resumed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// It was written by a newer version of this crate.
    #[error(
        "the checkpoint has format {found}, but this version reads formats up to {FORMAT}: use the version that wrote it"
    )]
    Format {
        /// The format found.
        found: u32,
    },
    /// It is not what was written, or never was a checkpoint.
    #[error(transparent)]
    Damaged(#[from] DamagedCheckpoint),
    /// It belongs to another vendor.
    #[error("the checkpoint is of protocol {found}, not {expected}")]
    Protocol {
        /// The protocol found.
        found: String,
        /// The protocol that was to be resumed.
        expected: &'static str,
    },
    /// It belongs to another destination.
    #[error("the checkpoint is for {found}, not for {expected}")]
    Target {
        /// The target found.
        found: String,
        /// The target that was to be resumed.
        expected: String,
    },
    /// The source is not what it was, or cannot be told to be.
    #[error("the file changed since the upload began: {difference} (then: {was}; now: {now})")]
    Changed {
        /// What it was.
        was: Box<SourceInfo>,
        /// What it is.
        now: Box<SourceInfo>,
        /// What tells.
        difference: Difference,
    },
}
