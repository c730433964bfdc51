//! Where a file goes in an account's drive.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::limits::NAME_BYTES;

/// The deepest folder that is taken: to look for each and to make it must stay below the calls that an upload may make
/// without progress.
const DEPTH: usize = 24;

/// The vendor's name for a folder: a number, "0" for the root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FolderId(String);

impl FolderId {
    /// An id of this text.
    ///
    /// # Errors
    /// When it is no number of at most 20 digits.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidTarget> {
        let text = text.into();
        let number = (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if number { Ok(Self(text)) } else { Err(InvalidTarget::FolderId) }
    }

    /// The root of the drive.
    pub fn root() -> Self {
        Self("0".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `target` of [`crate::init`]: `U_1_<cid>`.
    pub(crate) fn to_target(&self) -> String {
        format!("U_1_{}", self.0)
    }
}

impl TryFrom<String> for FolderId {
    type Error = InvalidTarget;

    fn try_from(text: String) -> Result<Self, InvalidTarget> {
        Self::new(text)
    }
}

impl From<FolderId> for String {
    fn from(id: FolderId) -> Self {
        id.0
    }
}

/// A folder: by its id, or by the names on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Folder {
    /// By its id.
    Id(FolderId),
    /// By names, from the root on; none of them means the root.
    Path(Vec<String>),
}

/// A folder, and the name that a file gets in it. 115 lets several files in one folder have the same name: a second
/// upload replaces nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    folder: Folder,
    name: String,
}

impl Target {
    /// Checks the parts.
    ///
    /// # Errors
    /// When a name cannot be one. What else a name may not hold, only the vendor knows: it refuses, and its words are
    /// shown.
    pub fn new(folder: Folder, name: impl Into<String>) -> Result<Self, InvalidTarget> {
        if let Folder::Path(names) = &folder {
            if names.len() > DEPTH {
                return Err(InvalidTarget::Depth);
            }
            if names.iter().any(|name| name.contains('>')) {
                return Err(InvalidTarget::Separator);
            }
            names.iter().try_for_each(|name| checked(name))?;
        }
        let name = name.into();
        checked(&name)?;
        Ok(Self { folder, name })
    }

    /// The folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The file's name in it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn checked(name: &str) -> Result<(), InvalidTarget> {
    let usable = (1..=NAME_BYTES).contains(&name.len())
        && !name.contains(['/'])
        && !name.contains(char::is_control)
        && name != "."
        && name != "..";
    if usable { Ok(()) } else { Err(InvalidTarget::Name) }
}

/// `/folder/folder/NAME`, or `FOLDER_ID:NAME`.
impl FromStr for Target {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        if let Some(path) = text.strip_prefix('/') {
            let (folders, name) = path.rsplit_once('/').map_or((None, path), |(folders, name)| (Some(folders), name));
            let names = folders.into_iter().flat_map(|folders| folders.split('/')).map(str::to_owned).collect();
            return Self::new(Folder::Path(names), name);
        }
        let (id, name) = text.split_once(':').ok_or(InvalidTarget::Form)?;
        Self::new(Folder::Id(FolderId::new(id)?), name)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.folder {
            Folder::Id(id) => write!(f, "{}:{}", id.as_str(), self.name),
            Folder::Path(names) => {
                names.iter().try_for_each(|name| write!(f, "/{name}"))?;
                write!(f, "/{}", self.name)
            }
        }
    }
}

/// Why a text cannot be a [`Target`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTarget {
    /// It is neither of the two forms.
    #[error("the path is /folder/NAME or FOLDER_ID:NAME; the root is / or 0:")]
    Form,
    /// The folder's id is none.
    #[error("the path's folder id is a number, as in the address of its page; 0 is the root")]
    FolderId,
    /// A name is empty, too long, `.` or `..`, or holds a `/` or a control character.
    #[error(
        "a name in the path has 1 to {NAME_BYTES} bytes without '/' and control characters, and is neither '.' nor '..'"
    )]
    Name,
    /// A folder's name holds the vendor's other separator.
    #[error("115 takes '>' in a folder's path for a separator, like '/': name that folder by its id, FOLDER_ID:NAME")]
    Separator,
    /// Too many folders.
    #[error("the path is at most {DEPTH} folders deep; name the folder by its id, FOLDER_ID:NAME")]
    Depth,
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn both_forms_are_read_and_written() {
        for (text, names) in [("/x", vec![]), ("/a/x", vec!["a"]), ("/示例 视频/b:c/x:1", vec!["示例 视频", "b:c"])]
        {
            let target: Target = text.parse().unwrap();
            assert_eq!(*target.folder(), Folder::Path(names.into_iter().map(str::to_owned).collect()), "{text}");
            assert_eq!(target.to_string(), text);
        }
        let target: Target = "2900000000000000001:a:b".parse().unwrap();
        assert_eq!((target.name(), target.to_string().as_str()), ("a:b", "2900000000000000001:a:b"));
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for (bad, why) in [
            ("", InvalidTarget::Form),
            ("x", InvalidTarget::Form),
            ("x:y", InvalidTarget::FolderId),
            ("-1:y", InvalidTarget::FolderId),
            ("123456789012345678901:y", InvalidTarget::FolderId),
            ("1:", InvalidTarget::Name),
            ("1:a/b", InvalidTarget::Name),
            ("/", InvalidTarget::Name),
            ("/a/", InvalidTarget::Name),
            ("//x", InvalidTarget::Name),
            ("/a/../x", InvalidTarget::Name),
            ("/a>b/x", InvalidTarget::Separator),
        ] {
            assert_eq!(bad.parse::<Target>(), Err(why), "{bad}");
        }
        assert_eq!(format!("{}/x", "/a".repeat(25)).parse::<Target>(), Err(InvalidTarget::Depth));
    }
}
