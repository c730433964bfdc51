//! What the xfyun server is told before it starts: accounts, limits, and a switch for each behaviour nobody has proven.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::switch::{RepeatedField, switch};

/// Everything the xfyun server is told before it starts.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Who may sign, and for which application. Default: one made-up account.
    pub accounts: Vec<Account>,
    /// What stands before an object's name in the `url` of an answer (`https://ost.example/objects`).
    pub objects_url: String,
    /// The vendor's numbers.
    pub limits: Limits,
    /// A choice for each unproven behaviour.
    pub switches: Switches,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            accounts: vec![Account::default()],
            objects_url: "https://ost.example/objects".to_owned(),
            limits: Limits::default(),
            switches: Switches::default(),
        }
    }
}

impl Config {
    /// Whether a key is the one that stands in this crate's source.
    pub(crate) fn has_public_key(&self) -> bool {
        self.accounts.contains(&Account::default())
    }
}

/// An application, and a key that may act for it; a key with several applications stands here once for each. The default
/// one is made up, and works on no real server.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The application (`emulator`).
    pub app_id: String,
    /// The public half of the key (`emulator-api-key`).
    pub api_key: String,
    /// The secret half (`emulator-api-secret`), used as it is written. Never printed by `Debug`.
    pub api_secret: String,
}

impl Default for Account {
    fn default() -> Self {
        Account {
            app_id: "emulator".to_owned(),
            api_key: "emulator-api-key".to_owned(),
            api_secret: "emulator-api-secret".to_owned(),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("app_id", &self.app_id).field("api_key", &self.api_key).finish_non_exhaustive()
    }
}

/// The vendor's numbers. A simulator may make them tiny.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// A slice that is not the last must have so many bytes (5 MiB).
    pub slice_min: u64,
    /// Longest slice, and longest file in one request, in bytes (5 GiB; a vendor's sample speaks of 32 MiB).
    pub slice_max: u64,
    /// Highest slice id (10,000).
    pub slices: u32,
    /// A file in one request must be shorter than this, in bytes (`null`: not enforced; the vendor's page says 30M).
    pub one_request: Option<u64>,
    /// How far a `Date` may be from the server's clock, in seconds (300).
    pub skew: u64,
    /// How long an upload id is good for, in seconds since init (24 hours).
    pub upload_life: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            slice_min: 5 * 1024 * 1024,
            slice_max: 5 * 1024 * 1024 * 1024,
            slices: 10_000,
            one_request: None,
            skew: 300,
            upload_life: 24 * 3600,
        }
    }
}

/// One choice per behaviour that is a guess in the reference. A client should survive all of them.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Switches {
    /// The HTTP status of an answer whose `code` is not 0 (`http500`).
    pub refusals: Refusals,
    /// What `Digest` has to be (`opaque`).
    pub digest: DigestCheck,
    /// When a slice that is too short is found out (`at_complete`). The last slice may always be short.
    pub short_slice: ShortSlice,
    /// Complete while slice ids are missing (`assemble`).
    pub gaps: Gaps,
    /// A slice id that comes again (`overwrite`).
    pub slice_again: SliceAgain,
    /// A slice without a byte (`accept`).
    pub empty_slice: EmptySlice,
    /// Complete again after it succeeded (`same_url`).
    pub complete_again: CompleteAgain,
    /// Slices of one upload that arrive at the same time (`accept`).
    pub parallel_slices: ParallelSlices,
    /// A part that a form has more than once (`refuse`).
    pub repeated_field: RepeatedField,
}

impl Default for Switches {
    fn default() -> Self {
        Switches {
            refusals: Refusals::Http500,
            digest: DigestCheck::Opaque,
            short_slice: ShortSlice::AtComplete,
            gaps: Gaps::Assemble,
            slice_again: SliceAgain::Overwrite,
            empty_slice: EmptySlice::Accept,
            complete_again: CompleteAgain::SameUrl,
            parallel_slices: ParallelSlices::Accept,
            repeated_field: RepeatedField::Refuse,
        }
    }
}

switch! {
    /// The HTTP status of the vendor's own refusals; the gateway's have one of their own.
    Refusals {
        /// 500.
        Http500,
        /// 200.
        Http200,
    }
}
switch! {
    /// What the `Digest` header has to be.
    DigestCheck {
        /// Any text, as long as it is the one that was signed.
        Opaque,
        /// The SHA-256 of the body.
        Body,
    }
}
switch! {
    /// A slice below the minimum that is not the last.
    ShortSlice {
        /// 10001, as soon as a higher id shows that it is not the last.
        AtUpload,
        /// 10002 at complete.
        AtComplete,
    }
}
switch! {
    /// Complete while there is no slice for an id below the highest.
    Gaps {
        /// The slices that are there become the object.
        Assemble,
        /// 10005.
        Expired,
        /// 10001.
        Parameter,
    }
}
switch! {
    /// A slice whose id is there already.
    SliceAgain {
        /// The new bytes replace the old.
        Overwrite,
        /// 10001.
        Refuse,
    }
}
switch! {
    /// A slice of no bytes.
    EmptySlice {
        /// It is a slice.
        Accept,
        /// 10001.
        Refuse,
    }
}
switch! {
    /// Complete of an upload that is complete.
    CompleteAgain {
        /// The same answer again.
        SameUrl,
        /// 10005.
        Expired,
    }
}
switch! {
    /// Two slices of one upload on the way at the same time.
    ParallelSlices {
        /// Both are taken.
        Accept,
        /// The one that is there last is refused with 10001.
        Refuse,
    }
}
