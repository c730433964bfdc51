//! A package for Debian and its kin: the command, its manual pages, and what completes it in a shell. It is unpacked as an
//! installation would unpack it, and the command in it is run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, output, run, target};

const PROFILE: &str = "dist";
const PACKAGE: &str = "resumable-cli";
/// The largest that the command may be, in bytes: what it has, and some room.
const MOST_BYTES: u64 = 13_500_000;
/// Each shell, and the file that it looks for.
const SHELLS: [(&str, &str); 3] = [("bash", "resumable.bash"), ("zsh", "_resumable"), ("fish", "resumable.fish")];
/// What has to be in the package, from its root.
const INSTALLED: [&str; 6] = [
    "usr/bin/resumable",
    "usr/share/man/man1/resumable.1.gz",
    "usr/share/man/man1/resumable-put.1.gz",
    "usr/share/bash-completion/completions/resumable",
    "usr/share/zsh/vendor-completions/_resumable",
    "usr/share/fish/vendor_completions.d/resumable.fish",
];

/// Builds it, unpacks it, and runs what is in it.
pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    if output(&mut workspace.cargo(&["deb", "--version"])).is_err() {
        return Ok(Verdict::Skipped("cargo-deb is not installed: cargo install cargo-deb".to_owned()));
    }
    if output(Command::new("dpkg-deb").arg("--version")).is_err() {
        return Ok(Verdict::Skipped("there is no dpkg-deb here".to_owned()));
    }
    let package = build(workspace)?;
    let root = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
    run(Command::new("dpkg-deb").arg("-x").arg(&package).arg(root.path()))?;
    let missing: Vec<&str> = INSTALLED.into_iter().filter(|file| !root.path().join(file).is_file()).collect();
    if !missing.is_empty() {
        return Err(format!("{} lacks {}", package.display(), missing.join(", ")));
    }
    let command = root.path().join(INSTALLED[0]);
    let size = fs::metadata(&command).map_err(|e| format!("{}: {e}", command.display()))?.len();
    if size > MOST_BYTES {
        return Err(format!("the command has {size} bytes, and should have {MOST_BYTES} at most"));
    }
    let version = output(Command::new(&command).arg("--version"))?;
    println!("{}: {}, {size} bytes", package.display(), version.trim());
    Ok(Verdict::Passed)
}

/// The package's file.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    run(&mut workspace.cargo(&["build", "--locked", "--profile", PROFILE, "-p", PACKAGE]))?;
    let target = target(&workspace.metadata(&["--no-deps"])?)?;
    // The manifest of the command names this folder, wherever cargo builds.
    let packaging = workspace.root().join("target/packaging");
    describe(&target.join(PROFILE).join("resumable"), &packaging)?;
    let args =
        ["deb", "--locked", "--no-build", "--no-strip", "--quiet", "--profile", PROFILE, "-p", PACKAGE, "--output"];
    let package = packaging.join("resumable.deb");
    run(workspace.cargo(&args).arg(&package))?;
    Ok(package)
}

/// Has the command describe itself: manual pages, and scripts for shells.
fn describe(command: &Path, folder: &Path) -> Result<()> {
    let completions = folder.join("completions");
    let wrong = |e: std::io::Error| format!("{}: {e}", folder.display());
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(wrong)?;
    }
    fs::create_dir_all(&completions).map_err(wrong)?;
    run(Command::new(command).arg("man").arg(folder.join("man")))?;
    for (shell, file) in SHELLS {
        let script = output(Command::new(command).args(["completions", shell]))?;
        fs::write(completions.join(file), script).map_err(wrong)?;
    }
    Ok(())
}
