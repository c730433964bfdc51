//! The crates build with fewer features than all crates together turn on.
//!
//! The builds are `cargo clippy` with warnings denied: that way no `RUSTFLAGS` change, and what the
//! clippy step built of the dependencies is used again.

use serde_json::Value;

use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, run};

const NONE: &str = "--no-default-features";

/// Each crate that has features, with none of them and with all.
pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    build(workspace, Crate::extremes)
}

/// Each crate by itself, with each feature by itself: what it forgot to ask of a dependency no other crate asks for it.
pub(crate) fn each_alone(workspace: &Workspace) -> Result<Verdict> {
    build(workspace, Crate::each_alone)
}

fn build(workspace: &Workspace, choices: fn(&Crate) -> Vec<Vec<String>>) -> Result<Verdict> {
    let metadata = workspace.metadata(&["--no-deps"])?;
    for crate_ in crates(&metadata)? {
        for choice in choices(&crate_) {
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
    /// None and all, as arguments of cargo; nothing for a crate without features.
    fn extremes(&self) -> Vec<Vec<String>> {
        if self.features.is_empty() {
            Vec::new()
        } else {
            vec![vec![NONE.to_owned()], vec!["--all-features".to_owned()]]
        }
    }

    /// Each feature alone, and a crate without features as it is.
    fn each_alone(&self) -> Vec<Vec<String>> {
        if self.features.is_empty() {
            return vec![vec![NONE.to_owned()]];
        }
        self.features.iter().map(|feature| vec![NONE.to_owned(), format!("--features={feature}")]).collect()
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

    fn choices(features: &Value, of: fn(&Crate) -> Vec<Vec<String>>) -> Vec<String> {
        let metadata = json!({ "packages": [{ "name": "x", "features": features }] });
        let crates = crates(&metadata).unwrap();
        of(&crates[0]).iter().map(|choice| choice.join(" ")).collect()
    }

    #[test]
    fn none_and_all_then_in_full_each_alone() {
        let features = json!({ "default": ["file"], "file": [], "blocking": [] });
        assert_eq!(choices(&features, Crate::extremes), ["--no-default-features", "--all-features"]);
        let alone = ["--no-default-features --features=blocking", "--no-default-features --features=file"];
        assert_eq!(choices(&features, Crate::each_alone), alone);
    }

    #[test]
    fn a_crate_without_features_is_built_once() {
        let none: [&str; 0] = [];
        assert_eq!(choices(&json!({}), Crate::extremes), none, "the other steps build it so");
        assert_eq!(choices(&json!({}), Crate::each_alone), ["--no-default-features"]);
    }

    #[test]
    fn metadata_without_packages_is_an_error_not_a_pass() {
        assert!(crates(&json!({ "packages": [] })).is_err());
    }
}
