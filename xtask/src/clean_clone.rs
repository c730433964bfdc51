//! The README's two commands, as a newcomer runs them: in a fresh clone of HEAD, with an empty home.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use crate::readme::Readme;
use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, output, run, target};

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    if !workspace.root().join(".git").exists() {
        return Ok(skip("this tree is no git repository, so there is nothing to clone"));
    }
    let Ok(commit) = output(git(workspace.root()).args(["rev-parse", "--verify", "HEAD"])) else {
        output(git(workspace.root()).args(["rev-parse", "--git-dir"]))?;
        return Ok(skip("the repository has no commit yet"));
    };
    warn_of_changes(workspace)?;
    let room = Room::new("clean-clone")?;
    clone(workspace, &room, commit.trim())?;
    let target = target_of_the_clone(workspace)?;
    let readme = Readme::of(&room.clone)?;
    for command in [readme.demo(), readme.test()] {
        run(&mut newcomers_cargo(workspace, &room, &target, &command))?;
    }
    still_clean(&room).map(|()| Verdict::Passed)
}

/// Whether a clone of HEAD would hold what is here, so that nothing need be tested twice.
pub(crate) fn holds_what_is_here(workspace: &Workspace) -> bool {
    let changes = output(git(workspace.root()).args(["status", "--porcelain"]));
    let committed = output(git(workspace.root()).args(["rev-parse", "--verify", "HEAD"])).is_ok();
    workspace.root().join(".git").exists() && committed && changes.is_ok_and(|changes| changes.is_empty())
}

fn skip(why: &str) -> Verdict {
    eprintln!("\n!!! THE CLEAN CLONE WAS NOT CHECKED: {why}\n");
    Verdict::Skipped(why.to_owned())
}

fn warn_of_changes(workspace: &Workspace) -> Result<()> {
    let changed = output(git(workspace.root()).args(["status", "--porcelain"]))?.lines().count();
    if changed > 0 {
        eprintln!("note: HEAD is what is cloned; {changed} uncommitted changes are not in it");
    }
    Ok(())
}

/// A folder of our own, gone afterwards: the clone, and a home with nothing in it.
struct Room {
    folder: PathBuf,
    clone: PathBuf,
    home: PathBuf,
}

impl Room {
    fn new(name: &str) -> Result<Self> {
        let folder = env::temp_dir().join(format!("resumable-{name}-{}", process::id()));
        let room = Self { clone: folder.join("clone"), home: folder.join("home"), folder };
        fs::create_dir(&room.folder).map_err(|e| format!("{}: {e}", room.folder.display()))?;
        fs::create_dir(&room.home).map_err(|e| format!("{}: {e}", room.home.display()))?;
        Ok(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Err(e) = fs::remove_dir_all(&self.folder) {
            eprintln!("note: {} was left behind: {e}", self.folder.display());
        }
    }
}

fn clone(workspace: &Workspace, room: &Room, commit: &str) -> Result<()> {
    let mut clone = git(workspace.root());
    clone.args(["clone", "--quiet", "--no-local", "--no-checkout", "."]).arg(&room.clone);
    run(&mut clone)?;
    run(git(&room.clone).args(["checkout", "--quiet", "--detach", commit]))
}

/// A target folder of the clone's own, in which the crates that are not ours are already built.
///
/// That is fair: cargo takes a built dependency only if version, source, features and flags are those
/// of the clone's own manifests and lock file. Our own crates are compiled anew from what the clone
/// holds. The folder cannot be the one that we build in ourselves: cargo names the crates of two clones
/// alike and tells them apart by time stamps, so it would hand us the clone's crates afterwards.
fn target_of_the_clone(workspace: &Workspace) -> Result<PathBuf> {
    let metadata = workspace.metadata(&["--no-deps"])?;
    let (ours, own) = (target(&metadata)?, target(&metadata)?.join("clean-clone"));
    if !own.exists()
        && let Err(why) = copy_what_is_built(&ours, &own)
    {
        println!("note: nothing that is built can be used again: {why}");
    }
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let names = packages.filter_map(|package| package["name"].as_str()).collect();
    forget(&own, &names).map(|()| own)
}

/// The profiles of the two commands, without what cargo leaves for people beside it.
const BUILT: [&str; 6] =
    ["debug/.fingerprint", "debug/build", "debug/deps", "release/.fingerprint", "release/build", "release/deps"];

/// Under another name until it is complete. Time stamps must stay: cargo goes by them.
fn copy_what_is_built(from: &Path, to: &Path) -> Result<()> {
    let unfinished = to.with_extension("unfinished");
    let fail = |e: std::io::Error| format!("{}: {e}", unfinished.display());
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(fail)?;
    }
    for part in BUILT.iter().filter(|part| from.join(part).exists()) {
        let copy = unfinished.join(part);
        fs::create_dir_all(copy.parent().unwrap_or(&unfinished)).map_err(fail)?;
        run(Command::new("cp").arg("-a").args([&from.join(part), &copy]))?;
    }
    fs::rename(&unfinished, to).map_err(fail)
}

