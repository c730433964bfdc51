//! A SHA-1, as this API writes it.

use core::fmt;

use resumable_core::{Digest, Env, HashKind};

/// A SHA-1; shown and sent as 40 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha(pub [u8; 20]);

impl Sha {
    /// That of the whole source, once it is known.
    pub fn of_source(env: &Env<'_>) -> Option<Self> {
        Self::try_from(env.digest(HashKind::Sha1, &(0..env.source.len))?).ok()
    }

    /// True when a text that the vendor sent is this SHA-1, in either case of letters.
    pub fn is(&self, text: &str) -> bool {
        text.eq_ignore_ascii_case(&hex::encode(self.0))
    }
}

impl TryFrom<&Digest> for Sha {
    type Error = core::array::TryFromSliceError;

    fn try_from(digest: &Digest) -> Result<Self, Self::Error> {
        digest.as_bytes().try_into().map(Self)
    }
}

impl fmt::Display for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha({self})")
    }
}
