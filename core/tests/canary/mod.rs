//! Secrets that must be nowhere: looked for as they are, and in each way that a program may write them. The tests of the
//! protocols, of the library and of the command have this module, too.

#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::fmt::Write as _;

/// How many bytes of a secret in a row are too many. A shorter secret is looked for as a whole.
const PIECE: usize = 12;

/// Made-up keys, as long as the vendors' are: what travels with each request, or is the first of two tokens, and the secret.
pub(crate) const COS: [&str; 2] = ["AKIDq7Hc2Vn9Xw4Tz6Yb1Md8Kf3Jr5Ls0GpE", "Xk3vR9mQ2wT7zL5cB8nJ4hF6dS1gP0yA"];
pub(crate) const XFYUN: [&str; 2] = ["9f3ce17a64bd520883d1c7f5a0e94b26", "OGQ3YzQ2bWE1ZjEwNGI5ZTgzZDcxNmYw"];
pub(crate) const OSS: [&str; 2] = ["LTAI5tQw8ErTy2UiOp4AsDf6", "mZ7xN1vB5cX9lK3jH8gF2dS6aP0oIu"];
pub(crate) const S3: [&str; 2] = ["AKIAQ7W3E9R5T1Y8U2I4", "bV4/nM8+kJ2hG6fD0sA1pO5iU9yT3rE7wQ/zX+cL"];
pub(crate) const P115: [&str; 2] = [
    "j3Wq9.Zr5Tb1Yn7Um2Ik6Ol8Pa4Sd0Fg3Hj9Kl5Zx1Cv7Bn2Mq6We8Rt4Yu0Io",
    "x7Np2.Lk9Jh5Gf1Ds7Aq3We8Rt4Zu0Io6Py2Mn9Bv5Cx1Yl7Kj3Hg8Fd4Sa0Pq",
];
/// What is written where a key should be, and is none.
pub(crate) const WRONG: [&str; 2] = ["Wr0ngPq8Zm4Xn6Cb2Vl9Kj5Hg1Fd7Sa3", "Wr1ngRt5Yu9Io2Pl6Kj8Hg4Fd0Sa7Zx"];

/// A secret that must be nowhere.
#[derive(Clone)]
pub(crate) struct Canary {
    secret: String,
    /// Each text that would give it away, and in what form that has it.
    forms: Vec<(&'static str, String)>,
}

impl Canary {
    /// One of which no piece may be seen.
    pub(crate) fn new(secret: &str) -> Self {
        let bytes = secret.as_bytes();
        let forms = bytes.windows(PIECE.min(bytes.len())).flat_map(forms).collect();
        Self { secret: secret.to_owned(), forms }
    }

    /// One that may not be seen as a whole: for made-up ones that are words.
    pub(crate) fn whole(secret: &str) -> Self {
        Self { secret: secret.to_owned(), forms: forms(secret.as_bytes()) }
    }

    /// How it can be seen in this text, if it can.
    pub(crate) fn seen_in(&self, text: &[u8]) -> Option<String> {
        let text = String::from_utf8_lossy(text);
        let (form, piece) = self.forms.iter().find(|(_, piece)| text.contains(piece.as_str()))?;
        Some(format!("{} is seen as {form}: {piece}", self.secret))
    }
}

/// Panics if one of these can be seen in the text.
#[track_caller]
pub(crate) fn unseen(canaries: &[Canary], what: &str, text: impl AsRef<[u8]>) {
    let text = text.as_ref();
    if let Some(seen) = canaries.iter().find_map(|canary| canary.seen_in(text)) {
        panic!("{what}: {seen}\n{}", String::from_utf8_lossy(text));
    }
}

fn forms(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let mut forms = vec![
        ("itself", String::from_utf8_lossy(bytes).into_owned()),
        ("hexadecimal digits", each(bytes, |byte| format!("{byte:02x}"))),
        ("hexadecimal digits in capitals", each(bytes, |byte| format!("{byte:02X}"))),
        ("percent-encoded text", each(bytes, |byte| percent(byte, |it| format!("%{it:02X}")))),
        ("percent-encoded text in small letters", each(bytes, |byte| percent(byte, |it| format!("%{it:02x}")))),
        ("percent-encoded bytes", each(bytes, |byte| format!("%{byte:02X}"))),
        ("percent-encoded bytes in small letters", each(bytes, |byte| format!("%{byte:02x}"))),
        ("a list of bytes", bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")),
    ];
    for before in 0..3 {
        forms.push(("base64", base64(bytes, before, *b"+/")));
        forms.push(("base64 for URLs", base64(bytes, before, *b"-_")));
    }
    forms
}

fn each(bytes: &[u8], shown: impl Fn(u8) -> String) -> String {
    bytes.iter().map(|byte| shown(*byte)).collect()
}

fn percent(byte: u8, escaped: impl Fn(u8) -> String) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) { char::from(byte).into() } else { escaped(byte) }
}

/// What base64 has of these bytes whatever stands around them, if so many bytes stand before them.
fn base64(bytes: &[u8], before: usize, last: [u8; 2]) -> String {
    let mut padded = vec![0; before];
    padded.extend_from_slice(bytes);
    let mut bits = String::new();
    padded.iter().for_each(|byte| write!(bits, "{byte:08b}").unwrap());
    // Whole groups of six bits that are of these bytes alone.
    let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
    let group = |at: usize| u8::from_str_radix(&bits[at * 6..at * 6 + 6], 2).unwrap();
    (from..to).map(|at| char::from(digit(group(at), last))).collect()
}

fn digit(value: u8, last: [u8; 2]) -> u8 {
    match value {
        0..26 => b'A' + value,
        26..52 => b'a' + value - 26,
        52..62 => b'0' + value - 52,
        _ => last[usize::from(value - 62)],
    }
}
