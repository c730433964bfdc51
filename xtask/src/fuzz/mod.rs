//! `cargo xtask fuzz`: builds the fuzz targets of `fuzz/`, runs each from its corpus, and compares how much of the code it
//! reaches with the floor in `fuzz/floors.json`.
//!
//! What a run finds is kept below `target/`, and the next run goes on with it. `--write` takes of it what reaches more than the
//! corpus in `fuzz/corpus/` does, and writes the table anew.

mod floors;
mod target;

use std::env;
use std::process::Command;

use self::floors::{Floors, Reach};
use self::target::{Built, Length, Run};
use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, output, run as run_command, target as target_folder};

/// CI runs as many inputs as took so many seconds when the corpus was made: the same ones each time, so that what passed once
/// passes on every machine.
const CI_SECONDS: u64 = 3;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wish {
    targets: Vec<String>,
    seconds: u64,
    write: bool,
}

impl Wish {
    fn of(args: &[&str], known: &[&str]) -> Result<Self> {
        let mut wish = Self { targets: Vec::new(), seconds: 60, write: false };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match *arg {
                "--write" => wish.write = true,
                "--seconds" => {
                    let seconds = args.next().and_then(|text| text.parse().ok()).filter(|seconds| *seconds > 0);
                    wish.seconds = seconds.ok_or("--seconds wants a number above 0")?;
                }
                name if known.contains(&name) => wish.targets.push(name.to_owned()),
                other => return Err(format!("there is no target `{other}`; there are: {}", known.join(", "))),
            }
        }
        if wish.targets.is_empty() {
            wish.targets = known.iter().map(|name| (*name).to_owned()).collect();
        }
        Ok(wish)
    }
}

/// `cargo xtask fuzz ARGS…`
pub(crate) fn run(workspace: &Workspace, args: &[&str]) -> Result<()> {
    let floors = Floors::read(workspace.root())?;
    let wish = Wish::of(args, &floors.names())?;
    if !has_tool(workspace) {
        return Err(format!("`cargo fuzz` does not run: {INSTALL}"));
    }
    let built = build(workspace, &wish.targets, "corpus")?;
    if wish.write {
        return write(workspace, &wish, floors, &built);
    }
    compare(workspace, &wish.targets, &floors, |_| Length::Seconds(wish.seconds), &built)
}

/// Each target, from its corpus; before that, what the targets are made of.
pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    tests_and_lints(workspace)?;
    let floors = Floors::read(workspace.root())?;
    let wish = Wish::of(&[], &floors.names())?;
    if !has_tool(workspace) {
        return Ok(Verdict::Skipped(format!("NOTHING WAS FUZZED, because `cargo fuzz` does not run: {INSTALL}")));
    }
    // It begins with what everybody has.
    let built = build(workspace, &wish.targets, "ci")?;
    built.forget()?;
    compare(workspace, &wish.targets, &floors, |reach| Length::Inputs(reach.runs_in(CI_SECONDS)), &built)?;
    Ok(Verdict::Passed)
}

/// The workspace's own steps do not see `fuzz/`. What they built is used here, as far as it is the same.
fn tests_and_lints(workspace: &Workspace) -> Result<()> {
    let target = target_folder(&workspace.metadata(&["--no-deps"])?)?;
    let cargo = |args: &[&str]| {
        let mut command = workspace.cargo(args);
        command.args(["--locked", "--manifest-path", "fuzz/Cargo.toml", "--target-dir"]).arg(&target);
        command
    };
    run_command(&mut cargo(&["test", "--lib"]))?;
    run_command(cargo(&["clippy", "--all-targets"]).args(["--", "-D", "warnings"]))
}

const INSTALL: &str = "cargo install cargo-fuzz --locked --root target/cargo-fuzz";

fn has_tool(workspace: &Workspace) -> bool {
    output(&mut cargo_fuzz(workspace, &["--version"])).is_ok()
}

/// `cargo fuzz`, where `.ci/run` installs it or where it is already.
fn cargo_fuzz(workspace: &Workspace, args: &[&str]) -> Command {
    let own = workspace.root().join("target/cargo-fuzz/bin");
    let others = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([own].into_iter().chain(env::split_paths(&others))).unwrap_or(others);
    let mut command = workspace.cargo(&["fuzz"]);
    command.args(args).env("PATH", path);
    command
}

