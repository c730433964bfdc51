//! What came of many uploads.

use std::time::Duration;

use resumable::units::{show_number, show_rate, show_size, show_time};

/// How many uploads ended how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Files that are complete because of this run.
    pub(crate) sent: u64,
    /// Files that were left out, because they are there already.
    pub(crate) skipped: u64,
    /// Files that are not complete.
    pub(crate) failed: u64,
    /// Files that were stopped with all the others, or not begun.
    pub(crate) unfinished: u64,
    /// Files of those that are complete whose upload was begun by an earlier run.
    pub(crate) resumed: u64,
    /// Bytes of files that left in this run.
    pub(crate) bytes_sent: u64,
    /// How long the run took.
    pub(crate) took: Duration,
}

impl Summary {
    /// Files in all.
    pub(super) fn files(&self) -> u64 {
        self.sent + self.skipped + self.failed + self.unfinished
    }

    /// In a line: `4,998 sent (1.2 GiB in 3 min, 6.8 MiB/s on average), 12 skipped, 2 failed`.
    pub(super) fn line(&self) -> String {
        let millis = self.took.as_millis();
        let speed = (u128::from(self.bytes_sent) * 1000).checked_div(millis).filter(|speed| *speed > 0);
        let speed = speed.map(|speed| format!(", {} on average", show_rate(u64::try_from(speed).unwrap_or(u64::MAX))));
        let mut line = format!(
            "{} sent ({} in {}{})",
            show_number(self.sent),
            show_size(self.bytes_sent),
            show_time(self.took),
            speed.unwrap_or_default()
        );
        let others = [
            (self.resumed, "of them resumed"),
            (self.skipped, "skipped"),
            (self.failed, "failed"),
            (self.unfinished, "not finished"),
        ];
        for (count, word) in others {
            if count > 0 {
                line = format!("{line}, {} {word}", show_number(count));
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_happen_is_not_counted() {
        let took = Duration::from_secs(180);
        let summary = Summary { sent: 4_998, bytes_sent: 180 << 20, took, ..Summary::default() };
        assert_eq!(summary.line(), "4,998 sent (180.0 MiB in 3 min, 1.0 MiB/s on average)");
        let summary = Summary { skipped: 12, failed: 2, took, ..Summary::default() };
        assert_eq!(summary.line(), "0 sent (0 bytes in 3 min), 12 skipped, 2 failed");
        let summary = Summary { sent: 2, resumed: 1, unfinished: 7, took, ..Summary::default() };
        assert_eq!(summary.line(), "2 sent (0 bytes in 3 min), 1 of them resumed, 7 not finished");
        assert_eq!(summary.files(), 9);
    }
}
