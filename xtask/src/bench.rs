//! `cargo xtask bench`: what an upload costs the client, beside what a plain copy into a socket costs.
//!
//! Every number is of a process of its own: the client's, with its emulator in another, or a floor's, with a server that
//! throws everything away in this one. Nothing is a gate; the ratio to the floors is what can be compared.

mod far;
mod floor;
mod link;
mod many;
mod process;
mod server;
mod upload;

use std::path::{Path, PathBuf};
use std::{env, fs};

use tempfile::TempDir;

use self::process::Cost;
use self::upload::{Case, Uploads};
use crate::workspace::{Result, Workspace, run as run_command, target};

/// What the command can carry requests with.
const TRANSPORTS: [&str; 2] = ["ureq", "reqwest"];
/// Without a hash, and with a SHA-1 pass. `sha1` alone is refused by the emulator, as the vendor may; the chain is that pass.
const INTEGRITY: [&str; 2] = ["none", "chain"];
const SLICES: [&str; 2] = ["1MiB", "3MiB"];
const WINDOWS: [usize; 3] = [1, 4, 8];

/// How a floor is asked for, of this very program in a process of its own.
pub(crate) const FLOOR: &str = "bench-floor";

pub(crate) use self::floor::copy as floor;
pub(crate) use self::process::{CHILD, child};

/// What is asked for.
struct Wish {
    bytes: u64,
    runs: usize,
}

impl Wish {
    fn of(args: &[&str]) -> Result<Self> {
        let mut wish = Self { bytes: 1 << 30, runs: 3 };
        let (pairs, rest) = args.as_chunks::<2>();
        if let [unpaired] = rest {
            return Err(format!("{unpaired} needs a value; known are --size BYTES (or 64MiB, 1GiB) and --runs N"));
        }
        for [key, value] in pairs {
            let unusable = || format!("{key} {value} is no use; known are --size BYTES (or 64MiB, 1GiB) and --runs N");
            match *key {
                "--size" => wish.bytes = bytes(value).filter(|bytes| *bytes > 0).ok_or_else(unusable)?,
                "--runs" => wish.runs = value.parse().ok().filter(|runs| *runs > 0).ok_or_else(unusable)?,
                _ => return Err(unusable()),
            }
        }
        Ok(wish)
    }
}

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// Measures and prints.
pub(crate) fn run(workspace: &Workspace, args: &[&str]) -> Result<()> {
    if let ["link", args @ ..] = args {
        return far::run(workspace, args);
    }
    if let ["many", args @ ..] = args {
        return many::run(workspace, args);
    }
    let wish = Wish::of(args)?;
    let command = command(workspace)?;
    let room = room()?;
    let file = room.path().join("content");
    fill(&file, wish.bytes)?;
    println!("\n{} bytes, {} runs: the least cpu time and the most memory of them", wish.bytes, wish.runs);
    println!("{:<38}{:>8}{:>8}{:>8}{:>8}{:>9}{:>9}", "", "user", "sys", "sum", "ratio", "MiB/s", "MiB mem");
    let floor = floors(&file, &wish)?;
    let uploads = Uploads { command: &command, room: room.path(), file: &file };
    for transport in TRANSPORTS {
        let idle = uploads.idle(transport).map_err(|why| format!("{transport}: {why}"))?;
        println!("{:<38}{:>50.1}", format!("{transport}, an idle client (an empty file)"), mebibytes(idle));
        for case in cases(transport) {
            let cost = cheapest(wish.runs, || uploads.measure(&case)).map_err(|why| format!("{case}: {why}"))?;
            line(&case.to_string(), &cost, wish.bytes, floor, Some(idle));
        }
    }
    println!(
        "\nuser, sys, sum: cpu seconds of the client per GiB; ratio: sum by the read+write floor's; MiB mem: the peak,\n\
         for uploads above that of the transport's idle client"
    );
    Ok(())
}

/// The command, built as people have it.
fn command(workspace: &Workspace) -> Result<PathBuf> {
    run_command(&mut workspace.cargo(&["build", "--release", "--locked", "-p", "resumable-cli"]))?;
    Ok(target(&workspace.metadata(&["--no-deps"])?)?.join("release").join("resumable"))
}

