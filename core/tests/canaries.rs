//! The search for secrets finds them.

mod canary;

use canary::{Canary, unseen};

/// Has what base64 and percent-encoding write in another way.
const SECRET: &str = "fZ3/q+8?~ü>wK0rL5=tY";

#[test]
fn a_secret_is_found_in_each_form_wherever_it_stands() {
    for (form, text) in [
        ("itself", "x fZ3/q+8?~ü>wK0rL5=tY x"),
        ("a piece", "fZ3/q+8?~ü>w…"),
        ("another piece", "…~ü>wK0rL5=tY"),
        ("hexadecimal digits", "00665a332f712b383f7ec3bc3e774b30724c353d745900"),
        ("hexadecimal digits in capitals", "00665A332F712B383F7EC3BC3E774B30724C353D745900"),
        ("percent-encoded text", "q=fZ3%2Fq%2B8%3F~%C3%BC%3EwK0rL5%3DtY&r"),
        ("percent-encoded text in small letters", "q=fZ3%2fq%2b8%3f~%c3%bc%3ewK0rL5%3dtY&r"),
        ("percent-encoded bytes", "%66%5A%33%2F%71%2B%38%3F%7E%C3%BC%3E%77%4B%30%72%4C%35%3D%74%59"),
        ("a list of bytes", "[0, 102, 90, 51, 47, 113, 43, 56, 63, 126, 195, 188, 62, 119, 75]"),
        ("base64", "ZlozL3ErOD9+w7w+d0swckw1PXRZ"),
        ("base64 for URLs", "ZlozL3ErOD9-w7w-d0swckw1PXRZ"),
        ("base64 of a login", "bWU6ZlozL3ErOD9+w7w+d0swckw1PXRZ"),
        ("base64 after one byte", "eGZaMy9xKzg/fsO8PndLMHJMNT10WXg="),
        ("base64 after two bytes", "eHhmWjMvcSs4P37DvD53SzByTDU9dFk="),
    ] {
        assert!(Canary::new(SECRET).seen_in(text.as_bytes()).is_some(), "{form}");
    }
}

#[test]
fn other_text_is_none() {
    let canaries = [Canary::new(SECRET), Canary::whole("emulator-secret-key"), Canary::new("short")];
    unseen(&canaries, "another text", "fZ3/q+8?~ emulator-secret-kez c2hvcg== 73686f72");
    unseen(&canaries, "no text", "");
}

#[test]
#[should_panic(expected = "a log: emulator-secret-key is seen as base64")]
fn what_is_seen_is_told() {
    unseen(&[Canary::whole("emulator-secret-key")], "a log", "ZW11bGF0b3Itc2VjcmV0LWtleQ==");
}
