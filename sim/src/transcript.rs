//! What happened, for people and for comparing two runs.

use std::time::Duration;

/// How much of a case is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Nothing.
    Off,
    /// Only a digest over all lines.
    Hash,
    /// Every line.
    Full,
}

/// The lines of one case, or a digest over them.
#[derive(Clone, Debug)]
pub struct Transcript {
    detail: Detail,
    lines: Vec<String>,
    hash: u64,
}

impl Transcript {
    /// An empty transcript.
    pub fn new(detail: Detail) -> Self {
        Self { detail, lines: Vec::new(), hash: 0xcbf2_9ce4_8422_2325 }
    }

    /// Writes a line down, if anything is written down at all. With [`Detail::Off`] the line is never made.
    pub fn note(&mut self, at: Duration, line: impl FnOnce() -> String) {
        if self.detail == Detail::Off {
            return;
        }
        let line = format!("{:>12.6}  {}", at.as_secs_f64(), line());
        // FNV-1a.
        for byte in line.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if self.detail == Detail::Full {
            self.lines.push(line);
        }
    }

    /// How much is written down.
    pub fn detail(&self) -> Detail {
        self.detail
    }

    /// The lines, if they were kept.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// A digest over all lines.
    pub fn hash(&self) -> u64 {
        self.hash
    }
}
