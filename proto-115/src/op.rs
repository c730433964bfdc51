//! The calls of this API, by the vendor's paths.

use core::fmt;

/// A call to one of 115's own hosts. The file's bytes go to Aliyun OSS, with its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Asks for a code that a person scans.
    AuthDeviceCode,
    /// Asks whether the code was scanned.
    QrcodeStatus,
    /// Turns a scanned code into tokens.
    DeviceCodeToToken,
    /// Turns a refresh token into new tokens.
    RefreshToken,
    /// Asks for a file or folder, by id or path.
    GetInfo,
    /// Makes a folder.
    FolderAdd,
    /// Announces a file.
    Init,
    /// Takes up an announced file again.
    Resume,
    /// Asks for keys to the storage.
    GetToken,
    /// What 115 answered the storage, which passes it on: the end of an upload.
    Callback,
}

impl Op {
    /// Every call.
    pub const ALL: [Self; 10] = [
        Self::AuthDeviceCode,
        Self::QrcodeStatus,
        Self::DeviceCodeToToken,
        Self::RefreshToken,
        Self::GetInfo,
        Self::FolderAdd,
        Self::Init,
        Self::Resume,
        Self::GetToken,
        Self::Callback,
    ];

    /// The path of the request; that of the callback is the vendor's affair.
    pub fn path(self) -> &'static str {
        match self {
            Self::AuthDeviceCode => "/open/authDeviceCode",
            Self::QrcodeStatus => "/get/status/",
            Self::DeviceCodeToToken => "/open/deviceCodeToToken",
            Self::RefreshToken => "/open/refreshToken",
            Self::GetInfo => "/open/folder/get_info",
            Self::FolderAdd => "/open/folder/add",
            Self::Init => "/open/upload/init",
            Self::Resume => "/open/upload/resume",
            Self::GetToken => "/open/upload/get_token",
            Self::Callback => "the storage's callback",
        }
    }

    /// The same without what all of them begin with.
    pub fn name(self) -> &'static str {
        self.path().trim_start_matches("/open/").trim_matches('/')
    }

    /// True for calls that may change something, so that after a lost reply nobody knows whether they did.
    pub fn changes(self) -> bool {
        match self {
            Self::QrcodeStatus | Self::GetInfo | Self::GetToken | Self::Resume | Self::AuthDeviceCode => false,
            Self::DeviceCodeToToken | Self::RefreshToken | Self::FolderAdd | Self::Init | Self::Callback => true,
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
