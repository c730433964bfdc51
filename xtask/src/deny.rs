//! The licences and the sources of all dependencies, and crates that are not wanted: what `deny.toml` says.
//!
//! Advisories are no part of it: their database is fetched from the network, and CI runs without.

use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, output, run};

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    if output(&mut workspace.cargo(&["deny", "--version"])).is_err() {
        return Ok(Verdict::Skipped("cargo-deny is not installed: cargo install --locked cargo-deny".to_owned()));
    }
    let args = ["deny", "--offline", "--all-features", "check", "licenses", "bans", "sources"];
    run(&mut workspace.cargo(&args)).map(|()| Verdict::Passed)
}
