//! Challenges: ranges of known content that a client has to prove it has.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::chance::Chance;
use super::config::Limits;
use super::digest;
use super::switches::Challenge;
use crate::storage::{ObjectName, Storage};

/// What was asked, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The SHA-1 of the whole content, in capitals.
    pub(super) sha1: String,
    pub(super) size: u64,
    /// First and last byte.
    range: (u64, u64),
    /// The right `sign_val`; `None` where the store cannot tell: any is believed.
    expected: Option<String>,
    pub(super) round: Round,
    ends: Duration,
}

impl Asked {
    pub(super) fn sign_check(&self) -> String {
        format!("{}-{}", self.range.0, self.range.1)
    }

    /// Small letters are as wrong as anything else.
    pub(super) fn is_met_by(&self, sign_val: &str) -> bool {
        match &self.expected {
            Some(expected) => expected == sign_val,
            None => digest::read(sign_val).as_deref() == Some(sign_val),
        }
    }
}

/// How far a file is in its challenges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Round {
    /// How many were met.
    pub(super) met: u32,
    /// Whether one that was met was called failed.
    pub(super) failed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Challenges {
    by_key: Mutex<BTreeMap<String, Asked>>,
}

/// Content that is in the drive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    pub(super) object: &'a ObjectName,
    /// In capitals.
    pub(super) sha1: &'a str,
    pub(super) size: u64,
}

/// How challenges are made.
pub(super) struct Rules<'a> {
    pub(super) ask: Challenge,
    pub(super) limits: &'a Limits,
    pub(super) chance: &'a Chance,
    pub(super) storage: &'a dyn Storage,
}

impl Challenges {
    /// Asks for a part of what is known; the `sign_key`, and what was asked.
    pub(super) fn ask(
        &self,
        known: Known<'_>,
        round: Round,
        clock: Duration,
        rules: &Rules<'_>,
    ) -> io::Result<(String, Asked)> {
        let range = range(rules, known.size, clock).ok_or(io::ErrorKind::InvalidInput)?;
        let length = range.1 - range.0 + 1;
        let expected = if rules.storage.keeps_bytes() {
            Some(digest::sha1_of(rules.storage, known.object, range.0, length)?)
        } else {
            None
        };
        let ends = clock.saturating_add(Duration::from_secs(rules.limits.challenge_life));
        let asked = Asked { sha1: known.sha1.to_owned(), size: known.size, range, expected, round, ends };
        let key = rules.chance.hex(clock, 40).to_uppercase();
        let mut by_key = self.lock();
        by_key.retain(|_, older| clock < older.ends);
        by_key.insert(key.clone(), asked.clone());
        Ok((key, asked))
    }

    /// What a key asked for; it means nothing from now on.
    pub(super) fn take(&self, sign_key: &str, clock: Duration) -> Option<Asked> {
        self.lock().remove(sign_key).filter(|asked| clock < asked.ends)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Asked>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// First and last byte of what is asked for; `None` for a file without a byte.
fn range(rules: &Rules<'_>, size: u64, clock: Duration) -> Option<(u64, u64)> {
    let last = size.checked_sub(1)?;
    Some(match rules.ask {
        Challenge::FirstByte => (0, 0),
        Challenge::LastByte => (last, last),
        Challenge::WholeFile => (0, last),
        Challenge::Random | Challenge::Never => {
            let length = rules.limits.challenge_length.clamp(1, size);
            let start = rules.chance.below(clock, size - length + 1);
            (start, start + length - 1)
        }
    })
}

#[cfg(test)]
#[path = "challenges_tests.rs"]
mod tests;
