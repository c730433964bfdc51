//! How the cases of a run ended, in one number: a change that makes any upload go another way shows in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::case::Report;
use crate::transcript::{Detail, Transcript};

/// So many cases of each protocol are compared.
pub const COMPARED: u64 = 10_000;

/// Digests over cases, whichever thread ran which of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digests {
    /// Of the cases below [`COMPARED`].
    pub first: u64,
    /// Of all.
    pub all: u64,
}

impl Digests {
    pub(crate) fn take(&mut self, index: u64, report: &Report) {
        let mut outcome = Transcript::new(Detail::Hash);
        outcome.note(Duration::ZERO, || format!("{index} {} {}", report.ending, report.rows.len()));
        let first = if index < COMPARED { outcome.hash() } else { 0 };
        self.add(Self { first, all: outcome.hash() });
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.first = self.first.wrapping_add(other.first);
        self.all = self.all.wrapping_add(other.all);
    }
}

/// What is known of one seed: the digest over the first [`COMPARED`] cases of each protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    seed: u64,
    protocols: BTreeMap<String, String>,
}

impl Known {
    /// Reads the table.
    ///
    /// # Errors
    /// In words, if it cannot be read or is no table.
    pub fn read(path: &Path) -> Result<Self, String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| told(&error))?;
        serde_json::from_str(&text).map_err(|error| told(&error))
    }

    /// Puts what came out in place of what is known.
    ///
    /// # Errors
    /// In words, if the table cannot be read or written, or is about another seed or more cases.
    pub fn write(path: &Path, protocol: &str, seed: u64, cases: u64, digests: Digests) -> Result<(), String> {
        let mut known = Self::read(path)?;
        if seed != known.seed || cases < COMPARED {
            return Err(format!("kept is what {COMPARED} cases or more of seed {} came to", known.seed));
        }
        known.protocols.insert(protocol.to_owned(), text(digests.first));
        let json = serde_json::to_string_pretty(&known).map_err(|error| error.to_string())?;
        fs::write(path, json + "\n").map_err(|error| format!("{}: {error}", path.display()))
    }

    /// What is different from what is known, if that can be said of this run.
    pub fn differs(&self, protocol: &str, seed: u64, cases: u64, digests: Digests) -> Option<String> {
        let known = self.protocols.get(protocol).filter(|_| seed == self.seed && cases >= COMPARED)?;
        let now = text(digests.first);
        (*known != now).then(|| format!("the first {COMPARED} cases came to {now}, and {known} is known"))
    }
}

/// As the table has it.
pub fn text(digest: u64) -> String {
    format!("{digest:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known { seed: 1, protocols: [("oss".to_owned(), text(7))].into() }
    }

    #[test]
    fn another_outcome_of_the_known_cases_is_told_and_nothing_else_is_compared() {
        let (same, other) = (Digests { first: 7, all: 9 }, Digests { first: 8, all: 9 });
        assert_eq!(known().differs("oss", 1, COMPARED, same), None);
        let told = known().differs("oss", 1, COMPARED, other).unwrap();
        assert!(told.contains("0000000000000008") && told.contains("0000000000000007"), "{told}");
        assert_eq!(known().differs("oss", 2, COMPARED, other), None);
        assert_eq!(known().differs("oss", 1, COMPARED - 1, other), None);
        assert_eq!(known().differs("s3", 1, COMPARED, other), None);
    }

    #[test]
    fn a_digest_does_not_depend_on_the_order() {
        let (one, other) = (Digests { first: 1, all: u64::MAX }, Digests { first: 5, all: 3 });
        let sum = |digests: [Digests; 2]| {
            digests.into_iter().fold(Digests::default(), |mut sum, digests| {
                sum.add(digests);
                sum
            })
        };
        assert_eq!(sum([one, other]), sum([other, one]));
        assert_eq!(sum([one, other]), Digests { first: 6, all: 2 });
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("outcomes.json");
        fs::write(&path, "{\"seed\": 1, \"protocols\": {}}").unwrap();
        let digests = Digests { first: 7, all: 0 };
        Known::write(&path, "oss", 1, COMPARED, digests).unwrap();
        assert_eq!(Known::read(&path).unwrap(), known());
        assert!(Known::write(&path, "oss", 2, COMPARED, digests).unwrap_err().contains("seed 1"));
        assert!(Known::write(&path, "oss", 1, COMPARED - 1, digests).unwrap_err().contains("10000 cases"));
        fs::write(&path, "[]").unwrap();
        assert!(Known::read(&path).unwrap_err().contains("outcomes.json"));
    }
}
