//! The steps of CI: what they are, and how they are run, timed and told.

use std::env;
use std::time::{Duration, Instant};

use crate::readme::Readme;
use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, run as run_command};
use crate::{
    clean_clone, deb, deny, examples, features, field_bugs, independence, lean, msrv, package, planted, public_api,
    pure, security, targets,
};

struct Step {
    name: &'static str,
    about: &'static str,
    run: fn(&Workspace) -> Result<Verdict>,
}

/// The step that the clean clone repeats.
const TEST: &str = "test";

/// Quick steps first; steps that share build artifacts stand together.
const STEPS: &[Step] = &[
    Step { name: "fmt", about: "the code is formatted", run: fmt },
    Step {
        name: "pure",
        about: "no clock, file, net, thread, env or chance in core and proto-*; they build for wasm32",
        run: pure::step,
    },
    Step { name: "field-bugs", about: "docs/field-bugs.md has every row, and its tests exist", run: field_bugs::step },
    Step { name: "planted", about: "every bug in sim/planted can still be planted", run: planted::step },
    Step { name: "security", about: "each promise in SECURITY.md names a test that exists", run: security::step },
    Step { name: "independence", about: "the emulator depends on no crate of ours", run: independence::step },
    Step { name: "package", about: "the published crates hold what they need and no more", run: package::step },
    Step { name: "msrv", about: "no dependency asks for a newer Rust than the manifests promise", run: msrv::step },
    Step { name: "clippy", about: "no lint fires", run: clippy },
    Step { name: "features", about: "each crate that has features builds with none and with all", run: features::step },
    Step { name: "lean", about: "no choice of features compiles what it does not need", run: lean::step },
    Step {
        name: "public-api",
        about: "the public items and the foreign types among them are those listed in public-api/",
        run: public_api::step,
    },
    Step { name: "doc", about: "the documentation builds without warnings", run: doc },
    Step { name: "examples", about: "each example does against the emulator what it shows", run: examples::step },
    Step { name: TEST, about: "the README's test command", run: test },
    Step {
        name: "kill",
        about: "uploads of each protocol by a command that is killed, and by what else may happen",
        run: kill,
    },
    Step {
        name: "kill-folder",
        about: "a folder is uploaded by a command that is killed again and again",
        run: kill_folder,
    },
    Step { name: "sim", about: "simulated uploads of each protocol: 50,000 known ones and 10,000 new ones", run: sim },
    Step { name: "fuzz", about: "each fuzz target runs for some seconds, and its corpus reaches its floor", run: fuzz },
    Step {
        name: "clean-clone",
        about: "the README's two commands in a clone of HEAD and nothing else",
        run: clean_clone::step,
    },
];

/// They run with `--full`, or by their names.
const SLOW_STEPS: &[Step] = &[
    Step {
        name: "features-alone",
        about: "with --full: every crate builds alone, and with each feature alone",
        run: features::each_alone,
    },
    Step {
        name: "package-build",
        about: "with --full: every published crate builds from its package",
        run: package::build,
    },
    Step {
        name: "deny",
        about: "with --full: the licences and the sources of all dependencies are those that deny.toml allows",
        run: deny::step,
    },
    Step {
        name: "msrv-build",
        about: "with --full: everything builds with the oldest Rust that the manifests promise",
        run: msrv::build,
    },
    Step {
        name: "targets",
        about: "with --full: the code is checked for Windows, macOS and musl, as far as it can be here",
        run: targets::step,
    },
    Step { name: "deb", about: "with --full: the package for Debian is built, unpacked, and runs", run: deb::step },
    Step { name: "demo-all", about: "with --full: every run of the demo, over every transport", run: demo_all },
];
const FULL: &str = "--full";

/// The cases that each run of CI repeats: so many that a hole in the census is a failure.
const KNOWN_CASES: u32 = 50_000;
const KNOWN_SEED: u64 = 1;
/// The cases that are new in each run of CI.
const NEW_CASES: u32 = 10_000;
/// Gives the seed of the new cases, to run them again.
const SEED: &str = "RESUMABLE_SIM_SEED";

pub(crate) fn list() {
    for step in STEPS.iter().chain(SLOW_STEPS) {
        println!("{:<15}{}", step.name, step.about);
    }
}

