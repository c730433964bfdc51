//! The emulator shares no code with the client: a misreading of the wire must not cancel itself out.

use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, output};

const EMULATOR: &str = "resumable-emulator";

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    let args = ["-p", EMULATOR, "-e", "normal,build,dev", "--all-features", "--prefix", "none"];
    let mut command = workspace.cargo(&["tree", "--locked"]);
    let tree = output(command.args(args))?;
    judge(&tree)?;
    println!("{} packages in the emulator's tree, none of them ours", tree.lines().count() - 1);
    Ok(Verdict::Passed)
}

fn judge(tree: &str) -> Result<()> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    let (own, others): (Vec<&str>, Vec<&str>) = names.partition(|name| *name == EMULATOR);
    if own.is_empty() {
        return Err(format!("cargo tree did not show {EMULATOR} itself:\n{tree}"));
    }
    let ours: Vec<&str> = others.into_iter().filter(|name| name.starts_with("resumable")).collect();
    if ours.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{EMULATOR} depends on {}: it must read the wire with its own eyes, so take the code out or write it again there",
        ours.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_of_ours_in_the_tree_is_named() {
        let said = judge("resumable-emulator v0.1.0 (/x/emulator)\nhttp v1.5.0\nresumable-core v0.1.0 (/x/core)\n")
            .unwrap_err();
        assert!(said.contains("depends on resumable-core"), "{said}");
    }

    #[test]
    fn strangers_are_welcome_and_an_empty_tree_is_no_proof() {
        assert_eq!(judge("resumable-emulator v0.1.0 (/x/emulator)\nhttp v1.5.0\n"), Ok(()));
        assert!(judge("").is_err());
    }
}
