//! The calls of this API, by the vendor's paths.

use core::fmt;

/// A call. Every one of them changes something at the vendor, and none can be asked what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The whole file in one request.
    Upload,
    /// Opens an upload in slices.
    MpuploadInit,
    /// Sends one slice.
    MpuploadUpload,
    /// Puts the file together.
    MpuploadComplete,
    /// Gives an upload up.
    MpuploadCancel,
}

impl Op {
    /// Every call.
    pub const ALL: [Self; 5] =
        [Self::Upload, Self::MpuploadInit, Self::MpuploadUpload, Self::MpuploadComplete, Self::MpuploadCancel];

    /// The path of the request.
    pub fn path(self) -> &'static str {
        match self {
            Self::Upload => "/file/upload",
            Self::MpuploadInit => "/file/mpupload/init",
            Self::MpuploadUpload => "/file/mpupload/upload",
            Self::MpuploadComplete => "/file/mpupload/complete",
            Self::MpuploadCancel => "/file/mpupload/cancel",
        }
    }

    /// The same without what all of them begin with.
    pub fn name(self) -> &'static str {
        self.path().trim_start_matches("/file/")
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
