//! How often which action met which fault.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::calls::Calls as _;
use crate::fault::Row;
use crate::fault_kind::Kind;
use crate::vendor::Scenario;

/// From so many cases on, a fault that never occurred fails the run.
pub const COMPLETE_FROM: u64 = 50_000;

/// A call that is made so often in a run of [`COMPLETE_FROM`] cases meets each fault once or twice, or by chance never.
const SELDOM: std::ops::Range<u64> = 200..3_000;

/// What happens in every complete run besides.
const MARKS: [&str; 29] = [
    "aborted",
    "checkpoint damaged, found on resume",
    "checkpoint: a bit flipped",
    "checkpoint: a digit edited",
    "checkpoint: of the first format",
    "checkpoint: of the first format, a number edited",
    "checkpoint: torn",
    "clock stepped",
    "file written to",
    "file written to between two runs",
    "file written to quietly",
    "file written to quietly between two runs",
    "file touched",
    "file touched between two runs",
    "file touched, and finished",
    "file's mode changed",
    "file's mode changed between two runs",
    "file moved",
    "file moved between two runs",
    "machine slept",
    "paused",
    "power lost",
    "power lost between two processes",
    "process died in a save",
    "stopped",
    "window changed",
    "again: finished",
    "again: refused for good",
    "again: restarted",
];

/// Counts by row and column, and of things that belong to no action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    cells: Vec<[u64; Kind::ALL.len()]>,
    actions: Vec<u64>,
    named: BTreeMap<&'static str, u64>,
}

impl Census {
    /// A census for a vendor with so many calls.
    pub fn new(calls: usize) -> Self {
        let rows = calls + Row::HOST_ACTIONS.len();
        Self { cells: vec![[0; Kind::ALL.len()]; rows], actions: vec![0; rows], named: BTreeMap::new() }
    }

    /// Counts an action and what it met.
    pub fn count(&mut self, row: Row, kind: Option<Kind>) {
        let at = self.row(row);
        self.actions[at] += 1;
        if let Some(kind) = kind {
            self.cells[at][kind as usize] += 1;
        }
    }

    /// Counts something else, by its name.
    pub fn mark(&mut self, what: &'static str) {
        *self.named.entry(what).or_default() += 1;
    }

    /// How often something was marked.
    pub fn marked(&self, what: &str) -> u64 {
        self.named.get(what).copied().unwrap_or_default()
    }

    /// Adds another census of the same vendor.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.cells.iter_mut().zip(&other.cells) {
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
        }
        self.actions.iter_mut().zip(&other.actions).for_each(|(mine, theirs)| *mine += theirs);
        other.named.iter().for_each(|(what, count)| *self.named.entry(what).or_default() += count);
    }

    /// The cells that are possible and were never met, and the marks that are missing.
    pub fn missing<S: Scenario>(&self) -> Vec<String> {
        let met = |row, kind: Kind| self.cells[self.row(row)][kind as usize];
        let rows = rows::<S>();
        let cells = rows.iter().flat_map(|(row, title)| Kind::ALL.iter().map(|kind| (*row, *title, *kind)));
        let never = cells.filter(|(row, _, kind)| row.can_meet::<S>(*kind) && met(*row, *kind) == 0);
        let never = never.map(|(_, title, kind)| format!("{title} never met {}", kind.title()));
        let unmarked = MARKS.iter().filter(|mark| self.marked(mark) == 0).map(|mark| format!("never: {mark}"));
        never.chain(unmarked).collect()
    }

    /// Whether a hole may be chance: the call was made, and too seldom to meet every fault. Each of them meets it all the
    /// same where single faults are placed one by one.
    pub fn is_chance<S: Scenario>(&self, hole: &str) -> bool {
        let seldom = |row| SELDOM.contains(&self.actions[self.row(row)]);
        rows::<S>().iter().any(|(row, title)| seldom(*row) && hole.starts_with(&format!("{title} never met ")))
    }

    /// The counts as a table, and the marks below it.
    pub fn table<S: Scenario>(&self) -> String {
        let mut text = format!("{:<10}{:>9}", "", "actions");
        Kind::ALL.iter().for_each(|kind| _ = write!(text, "{:>9}", kind.title()));
        text.push('\n');
        for (row, title) in rows::<S>() {
            let at = self.row(row);
            let _ = write!(text, "{title:<10}{:>9}", self.actions[at]);
            for kind in Kind::ALL.iter().copied() {
                let count = self.cells[at][kind as usize];
                let shown = if row.can_meet::<S>(kind) { count.to_string() } else { "-".to_owned() };
                let _ = write!(text, "{shown:>9}");
            }
            text.push('\n');
        }
        self.named.iter().for_each(|(what, count)| _ = writeln!(text, "{count:>10}  {what}"));
        text
    }

    fn row(&self, row: Row) -> usize {
        let calls = self.cells.len() - Row::HOST_ACTIONS.len();
        match row {
            Row::Call(call) => call.number,
            host_action => calls + Row::HOST_ACTIONS.iter().position(|known| *known == host_action).unwrap_or_default(),
        }
    }
}

fn rows<S: Scenario>() -> Vec<(Row, &'static str)> {
    let calls = S::Call::ALL.iter().map(|call| call.facts()).map(|call| (Row::Call(call), call.name));
    let host_actions = Row::HOST_ACTIONS.into_iter().zip(["Save", "Check", "Hash", "Authorize", "Acquire"]);
    calls.chain(host_actions).collect()
}
