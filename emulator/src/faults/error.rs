//! What is wrong with a plan file.

use std::fmt;

/// Why a text is no plan: where, under which key, and what is allowed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanError {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) key: String,
    pub(super) problem: String,
}

impl PlanError {
    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The character in that line, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The key at fault, `rules[2].times` say; empty for the file as a whole.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, ", {}", self.key)?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for PlanError {}