fn cases(transport: &'static str) -> impl Iterator<Item = Case> {
    INTEGRITY.into_iter().flat_map(move |integrity| {
        SLICES
            .into_iter()
            .flat_map(move |slice| WINDOWS.into_iter().map(move |window| Case { transport, integrity, slice, window }))
    })
}

/// The floors of this machine at this hour; the sum of the first is what the ratios are by.
fn floors(file: &Path, wish: &Wish) -> Result<f64> {
    let copied = cheapest(wish.runs, || floor::read_and_write(file))?;
    let floor = copied.cpu();
    line("floor: read + write, 128 KiB", &copied, wish.bytes, floor, None);
    match cheapest(wish.runs, || floor::curl(file)) {
        Ok(curl) => line("floor: curl -T", &curl, wish.bytes, floor, None),
        Err(why) => println!("floor: curl -T was left out: {why}"),
    }
    Ok(floor)
}

/// The run with the least cpu time, for other programs only ever add to it; with the most memory of all runs.
fn cheapest(runs: usize, run: impl Fn() -> Result<Cost>) -> Result<Cost> {
    let costs = (0..runs).map(|_| run()).collect::<Result<Vec<Cost>>>()?;
    let peak = costs.iter().map(|cost| cost.peak).max().unwrap_or(0);
    let least = costs.into_iter().min_by(|one, other| one.cpu().total_cmp(&other.cpu()));
    least.map(|cost| Cost { peak, ..cost }).ok_or_else(|| "nothing was run".to_owned())
}

fn line(name: &str, cost: &Cost, bytes: u64, floor: f64, idle: Option<u64>) {
    let gibibytes = mebibytes(bytes) / 1024.0;
    println!(
        "{name:<38}{:>8.2}{:>8.2}{:>8.2}{:>8.2}{:>9.0}{:>9.1}",
        cost.user.as_secs_f64() / gibibytes,
        cost.sys.as_secs_f64() / gibibytes,
        cost.cpu() / gibibytes,
        cost.cpu() / floor,
        mebibytes(bytes) / cost.took.as_secs_f64(),
        mebibytes(cost.peak.saturating_sub(idle.unwrap_or(0)))
    );
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Content that nothing can guess or make smaller; the same in every run.
fn fill(file: &Path, bytes: u64) -> Result<()> {
    use std::io::Write as _;
    let failed = |error| format!("{}: {error}", file.display());
    let mut out = fs::File::create(file).map_err(failed)?;
    let (mut state, mut left) = (0x9e37_79b9_7f4a_7c15_u64, bytes);
    while left > 0 {
        let block: Vec<u8> = (0..1 << 17).flat_map(|_| next(&mut state).to_le_bytes()).collect();
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        out.write_all(&block[..count]).map_err(failed)?;
        left -= count as u64;
    }
    out.sync_all().map_err(failed)
}

/// xorshift64.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// A folder of our own, gone afterwards; in memory where that can be had, so that no disk is measured.
fn room() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_path_buf() } else { env::temp_dir() };
    let room = tempfile::Builder::new().prefix("resumable-bench-").tempdir_in(&base);
    room.map_err(|error| format!("{}: {error}", base.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_pairs() {
        let wish = Wish::of(&["--size", "64MiB", "--runs", "1"]).unwrap();
        assert_eq!((wish.bytes, wish.runs), (64 << 20, 1));
        assert_eq!(Wish::of(&[]).unwrap().bytes, 1 << 30);
        for wrong in [&["--size"] as &[&str], &["--size", "0"], &["--size", "1MB"], &["--runs", "0"], &["--fast", "1"]]
        {
            assert!(Wish::of(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_content_has_the_length_and_no_pattern() {
        let folder = room().unwrap();
        let file = folder.path().join("f");
        fill(&file, 3_000_001).unwrap();
        let content = fs::read(&file).unwrap();
        assert_eq!(content.len(), 3_000_001);
        assert_ne!(content[..1 << 20], content[1 << 20..2 << 20]);
    }

    #[test]
    fn a_copy_reaches_the_server_and_costs_something() {
        let folder = room().unwrap();
        let file = folder.path().join("f");
        fill(&file, 8 << 20).unwrap();
        let server = server::Discard::start().unwrap();
        floor::copy(&file.display().to_string(), &server.address()).unwrap();
        assert_eq!(server.received(), 8 << 20);
    }
}
