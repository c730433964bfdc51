//! What happened how often.

use super::vendor::Vendor;

/// Where a kill found the upload, or what else happened to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    BeforeTheFirstByte,
    InTheFirstPart,
    Between,
    InTheLastPart,
    Completing,
    EmulatorDied,
    CommandStopped,
    EmulatorStopped,
    DiskFull,
    ClockJumped,
    /// A run that was to be killed had nothing left to do.
    Ended,
}

const KINDS: [(Kind, &str); 11] = [
    (Kind::BeforeTheFirstByte, "killed before the first byte"),
    (Kind::InTheFirstPart, "killed in the first part"),
    (Kind::Between, "killed between"),
    (Kind::InTheLastPart, "killed in the last part"),
    (Kind::Completing, "killed, completing call open"),
    (Kind::EmulatorDied, "emulator killed and restarted"),
    (Kind::CommandStopped, "command stopped and continued"),
    (Kind::EmulatorStopped, "emulator stopped and continued"),
    (Kind::DiskFull, "disk full"),
    (Kind::ClockJumped, "clock jumped"),
    (Kind::Ended, "ended before it was killed"),
];
const WAYS: [&str; 4] = ["ureq", "ureq, TLS", "reqwest", "reqwest, TLS"];

/// Counts of one round, or of many.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) rounds: u64,
    pub(super) violations: u64,
    /// Commands that were killed.
    pub(super) kills: u64,
    /// For so many windows of parts what arrived may have arrived twice, beside the kills.
    pub(super) windows: u64,
    /// Runs that ended without success because the disk was full.
    pub(super) failed: u64,
    /// So many times the vendor's rules may have the whole file sent once more.
    pub(super) again: u64,
    pub(super) requests: u64,
    /// Bytes of the files, and bytes that arrived.
    pub(super) bytes: u64,
    pub(super) received: u64,
    /// The largest of what arrived ÷ size, and of what arrived ÷ what may arrive; in ten-thousandths.
    pub(super) ratio: u64,
    pub(super) share: u64,
    /// Copies and open uploads that were told, and that were there.
    pub(super) told: u64,
    pub(super) left: u64,
    kinds: [u64; KINDS.len()],
    ways: [u64; WAYS.len()],
}

impl Tally {
    pub(super) fn note(&mut self, kind: Kind) {
        self.kinds[kind as usize] += 1;
    }

    /// The round went this way to its end.
    pub(super) fn way(&mut self, transport: &str, tls: bool) {
        self.ways[usize::from(transport == "reqwest") * 2 + usize::from(tls)] += 1;
    }

    pub(super) fn count(&self, kind: Kind) -> u64 {
        self.kinds[kind as usize]
    }

    /// Adds a round, or the rounds of another vendor.
    pub(super) fn add(&mut self, other: &Self) {
        self.rounds += other.rounds;
        self.violations += other.violations;
        self.kills += other.kills;
        self.windows += other.windows;
        self.failed += other.failed;
        self.again += other.again;
        self.requests += other.requests;
        self.bytes += other.bytes;
        self.received += other.received;
        self.ratio = self.ratio.max(other.ratio);
        self.share = self.share.max(other.share);
        self.told += other.told;
        self.left += other.left;
        self.kinds.iter_mut().zip(other.kinds).for_each(|(sum, more)| *sum += more);
        self.ways.iter_mut().zip(other.ways).for_each(|(sum, more)| *sum += more);
    }

    /// What never happened, and should have.
    pub(super) fn holes(&self, clock: bool, disk: bool) -> Vec<&'static str> {
        let stopped = self.count(Kind::CommandStopped) + self.count(Kind::EmulatorStopped);
        let is_wanted = |kind: Kind| match kind {
            Kind::Between | Kind::Ended => false,
            // One of them is drawn.
            Kind::CommandStopped | Kind::EmulatorStopped => stopped == 0,
            Kind::DiskFull => disk,
            Kind::ClockJumped => clock,
            _ => true,
        };
        let kinds = KINDS.iter().filter(|(kind, _)| is_wanted(*kind) && self.count(*kind) == 0).map(|(_, name)| *name);
        kinds.chain(WAYS.iter().zip(self.ways).filter(|(_, count)| *count == 0).map(|(way, _)| *way)).collect()
    }
}

/// What was counted of all vendors.
pub(super) fn sum(tallies: &[(&'static Vendor, Tally)]) -> Tally {
    let mut all = Tally::default();
    tallies.iter().for_each(|(_, tally)| all.add(tally));
    all
}

/// A column for each vendor and one for all, a line for each number.
pub(super) fn print(tallies: &[(&'static Vendor, Tally)]) {
    let all = sum(tallies);
    let columns: Vec<(&str, &Tally)> =
        tallies.iter().map(|(vendor, tally)| (vendor.name, tally)).chain([("all", &all)]).collect();
    let line = |name: &str, cells: Vec<String>| {
        print!("{name:<32}");
        cells.iter().for_each(|cell| print!("{cell:>9}"));
        println!();
    };
    let row = |name: &str, number: &dyn Fn(&Tally) -> u64| {
        line(name, columns.iter().map(|(_, tally)| number(tally).to_string()).collect());
    };
    let ratio = |name: &str, number: &dyn Fn(&Tally) -> u64| {
        let show = |tally: &Tally| format!("{}.{:02}", number(tally) / 10_000, number(tally) % 10_000 / 100);
        line(name, columns.iter().map(|(_, tally)| show(tally)).collect());
    };
    line("", columns.iter().map(|(name, _)| (*name).to_owned()).collect());
    row("rounds", &|it| it.rounds);
    for (kind, name) in KINDS {
        row(name, &|it| it.count(kind));
    }
    for (at, way) in WAYS.iter().enumerate() {
        row(&format!("rounds over {way}"), &|it| it.ways[at]);
    }
    row("requests", &|it| it.requests);
    ratio("bytes received / size", &|it| it.received * 10_000 / it.bytes.max(1));
    ratio("  at most in a round", &|it| it.ratio);
    ratio("  at most of what is allowed", &|it| it.share);
    row("copies and uploads left", &|it| it.left);
    row("  at most, as was told", &|it| it.told);
    row("violations", &|it| it.violations);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_counted_each_by_itself_and_what_is_missing_is_a_hole() {
        assert!(KINDS.iter().enumerate().all(|(at, (kind, _))| *kind as usize == at));
        let mut tally = Tally::default();
        for (kind, _) in KINDS {
            tally.note(kind);
        }
        for (transport, tls) in [("ureq", false), ("ureq", true), ("reqwest", false), ("reqwest", true)] {
            tally.way(transport, tls);
        }
        assert!(tally.holes(true, true).is_empty());
        tally.kinds[Kind::ClockJumped as usize] = 0;
        tally.kinds[Kind::CommandStopped as usize] = 0;
        assert_eq!(tally.holes(true, true), ["clock jumped"]);
        assert!(tally.holes(false, true).is_empty());
        tally.kinds[Kind::EmulatorStopped as usize] = 0;
        tally.ways[1] = 0;
        let holes = tally.holes(false, true);
        assert_eq!(holes, ["command stopped and continued", "emulator stopped and continued", "ureq, TLS"]);
    }
}