/// What has no fingerprint is compiled, whatever else of it lies there.
fn forget(target: &Path, names: &BTreeSet<&str>) -> Result<()> {
    for profile in ["debug", "release"] {
        let Ok(entries) = fs::read_dir(target.join(profile).join(".fingerprint")) else {
            continue;
        };
        for entry in entries.flatten() {
            let unit = entry.file_name().to_string_lossy().into_owned();
            if unit.rsplit_once('-').is_some_and(|(name, _)| names.contains(name)) {
                fs::remove_dir_all(entry.path()).map_err(|e| format!("{}: {e}", entry.path().display()))?;
            }
        }
    }
    Ok(())
}

/// Cargo with the clone as its whole world. The toolchain and its registry cache stay where they are:
/// a newcomer has them too.
fn newcomers_cargo(workspace: &Workspace, room: &Room, target: &Path, args: &[&str]) -> Command {
    let mut cargo = workspace.cargo(args);
    cargo.current_dir(&room.clone).env("CARGO_TARGET_DIR", target);
    for (name, default) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
        if let Some(place) = real_place(name, default) {
            cargo.env(name, place);
        }
    }
    for (name, _) in env::vars_os() {
        let ours = |name: &str| name.starts_with("RESUMABLE_") || name.starts_with("XDG_");
        // A tool, like the toolchain.
        let tool = |name: &str| ["RESUMABLE_PYTHON", "RESUMABLE_NODE", "RESUMABLE_FOREIGN"].contains(&name);
        if name.to_str().is_some_and(|name| ours(name) && !tool(name)) {
            cargo.env_remove(&name);
        }
    }
    cargo.env("HOME", &room.home);
    for (name, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state"), ("XDG_CACHE_HOME", "cache")] {
        cargo.env(name, room.home.join(folder));
    }
    cargo
}

fn real_place(name: &str, default: &str) -> Option<OsString> {
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(default).into_os_string());
    env::var_os(name).or_else(home).filter(|place| Path::new(place).exists())
}

/// Neither command may write into the tree: no stray file, no changed lock file.
fn still_clean(room: &Room) -> Result<()> {
    let changes = output(git(&room.clone).args(["status", "--porcelain"]))?;
    if changes.is_empty() {
        return Ok(());
    }
    Err(format!("the commands changed the tree that they ran in:\n{}", changes.trim_end()))
}

/// Git on one repository, whatever a hook that we may run under says.
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
    use super::*;

    fn value<'c>(command: &'c Command, name: &str) -> Option<&'c Path> {
        command.get_envs().find(|(key, _)| *key == name)?.1.map(Path::new)
    }

    #[test]
    fn the_newcomers_home_is_empty_their_toolchain_is_real_and_nothing_stays_behind() {
        let (workspace, room) = (Workspace::find().unwrap(), Room::new("home").unwrap());
        let cargo = newcomers_cargo(&workspace, &room, Path::new("/t"), &["test"]);
        assert_eq!(value(&cargo, "HOME"), Some(room.home.as_path()));
        assert!(value(&cargo, "XDG_STATE_HOME").unwrap().starts_with(&room.home));
        assert!(value(&cargo, "CARGO_HOME").is_none_or(|place| !place.starts_with(&room.home)));
        assert_eq!(value(&cargo, "CARGO_TARGET_DIR"), Some(Path::new("/t")));
        assert_eq!(cargo.get_current_dir(), Some(room.clone.as_path()));
        let folder = room.folder.clone();
        drop(room);
        assert!(!folder.exists());
    }

    #[test]
    fn our_own_crates_are_compiled_anew_and_no_others() {
        let room = Room::new("forget").unwrap();
        let prints = room.folder.join("debug/.fingerprint");
        for unit in ["resumable-core-0123", "resumable-core-x-0123", "http-4567"] {
            fs::create_dir_all(prints.join(unit)).unwrap();
        }
        forget(&room.folder, &BTreeSet::from(["resumable-core"])).unwrap();
        assert!(!prints.join("resumable-core-0123").exists());
        assert!(prints.join("resumable-core-x-0123").exists() && prints.join("http-4567").exists());
    }
}
