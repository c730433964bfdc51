//! The table of `cargo xtask bench`: floors, others, ours.

use std::path::Path;

use tempfile::TempDir;

use super::floor::{self, Way};
use super::peers::{Peer, Peers};
use super::process::Cost;
use super::upload::{Case, Emulator, Service, Uploads, Wire};
use super::{bytes, command, fill, mebibytes, room};
use crate::workspace::{Result, Workspace, target};

/// What the command can carry requests with.
const TRANSPORTS: [&str; 2] = ["ureq", "reqwest"];

/// Each vendor as it is by default, and COS v2 with no digest and with all.
const SERVICES: [Service; 8] = [
    of("oss", None),
    of("s3", None),
    of("cos-xml", None),
    of("115", None),
    of("cos-v1", None),
    of("cos-v2", Some("none")),
    of("cos-v2", Some("chain")),
    of("xfyun", None),
];

const fn of(protocol: &'static str, integrity: Option<&'static str>) -> Service {
    Service { protocol, integrity }
}

/// What the services are measured with; OSS with the others, too.
const WINDOW: usize = 4;
const WINDOWS: [usize; 3] = [1, 8, 16];

const KNOWN: &str = "known are --size BYTES (or 64MiB, 1GiB), --runs N and --only WORD (lines with it, and the floors)";

/// What is asked for.
struct Wish {
    bytes: u64,
    runs: usize,
    only: String,
}

impl Wish {
    fn of(args: &[&str]) -> Result<Self> {
        let mut wish = Self { bytes: 1 << 30, runs: 3, only: String::new() };
        let (pairs, rest) = args.as_chunks::<2>();
        if let [unpaired] = rest {
            return Err(format!("{unpaired} needs a value; {KNOWN}"));
        }
        for [key, value] in pairs {
            let unusable = || format!("{key} {value} is no use; {KNOWN}");
            match *key {
                "--size" => wish.bytes = bytes(value).filter(|bytes| *bytes > 0).ok_or_else(unusable)?,
                "--runs" => wish.runs = value.parse().ok().filter(|runs| *runs > 0).ok_or_else(unusable)?,
                "--only" => (*value).clone_into(&mut wish.only),
                _ => return Err(unusable()),
            }
        }
        Ok(wish)
    }

    fn wants(&self, name: &str) -> bool {
        name.contains(&self.only)
    }
}

/// Measures and prints.
pub(super) fn run(workspace: &Workspace, args: &[&str]) -> Result<()> {
    let wish = Wish::of(args)?;
    let command = command(workspace)?;
    let target = target(&workspace.metadata(&["--no-deps"])?)?;
    let peers = Peers::get(workspace, &target);
    let room = room()?;
    let content = disk_folder(&target)?;
    let file = content.path().join("content");
    fill(&file, wish.bytes)?;
    println!("\n{} bytes, {} runs: the least cpu time and the most memory of them", wish.bytes, wish.runs);
    println!("{:<38}{:>8}{:>8}{:>8}{:>8}{:>9}{:>9}", "", "user", "sys", "sum", "ratio", "MiB/s", "MiB mem");
    let floor = floors(&file, &wish)?;
    let table = Table { wish: &wish, floor };
    for (wire, name) in [(Wire::Plain, ""), (Wire::Tls, ", TLS")] {
        // Of the others only curl trusts a certificate that is named to it.
        for peer in Peer::ALL.into_iter().filter(|peer| wire == Wire::Plain || matches!(peer, Peer::Curl)) {
            table.line(&format!("{}{name}", peer.name()), None, || {
                let emulator = Emulator::start(&command, room.path(), wire)?;
                peers.measure(peer, &emulator, &file)
            });
        }
    }
    let uploads = Uploads { command: &command, room: room.path(), file: &file };
    for transport in TRANSPORTS {
        let idle = uploads.idle(transport).map_err(|why| format!("{transport}: {why}"))?;
        println!("{:<38}{:>50.1}", format!("{transport}, an idle client (an empty file)"), mebibytes(idle));
        for case in cases(transport) {
            table.line(&case.to_string(), Some(idle), || uploads.measure(&case));
        }
    }
    println!(
        "\nuser, sys, sum: cpu seconds of the client per GiB; ratio: sum by the first floor's; MiB mem: the peak, for our\n\
         uploads above that of the transport's idle client"
    );
    Ok(())
}

