//! What the machine costs per part, from `start` to `Finished`: `cargo bench`, or `cargo bench -- --runs 30 --parts
//! 10000` for more runs with no more parts than that.
//!
//! A harness of its own, for what is asked for is a table of time, polls and actions over parts, window, order and
//! authority; the usual libraries print time alone, one line a case. Behind it: what machines take that wait.

mod host;
mod idle;
mod vendor;

use std::time::Duration;

use self::host::{Counts, Order, upload};
use self::vendor::{Depot, without_machine};

const PARTS: [u64; 3] = [100, 10_000, 100_000];
const WINDOWS: [usize; 3] = [1, 8, 64];
/// Few parts are uploaded again and again until a run has so many, or the clock would be too coarse.
const PARTS_A_RUN: u64 = 10_000;

fn main() {
    let runs = option("--runs").and_then(|runs| usize::try_from(runs).ok()).unwrap_or(9).max(1);
    println!("ns of cpu time per part, minimum and median of {runs} runs; polls, actions and saves per part.");
    println!("machine: the median without what the vendor's own functions and replies took right after each run.\n");
    println!(
        "{:<11}{:>9}{:>8}  {:<13}{:>8}{:>8}{:>9}{:>8}{:>9}{:>7}",
        "authority", "parts", "window", "answers", "min", "median", "machine", "polls", "actions", "saves"
    );
    table::<false>("vendor", runs);
    table::<true>("checkpoint", runs);
    idle::table();
}

/// What follows `--NAME`; what cargo itself passes is not ours.
fn option(name: &str) -> Option<u64> {
    std::env::args().skip_while(|arg| arg != name).nth(1)?.parse().ok()
}

fn table<const JOURNAL: bool>(authority: &str, runs: usize) {
    let most = option("--parts").unwrap_or(u64::MAX);
    for parts in PARTS.into_iter().filter(|parts| *parts <= most) {
        for window in WINDOWS {
            for order in [Order::AsSent, Order::Shuffled] {
                if window > 1 || order == Order::AsSent {
                    line::<JOURNAL>(authority, parts, window, order, runs);
                }
            }
        }
    }
}

fn line<const JOURNAL: bool>(authority: &str, parts: u64, window: usize, order: Order, runs: usize) {
    let mut counts = Counts::default();
    let again = (PARTS_A_RUN / parts).max(1);
    let mut both = Vec::new();
    for _ in 0..=runs {
        let whole = timed(parts * again, || {
            for _ in 0..again {
                counts = upload(Depot::<JOURNAL>, parts, window, order);
            }
        });
        both.push((whole, timed(parts * again, || without_machine(parts * again))));
    }
    // The first run warms up.
    let mut whole: Vec<f64> = both[1..].iter().map(|(whole, _)| *whole).collect();
    let mut machine: Vec<f64> = both[1..].iter().map(|(whole, vendor)| whole - vendor).collect();
    whole.sort_unstable_by(f64::total_cmp);
    machine.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let per_part = |count: u64| count as f64 / parts as f64;
    println!(
        "{authority:<11}{parts:>9}{window:>8}  {:<13}{:>8.0}{:>8.0}{:>9.0}{:>8.2}{:>9.2}{:>7.2}",
        order.words(),
        whole[0],
        whole[runs / 2],
        machine[runs / 2],
        per_part(counts.polls),
        per_part(counts.actions),
        per_part(counts.saves)
    );
}

/// Nanoseconds per part.
#[expect(clippy::cast_precision_loss, reason = "for people")]
fn timed(parts: u64, run: impl FnOnce()) -> f64 {
    let begun = cpu_time();
    run();
    cpu_time().saturating_sub(begun).as_nanos() as f64 / parts as f64
}

/// This thread's own time: what else runs on the machine does not count.
#[cfg(unix)]
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(not(unix))]
fn cpu_time() -> Duration {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}
