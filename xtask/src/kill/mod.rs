//! `cargo xtask kill`: uploads by a command that is killed, against an emulator that is killed, too.
//!
//! Command and emulator are processes, and talk over sockets. A round is the upload of one file: its first run or two are
//! killed at moments that the seed draws, and the run that follows meets something else: an emulator that dies and comes back,
//! a stop, a full disk, a wall clock that jumps. Then the object is compared, what arrived is counted, and nothing may be left:
//! no checkpoint, lock, temporary file, or upload at the vendor that nobody was told of.
//!
//! What is random is drawn before a round begins; which byte is on its way at a moment is up to the machine. Moments that
//! last too short to be met are made to last by the emulator's faults. Where a kill found the upload is what the emulator's log
//! says.

mod census;
mod checks;
mod clock;
mod disk;
mod draw;
mod emulator;
mod home;
mod identity;
mod play;
mod server;
mod vendor;

use std::fs;
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use self::census::Tally;
use self::clock::Clock;
use self::disk::Disk;
use self::draw::{Round, TURN};
pub(crate) use self::emulator::{CHILD, child};
use self::home::Home;
use self::identity::Identity;
use self::play::Tools;
use self::vendor::Vendor;
use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, programs};

/// Rounds at a time for each processor: they wait more than they work.
const AT_ONCE: usize = 2;
/// So many homes wait for their rounds.
const AHEAD: usize = 24;
/// After so many rounds, how far it is is told.
const TOLD: usize = 100;
/// So many violations are shown in full.
const SHOWN: usize = 20;

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    rounds: u64,
    /// The number of the first round.
    first: u64,
    vendors: Vec<&'static Vendor>,
    seed: u64,
}

impl Wish {
    fn of(args: &[&str]) -> Result<Self> {
        const KNOWN: &str = "known are --rounds N, --protocol P|all, --seed S, --first N";
        let seed = getrandom::u64().map_err(|error| format!("the system has no entropy: {error}"))?;
        let mut wish = Self { rounds: TURN, first: 0, vendors: vendor::ALL.iter().collect(), seed };
        let (pairs, rest) = args.as_chunks::<2>();
        if let [unpaired] = rest {
            return Err(format!("{unpaired} needs a value; {KNOWN}"));
        }
        for [name, value] in pairs {
            let unusable = || format!("{name} {value} is no use; {KNOWN}");
            match *name {
                "--rounds" => wish.rounds = value.parse().map_err(|_| unusable())?,
                "--first" => wish.first = value.parse().map_err(|_| unusable())?,
                "--protocol" if *value == "all" => {}
                "--protocol" => wish.vendors = vec![vendor::named(value).ok_or_else(unusable)?],
                "--seed" => wish.seed = value.parse().map_err(|_| unusable())?,
                _ => return Err(unusable()),
            }
        }
        Ok(wish)
    }
}

/// `cargo xtask kill ARGS…`
pub(crate) fn run(workspace: &Workspace, args: &[&str]) -> Result<()> {
    campaign(workspace, &Wish::of(args)?)
}

/// A few rounds of each protocol, as a step of CI.
pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    campaign(workspace, &Wish::of(&[])?)?;
    Ok(Verdict::Passed)
}

/// Plays what is wished for, on a thread of its own: what is mounted there is seen by nobody else.
fn campaign(workspace: &Workspace, wish: &Wish) -> Result<()> {
    let ended = thread::scope(|scope| scope.spawn(|| campaign_here(workspace, wish)).join());
    ended.unwrap_or_else(|_| Err("it panicked".to_owned()))
}

fn campaign_here(workspace: &Workspace, wish: &Wish) -> Result<()> {
    let built = programs(workspace)?.join("resumable");
    let folder = tempfile::Builder::new().prefix("resumable-kill-").tempdir().map_err(|error| error.to_string())?;
    // A build meanwhile changes nothing.
    let program = folder.path().join("resumable");
    fs::copy(&built, &program).map_err(|error| format!("{}: {error}", built.display()))?;
    let clock = Clock::build(folder.path());
    let disk = disk::mount_for_this_thread_only().and_then(|()| Disk::try_out(folder.path()));
    for (what, why) in [("clocks that jump", clock.as_ref().err()), ("full disks", disk.as_ref().err())] {
        if let Some(why) = why {
            println!("SKIPPED: {what}: {why}");
        }
    }
    let tools = Tools {
        program,
        folder: folder.path().to_owned(),
        identity: Identity::make(folder.path())?,
        clock: clock.ok(),
        may_mount: disk.is_ok(),
    };
    let protocol = if let [vendor] = wish.vendors.as_slice() { vendor.name } else { "all" };
    let Wish { rounds, first, seed, .. } = wish;
    println!(
        "the same moments again: cargo xtask kill --rounds {rounds} --first {first} --protocol {protocol} --seed {seed}"
    );
    let begun = Instant::now();
    let (tallies, violations) = play_all(&tools, wish);
    census::print(&tallies);
    println!("{} s", begun.elapsed().as_secs());
    if violations > 0 {
        // What is in it belongs to the violations.
        println!("kept: {}", folder.keep().display());
        return Err(format!("{violations} rounds went wrong"));
    }
    let all = census::sum(&tallies);
    let named = tallies.iter().map(|(vendor, tally)| (vendor.name, tally)).chain([("any vendor", &all)]);
    let holes: Vec<String> = named.filter_map(|(name, tally)| hole(&tools, name, tally)).collect();
    if holes.is_empty() { Ok(()) } else { Err(holes.join("\n")) }
}

