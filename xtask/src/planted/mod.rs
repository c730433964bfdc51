//! Bugs that are planted, one at a time, to measure how strong the checks are: does the simulator, or a test, find each of them?
//!
//! A bug is a patch in `sim/planted/`. What stands above the patch says what it does, and what is to find it:
//!
//! ```text
//! A call that commits leaves before it is saved as in doubt.
//!
//! breaks: rule 8 (b)
//! run: s3 cos-v2                        the simulator, with these protocols; or
//! test: -p resumable --test store       what `cargo test` is given
//! missed: why nothing finds it          if that is so
//! ```

mod bug;
mod tree_copy;
mod verdict;

use std::fs;
use std::time::Instant;

use self::bug::{Bug, Finder};
use self::tree_copy::TreeCopy;
use self::verdict::Found;
use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace};

const FOLDER: &str = "sim/planted";
const CASES: u64 = 10_000;
/// There are to be so many at least.
const LEAST: usize = 40;

/// `cargo xtask planted [NAME…] [--cases N]`
pub(crate) fn run(workspace: &Workspace, args: &[&str]) -> Result<()> {
    let (names, cases) = parse(args)?;
    let bugs = select(all(workspace)?, &names)?;
    let copy = TreeCopy::of(workspace)?;
    bugs.iter().try_for_each(|bug| copy.check(bug))?;
    println!("{} bugs, {cases} cases of each protocol, seed {}", bugs.len(), verdict::SEED);
    holds_without(&copy, &bugs, cases)?;
    let mut unexpected = Vec::new();
    for bug in &bugs {
        let began = Instant::now();
        let found = try_one(&copy, bug, cases)?;
        println!("{:<40}{:<28}{:>5} s  {found}", bug.name, bug.breaks, began.elapsed().as_secs());
        match (&found, &bug.missed) {
            (Found::Not, Some(why)) => println!("{:<40}as is known: {why}", ""),
            (Found::Not, None) => unexpected.push(bug.name.as_str()),
            (_, Some(_)) => println!("{:<40}it is marked as missed, and need not be any more", ""),
            (_, None) => {}
        }
    }
    if unexpected.is_empty() { Ok(()) } else { Err(format!("nothing finds {}", unexpected.join(", "))) }
}

/// A step of CI: every bug can still be planted. Whether it is found takes too long for each change.
pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    let bugs = all(workspace)?;
    if bugs.len() < LEAST {
        return Err(format!("{FOLDER} has {} bugs; there are to be {LEAST} at least", bugs.len()));
    }
    bugs.iter().try_for_each(|bug| tree_copy::check_in(workspace.root(), bug))?;
    println!("{} bugs can be planted", bugs.len());
    Ok(Verdict::Passed)
}

fn parse<'a>(args: &[&'a str]) -> Result<(Vec<&'a str>, u64)> {
    let (mut names, mut cases, mut rest) = (Vec::new(), CASES, args.iter());
    while let Some(word) = rest.next() {
        match *word {
            "--cases" => {
                let number = rest.next().and_then(|number| number.parse().ok()).filter(|number| *number > 0);
                cases = number.ok_or("--cases needs a number above 0")?;
            }
            flag if flag.starts_with('-') => return Err(format!("{flag} is not known")),
            name => names.push(name),
        }
    }
    Ok((names, cases))
}

/// Every bug there is, in the order of their numbers.
fn all(workspace: &Workspace) -> Result<Vec<Bug>> {
    let folder = workspace.root().join(FOLDER);
    let failed = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut bugs = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "patch") {
            bugs.push(Bug::read(&path)?);
        }
    }
    bugs.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(bugs)
}

/// Those that are named, with their number or without; all if none is named.
fn select(bugs: Vec<Bug>, names: &[&str]) -> Result<Vec<Bug>> {
    if let Some(unknown) = names.iter().find(|name| !bugs.iter().any(|bug| bug.is_called(name))) {
        return Err(format!("there is no bug `{unknown}` in {FOLDER}"));
    }
    let chosen = |bug: &Bug| names.is_empty() || names.iter().any(|name| bug.is_called(name));
    Ok(bugs.into_iter().filter(chosen).collect())
}

/// What finds something where no bug is planted tells nothing where one is.
fn holds_without(copy: &TreeCopy<'_>, bugs: &[Bug], cases: u64) -> Result<()> {
    let mut finders: Vec<Finder> = Vec::new();
    for finder in bugs.iter().flat_map(|bug| bug.finder.each()) {
        if !finders.contains(&finder) {
            finders.push(finder);
        }
    }
    for finder in finders {
        match verdict::of(copy, &finder, cases)? {
            Found::Not => {}
            found => return Err(format!("`{finder}` finds something where no bug is planted: {found}")),
        }
    }
    Ok(())
}

fn try_one(copy: &TreeCopy<'_>, bug: &Bug, cases: u64) -> Result<Found> {
    copy.plant(bug)?;
    let found = verdict::of(copy, &bug.finder, cases).map_err(|why| format!("{}: {why}", bug.name));
    copy.take_off(bug)?;
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(bugs: &[Bug]) -> Vec<&str> {
        bugs.iter().map(|bug| bug.name.as_str()).collect()
    }

    #[test]
    fn words_are_names_and_a_number_of_cases() {
        assert_eq!(parse(&["no-lock", "--cases", "50"]), Ok((vec!["no-lock"], 50)));
        assert_eq!(parse(&[]), Ok((vec![], CASES)));
        for wrong in [&["--cases"][..], &["--cases", "0"], &["--cases", "x"], &["--seed"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_bug_is_chosen_by_its_name_with_the_number_or_without() {
        let workspace = Workspace::find().unwrap();
        let bugs = all(&workspace).unwrap();
        let (first, count) = (bugs[0].name.clone(), bugs.len());
        let short = first.split_once('-').unwrap().1;
        assert_eq!(names(&select(all(&workspace).unwrap(), &[short]).unwrap()), [&first]);
        assert_eq!(names(&select(all(&workspace).unwrap(), &[&first]).unwrap()), [&first]);
        assert_eq!(select(bugs, &[]).unwrap().len(), count);
        assert!(select(all(&workspace).unwrap(), &["no-such"]).unwrap_err().contains("`no-such`"));
    }
}
