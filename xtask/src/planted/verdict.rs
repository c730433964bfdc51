//! Whether a bug is found, and after how many cases.

use std::fmt;
use std::fs::{self, File};
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use super::bug::Finder;
use super::tree_copy::TreeCopy;
use crate::workspace::Result;

pub(super) const SEED: u64 = 1;

/// So many cases are run at once at first, and then so many times more: who is found by the tenth case waits for no thousand.
const FIRST: u64 = 100;
const MORE: u64 = 4;

/// What takes longer goes round without an end.
const LONGEST: Duration = Duration::from_secs(600);
/// A build has an end; on a busy machine it takes long.
const LONGEST_BUILD: Duration = Duration::from_secs(3600);

/// What came of a bug.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Case so and so of a protocol broke the property, the first one being 1.
    Case {
        protocol: String,
        nth: u64,
        what: String,
    },
    /// A placement of one fault did.
    Placement {
        protocol: String,
        what: String,
    },
    /// The simulator itself broke, or did not end, in one of so many cases.
    Broken {
        protocol: String,
        within: u64,
        what: String,
    },
    Failing {
        what: String,
    },
    Not,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Case { protocol, nth, what } => write!(f, "{protocol} case {nth}: {what}"),
            Self::Placement { protocol, what } => write!(f, "{protocol}, one fault placed: {what}"),
            Self::Broken { protocol, within, what } => write!(f, "{protocol} within {within} cases: {what}"),
            Self::Failing { what } => write!(f, "{what}"),
            Self::Not => f.write_str("MISSED"),
        }
    }
}

pub(super) fn of(copy: &TreeCopy<'_>, finder: &Finder, cases: u64) -> Result<Found> {
    match finder {
        Finder::Simulator(protocols) => simulated(copy, protocols, cases),
        Finder::Test(args) => tested(copy, args),
    }
}

fn simulated(copy: &TreeCopy<'_>, protocols: &[String], cases: u64) -> Result<Found> {
    let (built, said) =
        run(copy, copy.cargo(&["build", "--release", "--locked", "-p", "resumable-sim"]), LONGEST_BUILD)?;
    if !built.is_some_and(|status| status.success()) {
        return Err(format!("the simulator does not build:\n{said}"));
    }
    for protocol in protocols {
        let found = by_cases(copy, protocol, cases)?;
        if found != Found::Not {
            return Ok(found);
        }
    }
    for protocol in protocols {
        let found = by_placements(copy, protocol)?;
        if found != Found::Not {
            return Ok(found);
        }
    }
    Ok(Found::Not)
}

fn by_cases(copy: &TreeCopy<'_>, protocol: &str, cases: u64) -> Result<Found> {
    let (mut from, mut most) = (0, FIRST);
    while from < cases {
        let to = most.min(cases);
        let mut simulator = simulator(copy, protocol, to - from);
        simulator.args(["--case", &from.to_string()]);
        let (ended, said) = run(copy, simulator, LONGEST)?;
        let found = found_by_cases(protocol, to, ended.map(|status| status.success()), &said);
        if found != Found::Not {
            return Ok(found);
        }
        (from, most) = (to, most.saturating_mul(MORE));
    }
    Ok(Found::Not)
}

/// `held`: whether it ended well; `None` if it did not end.
fn found_by_cases(protocol: &str, within: u64, held: Option<bool>, said: &str) -> Found {
    let protocol = protocol.to_owned();
    let first = said.lines().find_map(violation);
    match (held, first) {
        (Some(true), _) => Found::Not,
        (_, Some((index, what))) => Found::Case { protocol, nth: index + 1, what: short(what) },
        (None, None) => Found::Broken { protocol, within, what: "it does not end".to_owned() },
        (Some(false), None) => Found::Broken { protocol, within, what: short(last_words(said)) },
    }
}

/// `case 7 (its own seed: 8): what`
fn violation(line: &str) -> Option<(u64, &str)> {
    let (index, rest) = line.strip_prefix("case ")?.split_once(" (its own seed: ")?;
    Some((index.parse().ok()?, rest.split_once("): ")?.1))
}

/// Every placement of one fault, and one case with it.
fn by_placements(copy: &TreeCopy<'_>, protocol: &str) -> Result<Found> {
    let (ended, said) = run(copy, simulator(copy, protocol, 1), LONGEST)?;
    if ended.is_some_and(|status| status.success()) {
        return Ok(Found::Not);
    }
    let mut after = said.lines().skip_while(|line| !line.contains(" placements of one fault: "));
    let what = after.nth(1).unwrap_or_else(|| last_words(&said));
    Ok(Found::Placement { protocol: protocol.to_owned(), what: short(what) })
}

