//! Every feature of every crate builds without the others.
//!
//! The builds are `cargo clippy` with warnings denied: that way no `RUSTFLAGS` change, and what the
//! clippy step built of the dependencies is used again.

use serde_json::Value;

use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, run};

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    let metadata = workspace.metadata(&["--no-deps"])?;
    for crate_ in crates(&metadata)? {
        for choice in crate_.choices() {
            let mut command = workspace.cargo(&["clippy", "--quiet", "--locked", "-p", &crate_.name]);
            command.args(&choice).args(["--", "-D", "warnings"]);
            run(&mut command)?;
        }
    }
    Ok(Verdict::Passed)
}

struct Crate {
    name: String,
    features: Vec<String>,
}

impl Crate {
    /// None, each alone, all: as arguments of cargo.
    fn choices(&self) -> Vec<Vec<String>> {
        let none = || vec!["--no-default-features".to_owned()];
        let mut choices = vec![none()];
        for feature in &self.features {
            choices.push([none(), vec![format!("--features={feature}")]].concat());
        }
        if self.features.len() > 1 {
            choices.push(vec!["--all-features".to_owned()]);
        }
        choices
    }
}

fn crates(metadata: &Value) -> Result<Vec<Crate>> {
    let packages = metadata["packages"].as_array().filter(|packages| !packages.is_empty());
    let packages = packages.ok_or("cargo metadata names no package")?;
    packages.iter().map(|package| read(package).ok_or_else(|| format!("not a package: {package}"))).collect()
}

fn read(package: &Value) -> Option<Crate> {
    let features = package["features"].as_object()?.keys();
    Some(Crate {
        name: package["name"].as_str()?.to_owned(),
        features: features.filter(|name| *name != "default").cloned().collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn choices(features: &Value) -> Vec<String> {
        let metadata = json!({ "packages": [{ "name": "x", "features": features }] });
        let crates = crates(&metadata).unwrap();
        crates[0].choices().iter().map(|choice| choice.join(" ")).collect()
    }

    #[test]
    fn none_then_each_alone_then_all_together() {
        let expected = [
            "--no-default-features",
            "--no-default-features --features=blocking",
            "--no-default-features --features=file",
            "--all-features",
        ];
        assert_eq!(choices(&json!({ "default": ["file"], "file": [], "blocking": [] })), expected);
    }

    #[test]
    fn a_crate_without_features_is_built_once() {
        assert_eq!(choices(&json!({})), ["--no-default-features"]);
    }

    #[test]
    fn metadata_without_packages_is_an_error_not_a_pass() {
        assert!(crates(&json!({ "packages": [] })).is_err());
    }
}
