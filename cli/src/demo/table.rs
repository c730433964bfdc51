//! What the demo found, as a table.

use super::scenario::Row;
use crate::columns;
use resumable::units::{percent, show_time};

const COLUMNS: usize = 10;
const HEAD: [&str; COLUMNS] =
    ["vendor", "transport", "run", "killed at", "sent ÷ size", "allowed", "requests", "retries", "time", "verified"];
/// What the columns say that does not go without saying.
pub(super) const COLUMNS_MEAN: &str = "killed at: stored by then; sent ÷ size: by both processes, with what is allowed; \
    retries: after the kill; verified: stored as it is, byte for byte";
/// The columns that hold words.
const WORDS: usize = 3;

/// The table's lines.
pub(super) fn lines(rows: &[Row]) -> Vec<String> {
    let mut cells = vec![HEAD.map(str::to_owned)];
    cells.extend(rows.iter().map(row));
    columns::lines(&cells, WORDS)
}

fn row(row: &Row) -> [String; COLUMNS] {
    [
        row.vendor.to_owned(),
        row.transport.to_owned(),
        row.name.to_owned(),
        row.killed_at.map_or_else(|| "-".to_owned(), |stored| format!("{} %", percent(stored, row.len))),
        ratio(row.received, row.len),
        format!("≤ {}", ratio(row.allowed, row.len)),
        row.requests.to_string(),
        row.retries.clone(),
        show_time(row.time),
        if row.verified { "yes" } else { "NO" }.to_owned(),
    ]
}

/// Three decimals, rounded up: what is too much must not look like enough.
fn ratio(part: u64, whole: u64) -> String {
    let thousandths = (u128::from(part) * 1000).div_ceil(u128::from(whole.max(1)));
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_rounded_up() {
        assert_eq!(ratio(64, 64), "1.000");
        assert_eq!(ratio(65, 64), "1.016");
        assert_eq!(ratio(1_000_001, 1_000_000), "1.001");
        assert_eq!(ratio(0, 5), "0.000");
    }
}
