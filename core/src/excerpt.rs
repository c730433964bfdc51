//! Text from a server, made fit for a message to a person.

use alloc::string::String;
use alloc::vec::Vec;

/// The longest text that is kept, in characters.
const LONGEST: usize = 200;

/// One line of printable characters, at most 200 of them, without anything that could be a signature: an error page
/// may repeat the request's headers. Runs of `secret_like` or more base64 characters (also percent-encoded) are left
/// out; it is the length of the vendor's shortest key or signature.
pub fn printable(text: &str, secret_like: usize) -> String {
    let text = &text[..start(text)];
    let clean: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| shown(*c)).collect();
    let words = clean.split(' ').filter(|word| !word.is_empty());
    let line = words.map(|word| without_secrets(word, secret_like)).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let mut cut: String = line.chars().take(LONGEST - 1).collect();
    cut.push('…');
    cut
}

/// Where to cut a text so that an excerpt of it costs little, however long it is.
fn start(text: &str) -> usize {
    (0..=text.len().min(4096)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Control characters and those that change the direction of text or have no width are not shown.
fn shown(c: char) -> bool {
    let invisible =
        matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    !c.is_control() && !invisible
}

fn without_secrets(word: &str, secret_like: usize) -> String {
    let encoded = |c: char| c.is_ascii_alphanumeric() || "+/=%-_".contains(c);
    let mut kept = String::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c| encoded(c) != encoded(first)).unwrap_or(rest.len());
        let (piece, later) = rest.split_at(run);
        kept.push_str(if encoded(first) && run >= secret_like { "[…]" } else { piece });
        rest = later;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_short_printable_line() {
        assert_eq!(printable("<html>\r\n\t<b>413\u{1b}[31m\0</b>\u{202e}  x ", 64), "<html> <b>413[31m</b> x");
        let long = printable(&"ä b".repeat(100_000), 64);
        assert_eq!(long.chars().count(), 200);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn what_could_be_a_signature_is_left_out() {
        let signature = "2D1ZMiNCa9pQAP3k08a2w9aJrvIDlQ3nts2LOh/bQ9M=";
        assert_eq!(printable(&format!("signature=\"{signature}\", x"), 32), "signature=\"[…]\", x");
        assert_eq!(printable(&format!("?sign={}&a", signature.replace('/', "%2F")), 32), "?[…]&a");
        assert_eq!(printable("ost00010002@dx172fd79467d7a04802", 32), "ost00010002@dx172fd79467d7a04802");
        assert_eq!(printable(signature, 45), signature);
    }
}
