//! What a vendor says of the place where an object goes, besides how it is uploaded.

use alloc::string::{String, ToString as _};
use core::fmt;
use core::str::FromStr;

use crate::leftovers::{Ask, Leftovers};
use crate::lookup::{Found, Lookup};
use crate::outline::Outline;
use crate::protocol::{Protocol, Receipt};
use crate::source::SourceInfo;

/// What is done where something stands at the destination already. Content that is proven to be the same is never sent,
/// whatever is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IfExists {
    /// Leave it, and send nothing: where several files go, the next one follows.
    Skip,
    /// Replace it.
    Replace,
    /// Leave it, and say that it is an error.
    Refuse,
    /// Leave it, and take the next free name: `name (1).ext`.
    Rename,
}

impl IfExists {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Skip, Self::Replace, Self::Refuse, Self::Rename];

    /// Its name in profiles and on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Replace => "replace",
            Self::Refuse => "refuse",
            Self::Rename => "rename",
        }
    }
}

impl fmt::Display for IfExists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names none of [`IfExists::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be \"skip\", \"replace\", \"refuse\" or \"rename\"")]
pub struct InvalidIfExists;

impl FromStr for IfExists {
    type Err = InvalidIfExists;

    fn from_str(text: &str) -> Result<Self, InvalidIfExists> {
        Self::ALL.into_iter().find(|policy| policy.name() == text).ok_or(InvalidIfExists)
    }
}

/// Why a vendor cannot do what is wanted where something stands already. The texts follow the option's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unable {
    /// Nothing can stand anywhere.
    #[error("has no use here: this vendor gives each file its own name")]
    NoPlaces,
    /// It replaces nothing.
    #[error("cannot be \"replace\": this vendor replaces nothing; by default it does \"{own}\"")]
    Replace {
        /// What it does instead.
        own: IfExists,
    },
    /// It would have to be asked, and its API has no way to.
    #[error("cannot be \"{policy}\": this vendor cannot be asked what is at the destination")]
    Unasked {
        /// What was wanted.
        policy: IfExists,
    },
}

/// A protocol that knows its place: what stands there can be asked, and what is done about it can be chosen.
#[diagnostic::on_unimplemented(
    message = "`{Self}` says nothing of its place",
    note = "implement `Located` beside `Protocol`; a vendor that cannot be asked has `type Lookup = Unasked<Self>`"
)]
pub trait Located: Protocol<Outcome: Into<Receipt>> + Clone {
    /// How it is asked what stands there.
    type Lookup: Lookup<Credential = Self::Credential, Finding = Found, Fault = Self::Fault>;

    /// How it is asked about uploads that are open in the same bucket; `type Leftovers = NoLeftovers<Self>` without such a list.
    type Leftovers: Leftovers<Credential = Self::Credential, Fault = Self::Fault>;

    /// The questions about uploads that are open in the same bucket, beginning with this one; `None` where the vendor's API has
    /// no list of them.
    fn leftovers(&self, _first: Ask) -> Option<Self::Leftovers> {
        None
    }

    /// The vendor's name for the upload that a session has open, where it lists it under that name.
    fn open_upload(_session: &Self::Session) -> Option<&str> {
        None
    }

    /// The question for this place; `None` where the vendor's API cannot be asked for it.
    fn lookup(&self) -> Option<Self::Lookup>;

    /// What an upload of this source takes, if nothing goes wrong.
    ///
    /// # Errors
    /// When nobody need be asked to know that the vendor takes no such source.
    fn outline(&self, source: &SourceInfo) -> Result<Outline, Self::Fault>;

    /// The length of a part in bytes, before it grows with the file.
    fn part_size(&self) -> u64;

    /// The same upload in parts of about so many bytes: the next smaller length that the vendor takes, or its smallest. An
    /// upload that has begun keeps its own.
    #[must_use]
    fn with_part_size(&self, bytes: u64) -> Self;

    /// True if the vendor compares contents itself, when it is sent something to a place that is taken: what is the same is
    /// a success there. For a short source nothing is won by asking it first.
    fn compares_content(&self) -> bool;

    /// What the vendor does by itself where something stands there already. `None` if nothing can, because the vendor gives
    /// every object a name of its own.
    fn if_exists(&self) -> Option<IfExists>;

    /// The same upload, told to do this by the vendor itself, so that nobody can come between. `None` if the vendor cannot.
    fn with_if_exists(&self, policy: IfExists) -> Option<Self>;

    /// The same upload, told to do as much of this as the vendor can do itself; the rest is the caller's, after a lookup.
    /// Skipping is refusing that is no error. A vendor that finds no other names refuses those that were taken meanwhile.
    ///
    /// # Errors
    /// When nobody can do it.
    fn guarded(self, policy: IfExists) -> Result<Self, Unable> {
        let own = self.if_exists().ok_or(Unable::NoPlaces)?;
        let wish = match policy {
            IfExists::Skip => IfExists::Refuse,
            IfExists::Rename if self.with_if_exists(policy).is_none() => IfExists::Refuse,
            other => other,
        };
        match self.with_if_exists(wish) {
            Some(told) => Ok(told),
            None if wish == IfExists::Replace => Err(Unable::Replace { own }),
            None if self.lookup().is_none() => Err(Unable::Unasked { policy }),
            None => Ok(self),
        }
    }

    /// The same upload under the `nth` other name, from 1, and that name. `None` if there can be no such name.
    fn renamed(&self, nth: u32) -> Option<(Self, String)>;

    /// True if the vendor refused to tell what stands there, and may take an upload all the same: keys that may write and
    /// not read.
    fn is_kept_from_asking(fault: &Self::Fault) -> bool;

    /// True if the vendor refused to tell what stands there without a word why, and in the way in which it refuses keys: to
    /// whoever asks nothing else, they are what is wrong. An upload says more about them.
    fn is_of_keys(_fault: &Self::Fault) -> bool {
        false
    }

    /// True if the vendor refused because something stands there already.
    fn is_taken(fault: &Self::Fault) -> bool;
}

/// `name (1).ext` for `name.ext`; folders before it stay.
pub fn numbered(name: &str, nth: u32) -> String {
    let (folder, file) = name.rsplit_once('/').map_or(("", name), |(folder, _)| name.split_at(folder.len() + 1));
    let (stem, extension) = match file.rfind('.') {
        Some(at) if at > 0 => file.split_at(at),
        _ => (file, ""),
    };
    [folder, stem, " (", &nth.to_string(), ")", extension].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_name_keeps_folder_and_extension() {
        for (name, other) in [
            ("a.bin", "a (1).bin"),
            ("dir.d/a", "dir.d/a (1)"),
            ("/dir/a.tar.gz", "/dir/a.tar (1).gz"),
            ("/.hidden", "/.hidden (1)"),
            ("示例.mkv", "示例 (1).mkv"),
        ] {
            assert_eq!(numbered(name, 1), other);
        }
        assert_eq!(numbered("a.bin", 12), "a (12).bin");
    }

    #[test]
    fn policies_are_read_as_they_are_written() {
        for policy in IfExists::ALL {
            assert_eq!(policy.to_string().parse(), Ok(policy));
        }
        assert_eq!("Skip".parse::<IfExists>(), Err(InvalidIfExists));
    }
}
