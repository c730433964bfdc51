//! Text from a server, made fit for a message to a person.

/// The longest text that is kept, in characters.
const LONGEST: usize = 200;

/// Runs of base64 characters (also percent-encoded) of at least this length are left out: an error page may repeat
/// the request's headers, and a signature is never shorter.
const SIGNATURE_LIKE: usize = 64;

/// One line of printable characters, at most 200 of them, without anything that could be a signature.
pub fn printable(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| shown(*c)).collect();
    let line = clean.split(' ').filter(|word| !word.is_empty()).map(without_signatures).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    let mut cut: String = line.chars().take(LONGEST - 1).collect();
    cut.push('…');
    cut
}

/// Control characters and those that change the direction of text or have no width are not shown.
fn shown(c: char) -> bool {
    let invisible =
        matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    !c.is_control() && !invisible
}

fn without_signatures(word: &str) -> String {
    let encoded = |c: char| c.is_ascii_alphanumeric() || "+/=%-_".contains(c);
    let mut kept = String::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|c| encoded(c) != encoded(first)).unwrap_or(rest.len());
        let (piece, later) = rest.split_at(run);
        kept.push_str(if encoded(first) && run >= SIGNATURE_LIKE { "[…]" } else { piece });
        rest = later;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_short_printable_line() {
        assert_eq!(printable("<html>\r\n\t<b>413\u{1b}[31m\0</b>\u{202e}  x "), "<html> <b>413[31m</b> x");
        let long = printable(&"ä b".repeat(1000));
        assert_eq!(long.chars().count(), 200);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn what_could_be_a_signature_is_left_out() {
        let signature =
            "MRwNITWcrKm/hsIAGIkyW86G4+1hPTEwMDU1MDA0Jms9QUtJRHRlc3RpZCZlPTE0NzAwMDAzMDAmdD0xNDcwMDAwMDAwJg==";
        assert_eq!(printable(&format!("Authorization:{signature}; no")), "Authorization:[…]; no");
        assert_eq!(printable(&format!("?sign={}&a", signature.replace('/', "%2F"))), "?[…]&a");
        assert_eq!(
            printable("id NTk5YzExMjJfMjViMjU4NjRfMTUyMV8xMjM0NTY="),
            "id NTk5YzExMjJfMjViMjU4NjRfMTUyMV8xMjM0NTY="
        );
    }
}
