//! `resumable demo`: uploads, breaks, resumes and verifies, against the emulator in this very process.
//!
//! | run | what happens to it |
//! |---|---|
//! | kill -9 | the uploading process is killed between a quarter and three quarters of the way, then resumed |
//! | lost replies | the same; and the answers to a slice and to finish are lost |
//! | throttled | the same; and the server says "too many requests" |
//! | small file | goes in one request |
//! | instant | the vendor has the content already; where a vendor knows content again |
//!
//! Each vendor has an emulator of its own, and makes one run, side by side with the others. With `--all` each makes every
//! run over each transport, one after the other. To wait because the vendor asks for it is the same over every transport,
//! so it is done once. Bytes and requests are the emulator's own count, not the client's.

mod child;
mod environment;
mod fixture;
mod scenario;
mod table;
mod vendors;

use std::panic::resume_unwind;
use std::thread;

use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;
use crate::transport::KINDS;
use crate::{args, say};
use resumable::units::show_size;

use self::environment::Environment;
use self::scenario::{Row, Scenario, Trouble};
use self::vendors::{VENDORS, Vendor};

/// Below this a killed process would leave too little to resume.
const SMALLEST: u64 = 16 << 20;
/// The small file's length.
const SMALL: u64 = 1 << 20;

/// Runs all of it.
///
/// # Errors
/// When an object differs from its file, more was sent than is allowed, or a run failed.
pub(crate) fn run(args: &args::Demo, interrupt: &Interrupt) -> Result<(), Problem> {
    if args.size < SMALLEST {
        return Err(Problem::usage("--size must be at least 16 MiB"));
    }
    say::err(format!("uploading {} to an emulator in this process; nothing leaves this machine", show_size(args.size)));
    interrupt.arm(|| say::err("stopping the demo"));
    let rows = if args.all { everything(args.size, interrupt) } else { each_vendor_once(args.size, interrupt) }?;
    let bad: Vec<String> = rows.iter().flat_map(Row::complaints).collect();
    let mut lines = table::lines(&rows);
    lines.extend(["", table::COLUMNS_MEAN].map(str::to_owned));
    if bad.is_empty() {
        lines.push(format!("All {} runs ended with the whole file stored; none sent more than allowed.", rows.len()));
        return say::result(&lines);
    }
    say::result(&lines)?;
    Err(bad.iter().fold(Problem::new(Code::Other, "the demo failed"), Problem::next))
}

fn everything(size: u64, interrupt: &Interrupt) -> Result<Vec<Row>, Problem> {
    let mut rows = Vec::new();
    for vendor in &VENDORS {
        for (at, transport) in KINDS.into_iter().enumerate() {
            rows.extend(play(&scenarios(vendor, size, at == 0), vendor, transport, interrupt)?);
        }
    }
    Ok(rows)
}

fn each_vendor_once(size: u64, interrupt: &Interrupt) -> Result<Vec<Row>, Problem> {
    let rows: Result<Vec<Vec<Row>>, Problem> = thread::scope(|scope| {
        let run = |vendor: &'static Vendor| {
            let lost_replies = killed("lost replies", vendor, size, Trouble::LostReplies);
            scope.spawn(move || play(&[lost_replies], vendor, KINDS[0], interrupt))
        };
        let running: Vec<_> = VENDORS.iter().map(run).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    rows.map(|rows| rows.into_iter().flatten().collect())
}

/// Runs of one vendor over one transport, one after the other.
fn play(
    scenarios: &[Scenario],
    vendor: &'static Vendor,
    transport: &'static str,
    interrupt: &Interrupt,
) -> Result<Vec<Row>, Problem> {
    let environment = Environment::start(interrupt, vendor, transport)?;
    let play = |scenario: &Scenario| {
        say::err(format!("… {}, {transport}, {}", vendor.name, scenario.name));
        scenario.run(&environment)
    };
    scenarios.iter().map(play).collect()
}

fn killed(name: &'static str, vendor: &Vendor, size: u64, trouble: Trouble) -> Scenario {
    Scenario { name, len: size.max(vendor.least), trouble, killed: true, file: name, instant: false }
}

/// The runs of one vendor over one transport: the first one it has, or another.
fn scenarios(vendor: &Vendor, size: u64, first: bool) -> Vec<Scenario> {
    let len = size.max(vendor.least);
    let killed = |name, trouble| killed(name, vendor, size, trouble);
    let unbroken =
        |name, len, file, instant| Scenario { name, len, trouble: Trouble::None, killed: false, file, instant };
    let mut scenarios = vec![killed("kill -9", Trouble::None), killed("lost replies", Trouble::LostReplies)];
    if first {
        scenarios.push(killed("throttled", Trouble::Throttled));
    }
    scenarios.push(unbroken("small file", SMALL, "small file", false));
    if vendor.instant {
        scenarios.push(unbroken("instant", len, "kill -9", true));
    }
    scenarios
}
