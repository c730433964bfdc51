//! The calls of this API, by the vendor's names.

use core::fmt;

/// A call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The whole object in one request.
    PutObject,
    /// Opens an upload in parts.
    InitiateMultipartUpload,
    /// The same, as S3 calls it.
    CreateMultipartUpload,
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
    /// Asks which uploads in parts are open in a bucket.
    ListMultipartUploads,
}

impl Op {
    /// Every call, by every name.
    pub const ALL: [Self; 9] = [
        Self::PutObject,
        Self::InitiateMultipartUpload,
        Self::CreateMultipartUpload,
        Self::UploadPart,
        Self::ListParts,
        Self::CompleteMultipartUpload,
        Self::AbortMultipartUpload,
        Self::HeadObject,
        Self::ListMultipartUploads,
    ];

    /// The vendor's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PutObject => "PutObject",
            Self::InitiateMultipartUpload => "InitiateMultipartUpload",
            Self::CreateMultipartUpload => "CreateMultipartUpload",
            Self::UploadPart => "UploadPart",
            Self::ListParts => "ListParts",
            Self::CompleteMultipartUpload => "CompleteMultipartUpload",
            Self::AbortMultipartUpload => "AbortMultipartUpload",
            Self::HeadObject => "HeadObject",
            Self::ListMultipartUploads => "ListMultipartUploads",
        }
    }

    /// True for the calls that change something at the vendor.
    pub fn changes(self) -> bool {
        !matches!(self, Self::ListParts | Self::HeadObject | Self::ListMultipartUploads)
    }

    /// True for the calls that name an upload in parts.
    pub fn has_upload(self) -> bool {
        matches!(self, Self::UploadPart | Self::ListParts | Self::CompleteMultipartUpload | Self::AbortMultipartUpload)
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
