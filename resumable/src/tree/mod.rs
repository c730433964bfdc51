//! The files below a folder, each with the name that it has at its destination.
//!
//! ```no_run
//! use resumable::tree::{Found, Tree};
//!
//! # fn main() -> Result<(), resumable::tree::InvalidGlob> {
//! for found in Tree::new().include("*.jpg")?.exclude("cache/")?.walk("photos") {
//!     if let Found::File(file) = found {
//!         println!("{} -> {}", file.path.display(), file.name);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Files come in the order of their names, folder by folder. Hidden files are among them, and no `.gitignore` counts. What
//! cannot be uploaded comes as well, so that nothing is left out silently.

mod globs;

use std::fs;
use std::path::{Component, Path, PathBuf};

use ignore::{DirEntry, Walk as Walker, WalkBuilder};

use self::globs::Globs;
pub use self::globs::InvalidGlob;

/// What of a folder is wanted.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    globs: Globs,
    links: Links,
}

/// What becomes of symbolic links below a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Links {
    /// They are left out.
    #[default]
    Skip,
    /// They count as what they lead to. A link to a folder above it is told, and not followed.
    Follow,
}

/// One thing below a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// A regular file.
    File(TreeFile),
    /// Something that is no file: left out.
    LeftOut {
        /// Where.
        path: PathBuf,
        /// What it is.
        kind: Kind,
    },
    /// Something that is wanted, and cannot be had.
    Failed {
        /// Where.
        path: PathBuf,
        /// Why, for people.
        why: String,
    },
}

/// A regular file below a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TreeFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the folder, with `/` between the parts on every system.
    pub name: String,
    /// Its length in bytes, when it was found.
    pub len: u64,
}

/// What is no file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A symbolic link, where those are not followed.
    Link,
    /// A pipe, a socket, a device.
    Special,
}

impl Tree {
    /// All files, and no links.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only files that match this glob, or another one that is included. Globs are written as in a `.gitignore`: `*.jpg` is in
    /// any folder below, `/*.jpg` in the topmost one, `raw/` is a folder, `**` stands for any number of folders.
    ///
    /// # Errors
    /// When it is no glob.
    pub fn include(mut self, glob: &str) -> Result<Self, InvalidGlob> {
        self.globs.include(glob)?;
        Ok(self)
    }

    /// No files that match this glob, included or not, and none in folders that match it.
    ///
    /// # Errors
    /// When it is no glob.
    pub fn exclude(mut self, glob: &str) -> Result<Self, InvalidGlob> {
        self.globs.exclude(glob)?;
        Ok(self)
    }

    /// What becomes of symbolic links.
    #[must_use]
    pub fn links(mut self, links: Links) -> Self {
        self.links = links;
        self
    }

    /// The files below this folder. If it is a link to a folder, it is followed.
    pub fn walk(&self, folder: impl Into<PathBuf>) -> Walk {
        let folder = folder.into();
        let mut builder = WalkBuilder::new(&folder);
        builder
            .standard_filters(false)
            .overrides(self.globs.below(&folder))
            .follow_links(self.links == Links::Follow)
            .sort_by_file_name(Ord::cmp);
        Walk { walker: builder.build(), folder }
    }
}

/// What is below a folder, as it is found.
pub struct Walk {
    folder: PathBuf,
    walker: Walker,
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let found = match self.walker.next()? {
                Ok(entry) => self.entry(entry),
                Err(error) => Some(failed(&self.folder, &error)),
            };
            if found.is_some() {
                return found;
            }
        }
    }
}

impl std::fmt::Debug for Walk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Walk").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Walk {
    /// `None` for folders: what is in them comes by itself.
    fn entry(&self, entry: DirEntry) -> Option<Found> {
        let kind = entry.file_type()?;
        let depth = entry.depth();
        let path = entry.into_path();
        if kind.is_dir() || depth == 0 && kind.is_symlink() {
            return None;
        }
        if !kind.is_file() {
            let kind = if kind.is_symlink() { Kind::Link } else { Kind::Special };
            return Some(Found::LeftOut { path, kind });
        }
        Some(match (name_below(&self.folder, &path), fs::metadata(&path)) {
            (None, _) => Found::Failed { path, why: "its name is not UTF-8, but the vendor's names are".to_owned() },
            (_, Err(error)) => Found::Failed { path, why: error.to_string() },
            (Some(name), Ok(metadata)) => Found::File(TreeFile { path, name, len: metadata.len() }),
        })
    }
}

