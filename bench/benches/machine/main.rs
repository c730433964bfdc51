//! What the machine costs per part, from `start` to `Finished`: `cargo bench`, or `cargo bench -- --runs 30`.
//!
//! A harness of its own, for what is asked for is a table of time, polls and actions over parts, window, order and
//! authority; the usual libraries print time alone, one line a case.

mod host;
mod vendor;

use std::time::{Duration, Instant};

use self::host::{Counts, Order, upload};
use self::vendor::{Depot, without_machine};

const PARTS: [u64; 3] = [100, 10_000, 100_000];
const WINDOWS: [usize; 3] = [1, 8, 64];
/// Few parts are uploaded again and again until a run has so many, or the clock would be too coarse.
const PARTS_A_RUN: u64 = 10_000;

fn main() {
    let runs = runs();
    println!("ns per part, minimum and median of {runs} runs; polls, actions and saves per part\n");
    println!(
        "{:<11}{:>9}{:>8}  {:<13}{:>8}{:>8}{:>8}{:>9}{:>7}",
        "authority", "parts", "window", "answers", "min", "median", "polls", "actions", "saves"
    );
    table::<false>("vendor", runs);
    table::<true>("checkpoint", runs);
    let alone = Times::of(runs, PARTS_A_RUN, || without_machine(PARTS_A_RUN));
    println!("\nof that, the vendor's own functions and its replies: {:.0} (median {:.0})", alone.min, alone.median);
}

/// `--runs N`; what cargo itself passes is not ours.
fn runs() -> usize {
    let mut args = std::env::args().skip_while(|arg| arg != "--runs").skip(1);
    args.next().and_then(|runs| runs.parse().ok()).unwrap_or(9).max(1)
}

fn table<const JOURNAL: bool>(authority: &str, runs: usize) {
    for parts in PARTS {
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
    let times = Times::of(runs, parts * again, || {
        for _ in 0..again {
            counts = upload(Depot::<JOURNAL>, parts, window, order);
        }
    });
    let per_part = |count: u64| count as f64 / parts as f64;
    let (polls, actions, saves) = (per_part(counts.polls), per_part(counts.actions), per_part(counts.saves));
    let (Times { min, median }, order) = (times, order.words());
    println!(
        "{authority:<11}{parts:>9}{window:>8}  {order:<13}{min:>8.0}{median:>8.0}{polls:>8.2}{actions:>9.2}{saves:>7.2}"
    );
}

/// Nanoseconds per part.
struct Times {
    min: f64,
    median: f64,
}

impl Times {
    fn of(runs: usize, parts: u64, mut run: impl FnMut()) -> Self {
        run();
        let mut took: Vec<Duration> = (0..runs)
            .map(|_| {
                let begun = Instant::now();
                run();
                begun.elapsed()
            })
            .collect();
        took.sort_unstable();
        let per_part = |took: Duration| took.as_nanos() as f64 / parts as f64;
        Self { min: per_part(took[0]), median: per_part(took[runs / 2]) }
    }
}
