//! `cargo xtask bench link`: how much of a far link an upload reaches, and how much of it has no answer yet.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::link::{Link, Nature, Passed};
use super::upload::{Emulator, Wire};
use super::{bytes, fill, mebibytes, room};
use crate::workspace::{Result, Workspace};

const MIB: u64 = 1 << 20;
/// While connections are opened and the window grows.
const BEGINNING: Duration = Duration::from_secs(5);

/// What is asked for.
struct Wish {
    bytes: u64,
    windows: Vec<String>,
    nature: Nature,
    runs: u64,
}

impl Wish {
    fn of(args: &[&str]) -> Result<Self> {
        let delay = Duration::from_millis(40);
        let nature = Nature { delay, connection: 8 * MIB, total: 100 * MIB, lost: 0, seed: 1 };
        let mut wish = Self { bytes: 4 << 30, windows: vec!["auto".to_owned()], nature, runs: 1 };
        let (pairs, rest) = args.as_chunks::<2>();
        if let [unpaired] = rest {
            return Err(format!("{unpaired} needs a value; {KNOWN}"));
        }
        for [key, value] in pairs {
            let unusable = || format!("{key} {value} is no use; {KNOWN}");
            let above_0 = |text: &str| bytes(text).filter(|bytes| *bytes > 0).ok_or_else(unusable);
            match *key {
                "--size" => wish.bytes = above_0(value)?,
                "--windows" => wish.windows = value.split(',').map(str::to_owned).collect(),
                "--total" => wish.nature.total = above_0(value)?,
                "--connection" => wish.nature.connection = above_0(value)?,
                "--lost" => wish.nature.lost = value.parse().ok().filter(|lost| *lost <= 100).ok_or_else(unusable)?,
                "--runs" => wish.runs = above_0(value)?,
                _ => return Err(unusable()),
            }
        }
        Ok(wish)
    }
}

const KNOWN: &str = "known are --size 4GiB, --windows auto,4,16, --total 100MiB and --connection 8MiB (a second), --lost \
                     PERCENT and --runs N";

/// Measures and prints.
pub(super) fn run(workspace: &Workspace, args: &[&str]) -> Result<()> {
    let wish = Wish::of(args)?;
    let command = super::command(workspace)?;
    let room = room()?;
    let file = room.path().join("content");
    fill(&file, wish.bytes)?;
    let Nature { delay, connection, total, lost, .. } = wish.nature;
    println!(
        "\n{:.0} MiB to OSS, over {} ms, {:.1} MiB/s a connection, {:.1} MiB/s in all, {lost} of 100 parts lost",
        mebibytes(wish.bytes),
        2 * delay.as_millis(),
        mebibytes(connection),
        mebibytes(total),
    );
    println!(
        "{:<10}{:>6}{:>12}{:>12}{:>10}{:>30}",
        "window", "seed", "share", "after 5 s", "sent", "unanswered MiB: 50 %, 90 %, 100 %"
    );
    for window in &wish.windows {
        for seed in 1..=wish.runs {
            let passed = one(&command, room.path(), &file, window, Nature { seed, ..wish.nature })?;
            line(window, seed, &wish, &passed);
        }
    }
    Ok(())
}

fn one(command: &Path, room: &Path, file: &Path, window: &str, nature: Nature) -> Result<Upload> {
    let emulator = Emulator::start(command, room, Wire::Plain)?;
    let server: SocketAddr = emulator.address()?;
    let link = Link::to(server, nature)?;
    let config = emulator.config(&server.to_string(), &link.address().to_string())?;
    let begun = Instant::now();
    let mut put = Command::new(command);
    put.arg("--config").arg(config).arg("--state").arg(emulator.state()).args(["put", "--quiet", "--window", window]);
    let done = put.arg(file).arg("emu-oss:content").stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    Ok(Upload { begun, took: begun.elapsed(), passed: link.passed() })
}

/// What came of it.
struct Upload {
    begun: Instant,
    took: Duration,
    passed: Vec<Passed>,
}

impl Upload {
    /// How much of what the link could carry was carried, from so much time on, in hundredths.
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    fn share(&self, from: Duration, nature: &Nature) -> f64 {
        let carried: u64 = self.passed.iter().filter(|it| it.at >= self.begun + from).map(|it| it.bytes).sum();
        carried as f64 * 100.0 / (self.took.saturating_sub(from).as_secs_f64() * nature.total as f64)
    }

    fn sent(&self) -> u64 {
        self.passed.iter().map(|it| it.bytes).sum()
    }

    /// How many bytes had no answer, at most, in so many hundredths of what passed.
    fn unanswered(&self, hundredths: usize) -> u64 {
        let mut all: Vec<u64> = self.passed.iter().map(|it| it.unanswered).collect();
        all.sort_unstable();
        all.get((all.len() * hundredths).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default()
    }
}

fn line(window: &str, seed: u64, wish: &Wish, upload: &Upload) {
    println!(
        "{window:<10}{seed:>6}{:>10.1} %{:>10.1} %{:>10.3}{:>12.1}{:>8.1}{:>8.1}",
        upload.share(Duration::ZERO, &wish.nature),
        upload.share(BEGINNING, &wish.nature),
        mebibytes(upload.sent()) / mebibytes(wish.bytes),
        mebibytes(upload.unanswered(50)),
        mebibytes(upload.unanswered(90)),
        mebibytes(upload.unanswered(100)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_pairs() {
        let wish = Wish::of(&["--size", "64MiB", "--windows", "auto,4", "--lost", "5", "--total", "2000000"]).unwrap();
        assert_eq!((wish.bytes, wish.nature.lost, wish.nature.total), (64 << 20, 5, 2_000_000));
        assert_eq!(wish.windows, ["auto", "4"]);
        for wrong in [&["--size"] as &[&str], &["--size", "0"], &["--lost", "101"], &["--runs", "0"], &["--fast", "1"]]
        {
            assert!(Wish::of(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn shares_and_what_is_unanswered_are_told_of_what_passed() {
        let begun = Instant::now();
        let passed = (1..=10).map(|at| Passed { at: begun + Duration::from_secs(at), bytes: 10, unanswered: at });
        let upload = Upload { begun, took: Duration::from_secs(10), passed: passed.collect() };
        let nature = Nature { delay: Duration::ZERO, connection: 1, total: 20, lost: 0, seed: 1 };
        assert!((upload.share(Duration::ZERO, &nature) - 50.0).abs() < 0.001);
        assert!((upload.share(Duration::from_secs(6), &nature) - 62.5).abs() < 0.001);
        assert_eq!((upload.unanswered(50), upload.unanswered(90), upload.unanswered(100)), (5, 9, 10));
    }
}
