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
//! Each vendor makes the runs over each transport, one after the other, against an emulator of its own: what one has
//! stored is not there for the other. To wait because the vendor asks for it is the same over every transport, so it is
//! done once. Bytes and requests are the emulator's own count, not the client's.

mod cast;
mod child;
mod sample;
mod scenario;
mod stage;
mod table;

use crate::args;
use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;
use crate::say;
use crate::transport::KINDS;
use crate::units::show_size;

use self::cast::{CAST, Member};
use self::scenario::{Row, Scenario, Trouble};
use self::stage::Stage;

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
        return Err(Problem::usage(format!("the sample must have at least {}", show_size(SMALLEST))));
    }
    say::err(format!("uploading {} to an emulator in this process; nothing leaves this machine", show_size(args.size)));
    let mut rows = Vec::new();
    for member in &CAST {
        for (at, (transport, _)) in KINDS.iter().enumerate() {
            let stage = Stage::set(interrupt, member, transport)?;
            for scenario in scenarios(member, args.size, at == 0) {
                say::err(format!("… {}, {transport}, {}", member.name, scenario.name));
                rows.push(scenario.run(&stage)?);
            }
        }
    }
    let shown = say::result(&table::lines(&rows));
    let bad: Vec<String> = rows.iter().flat_map(Row::complaints).collect();
    if bad.is_empty() {
        return shown;
    }
    Err(bad.iter().fold(Problem::new(Code::Other, "the demo failed"), Problem::next))
}

/// The runs of one vendor over one transport: the first one it has, or another.
fn scenarios(member: &Member, size: u64, first: bool) -> Vec<Scenario> {
    let len = size.max(member.least);
    let killed = |name, trouble| Scenario { name, len, trouble, killed: true, file: name, instant: false };
    let unbroken =
        |name, len, file, instant| Scenario { name, len, trouble: Trouble::None, killed: false, file, instant };
    let mut scenarios = vec![killed("kill -9", Trouble::None), killed("lost replies", Trouble::LostReplies)];
    if first {
        scenarios.push(killed("throttled", Trouble::Throttled));
    }
    scenarios.push(unbroken("small file", SMALL, "small file", false));
    if member.instant {
        scenarios.push(unbroken("instant", len, "kill -9", true));
    }
    scenarios
}
