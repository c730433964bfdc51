//! The oldest Rust that the manifests promise.
//!
//! Two things are checked everywhere: here, that no dependency asks for a newer Rust; in the clippy
//! step, by `clippy::incompatible_msrv`, that no newer part of the standard library is used. A step of
//! its own builds everything with that Rust itself, where rustup has it.

use std::process::Command;

use serde_json::Value;

use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, output, run, target};

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    // Dependencies of other platforms would only be downloaded for this.
    let host = workspace.host()?;
    let metadata = workspace.metadata(&["--all-features", "--filter-platform", &host])?;
    let promised = promised(&metadata)?;
    compare(&metadata, &promised)?;
    println!("no dependency asks for more than Rust {promised}");
    Ok(Verdict::Passed)
}

pub(crate) fn build(workspace: &Workspace) -> Result<Verdict> {
    let metadata = workspace.metadata(&["--no-deps"])?;
    let promised = promised(&metadata)?;
    let Some(toolchain) = installed(&promised) else {
        let why =
            format!("nothing was built with Rust {promised}: rustup toolchain install {promised} --profile minimal");
        return Ok(Verdict::Skipped(why));
    };
    let mut rustup = Command::new("rustup");
    rustup.args(["run", &toolchain, "cargo", "check", "--workspace", "--all-features", "--locked"]);
    rustup.arg("--target-dir").arg(target(&metadata)?.join("msrv")).current_dir(workspace.root());
    run(&mut rustup)?;
    let compiler = output(Command::new("rustup").args(["run", &toolchain, "rustc", "--version"]))?;
    println!("everything but tests builds with {}", compiler.trim());
    Ok(Verdict::Passed)
}

/// The one `rust-version` of all our packages.
fn promised(metadata: &Value) -> Result<String> {
    let mut ours = packages(metadata).filter(|package| package["source"].is_null());
    let first = ours.next().and_then(|package| package["rust_version"].as_str());
    let first = first.ok_or("a package of the workspace has no rust-version")?;
    match ours.find(|package| package["rust_version"] != first) {
        Some(other) => Err(format!("{} promises another rust-version than {first}", other["name"])),
        None => Ok(first.to_owned()),
    }
}

fn compare(metadata: &Value, promised: &str) -> Result<()> {
    let newer: Vec<String> = packages(metadata)
        .filter_map(|package| Some((package, package["rust_version"].as_str()?)))
        .filter(|(_, asked)| number(asked) > number(promised))
        .map(|(package, asked)| format!("{} {} asks for Rust {asked}", package["name"], package["version"]))
        .collect();
    if newer.is_empty() {
        return Ok(());
    }
    Err(format!("rust-version is {promised}, but {}: take an older one, or raise rust-version", newer.join(", ")))
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

/// `1.89` and `1.89.0` are one version.
fn number(version: &str) -> [u32; 3] {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    [(); 3].map(|()| parts.next().unwrap_or(0))
}

fn installed(promised: &str) -> Option<String> {
    let list = output(Command::new("rustup").args(["toolchain", "list"])).ok()?;
    let prefixes = [format!("{promised}-"), format!("{promised}.")];
    let names = list.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix))).map(str::to_owned).next()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_dependency_that_asks_for_a_newer_rust_is_named() {
        let metadata = json!({ "packages": [
            { "name": "ours", "version": "0.1.0", "source": null, "rust_version": "1.89" },
            { "name": "old", "version": "1.0.0", "source": "registry", "rust_version": "1.89.0" },
            { "name": "silent", "version": "1.0.0", "source": "registry", "rust_version": null },
            { "name": "new", "version": "2.0.0", "source": "registry", "rust_version": "1.90" },
        ] });
        let promised = promised(&metadata).unwrap();
        let said = compare(&metadata, &promised).unwrap_err();
        assert!(said.contains("\"new\" \"2.0.0\" asks for Rust 1.90"), "{said}");
        assert!(!said.contains("\"old\"") && !said.contains("silent"), "{said}");
    }

    #[test]
    fn our_packages_promise_one_version() {
        let metadata = json!({ "packages": [
            { "name": "a", "source": null, "rust_version": "1.89" },
            { "name": "b", "source": null, "rust_version": "1.90" },
        ] });
        assert!(promised(&metadata).unwrap_err().contains("\"b\""));
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(number("1.100") > number("1.89.2"));
        assert_eq!(number("1.89"), number("1.89.0"));
    }
}
