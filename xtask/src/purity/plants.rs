//! Proof that the check can find something: impurities are planted, in memory, and must be found.

use super::File;
use crate::workspace::Result;

/// Rule, and code that breaks it.
const IMPURE: [(&str, &str); 33] = [
    ("clock", "fn f() { let _ = std::time::SystemTime::now(); }"),
    ("clock", "use std::{fmt, time::{Duration, SystemTime}};"),
    ("clock", "use std::time as t;"),
    ("clock", "use std::time::*;"),
    ("clock", "use std::time::UNIX_EPOCH; fn f() { UNIX_EPOCH.elapsed(); }"),
    ("clock", "use ::std::time::Instant as Moment;"),
    ("clock", "use web_time::Instant; fn f() { Instant::now(); }"),
    ("clock", "fn f(at: Instant) { at - other::Instant::now() }"),
    ("clock", "macro_rules! now { () => { ::std::time::Instant::now() }; }"),
    ("file", "use std::{fs, fmt};"),
    ("file", "fn f() { std :: fs :: File :: open(\"x\"); }"),
    ("file", "fn f() { format!(\"{:?}\", std::fs::read(\"x\")); }"),
    ("file", "fn f() -> bool { std::path::Path::new(\"x\").exists() }"),
    ("net", "use std::net::TcpStream;"),
    ("net", "impl Dial for ::std::net::TcpStream {}"),
    ("thread", "fn f() { std::thread::sleep(d); }"),
    ("thread", "thread_local! { static X: u8 = 0; }"),
    ("environment", "fn f() { std::env::var(\"HOME\"); }"),
    ("environment", "const HOME: &str = env!(\"HOME\");"),
    ("environment", "fn f(x: u8) { match x { 1 => option_env!(\"A\"), _ => None } }"),
    ("process", "fn f() { std::process::exit(1); }"),
    ("process", "fn f() { eprintln!(\"x\"); }"),
    ("chance", "fn f() { rand::thread_rng(); }"),
    ("chance", "fn f() { getrandom::fill(&mut b); }"),
    ("chance", "fn f() { fastrand::u64(..); }"),
    ("chance", "use fastrand::Rng as R; fn f() { R::new(); }"),
    ("chance", "use super::Rng; fn f() { Rng::new(); }"),
    ("chance", "use std::hash::RandomState;"),
    ("order", "struct S { x: std::collections::HashMap<u8, u8> }"),
    ("order", "use std::collections::{BTreeMap, HashSet as Set};"),
    ("blind spot", "use std::*;"),
    ("blind spot", "extern crate std as s;"),
    ("blind spot", "include!(\"x.rs\");"),
];

/// Code that breaks none.
const PURE: [&str; 9] = [
    "//! std::time::SystemTime::now()\n/// `HashMap`\n// std::fs\n/* std::net */ pub fn f() {}",
    "const X: &str = \"std::fs::File, SystemTime\"; const Y: &str = r#\"HashMap\"#;",
    "use std::time::{Duration, UNIX_EPOCH}; fn f(now: Duration) -> Duration { now }",
    "use std::collections::{BTreeMap, BTreeSet};",
    "fn f(seed: u64) { let mut rng = fastrand::Rng::with_seed(seed); rng.u64(..); }",
    "#[cfg(test)] mod tests { use std::collections::HashMap; fn f() { std::thread::yield_now(); } }",
    "enum Path { Instant, Process } fn f(env: Env) { env.now; thread(env); match x { Path::Instant => {} } }",
    "mod env { pub fn read() {} } fn f() { self::env::read(); crate::time::parse(); }",
    "fn f() { let file = File::new(); Rng::new(7); process(file); if env != file { net::<u8>() } }",
];

const CLOCK: &str = "\nfn planted() { let _ = std::time::SystemTime::now(); }\n";

/// Every sample is judged as it should be, and a clock planted at the end of any file is found there.
pub(super) fn are_found(files: &[File]) -> Result<()> {
    IMPURE.iter().try_for_each(|(rule, code)| found(rule, code))?;
    PURE.iter().try_for_each(|code| not_found(code))?;
    files.iter().try_for_each(found_at_the_end)
}

fn found(rule: &str, code: &str) -> Result<()> {
    let file = File::parse("planted.rs".into(), code.into())?;
    if file.findings().iter().any(|(_, _, found)| found.name == rule) {
        return Ok(());
    }
    Err(format!("the purity check is blind: it did not find `{rule}` in: {code}"))
}

fn not_found(code: &str) -> Result<()> {
    let file = File::parse("innocent.rs".into(), code.into())?;
    match file.findings().first() {
        None => Ok(()),
        Some((_, what, rule)) => Err(format!("the purity check sees ghosts: `{}` for `{what}` in: {code}", rule.name)),
    }
}

fn found_at_the_end(file: &File) -> Result<()> {
    let planted = File::parse(file.name.clone(), format!("{}{CLOCK}", file.text))?;
    let line = planted.text.lines().count();
    if planted.findings().iter().any(|(at, _, rule)| *at == line && rule.name == "clock") {
        return Ok(());
    }
    Err(format!("the purity check is blind in {}: a clock planted in line {line} was not found", file.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_judged_as_it_should_be() {
        assert_eq!(are_found(&[]), Ok(()));
    }

    #[test]
    fn a_blind_check_and_a_ghost_are_both_told() {
        assert!(found("net", "use std::fs;").unwrap_err().contains("blind"));
        assert!(not_found("use std::fs;").unwrap_err().contains("ghosts"));
    }

    #[test]
    fn a_file_that_is_never_looked_at_is_told() {
        let file = File::parse("core/src/x.rs".into(), "#![cfg(test)]".into()).unwrap();
        assert!(found_at_the_end(&file).unwrap_err().contains("core/src/x.rs"));
    }
}
