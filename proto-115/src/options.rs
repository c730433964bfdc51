//! What a user may choose about an upload.

use resumable_proto_oss as oss;

/// The options of one upload.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The length of a part in bytes, within [`Options::limits`]; it grows with the file, so that the largest number of
    /// parts suffices. Pinned when the upload begins. Parts go one after the other, so that a small one costs little
    /// when it must be sent again.
    pub part_size: u64,
    /// Files up to this many bytes, and empty ones, go in one request; more than `limits.put_max` counts as that. Pinned
    /// when the upload begins.
    pub one_request_max: u64,
    /// Makes the folders of the target that are missing.
    pub create_folders: bool,
    /// Which signature the storage gets; `None` takes V4 where the storage's name tells the region, else V1.
    pub signature: Option<oss::Version>,
    /// The storage's limits.
    pub limits: oss::Limits,
}

impl Default for Options {
    /// Parts of 16 MiB, files up to 5 MiB in one request, no folders are made.
    fn default() -> Self {
        Self {
            part_size: 16 << 20,
            one_request_max: 5 << 20,
            create_folders: false,
            signature: None,
            limits: oss::Limits::default(),
        }
    }
}

impl Options {
    resumable_core::setters! {
        part_size: u64,
        one_request_max: u64,
        create_folders: bool,
        signature: oss::Version,
        limits: oss::Limits,
    }

    pub(crate) fn check(&self) -> Result<(), InvalidOptions> {
        Ok(self.stage().check().map_err(oss::InvalidOptions::from)?)
    }

    /// The storage's part of it: parts one after the other, for only of those 115's callback learns the SHA-1, without
    /// which it refuses the file.
    pub(crate) fn stage(&self) -> oss::stage::Settings {
        let settings = oss::stage::Settings::default().sequential(true).probe(oss::stage::Probe::Owner);
        settings.part_size(self.part_size).one_request_max(self.one_request_max).limits(self.limits)
    }
}

/// Options that no upload could go by, or an account's name that is none.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOptions {
    /// The account's name is empty or not one line. It is not shown.
    #[error("the account must be one line of text, and not empty")]
    Account,
    /// The storage could not go by the sizes.
    #[error(transparent)]
    Storage(#[from] oss::InvalidOptions),
}

resumable_core::debug_in_words!(InvalidOptions);
