//! The library's examples, each run as its user would run it, against an emulator of its own.

mod runs;
mod stage;

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::time::Instant;

use self::runs::RUNS;
use self::stage::Stage;
use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, programs};

/// Where they stand.
const FOLDER: &str = "resumable/examples";

/// Those that ask for nothing.
const WITHOUT_ARGUMENTS: [&str; 2] = ["bare_machine", "emulator_in_a_test"];

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    each_has_a_run(&names(workspace)?)?;
    let programs = programs(workspace)?.join("examples");
    let mut wrong = Vec::new();
    for (name, play) in RUNS {
        let begun = Instant::now();
        let played = Stage::new(programs.join(name)).and_then(|stage| {
            if !WITHOUT_ARGUMENTS.contains(&name) {
                tells_its_usage(&stage)?;
            }
            play(&stage)
        });
        match played {
            Ok(()) => println!("{name}: passed after {:.1} s", begun.elapsed().as_secs_f64()),
            Err(why) => wrong.push(format!("the example {name}: {why}")),
        }
    }
    if wrong.is_empty() { Ok(Verdict::Passed) } else { Err(wrong.join("\n")) }
}

fn tells_its_usage(stage: &Stage) -> Result<()> {
    let said = stage.start(&[], Stdio::null())?.fail()?;
    if said.err.contains("usage: ") { Ok(()) } else { Err(format!("without arguments it only says: {}", said.err)) }
}

fn each_has_a_run(names: &BTreeSet<String>) -> Result<()> {
    let runs: BTreeSet<String> = RUNS.iter().map(|(name, _)| (*name).to_owned()).collect();
    match names.symmetric_difference(&runs).next() {
        None => Ok(()),
        Some(name) if names.contains(name) => {
            Err(format!("{FOLDER}/{name}.rs is never run: add a run of it to xtask/src/examples/runs.rs"))
        }
        Some(name) => Err(format!("xtask/src/examples/runs.rs runs {name}, and there is no {FOLDER}/{name}.rs")),
    }
}

fn names(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let unreadable = |error| format!("{FOLDER}: {error}");
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(workspace.root().join(FOLDER)).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_without_a_run_is_told_and_a_run_without_an_example() {
        let mut names = names(&Workspace::find().unwrap()).unwrap();
        assert_eq!(each_has_a_run(&names), Ok(()));
        names.insert("forgotten".to_owned());
        assert!(each_has_a_run(&names).unwrap_err().contains("forgotten.rs is never run"));
        names.remove("forgotten");
        names.remove("blocking");
        assert!(each_has_a_run(&names).unwrap_err().contains("there is no resumable/examples/blocking.rs"));
    }
}
