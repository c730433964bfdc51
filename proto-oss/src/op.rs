//! The calls of this API, by the vendor's names.

use core::fmt;

/// A call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The whole object in one request.
    PutObject,
    /// Opens an upload in parts.
    InitiateMultipartUpload,
    /// Sends one part.
    UploadPart,
    /// Asks which parts have arrived.
    ListParts,
    /// Puts the object together.
    CompleteMultipartUpload,
    /// Gives an upload in parts up.
    AbortMultipartUpload,
    /// Asks what is at a key.
    HeadObject,
}

impl Op {
    /// Every call.
    pub const ALL: [Self; 7] = [
        Self::PutObject,
        Self::InitiateMultipartUpload,
        Self::UploadPart,
        Self::ListParts,
        Self::CompleteMultipartUpload,
        Self::AbortMultipartUpload,
        Self::HeadObject,
    ];

    /// The vendor's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PutObject => "PutObject",
            Self::InitiateMultipartUpload => "InitiateMultipartUpload",
            Self::UploadPart => "UploadPart",
            Self::ListParts => "ListParts",
            Self::CompleteMultipartUpload => "CompleteMultipartUpload",
            Self::AbortMultipartUpload => "AbortMultipartUpload",
            Self::HeadObject => "HeadObject",
        }
    }

    /// True for the calls that change something at the vendor.
    pub fn changes(self) -> bool {
        !matches!(self, Self::ListParts | Self::HeadObject)
    }

    /// True for the calls that name an upload in parts.
    pub fn has_upload(self) -> bool {
        !matches!(self, Self::PutObject | Self::InitiateMultipartUpload | Self::HeadObject)
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
