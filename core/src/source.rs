//! What the machine knows of the bytes that are uploaded: how they look, and whether they are still the same.

use alloc::string::String;
use core::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::units::show_count;

/// How many bytes at each end of a source go into [`SourceInfo::sample`].
pub const SAMPLE_BYTES: u64 = 64 * 1024;

/// A time of a source, in the file system's own resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Modified {
    /// Whole seconds since 1970-01-01 UTC; negative before it.
    pub secs: i64,
    /// Nanoseconds within that second, 0 to 999,999,999.
    pub nanos: u32,
}

/// How a source looks: what it is recognised by, without reading all of it. Kept in every checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceInfo {
    /// Length in bytes.
    pub len: u64,
    /// Time of the last modification, where the source has one. Programs can set it to anything.
    pub modified: Option<Modified>,
    /// Time of the last change of the content or of the attributes, where the system keeps one that no program can set
    /// back: `ctime` on Unix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<Modified>,
    /// When the source was looked at, by the clock that `changed` is kept by; not later than that it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<Modified>,
    /// Which file it is on its file system: the inode, without the device, because that changes with a remount.
    pub id: Option<u64>,
    /// A name of this very content that its keeper gives away only once: a digest of all of it, a generation, an
    /// ETag. Sources with equal versions are equal, whatever else is known of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// SHA-256 over the first and the last [`SAMPLE_BYTES`].
    #[serde(with = "hex::serde")]
    pub sample: [u8; 32],
}

/// What two looks at a source say about its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is the same.
    Same,
    /// It may be the same: what was read of it before has to be read again and compared.
    Doubt(Doubt),
    /// It is another one.
    Changed(Difference),
}

/// Why looks alone do not tell that a source is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doubt {
    /// A time or the inode differs: it was touched, copied, moved or restored, or written to.
    Touched,
    /// When it was looked at first, its last change was less than [`TICK`] ago: a write after the look may have left
    /// the same time.
    Fresh,
    /// It has neither a version nor a time of change that no program can set back.
    Timeless,
}

/// What tells that the content is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The length.
    Length,
    /// The first or the last [`SAMPLE_BYTES`].
    Ends,
    /// The version.
    Version,
    /// What was read of it before, between its ends.
    Content,
    /// Its time of modification, and something else went wrong with it.
    Written,
    /// Nothing tells: it is in doubt, and no digest was kept of all that was sent: the user asked for no integrity, or one
    /// could not be had.
    NotDigested,
    /// Nothing tells: it is in doubt, and the checkpoint is of an older version, which kept no digests.
    OldCheckpoint,
}

impl core::fmt::Display for Difference {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Length => "its length differs",
            Self::Ends => "its beginning or end differs",
            Self::Version => "its version differs",
            Self::Written => "it was written to",
            Self::Content => "its times differ, and so does the part that was already sent",
            Self::NotDigested => {
                "its times differ, and whether its content differs is unknown, because no digest of the sent bytes was kept \
                 (with integrity = \"none\" there never is one)"
            }
            Self::OldCheckpoint => {
                "its times differ, and whether its content differs is unknown, because the checkpoint is of an older version \
                 that kept no digest of the sent bytes"
            }
        })
    }
}

/// How coarsely file systems may keep time: two changes within it may leave the same time.
pub const TICK: Duration = Duration::from_secs(2);

impl SourceInfo {
    /// The looks of a source of which no more is known than its length and its ends ([`SourceInfo::sample_of`]).
    pub const fn new(len: u64, sample: [u8; 32]) -> Self {
        Self { len, modified: None, changed: None, looked_at: None, id: None, version: None, sample }
    }

    /// The sample of a source with these first and last bytes (each at most [`SAMPLE_BYTES`] long).
    pub fn sample_of(head: &[u8], tail: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(head);
        hash.update(tail);
        hash.finalize().into()
    }

    /// What a later look says about the content that this one was at.
    pub fn compare(&self, later: &Self) -> Comparison {
        if self.len != later.len {
            return Comparison::Changed(Difference::Length);
        }
        match (&self.version, &later.version) {
            (Some(was), Some(is)) if was == is => return Comparison::Same,
            (Some(_), Some(_)) => return Comparison::Changed(Difference::Version),
            _ => {}
        }
        if self.sample != later.sample {
            return Comparison::Changed(Difference::Ends);
        }
        let times = |info: &Self| (info.modified, info.changed, info.id);
        if times(self) != times(later) {
            return Comparison::Doubt(Doubt::Touched);
        }
        match self.settled_at() {
            None => Comparison::Doubt(Doubt::Timeless),
            Some(_) if self.is_fresh() => Comparison::Doubt(Doubt::Fresh),
            Some(_) => Comparison::Same,
        }
    }

    /// True when a write after this look may leave the same times.
    pub fn is_fresh(&self) -> bool {
        match (self.settled_at(), self.looked_at) {
            (Some(settled), Some(looked)) => looked < settled,
            (Some(_), None) => true,
            (None, _) => false,
        }
    }

    /// From when on a look tells: [`TICK`] after the last change. `None` if the source keeps no such time.
    pub fn settled_at(&self) -> Option<Modified> {
        let changed = self.changed?;
        Some(Modified { secs: changed.secs.saturating_add(TICK.as_secs().cast_signed()), ..changed })
    }
}

impl core::fmt::Display for SourceInfo {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&show_count(self.len, "byte", "bytes"))?;
        if let Some(at) = self.modified {
            write!(f, ", modified at {}.{:09}", at.secs, at.nanos)?;
        }
        write!(f, ", sample {}", hex::encode(&self.sample[..6]))
    }
}
