//! Tables in pages whose rows name the tests that hold what they say.

/// The text of the first cell of a row and that of the last one.
pub(crate) fn cells(line: &str) -> Option<(&str, &str)> {
    let cells = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some((cells.split('|').next()?.trim(), cells.rsplit('|').next()?.trim()))
}

/// The words in backticks.
pub(crate) fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// Whether this is the text of a file with a function of this name.
pub(crate) fn defines(text: &str, name: &str) -> bool {
    text.contains(&format!("fn {name}("))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_read() {
        assert_eq!(cells(" | 1 | a | `b` in `c` |"), Some(("1", "`b` in `c`")));
        assert_eq!(cells("no row"), None);
        assert_eq!(quoted("`b` in `c`, `d").collect::<Vec<_>>(), ["b", "c", "d"]);
    }

    #[test]
    fn a_longer_name_is_another_function() {
        assert!(defines("    fn a_b() {", "a_b"));
        assert!(!defines("fn a_b_c() {} // a_b", "a_b"));
    }
}
