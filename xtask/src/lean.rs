//! A program gets what it asks for, and does not compile what it does not need.

use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, output, run};

/// What a program asks of a crate, and what it must then not compile.
struct Choice {
    package: &'static str,
    features: &'static [&'static str],
    without: &'static [&'static str],
}

const CHOICES: [Choice; 3] = [
    Choice {
        package: "resumable",
        features: &["blocking", "ureq", "oss"],
        without: &["futures", "hyper", "reqwest", "tokio", "toml"],
    },
    Choice { package: "resumable", features: &["blocking"], without: &["futures", "hyper", "rustls", "tokio"] },
    Choice { package: "resumable", features: &["async", "oss"], without: &["reqwest", "rustls", "tokio", "ureq"] },
];

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    for choice in &CHOICES {
        let features = choice.features.join(",");
        let chosen = ["--locked", "-p", choice.package, "--no-default-features", "--features", &features];
        let tree = ["-e", "normal,build", "--prefix", "none"];
        choice.judge(&output(workspace.cargo(&["tree"]).args(chosen).args(tree))?)?;
        run(workspace.cargo(&["clippy", "--quiet"]).args(chosen).args(["--", "-D", "warnings"]))?;
    }
    println!("{} choices of features compile no more than they need", CHOICES.len());
    Ok(Verdict::Passed)
}

impl Choice {
    fn judge(&self, tree: &str) -> Result<()> {
        let Self { package, features, without } = self;
        let mut names = tree.lines().filter_map(|line| line.split_whitespace().next());
        if names.next() != Some(package) {
            return Err(format!("cargo tree did not show {package} itself:\n{tree}"));
        }
        match names.find(|name| without.contains(name)) {
            Some(found) => Err(format!(
                "{package} with only the features `{}` needs {found}: \
                `cargo tree -p {package} --no-default-features --features {} -i {found}` shows why",
                features.join(","),
                features.join(","),
            )),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHOICE: Choice =
        Choice { package: "resumable", features: &["blocking", "oss"], without: &["tokio", "hyper"] };

    #[test]
    fn a_crate_that_is_not_needed_is_named_with_the_features_that_bring_it() {
        let said = CHOICE.judge("resumable v0.1.0 (/x)\nbytes v1.12.0\nhyper v1.12.0\n").unwrap_err();
        assert!(said.starts_with("resumable with only the features `blocking,oss` needs hyper"), "{said}");
    }

    #[test]
    fn a_similar_name_is_another_crate_and_an_empty_tree_is_no_proof() {
        assert_eq!(CHOICE.judge("resumable v0.1.0 (/x)\nhyper-util v0.1.0\n"), Ok(()));
        assert!(CHOICE.judge("").is_err());
    }
}
