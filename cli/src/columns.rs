//! Rows of cells as the lines of a table.

/// Words begin at the left of their columns, which come first, and numbers end at the right of theirs.
pub(crate) fn lines<const N: usize>(rows: &[[String; N]], words: usize) -> Vec<String> {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cell = |(at, (text, width)): (usize, (&String, &usize))| {
            if at < words { format!("{text:<width$}") } else { format!("{text:>width$}") }
        };
        let cells: Vec<String> = row.iter().zip(&widths).enumerate().map(cell).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
