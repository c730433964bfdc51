//! Texts with `*` in them.

/// Whether `pattern`, in which each `*` stands for any text, covers all of `text`.
pub(super) fn covers(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces = rest.split('*');
    let last = pieces.next_back().unwrap_or_default();
    for piece in pieces {
        let Some((_, after)) = text.split_once(piece) else {
            return false;
        };
        text = after;
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text) in
            [("/a", "/a"), ("*", ""), ("/a*", "/a"), ("/a*c*e", "/abcde"), ("*b*b", "bb"), ("**", "x")]
        {
            assert!(covers(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("/a", "/ab"), ("/a*c", "/acb"), ("*b*b", "b"), ("a*a", "a"), ("", "x"), ("*x*", "y")] {
            assert!(!covers(pattern, text), "{pattern} {text}");
        }
    }
}
