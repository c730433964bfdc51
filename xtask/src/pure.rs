//! The machine and the vendors' protocols are pure: same seed and same inputs, same outputs.
//!
//! Their roots say `#![no_std]`, so the compiler keeps clock, entropy, files, threads and environment out of our own code, and
//! wasm32 shows that it does. What a dependency could bring in again is on clippy's list; a self-test shows that the
//! list works.

use std::fs;
use std::path::{Path, PathBuf};

use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, run};

const IMPURE: &str = "core/src/impure.rs";
const WASM: &str = "wasm32-unknown-unknown";

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    let folders = folders(workspace.root())?;
    for folder in &folders {
        let root = folder.join("src/lib.rs");
        let text = fs::read_to_string(&root).map_err(|error| format!("{}: {error}", root.display()))?;
        judge_root(&text).map_err(|why| format!("{}: {why}", root.display()))?;
    }
    impurities_are_found(workspace)?;
    if !workspace.has_target(WASM)? {
        return Ok(Verdict::Skipped(format!("no {WASM}: `rustup target add {WASM}`")));
    }
    let mut check = workspace.cargo(&["check", "--quiet", "--locked", "--target", WASM]);
    for folder in &folders {
        check.arg("-p").arg(format!("resumable-{}", folder.file_name().unwrap_or_default().display()));
    }
    run(&mut check)?;
    println!("{} crates are pure and build for {WASM}", folders.len());
    Ok(Verdict::Passed)
}

fn folders(root: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(root).map_err(|error| error.to_string())?;
    let is_pure = |name: &str| name == "core" || name.starts_with("proto-");
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_pure))
        .collect();
    folders.sort();
    if folders.len() < 2 { Err("core and proto-* are not where they were".to_owned()) } else { Ok(folders) }
}

fn judge_root(text: &str) -> Result<()> {
    for needed in ["#![no_std]", "#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]"] {
        if !text.lines().any(|line| line == needed) {
            return Err(format!("there is no {needed}"));
        }
    }
    let mut before = "";
    for line in text.lines() {
        if line.contains("extern crate std") && before != "#[cfg(test)]" {
            return Err("std is for tests alone".to_owned());
        }
        before = line;
    }
    Ok(())
}

/// Compiles the self-test: every line that is marked must be refused, and no other.
fn impurities_are_found(workspace: &Workspace) -> Result<()> {
    let args = ["clippy", "--quiet", "--locked", "-p", "resumable-core", "--message-format=short"];
    let mut clippy = workspace.cargo(&args);
    clippy.args(["--features=fastrand/std,jiff/std", "--", "--cfg", "resumable_impure"]);
    let said = clippy.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let path = workspace.root().join(IMPURE);
    let text = fs::read_to_string(path).map_err(|error| format!("{IMPURE}: {error}"))?;
    judge_impurities(&text, &said)
}

fn judge_impurities(text: &str, said: &str) -> Result<()> {
    for (line, _) in text.lines().enumerate().filter(|(_, line)| line.ends_with("// refused")) {
        let place = format!("{IMPURE}:{}:", line + 1);
        if !said.lines().any(|said| said.starts_with(&place) && said.contains("disallowed")) {
            return Err(format!("{place} is not refused; clippy said:\n{said}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "#![no_std]\n#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]\n";

    #[test]
    fn a_root_with_std_is_refused_but_for_its_tests() {
        assert_eq!(judge_root(&format!("{ROOT}#[cfg(test)]\nextern crate std;\n")), Ok(()));
        assert!(judge_root(&format!("{ROOT}extern crate std;\n")).is_err());
        assert!(judge_root("#![no_std]\n").is_err());
        assert!(judge_root("").is_err());
    }

    #[test]
    fn an_impurity_that_nobody_refuses_is_told() {
        let text = "one(); // refused\ntwo();\n";
        assert_eq!(judge_impurities(text, "core/src/impure.rs:1:1: error: use of a disallowed method `one`\n"), Ok(()));
        assert!(judge_impurities(text, "core/src/impure.rs:2:1: error: use of a disallowed method `two`\n").is_err());
    }
}
