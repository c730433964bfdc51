//! A copy of the tree in which bugs are planted, with a target folder of its own: a patch builds again only what it changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::bug::Bug;
use crate::workspace::{Result, Workspace, output, target};

pub(super) struct TreeCopy<'w> {
    workspace: &'w Workspace,
    /// Holds everything else.
    folder: PathBuf,
    tree: PathBuf,
}

impl<'w> TreeCopy<'w> {
    /// The tree as it is now, uncommitted changes and all.
    pub(super) fn of(workspace: &'w Workspace) -> Result<Self> {
        let folder = target(&workspace.metadata(&["--no-deps"])?)?.join("planted");
        let tree = folder.join("tree");
        copy(workspace.root(), &tree)?;
        Ok(Self { workspace, folder, tree })
    }

    /// Whether it can be planted.
    pub(super) fn check(&self, bug: &Bug) -> Result<()> {
        check_in(&self.tree, bug)
    }

    pub(super) fn plant(&self, bug: &Bug) -> Result<()> {
        apply(&self.tree, bug, &[])
    }

    pub(super) fn take_off(&self, bug: &Bug) -> Result<()> {
        apply(&self.tree, bug, &["--reverse"])
    }

    /// Cargo in the copy. What is built is built quickly: it runs for some seconds.
    pub(super) fn cargo(&self, args: &[&str]) -> Command {
        let mut cargo = self.workspace.cargo(args);
        cargo.current_dir(&self.tree).env("CARGO_TARGET_DIR", self.target()).env("CARGO_INCREMENTAL", "1");
        for (name, value) in [("RELEASE_DEBUG", "0"), ("RELEASE_OPT_LEVEL", "1"), ("DEV_DEBUG", "0")] {
            cargo.env(format!("CARGO_PROFILE_{name}"), value);
        }
        cargo
    }

    /// The simulator, once it was built.
    pub(super) fn simulator(&self) -> Command {
        Command::new(self.target().join("release").join("resumable-sim"))
    }

    /// A file for what a program says.
    pub(super) fn said(&self) -> PathBuf {
        self.folder.join("said.txt")
    }

    fn target(&self) -> PathBuf {
        self.folder.join("target")
    }
}

/// Makes one tree like another. What is the same stays as it is, for cargo goes by times; what a run that was broken off has
/// left is taken off with it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let listed = output(git(from).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    let files: BTreeSet<&str> = listed.split('\0').filter(|name| from.join(name).is_file()).collect();
    for name in &files {
        let (ours, theirs) = (from.join(name), to.join(name));
        let failed = |e: std::io::Error| format!("{}: {e}", theirs.display());
        let bytes = fs::read(&ours).map_err(|e| format!("{}: {e}", ours.display()))?;
        if fs::read(&theirs).is_ok_and(|there| there == bytes) {
            continue;
        }
        fs::create_dir_all(theirs.parent().unwrap_or(to)).map_err(failed)?;
        fs::write(&theirs, bytes).map_err(failed)?;
    }
    remove_others(to, to, &files)
}

fn remove_others(tree: &Path, folder: &Path, files: &BTreeSet<&str>) -> Result<()> {
    let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.strip_prefix(tree).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            remove_others(tree, &path, files)?;
        } else if !files.contains(name.as_str()) {
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    Ok(())
}

/// Whether a bug can be planted in this tree.
pub(super) fn check_in(tree: &Path, bug: &Bug) -> Result<()> {
    apply(tree, bug, &["--check"])
}

fn apply(tree: &Path, bug: &Bug, flags: &[&str]) -> Result<()> {
    let mut git = git(tree);
    // Below another repository, git would take the patch for one of that one.
    git.env("GIT_CEILING_DIRECTORIES", tree.parent().unwrap_or(tree));
    output(git.arg("apply").args(flags).arg(&bug.path))
        .map(|_| ())
        .map_err(|why| format!("{} does not fit the tree any more: {why}", bug.name))
}

fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(name);
    }
    git
}

#[cfg(test)]
mod tests {
    use super::super::bug::Finder;
    use super::*;

    const PATCH: &str = "diff --git a/x/f b/x/f\n--- a/x/f\n+++ b/x/f\n@@ -1 +1 @@\n-right\n+wrong\n";

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A repository with one file, and a bug for it.
    fn repository() -> (tempfile::TempDir, PathBuf, Bug) {
        let room = tempfile::tempdir().unwrap();
        let (from, path) = (room.path().join("from"), room.path().join("bug.patch"));
        write(&from.join("x/f"), "right\n");
        write(&path, PATCH);
        output(git(&from).args(["init", "--quiet"])).unwrap();
        let bug = Bug { name: "bug".into(), path, breaks: "it".into(), finder: Finder::Test(Vec::new()), missed: None };
        (room, from, bug)
    }

    #[test]
    fn a_copy_becomes_like_the_tree_whatever_was_left_in_it() {
        let (_room, from, bug) = repository();
        let to = from.join("target/planted/tree");
        write(&from.join(".gitignore"), "target\n");
        copy(&from, &to).unwrap();
        apply(&to, &bug, &[]).unwrap();
        write(&to.join("y/left"), "");
        let untouched = fs::metadata(to.join(".gitignore")).unwrap().modified().unwrap();
        copy(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("x/f")).unwrap(), "right\n");
        assert!(!to.join("y/left").exists() && !to.join("target").exists());
        assert_eq!(fs::metadata(to.join(".gitignore")).unwrap().modified().unwrap(), untouched);
    }

    #[test]
    fn a_bug_is_planted_below_another_repository_and_taken_off_again() {
        let (_room, from, bug) = repository();
        let to = from.join("target/planted/tree");
        write(&to.join("x/f"), "right\n");
        check_in(&to, &bug).unwrap();
        let read = || fs::read_to_string(to.join("x/f")).unwrap();
        apply(&to, &bug, &[]).unwrap();
        assert_eq!(read(), "wrong\n");
        apply(&to, &bug, &["--reverse"]).unwrap();
        assert_eq!(read(), "right\n");
        write(&to.join("x/f"), "other\n");
        assert!(check_in(&to, &bug).unwrap_err().starts_with("bug does not fit the tree any more"));
    }
}
