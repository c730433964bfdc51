//! The crates that may be published make packages that hold what they need and nothing else.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, output, published, run};

/// What each package holds beside its sources.
const NEEDED: [&str; 4] = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];
/// What cargo adds.
const GENERATED: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];
const MOST_BYTES: u64 = 1 << 20;
/// The registry's limit.
const MOST_KEYWORDS: usize = 5;

/// Without building them.
pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    let metadata = workspace.metadata(&["--no-deps"])?;
    let packages: Vec<&Value> = published(&metadata).collect();
    let mut wrong = Vec::new();
    for package in &packages {
        let name = name(package)?;
        wrong.extend(faults_of_manifest(package).into_iter().map(|fault| format!("{name}: {fault}")));
        let files = output(workspace.cargo(&["package", "--list", "--offline", "--allow-dirty", "-p"]).arg(name))?;
        wrong.extend(
            faults_of_files(&files, |file| size(package, file)).into_iter().map(|fault| format!("{name}: {fault}")),
        );
    }
    if !wrong.is_empty() {
        return Err(format!("some packages are not fit to be published:\n{}", wrong.join("\n")));
    }
    run(pack(workspace, &packages)?.args(["--quiet", "--no-verify"]))?;
    println!("{} packages hold what they need", packages.len());
    Ok(Verdict::Passed)
}

/// Builds each package from what it holds.
pub(crate) fn build(workspace: &Workspace) -> Result<Verdict> {
    let metadata = workspace.metadata(&["--no-deps"])?;
    run(&mut pack(workspace, &published(&metadata).collect::<Vec<_>>())?).map(|()| Verdict::Passed)
}

fn pack(workspace: &Workspace, packages: &[&Value]) -> Result<Command> {
    let mut command = workspace.cargo(&["package", "--offline", "--allow-dirty", "--exclude-lockfile"]);
    for package in packages {
        command.args(["-p", name(package)?]);
    }
    Ok(command)
}

fn name(package: &Value) -> Result<&str> {
    package["name"].as_str().ok_or_else(|| format!("not a package: {package}"))
}

fn faults_of_manifest(package: &Value) -> Vec<String> {
    let empty = |field: &&str| package[*field].as_str().is_none_or(str::is_empty);
    let texts = ["description", "documentation", "license", "readme", "rust_version"];
    let mut faults: Vec<String> =
        texts.iter().filter(|field| empty(field)).map(|field| format!("no {field}")).collect();
    let count = |field: &str| package[field].as_array().map_or(0, Vec::len);
    faults.extend((count("categories") == 0).then(|| "no categories".to_owned()));
    let keywords = count("keywords");
    if !(1..=MOST_KEYWORDS).contains(&keywords) {
        faults.push(format!("{keywords} keywords: 1 to {MOST_KEYWORDS} are allowed"));
    }
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    let of_tests = dependencies.filter(|dependency| dependency["kind"] == "dev" && dependency["path"].is_string());
    for dependency in of_tests.filter(|dependency| dependency["req"] != "*") {
        let dependency = dependency["name"].as_str().unwrap_or_default();
        faults.push(format!("the dev-dependency {dependency} has a version: name it by its path alone"));
    }
    faults
}

fn faults_of_files(files: &str, size: impl Fn(&str) -> Option<u64>) -> Vec<String> {
    let files: Vec<&str> = files.lines().collect();
    let missing = NEEDED.iter().filter(|needed| !files.contains(*needed));
    let mut faults: Vec<String> = missing.map(|needed| format!("there is no {needed} in it")).collect();
    for file in files {
        let known = file.starts_with("src/") || NEEDED.contains(&file) || GENERATED.contains(&file);
        if !known {
            faults.push(format!("{file} is not needed in it"));
        }
        match size(file) {
            Some(bytes) if bytes > MOST_BYTES => faults.push(format!("{file} has {bytes} bytes: at most {MOST_BYTES}")),
            Some(_) => {}
            None if GENERATED.contains(&file) => {}
            None => faults.push(format!("{file} cannot be found")),
        }
    }
    faults
}

/// How long a file of the package is: in its folder, or where the manifest says that the readme is.
fn size(package: &Value, file: &str) -> Option<u64> {
    let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
    let readme = package["readme"].as_str().map(Path::new);
    let elsewhere = readme.filter(|readme| readme.file_name() == Some(OsStr::new(file)));
    fs::metadata(folder.join(elsewhere.unwrap_or(Path::new(file)))).ok().map(|metadata| metadata.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest() -> Value {
        json!({
            "name": "x", "description": "d", "documentation": "https://docs.example/x", "license": "MIT",
            "readme": "../README.md", "rust_version": "1.89", "keywords": ["upload"], "categories": ["api-bindings"],
            "dependencies": [
                { "name": "y", "kind": null, "path": "/w/y", "req": "^0.1.0" },
                { "name": "z", "kind": "dev", "path": "/w/z", "req": "*" },
                { "name": "socket2", "kind": "dev", "path": null, "req": "^0.6" },
            ],
        })
    }

    const FILES: &str = ".cargo_vcs_info.json\nCargo.lock\nCargo.toml\nCargo.toml.orig\nLICENSE-APACHE\nLICENSE-MIT\n\
        README.md\nsrc/lib.rs\n";

    #[test]
    fn a_manifest_says_what_a_reader_of_the_registry_needs() {
        assert!(faults_of_manifest(&manifest()).is_empty());
        for field in ["description", "documentation", "license", "readme", "rust_version", "categories"] {
            let mut lacking = manifest();
            lacking[field] = Value::Null;
            assert_eq!(faults_of_manifest(&lacking), [format!("no {field}")]);
        }
        for (keywords, count) in [(json!([]), 0), (json!(["a", "b", "c", "d", "e", "f"]), 6)] {
            let mut wrong = manifest();
            wrong["keywords"] = keywords;
            assert!(faults_of_manifest(&wrong)[0].starts_with(&format!("{count} keywords")));
        }
    }

    #[test]
    fn two_packages_cannot_need_each_other_through_their_tests() {
        let mut circle = manifest();
        circle["dependencies"][1]["req"] = "^0.1.0".into();
        assert_eq!(faults_of_manifest(&circle), ["the dev-dependency z has a version: name it by its path alone"]);
    }

    #[test]
    fn a_package_holds_its_sources_and_licenses_and_no_more() {
        let small = |file: &str| (!GENERATED.contains(&file)).then_some(9);
        assert!(faults_of_files(FILES, small).is_empty());
        let said = faults_of_files(&FILES.replace("LICENSE-MIT\n", "tests/data.bin\n"), small);
        assert_eq!(said, ["there is no LICENSE-MIT in it", "tests/data.bin is not needed in it"]);
        let said = faults_of_files(FILES, |file| Some(if file == "src/lib.rs" { MOST_BYTES + 1 } else { MOST_BYTES }));
        assert_eq!(said, ["src/lib.rs has 1048577 bytes: at most 1048576"]);
        assert!(faults_of_files(FILES, |_| None).contains(&"src/lib.rs cannot be found".to_owned()));
    }
}
