//! The README's two commands, as a newcomer runs them: in a clone of HEAD and nothing else, with an empty home.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
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
    let clone = CleanClone::of(workspace.root(), &env::temp_dir(), commit.trim())?;
    let (home, target) = (Home::new("clean-clone")?, target_of_the_clone(workspace)?);
    let readme = Readme::of(&clone.folder)?;
    for command in [readme.demo(), readme.test()] {
        run(&mut newcomers_cargo(workspace, &clone, &home, &target, &command))?;
    }
    clone.is_clean().map(|()| Verdict::Passed)
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

/// A clone that holds what is committed, and nothing else.
///
/// It stays where it is from one run to the next: what did not change in between keeps its time stamps, by which cargo knows
/// what it compiled before. What a run left in it is removed before the next one.
struct CleanClone {
    folder: PathBuf,
    /// Two runs in one clone would take the tree away from each other.
    lock: File,
}

impl CleanClone {
    fn of(repository: &Path, beside: &Path, commit: &str) -> Result<Self> {
        let mut name = DefaultHasher::new();
        repository.hash(&mut name);
        let folder = beside.join(format!("resumable-clean-clone-{:016x}", name.finish()));
        let lock = folder.with_extension("lock");
        let fail = |e: std::io::Error| format!("{}: {e}", lock.display());
        let clone = Self { folder, lock: File::create(&lock).map_err(fail)? };
        clone.lock.lock().map_err(fail)?;
        if clone.renew(commit).is_err() {
            clone.begin(repository)?;
            clone.renew(commit)?;
        }
        clone.is_clean().map(|()| clone)
    }

    fn begin(&self, repository: &Path) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).map_err(|e| format!("{}: {e}", self.folder.display()))?;
        }
        run(git(repository).args(["clone", "--quiet", "--no-local", "--no-checkout", "."]).arg(&self.folder))
    }

    fn renew(&self, commit: &str) -> Result<()> {
        if !self.folder.join(".git").is_dir() {
            return Err(format!("{} is no clone", self.folder.display()));
        }
        run(git(&self.folder).args(["fetch", "--quiet", "origin", "HEAD"]))?;
        run(git(&self.folder).args(["checkout", "--quiet", "--force", "--detach", commit]))?;
        run(git(&self.folder).args(["clean", "-ffdxq"]))
    }

    /// Neither command may write into the tree: no stray file, no changed lock file.
    fn is_clean(&self) -> Result<()> {
        let changes = output(git(&self.folder).args(["status", "--porcelain", "--ignored"]))?;
        if changes.is_empty() {
            return Ok(());
        }
        Err(format!("the commands changed the tree that they ran in:\n{}", changes.trim_end()))
    }
}

/// A home with nothing in it, gone afterwards.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Result<Self> {
        let folder = env::temp_dir().join(format!("resumable-{name}-home-{}", process::id()));
        fs::create_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Err(e) = fs::remove_dir_all(&self.0) {
            eprintln!("note: {} was left behind: {e}", self.0.display());
        }
    }
}

/// A target folder of the clone's own, in which the crates that are not ours are already built.
///
/// That is fair: cargo takes a built dependency only if version, source, features and flags are those
/// of the clone's own manifests and lock file. Our own crates are compiled from what the clone holds. The folder cannot be the one that we build in ourselves: cargo names the
/// crates of two clones alike and tells them apart by time stamps, so it would hand us the clone's crates afterwards.
fn target_of_the_clone(workspace: &Workspace) -> Result<PathBuf> {
    let metadata = workspace.metadata(&["--no-deps"])?;
    let (built, own) = (target(&metadata)?, target(&metadata)?.join("clean-clone"));
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let ours = packages.filter_map(|package| package["name"].as_str()).collect();
    if !own.exists()
        && let Err(why) = copy_what_is_built(&built, &own, &ours)
    {
        println!("note: nothing that is built can be used again: {why}");
    }
    Ok(own)
}

/// The profiles of the two commands, without what cargo leaves for people beside it.
const BUILT: [&str; 6] =
    ["debug/.fingerprint", "debug/build", "debug/deps", "release/.fingerprint", "release/build", "release/deps"];