/// Runs the named steps, or all of them, until one fails; then prints how long each took. `--full` adds the slow ones.
pub(crate) fn run(workspace: &Workspace, words: &[&str]) -> Result<()> {
    let (full, names): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| **word == FULL);
    let mut report = Report::default();
    let mut steps = select(&names)?;
    if !full.is_empty() {
        steps.extend(SLOW_STEPS);
    }
    if names.is_empty() && clean_clone::holds_what_is_here(workspace) {
        println!("what is here is HEAD: the tests run once, in the clean clone");
        steps.retain(|step| step.name != TEST);
    }
    let done = steps.into_iter().try_for_each(|step| report.record(step, workspace));
    report.print();
    done
}

/// `cargo xtask sim ARGS…`
pub(crate) fn simulate(workspace: &Workspace, args: &[&str]) -> Result<()> {
    let mut command = workspace.cargo(&["run", "--release", "-p", "resumable-sim", "--"]);
    run_command(command.args(args))
}

fn select(names: &[&str]) -> Result<Vec<&'static Step>> {
    if names.is_empty() {
        return Ok(STEPS.iter().collect());
    }
    names.iter().map(|name| find(name)).collect()
}

/// Whether there is such a step.
pub(crate) fn has(name: &str) -> bool {
    find(name).is_ok()
}

fn find(name: &str) -> Result<&'static Step> {
    let steps = || STEPS.iter().chain(SLOW_STEPS);
    steps().find(|step| step.name == name).ok_or_else(|| {
        let known: Vec<&str> = steps().map(|step| step.name).collect();
        format!("there is no step `{name}`; there are: {}", known.join(", "))
    })
}

/// The lines of the table at the end.
#[derive(Default)]
struct Report {
    lines: Vec<(&'static str, Duration, String)>,
}

impl Report {
    fn record(&mut self, step: &'static Step, workspace: &Workspace) -> Result<()> {
        println!("\n=== {}: {}", step.name, step.about);
        let start = Instant::now();
        let done = (step.run)(workspace);
        let took = start.elapsed();
        let (word, result) = match done {
            Ok(Verdict::Passed) => ("passed".to_owned(), Ok(())),
            Ok(Verdict::Skipped(why)) => (format!("SKIPPED: {why}"), Ok(())),
            Err(why) => ("FAILED".to_owned(), Err(format!("step `{}`: {why}", step.name))),
        };
        println!("=== {}: {word} after {:.1} s", step.name, took.as_secs_f64());
        self.lines.push((step.name, took, word));
        result
    }

