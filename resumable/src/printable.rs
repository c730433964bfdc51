//! Names that somebody else chose, made safe to stand in an error or on a terminal.

use std::path::Path;

/// Characters that are not seen and change what is: the order of a line, its ends, or what a name looks like. Joiners are
/// not among them, because emoji and some scripts need them.
const INVISIBLE: [(char, char); 10] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200b}'),
    ('\u{200e}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{fff9}', '\u{fffb}'),
    ('\u{e0001}', '\u{e0001}'),
];

/// A path, with control and format characters escaped.
pub fn path(path: &Path) -> String {
    text(&path.to_string_lossy())
}

/// A text, with control and format characters escaped.
pub fn text(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        let escaped = character.is_control() || is_invisible(character);
        if escaped { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    shown
}

fn is_invisible(character: char) -> bool {
    INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_moves_the_cursor() {
        assert_eq!(text("a\x1b[2J\nb"), "a\\u{1b}[2J\\nb");
        assert_eq!(text("测试 a~(1)+%.bin"), "测试 a~(1)+%.bin");
    }

    #[test]
    fn no_name_turns_the_line_around() {
        assert_eq!(text("photo\u{202e}gpj.exe"), "photo\\u{202e}gpj.exe");
        for hidden in ['\u{200f}', '\u{2066}', '\u{2069}', '\u{2028}', '\u{feff}', '\u{200b}', '\u{ad}'] {
            assert_eq!(text(&hidden.to_string()), hidden.escape_default().to_string());
        }
        for seen in ["👨\u{200d}👩\u{200d}👧", "می\u{200c}خواهم", "e\u{301}", "全\u{3000}角"] {
            assert_eq!(text(seen), seen);
        }
    }
}