/// Under another name until it is complete. Time stamps must stay: cargo goes by them.
fn copy_what_is_built(from: &Path, to: &Path, ours: &BTreeSet<&str>) -> Result<()> {
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
    forget(&unfinished, ours)?;
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
fn newcomers_cargo(workspace: &Workspace, clone: &CleanClone, home: &Home, target: &Path, args: &[&str]) -> Command {
    let mut cargo = workspace.cargo(args);
    cargo.current_dir(&clone.folder).env("CARGO_TARGET_DIR", target);
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
    cargo.env("HOME", &home.0);
    for (name, folder) in [("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state"), ("XDG_CACHE_HOME", "cache")] {
        cargo.env(name, home.0.join(folder));
    }
    cargo
}

fn real_place(name: &str, default: &str) -> Option<OsString> {
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(default).into_os_string());
    env::var_os(name).or_else(home).filter(|place| Path::new(place).exists())
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

    /// A folder for one test, gone afterwards.
    fn room(name: &str) -> Home {
        Home::new(name).unwrap()
    }

    fn commit(repository: &Path, text: &str) -> String {
        fs::write(repository.join("file"), text).unwrap();
        run(git(repository).args(["add", "file"])).unwrap();
        let who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"];
        run(git(repository).args(who).args(["commit", "--quiet", "--message", text])).unwrap();
        output(git(repository).args(["rev-parse", "HEAD"])).unwrap().trim().to_owned()
    }

    #[test]
    fn a_clean_clone_holds_what_is_committed_and_keeps_the_times_of_what_did_not_change() {
        let room = room("clean");
        let repository = room.0.join("repository");
        fs::create_dir(&repository).unwrap();
        run(git(&repository).args(["init", "--quiet"])).unwrap();
        fs::write(repository.join(".gitignore"), "ignored").unwrap();
        fs::write(repository.join("same"), "as it was").unwrap();
        run(git(&repository).args(["add", ".gitignore", "same"])).unwrap();
        let first = commit(&repository, "one");

        let clone = CleanClone::of(&repository, &room.0, &first).unwrap();
        let same = clone.folder.join("same");
        let time = |path: &Path| fs::metadata(path).unwrap().modified().unwrap();
        let before = time(&same);
        for stray in ["stray", "ignored"] {
            fs::write(clone.folder.join(stray), "").unwrap();
            assert!(clone.is_clean().unwrap_err().contains(stray));
        }
        fs::write(clone.folder.join("file"), "changed by a command").unwrap();
        drop(clone);

        let second = commit(&repository, "two");
        fs::write(repository.join("file"), "not committed").unwrap();
        let clone = CleanClone::of(&repository, &room.0, &second).unwrap();
        clone.is_clean().unwrap();
        assert_eq!(fs::read_to_string(clone.folder.join("file")).unwrap(), "two");
        assert!(!clone.folder.join("ignored").exists());
        assert_eq!(time(&same), before);

        // What is no clone any more is cloned again.
        fs::remove_file(clone.folder.join(".git/HEAD")).unwrap();
        let folder = clone.folder.clone();
        drop(clone);
        let clone = CleanClone::of(&repository, &room.0, &first).unwrap();
        assert_eq!(clone.folder, folder);
        assert_eq!(fs::read_to_string(folder.join("file")).unwrap(), "one");
    }

    #[test]
    fn the_newcomers_home_is_empty_their_toolchain_is_real_and_nothing_stays_behind() {
        let (workspace, home) = (Workspace::find().unwrap(), room("home"));
        let clone = CleanClone { folder: home.0.join("clone"), lock: File::create(home.0.join("lock")).unwrap() };
        let cargo = newcomers_cargo(&workspace, &clone, &home, Path::new("/t"), &["test"]);
        assert_eq!(value(&cargo, "HOME"), Some(home.0.as_path()));
        assert!(value(&cargo, "XDG_STATE_HOME").unwrap().starts_with(&home.0));
        assert!(value(&cargo, "CARGO_HOME").is_none_or(|place| !place.starts_with(&home.0)));
        assert_eq!(value(&cargo, "CARGO_TARGET_DIR"), Some(Path::new("/t")));
        assert_eq!(cargo.get_current_dir(), Some(clone.folder.as_path()));
        let folder = home.0.clone();
        drop(home);
        assert!(!folder.exists());
    }

    #[test]
    fn our_own_crates_are_compiled_anew_and_no_others() {
        let room = room("forget");
        let prints = room.0.join("debug/.fingerprint");
        for unit in ["resumable-core-0123", "resumable-core-x-0123", "http-4567"] {
            fs::create_dir_all(prints.join(unit)).unwrap();
        }
        forget(&room.0, &BTreeSet::from(["resumable-core"])).unwrap();
        assert!(!prints.join("resumable-core-0123").exists());
        assert!(prints.join("resumable-core-x-0123").exists() && prints.join("http-4567").exists());
    }
}
