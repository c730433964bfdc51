//! Names that somebody else chose, made safe to stand in an error or on a terminal.

use std::path::Path;

/// A path, with control characters escaped.
pub fn path(path: &Path) -> String {
    text(&path.to_string_lossy())
}

/// A text, with control characters escaped.
pub fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_moves_the_cursor() {
        assert_eq!(text("a\x1b[2J\nb"), "a\\u{1b}[2J\\nb");
        assert_eq!(text("测试 a~(1)+%.bin"), "测试 a~(1)+%.bin");
    }
}