/// A path below a folder as a name; `None` if it is not below it, or not UTF-8.
fn name_below(folder: &Path, path: &Path) -> Option<String> {
    let mut parts = Vec::new();
    for component in path.strip_prefix(folder).ok()?.components() {
        match component {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(parts.join("/"))
}

fn failed(folder: &Path, error: &ignore::Error) -> Found {
    let mut path = folder.to_owned();
    let mut error = error;
    loop {
        match error {
            ignore::Error::WithPath { path: at, err } => {
                path.clone_from(at);
                error = err;
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error = err,
            ignore::Error::Loop { ancestor, child } => {
                let why = format!("it leads back to {}, which contains it", ancestor.display());
                return Found::Failed { path: child.clone(), why };
            }
            ignore::Error::Io(error) => return Found::Failed { path, why: said(error) },
            other => return Found::Failed { path, why: other.to_string() },
        }
    }
}

/// The system's own words, without the path, which is told beside them.
fn said(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => std::io::Error::from_raw_os_error(code).to_string(),
        None => error.to_string(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;

    use super::*;

    fn room(files: &[&str]) -> tempfile::TempDir {
        let room = tempfile::tempdir().unwrap();
        for file in files {
            let path = room.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        room
    }

    fn names(tree: &Tree, room: &tempfile::TempDir) -> Vec<String> {
        let files = tree.walk(room.path()).filter_map(|found| match found {
            Found::File(file) => Some(file.name),
            _ => None,
        });
        files.collect()
    }

    fn others(tree: &Tree, room: &tempfile::TempDir) -> Vec<Found> {
        tree.walk(room.path()).filter(|found| !matches!(found, Found::File(_))).collect()
    }

    #[test]
    fn files_come_in_the_order_of_their_names_hidden_ones_too() {
        let room = room(&["b", "a/2", "a/10", "a/.hidden", ".git/x", "c d/e"]);
        fs::write(room.path().join(".gitignore"), "b\n").unwrap();
        fs::write(room.path().join(".ignore"), "a\n").unwrap();
        let expected = [".git/x", ".gitignore", ".ignore", "a/.hidden", "a/10", "a/2", "b", "c d/e"];
        assert_eq!(names(&Tree::new(), &room), expected);
        let with_slash = room.path().join("");
        assert_eq!(Tree::new().walk(with_slash).count(), expected.len());
    }

    #[test]
    fn a_file_has_its_length_and_its_path() {
        let room = room(&["a/2"]);
        let found: Vec<Found> = Tree::new().walk(room.path()).collect();
        let path = room.path().join("a/2");
        assert_eq!(found, [Found::File(TreeFile { path, name: "a/2".to_owned(), len: 3 })]);
    }

    #[test]
    fn globs_choose_as_in_a_gitignore_and_what_is_excluded_stays_out() {
        let room = room(&["a.jpg", "a.raw", "sub/b.jpg", "sub/b.raw", "cache/c.jpg", "#x#", "sub/cache"]);
        let tree = |include: &[&str], exclude: &[&str]| {
            let tree = include.iter().fold(Tree::new(), |tree, glob| tree.include(glob).unwrap());
            exclude.iter().fold(tree, |tree, glob| tree.exclude(glob).unwrap())
        };
        for (include, exclude, expected) in [
            (&["*.jpg"][..], &[][..], &["a.jpg", "cache/c.jpg", "sub/b.jpg"][..]),
            (&["/*.jpg"], &[], &["a.jpg"]),
            (&["*.jpg", "*.raw"], &["cache/"], &["a.jpg", "a.raw", "sub/b.jpg", "sub/b.raw"]),
            (&[], &["*.jpg", "#*"], &["a.raw", "sub/b.raw", "sub/cache"]),
            (&["sub/**"], &["*.raw"], &["sub/b.jpg", "sub/cache"]),
            (&["a.jpg"], &["a.jpg"], &[]),
            (&["#x#"], &[], &["#x#"]),
        ] {
            assert_eq!(names(&tree(include, exclude), &room), expected, "{include:?} {exclude:?}");
        }
        for bad in ["!x", "a[", "", "{a"] {
            assert!(Tree::new().include(bad).is_err() && Tree::new().exclude(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn links_are_left_out_or_followed_and_loops_are_told() {
        let room = room(&["real/x", "y"]);
        let (linked, broken, back) =
            (room.path().join("linked"), room.path().join("broken"), room.path().join("real/back"));
        symlink(room.path().join("y"), &linked).unwrap();
        symlink(room.path().join("none"), &broken).unwrap();
        symlink(room.path(), &back).unwrap();
        assert_eq!(names(&Tree::new(), &room), ["real/x", "y"]);
        let link = |path: &PathBuf| Found::LeftOut { path: path.clone(), kind: Kind::Link };
        assert_eq!(others(&Tree::new(), &room), [link(&broken), link(&linked), link(&back)]);
        let follow = Tree::new().links(Links::Follow);
        assert_eq!(names(&follow, &room), ["linked", "real/x", "y"]);
        let told = others(&follow, &room);
        assert!(matches!(&told[0], Found::Failed { path, why } if *path == broken && why.contains("No such file")));
        assert!(matches!(&told[1], Found::Failed { path, why } if *path == back && why.contains("leads back to")));
        assert_eq!(told.len(), 2, "{told:?}");
    }

    #[test]
    fn what_is_no_file_is_left_out_and_a_name_that_is_not_utf_8_is_told() {
        let room = room(&["x"]);
        let socket = room.path().join("socket");
        let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let odd = room.path().join(OsStr::from_bytes(b"a\xff"));
        fs::write(&odd, "x").unwrap();
        let told = others(&Tree::new(), &room);
        assert!(
            matches!(&told[0], Found::Failed { path, why } if *path == odd && why.contains("not UTF-8")),
            "{told:?}"
        );
        assert_eq!(told[1], Found::LeftOut { path: socket, kind: Kind::Special });
        assert_eq!(names(&Tree::new(), &room), ["x"]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let room = room(&[]);
        let found: Vec<Found> = Tree::new().walk(room.path().join("none")).collect();
        assert!(matches!(&found[..], [Found::Failed { why, .. }] if why.contains("No such file")), "{found:?}");
    }
}