fn simulator(copy: &TreeCopy<'_>, protocol: &str, cases: u64) -> Command {
    let mut simulator = copy.simulator();
    simulator.args(["--cases", &cases.to_string(), "--seed", &SEED.to_string(), "--protocol", protocol]);
    simulator
}

fn tested(copy: &TreeCopy<'_>, args: &[String]) -> Result<Found> {
    let mut words = vec!["test", "--locked"];
    words.extend(args.iter().map(String::as_str));
    // A busy machine may build for longer than a test may run. Examples in the documentation are built as they run.
    if !words.contains(&"--doc") {
        let (built, said) = run(copy, copy.cargo(&[&words[..], &["--no-run"]].concat()), LONGEST_BUILD)?;
        if !built.is_some_and(|status| status.success()) {
            return Err(format!("the test does not build:\n{said}"));
        }
    }
    let (ended, said) = run(copy, copy.cargo(&words), LONGEST)?;
    found_by_test(ended.map(|status| status.success()), &said)
}

fn found_by_test(held: Option<bool>, said: &str) -> Result<Found> {
    let failing = said.lines().find(|line| line.starts_with("test ") && line.contains("FAILED"));
    let passed = said.lines().any(|line| line.starts_with("test result: ok.") && !line.contains(" 0 passed"));
    match (held, failing) {
        (Some(true), _) if passed => Ok(Found::Not),
        (Some(true), _) => Err("no test of that name is run".to_owned()),
        (None, _) => Ok(Found::Failing { what: "the test does not end".to_owned() }),
        (Some(false), Some(line)) => Ok(Found::Failing { what: short(line) }),
        (Some(false), None) => Err(format!("the test does not build:\n{said}")),
    }
}

/// Runs a program for so long at most, and takes what it says. Its status is `None` if it did not end.
fn run(copy: &TreeCopy<'_>, mut command: Command, longest: Duration) -> Result<(Option<ExitStatus>, String)> {
    let path = copy.said();
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    let file = File::create(&path).map_err(failed)?;
    command.stdout(file.try_clone().map_err(failed)?).stderr(file);
    let mut child = command.spawn().map_err(|e| format!("{}: {e}", command.get_program().display()))?;
    let (began, mut status) = (Instant::now(), None);
    while status.is_none() && began.elapsed() < longest {
        thread::sleep(Duration::from_millis(50));
        status = child.try_wait().map_err(failed)?;
    }
    if status.is_none() {
        child.kill().and_then(|()| child.wait()).map_err(failed)?;
    }
    Ok((status, String::from_utf8_lossy(&fs::read(&path).map_err(failed)?).into_owned()))
}

fn last_words(said: &str) -> &str {
    let words = |line: &&str| !line.trim().is_empty() && !line.starts_with("note: ");
    said.lines().rfind(words).unwrap_or("it says nothing")
}

/// A line for a table.
fn short(what: &str) -> String {
    const MOST: usize = 110;
    let mut line: String = what.trim().chars().take(MOST).collect();
    if what.trim().chars().count() > MOST {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_case_that_breaks_the_property_counts() {
        let said = "resumable-sim: …\n2 violations\n\ncase 41 (its own seed: 9): the object is another\nended as: x\n\
                    case 50 (its own seed: 8): more\n";
        let found = found_by_cases("s3", 100, Some(false), said);
        assert_eq!(found.to_string(), "s3 case 42: the object is another");
        assert_eq!(found_by_cases("s3", 100, Some(true), "0 violations"), Found::Not);
    }

    #[test]
    fn a_simulator_that_breaks_or_does_not_end_has_found_it_too() {
        let panicked =
            "thread panicked at core/src/x.rs:\nattempt to add with overflow\nnote: run with a backtrace\n\n";
        let found = found_by_cases("oss", 400, Some(false), panicked);
        assert_eq!(found.to_string(), "oss within 400 cases: attempt to add with overflow");
        assert_eq!(found_by_cases("oss", 400, None, "").to_string(), "oss within 400 cases: it does not end");
    }

    #[test]
    fn a_test_that_fails_has_found_it_and_one_that_does_not_build_or_is_not_there_has_not() {
        let failed = "running 2 tests\ntest a::b ... ok\ntest a::c ... FAILED\n";
        assert_eq!(found_by_test(Some(false), failed).unwrap().to_string(), "test a::c ... FAILED");
        assert_eq!(found_by_test(Some(true), "test result: ok. 3 passed; 0 failed\n"), Ok(Found::Not));
        assert!(found_by_test(Some(true), "test result: ok. 0 passed; 0 failed\n").is_err());
        assert!(found_by_test(Some(false), "error: could not compile").is_err());
    }
}