/// The file to upload is on a disk, in the system's cache, as people's files are.
fn disk_folder(target: &Path) -> Result<TempDir> {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir_in(target);
    folder.map_err(|error| format!("{}: {error}", target.display()))
}

fn cases(transport: &'static str) -> impl Iterator<Item = Case> {
    let plain = SERVICES.map(|service| Case { transport, service, window: WINDOW, wire: Wire::Plain });
    let [oss, ..] = plain;
    let windows = WINDOWS.map(|window| Case { window, ..oss });
    let [.., xfyun] = plain;
    plain.into_iter().chain(windows).chain([oss, xfyun].map(|case| Case { wire: Wire::Tls, ..case }))
}

/// The floors of this machine at this hour; the sum of the first is what the ratios are by.
fn floors(file: &Path, wish: &Wish) -> Result<f64> {
    let copied = cheapest(wish.runs, || floor::of(Way::ReadAndWrite, file))?;
    let table = Table { wish, floor: copied.cpu() };
    table.print(&name_of(Way::ReadAndWrite), &copied, None);
    for way in Way::ALL.into_iter().filter(|way| *way != Way::ReadAndWrite) {
        table.measured(&name_of(way), None, || floor::of(way, file));
    }
    table.measured("floor: curl -T", None, || floor::curl(file));
    Ok(table.floor)
}

fn name_of(way: Way) -> String {
    format!("floor: {}", way.name())
}

struct Table<'a> {
    wish: &'a Wish,
    floor: f64,
}

impl Table<'_> {
    /// Measures what is asked for.
    fn line(&self, name: &str, idle: Option<u64>, run: impl Fn() -> Result<Cost>) {
        if self.wish.wants(name) {
            self.measured(name, idle, run);
        }
    }

    fn measured(&self, name: &str, idle: Option<u64>, run: impl Fn() -> Result<Cost>) {
        match cheapest(self.wish.runs, run) {
            Ok(cost) => self.print(name, &cost, idle),
            Err(why) => println!("{name:<38} was left out: {why}"),
        }
    }

    fn print(&self, name: &str, cost: &Cost, idle: Option<u64>) {
        let gibibytes = mebibytes(self.wish.bytes) / 1024.0;
        println!(
            "{name:<38}{:>8.2}{:>8.2}{:>8.2}{:>8.2}{:>9.0}{:>9.1}",
            cost.user.as_secs_f64() / gibibytes,
            cost.sys.as_secs_f64() / gibibytes,
            cost.cpu() / gibibytes,
            cost.cpu() / self.floor,
            mebibytes(self.wish.bytes) / cost.took.as_secs_f64(),
            mebibytes(cost.peak.saturating_sub(idle.unwrap_or(0)))
        );
    }
}

/// The run with the least cpu time, for other programs only ever add to it; with the most memory of all runs.
fn cheapest(runs: usize, run: impl Fn() -> Result<Cost>) -> Result<Cost> {
    let costs = (0..runs).map(|_| run()).collect::<Result<Vec<Cost>>>()?;
    let peak = costs.iter().map(|cost| cost.peak).max().unwrap_or(0);
    let least = costs.into_iter().min_by(|one, other| one.cpu().total_cmp(&other.cpu()));
    least.map(|cost| Cost { peak, ..cost }).ok_or_else(|| "nothing was run".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_pairs() {
        let wish = Wish::of(&["--size", "64MiB", "--runs", "1", "--only", "oss"]).unwrap();
        assert_eq!((wish.bytes, wish.runs), (64 << 20, 1));
        assert!(wish.wants("ureq, oss, window 4") && !wish.wants("opendal, S3"));
        assert_eq!(Wish::of(&[]).unwrap().bytes, 1 << 30);
        for wrong in [&["--size"] as &[&str], &["--size", "0"], &["--size", "1MB"], &["--runs", "0"], &["--fast", "1"]]
        {
            assert!(Wish::of(wrong).is_err(), "{wrong:?}");
        }
    }
}