fn folder(workspace: &Workspace) -> Result<std::path::PathBuf> {
    Ok(target_folder(&workspace.metadata(&["--no-deps"])?)?.join("fuzz"))
}

/// Runs the targets, and compares what they reach with their floors.
fn compare(
    workspace: &Workspace,
    targets: &[String],
    floors: &Floors,
    length: impl Fn(Reach) -> Length,
    built: &Built,
) -> Result<()> {
    println!("{:<10}{:>8}{:>8}{:>12}", "target", "edges", "floor", "runs");
    let mut low = Vec::new();
    for name in targets {
        let reach = floors.of(name);
        let Run { edges, runs } = built.run(name, length(reach))?;
        println!("{name:<10}{edges:>8}{:>8}{runs:>12}", reach.floor);
        if edges < reach.floor {
            low.push(format!("{name} reaches {edges} edges, and its floor is {}", reach.floor));
        }
    }
    let compiler = compiler(workspace)?;
    if compiler != floors.compiler {
        println!("THE FLOORS ARE NOT COMPARED: they count the edges of {}, and this is {compiler}", floors.compiler);
    } else if !low.is_empty() {
        return Err(format!("{}; if that is meant: cargo xtask fuzz --seconds 600 --write", low.join("; ")));
    }
    Ok(())
}

/// Runs the targets, and writes down what they reach and with which inputs.
fn write(workspace: &Workspace, wish: &Wish, mut floors: Floors, built: &Built) -> Result<()> {
    floors.compiler = compiler(workspace)?;
    for name in &wish.targets {
        let Run { runs, .. } = built.run(name, Length::Seconds(wish.seconds))?;
        let reach = floors.of(name).after(built.keep(name)?, wish.seconds, runs);
        println!("{name:<10}{reach:?}");
        *floors.of_mut(name) = reach;
        floors.write(workspace.root())?;
    }
    Ok(())
}

/// Builds the targets; `work` is the folder for what they find.
fn build(workspace: &Workspace, targets: &[String], work: &str) -> Result<Built> {
    let folder = folder(workspace)?;
    // The lock file is what was looked at: cargo-fuzz itself would write another one.
    let locked = ["metadata", "--format-version=1", "--locked", "--manifest-path", "fuzz/Cargo.toml"];
    output(&mut workspace.cargo(&locked))?;
    let mut command = cargo_fuzz(workspace, &["build", "--sanitizer", "none", "--fuzz-dir", "fuzz", "--target-dir"]);
    command.arg(&folder);
    if let [target] = targets {
        command.arg(target);
    }
    run_command(&mut command)?;
    Ok(Built::new(workspace.root(), folder, &workspace.host()?, work))
}

/// What decides how edges are counted.
fn compiler(workspace: &Workspace) -> Result<String> {
    let told = output(&mut workspace.cargo(&["--version"]))?;
    let version = told.split_whitespace().nth(1).unwrap_or_default();
    Ok(format!("{version} for {}", workspace.host()?))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn targets_are_named_or_all_are_meant() {
        let known = ["decode", "form"];
        assert_eq!(Wish::of(&[], &known).unwrap().targets, known);
        let wish = Wish::of(&["form", "--seconds", "5", "--write"], &known).unwrap();
        assert_eq!(wish, Wish { targets: vec!["form".into()], seconds: 5, write: true });
        for wrong in [&["no"][..], &["--seconds"], &["--seconds", "0"], &["--seconds", "form"]] {
            assert!(Wish::of(wrong, &known).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn each_target_has_all_that_it_needs() {
        let workspace = Workspace::find().unwrap();
        let fuzz = workspace.root().join("fuzz");
        let floors = Floors::read(workspace.root()).unwrap();
        let mut there: Vec<String> = fs::read_dir(fuzz.join("targets"))
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        there.sort();
        assert_eq!(floors.names(), there);
        for name in there {
            assert!(fuzz.join(format!("dictionaries/{name}.dict")).is_file(), "{name} has no dictionary");
            let Reach { edges, floor, seconds, .. } = floors.of(&name);
            assert!(floor * 10 >= edges * 9 && floor <= edges && floor > 0 && seconds > 0, "{name}");
            let corpus = fs::read_dir(fuzz.join("corpus").join(&name)).unwrap();
            assert!(corpus.count() > 0, "{name} has no corpus");
        }
    }
}