    fn print(&self) {
        println!("\n{:<15}{:>8}", "step", "seconds");
        for (name, took, word) in &self.lines {
            println!("{name:<15}{:>8.1}  {word}", took.as_secs_f64());
        }
        let total: Duration = self.lines.iter().map(|(_, took, _)| *took).sum();
        println!("{:<15}{:>8.1}", "sum", total.as_secs_f64());
    }
}

fn fmt(workspace: &Workspace) -> Result<Verdict> {
    run_command(&mut workspace.cargo(&["fmt", "--all", "--check"]))?;
    for outside in ["fuzz", "peers"] {
        run_command(&mut workspace.cargo(&["fmt", "--check", "--manifest-path", &format!("{outside}/Cargo.toml")]))?;
    }
    Ok(Verdict::Passed)
}

fn clippy(workspace: &Workspace) -> Result<Verdict> {
    let args = ["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-D", "warnings"];
    run_command(&mut workspace.cargo(&args)).map(|()| Verdict::Passed)
}

fn doc(workspace: &Workspace) -> Result<Verdict> {
    let mut command = workspace.cargo(&["doc", "--workspace", "--no-deps", "--all-features", "--locked"]);
    run_command(command.env("RUSTDOCFLAGS", "-D warnings")).map(|()| Verdict::Passed)
}

fn test(workspace: &Workspace) -> Result<Verdict> {
    let readme = Readme::of(workspace.root())?;
    run_command(&mut workspace.cargo(&readme.test())).map(|()| Verdict::Passed)
}

#[cfg(unix)]
fn kill(workspace: &Workspace) -> Result<Verdict> {
    crate::kill::step(workspace)
}

#[cfg(unix)]
fn kill_folder(workspace: &Workspace) -> Result<Verdict> {
    crate::kill_folder::step(workspace)
}

#[cfg(not(unix))]
fn kill(_: &Workspace) -> Result<Verdict> {
    Ok(Verdict::Skipped("it needs a system with signals".to_owned()))
}

#[cfg(not(unix))]
fn kill_folder(workspace: &Workspace) -> Result<Verdict> {
    kill(workspace)
}

#[cfg(unix)]
fn fuzz(workspace: &Workspace) -> Result<Verdict> {
    crate::fuzz::step(workspace)
}

#[cfg(not(unix))]
fn fuzz(_: &Workspace) -> Result<Verdict> {
    Ok(Verdict::Skipped("libFuzzer is tried on Unix alone".to_owned()))
}

fn demo_all(workspace: &Workspace) -> Result<Verdict> {
    let readme = Readme::of(workspace.root())?;
    run_command(workspace.cargo(&readme.demo()).arg("--all")).map(|()| Verdict::Passed)
}

fn sim(workspace: &Workspace) -> Result<Verdict> {
    let seed = new_seed(env::var(SEED).ok())?;
    cases(workspace, KNOWN_CASES, KNOWN_SEED, " --known sim/outcomes.json")?;
    cases(workspace, NEW_CASES, seed, "")
}

fn cases(workspace: &Workspace, cases: u32, seed: u64, compared: &str) -> Result<Verdict> {
    let args = format!("--cases {cases} --seed {seed} --protocol all{compared}");
    println!("the same again: cargo xtask sim {args}");
    simulate(workspace, &args.split(' ').collect::<Vec<_>>())
        .map_err(|why| format!("{why}\nthe same again: cargo xtask sim {args}"))?;
    Ok(Verdict::Passed)
}

/// The seed that was given, or else one that nobody has had.
fn new_seed(given: Option<String>) -> Result<u64> {
    match given {
        Some(text) => text.parse().map_err(|_| format!("{SEED}={text} is no seed: a number below 2^64 is")),
        None => getrandom::u64().map_err(|e| format!("the system has no entropy: {e}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_every_step_and_a_name_means_that_step() {
        assert_eq!(select(&[]).unwrap().len(), STEPS.len());
        let chosen = select(&["pure", "fmt"]).unwrap();
        assert_eq!(chosen.iter().map(|step| step.name).collect::<Vec<_>>(), ["pure", "fmt"]);
    }

    #[test]
    fn a_slow_step_runs_by_its_name_alone() {
        assert!(select(&[]).unwrap().iter().all(|step| step.name != "demo-all"));
        assert_eq!(select(&["demo-all"]).unwrap()[0].name, "demo-all");
    }

    #[test]
    fn an_unknown_step_is_refused_before_anything_runs() {
        let said = select(&["fmt", "lint"]).err().unwrap();
        assert!(said.contains("no step `lint`") && said.contains("clippy"), "{said}");
    }

    #[test]
    fn a_seed_is_new_in_each_run_unless_it_is_given() {
        assert_ne!(new_seed(None), new_seed(None));
        assert_eq!(new_seed(Some("18446744073709551615".into())), Ok(u64::MAX));
        assert!(new_seed(Some("0x1".into())).unwrap_err().contains("RESUMABLE_SIM_SEED=0x1"));
    }

    #[test]
    fn the_report_keeps_what_each_step_said_and_hands_its_failure_on() {
        static FAILS: Step = Step { name: "fails", about: "", run: |_| Err("on purpose".into()) };
        static SKIPS: Step = Step { name: "skips", about: "", run: |_| Ok(Verdict::Skipped("no need".into())) };
        let (workspace, mut report) = (Workspace::find().unwrap(), Report::default());
        assert_eq!(report.record(&SKIPS, &workspace), Ok(()));
        assert_eq!(report.record(&FAILS, &workspace), Err("step `fails`: on purpose".into()));
        let told: Vec<&str> = report.lines.iter().map(|(_, _, word)| word.as_str()).collect();
        assert_eq!(told, ["SKIPPED: no need", "FAILED"]);
    }
}
