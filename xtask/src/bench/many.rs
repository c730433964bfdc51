//! `cargo xtask bench many`: many small files, over a link that takes time.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::link::{Link, Nature};
use super::upload::{Emulator, Wire};
use super::{fill, peers, room};
use crate::workspace::{Result, Workspace, target};

const KNOWN: &str = "known are --files 2000, --bytes 20000, --delay-ms 20 and --runs N";

/// What is asked for.
struct Wish {
    files: u64,
    bytes: u64,
    delay: Duration,
    runs: u64,
}

impl Wish {
    fn of(args: &[&str]) -> Result<Self> {
        let mut wish = Self { files: 2000, bytes: 20_000, delay: Duration::from_millis(20), runs: 1 };
        let (pairs, rest) = args.as_chunks::<2>();
        if let [unpaired] = rest {
            return Err(format!("{unpaired} needs a value; {KNOWN}"));
        }
        for [key, value] in pairs {
            let unusable = || format!("{key} {value} is no use; {KNOWN}");
            let number = value.parse::<u64>().map_err(|_| unusable())?;
            match *key {
                "--files" if number > 0 => wish.files = number,
                "--bytes" => wish.bytes = number,
                "--delay-ms" => wish.delay = Duration::from_millis(number),
                "--runs" if number > 0 => wish.runs = number,
                _ => return Err(unusable()),
            }
        }
        Ok(wish)
    }
}

/// Measures and prints.
pub(super) fn run(workspace: &Workspace, args: &[&str]) -> Result<()> {
    let wish = Wish::of(args)?;
    let command = super::command(workspace)?;
    let rclone = peers::rclone(&target(&workspace.metadata(&["--no-deps"])?)?);
    let room = room()?;
    let folder = room.path().join("files");
    fs::create_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for number in 0..wish.files {
        fill(&folder.join(format!("{number:06}.bin")), wish.bytes)?;
    }
    println!("\n{} files of {} bytes to S3, over {} ms", wish.files, wish.bytes, wish.delay.as_millis());
    println!("{:<34}{:>6}{:>10}{:>12}", "client", "run", "seconds", "files/s");
    for number in 1..=wish.runs {
        for (name, args) in OURS {
            let took = one(&command, room.path(), wish.delay, |emulator, own, link| {
                let mut put = Command::new(&command);
                put.arg("--config").arg(emulator.config(own, link)?).arg("--state").arg(emulator.state());
                put.args(["put", "--quiet", "-r"]).args(args).arg(&folder).arg("emu-s3:/");
                Ok(put)
            })?;
            line(name, number, took, wish.files);
        }
        match &rclone {
            None => println!("rclone was left out: it is neither in PATH nor in target/foreign"),
            Some(rclone) => {
                let took = one(&command, room.path(), wish.delay, |emulator, _, link| {
                    let mut copy = emulator.rclone(rclone, link);
                    copy.args(["copy", "--transfers", "16", "--checkers", "16", "--no-traverse", "-q"]);
                    copy.arg(&folder).arg("emu:emubucket/files");
                    Ok(copy)
                })?;
                line("rclone copy --transfers 16", number, took, wish.files);
            }
        }
    }
    Ok(())
}

const OURS: [(&str, &[&str]); 3] = [
    ("resumable put -r (ureq)", &["--transport", "ureq"]),
    ("resumable put -r (reqwest)", &["--transport", "reqwest"]),
    ("resumable put -r --window 16", &["--window", "16"]),
];

fn line(name: &str, run: u64, took: Duration, files: u64) {
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let files = files as f64;
    println!("{name:<34}{run:>6}{:>10.2}{:>12.0}", took.as_secs_f64(), files / took.as_secs_f64());
}

fn one(
    command: &Path,
    room: &Path,
    delay: Duration,
    client: impl FnOnce(&Emulator, &str, &str) -> Result<Command>,
) -> Result<Duration> {
    let emulator = Emulator::start(command, room, Wire::Plain)?;
    let server: SocketAddr = emulator.address()?;
    let nature = Nature { delay: delay / 2, connection: 100 << 20, total: 100 << 20, lost: 0, seed: 1 };
    let link = Link::to(server, nature)?;
    let mut client = client(&emulator, &server.to_string(), &link.address().to_string())?;
    let begun = Instant::now();
    let done = client.stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    Ok(begun.elapsed())
}
