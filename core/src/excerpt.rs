//! Text from a server, made fit for a message to a person.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The longest text that is kept, in characters.
const LONGEST: usize = 200;

/// One line of printable characters, at most 200 of them, without anything that could be a signature: an error page
/// may repeat the request's headers. Runs of `secret_like` or more base64 characters (also percent-encoded) are left
/// out, unless they are a name like `ERROR_CMD_BUCKET_NOTEXIST`; it is the length of the vendor's shortest key or
/// signature.
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

/// The shortest secret or signature of any vendor whose names for requests are shorter, in base64 characters.
const ID_SECRET_LIKE: usize = 28;
/// The longest name of a request that is taken, in bytes.
const LONGEST_ID: usize = 128;

/// A vendor's name for a request, to quote to its support, if this is one: a word that is shorter than any secret or
/// signature; or a longer one that cannot be any, because it is several words in small letters, or is words in base64. A
/// server may write there whatever it likes, the request's own headers too.
pub fn request_id(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let is_word = text.bytes().all(plain) && printable(text, ID_SECRET_LIKE) == text;
    let is_id = is_word || is_words(text) || STANDARD.decode(text).is_ok_and(|words| words.iter().copied().all(plain));
    ((1..=LONGEST_ID).contains(&text.len()) && is_id).then(|| text.into())
}

/// Words in small letters with hyphens between them, like a UUID.
fn is_words(text: &str) -> bool {
    text.matches('-').count() >= 2 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
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
        kept.push_str(if encoded(first) && run >= secret_like && !is_name(piece) { "[…]" } else { piece });
        rest = later;
    }
    kept
}

/// Words in capitals. A key or a signature of some length has other characters, too.
fn is_name(piece: &str) -> bool {
    piece.contains('_') && piece.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
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
    fn a_request_is_named_by_a_word_or_by_words() {
        for id in [
            "695584A0EMU0000000000001",
            "NWRjOTMxMTNfNWFiMjU4NjRfM2Y0ZV8xNjQ4M2IzXzI=",
            "48d44422-3188-4c6c-b122-6f780742f125",
            "tx000000000000000000001-005f8f1b3b-4157-default",
        ] {
            assert_eq!(request_id(&format!(" {id} ")).as_deref(), Some(id));
        }
        for other in [
            "",
            "a b",
            "a\nb",
            "a/b",
            "298ff2fbb76dd7ff0195d3d973dcf150f33b0250",
            "Xk3vR9mQ2wT7zL5cB8nJ4hF6dS1gP0yA",
            "Xk3vR9mQ2wT7zL5cB8nJ-4hF6dS1-gP0yA",
            "AKIAEMULATOR/20260101/us-east-1/s3",
            &"a-b-c".repeat(26),
        ] {
            assert_eq!(request_id(other), None, "{other}");
        }
    }

    #[test]
    fn what_could_be_a_signature_is_left_out() {
        let signature = "2D1ZMiNCa9pQAP3k08a2w9aJrvIDlQ3nts2LOh/bQ9M=";
        assert_eq!(printable(&format!("signature=\"{signature}\", x"), 32), "signature=\"[…]\", x");
        assert_eq!(printable(&format!("?sign={}&a", signature.replace('/', "%2F")), 32), "?[…]&a");
        assert_eq!(printable("ost00010002@dx172fd79467d7a04802", 32), "ost00010002@dx172fd79467d7a04802");
        assert_eq!(printable(signature, 45), signature);
        assert_eq!(printable("(ERROR_PROXY_AUTH_SIGN_EXPIRED)", 20), "(ERROR_PROXY_AUTH_SIGN_EXPIRED)");
        assert_eq!(printable("ERROR_PROXY_AUTH_SIGN_EXPIRED/1", 20), "[…]");
        assert_eq!(printable("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 20), "[…]");
    }
}