/// What never happened with a vendor, or with any, if there were rounds enough.
fn hole(tools: &Tools, name: &str, tally: &Tally) -> Option<String> {
    let holes = tally.holes(tools.clock.is_some(), tools.may_mount);
    let is_long = tally.rounds >= LONG;
    (is_long && !holes.is_empty()).then(|| format!("never, with {name}: {}", holes.join(", ")))
}

/// From so many rounds on, what never happens is a hole: a moment that is drawn may be missed. One turn with each vendor is
/// enough for all of them together.
const LONG: u64 = 6 * TURN;

/// A round that is to be played.
struct Task {
    /// Which of the vendors that were asked for.
    at: usize,
    round: Round,
    home: Result<Home>,
}

/// Plays the rounds side by side; what was counted of each vendor, and how many rounds went wrong.
fn play_all(tools: &Tools, wish: &Wish) -> (Vec<(&'static Vendor, Tally)>, usize) {
    let mut tallies: Vec<_> = wish.vendors.iter().map(|vendor| (*vendor, Tally::default())).collect();
    let mut violations = 0;
    let at_once = thread::available_parallelism().map_or(AT_ONCE, |processors| processors.get() * AT_ONCE);
    let (tasks, waiting) = mpsc::sync_channel(AHEAD);
    let waiting = Mutex::new(waiting);
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || make(tools, wish, &tasks));
        for _ in 0..at_once {
            let (send, waiting) = (send.clone(), &waiting);
            scope.spawn(move || {
                let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
                while let Ok(Task { at, round, home }) = next() {
                    let (tally, done) = play::play(tools, wish.vendors[at], &round, home);
                    let _ = send.send((at, round, tally, done));
                }
            });
        }
        drop(send);
        for (done, (at, round, tally, ended)) in receive.into_iter().enumerate() {
            if done > 0 && done % TOLD == 0 {
                println!("{done} rounds");
            }
            let (vendor, sum) = &mut tallies[at];
            sum.add(&tally);
            sum.rounds += 1;
            let Err(why) = ended else { continue };
            sum.violations += 1;
            violations += 1;
            if violations <= SHOWN {
                show(wish, vendor, &round, &why);
            }
        }
    });
    (tallies, violations)
}

/// Makes the homes of all rounds, a few ahead of their time.
fn make(tools: &Tools, wish: &Wish, tasks: &SyncSender<Task>) {
    for number in wish.first..wish.first + wish.rounds {
        for (at, vendor) in wish.vendors.iter().enumerate() {
            let round = Round::draw(wish.seed, vendor, number);
            let home = play::home(tools, &round);
            if tasks.send(Task { at, round, home }).is_err() {
                return;
            }
        }
    }
}

fn show(wish: &Wish, vendor: &Vendor, round: &Round, why: &str) {
    let (number, name, seed) = (round.number, vendor.name, wish.seed);
    println!(
        "VIOLATION: {why}\n{round:?}\n\
         the same moments again: cargo xtask kill --rounds 1 --first {number} --protocol {name} --seed {seed}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_pairs() {
        let wish = Wish::of(&["--rounds", "3", "--protocol", "cos-v2", "--seed", "7", "--first", "9"]).unwrap();
        assert_eq!((wish.rounds, wish.first, wish.seed), (3, 9, 7));
        assert_eq!(wish.vendors.iter().map(|vendor| vendor.name).collect::<Vec<_>>(), ["cos-v2"]);
        assert_eq!(Wish::of(&["--protocol", "all"]).unwrap().vendors.len(), vendor::ALL.len());
        for wrong in [&["--rounds"] as &[&str], &["--rounds", "-1"], &["--protocol", "ftp"], &["--fast", "1"]] {
            assert!(Wish::of(wrong).is_err(), "{wrong:?}");
        }
    }
}
