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

/// Cases that stand in no file of tests, and the list by which a macro makes tests of them.
const CASES: (&str, &str) = ("hostile/src/cases/", "hostile/src/list.rs");

/// Whether a file has a test of this name: one with the attribute, or a function that a macro is given to make tests of it.
pub(crate) fn is_test(path: &str, name: &str, file: impl Fn(&str) -> String) -> bool {
    let text = file(path);
    if !text.contains(&format!("fn {name}(")) {
        return false;
    }
    let (cases, list) = CASES;
    let is_listed = || words(&file(list)).any(|word| word == name);
    has_attribute(&text, name)
        || given_to_macros(&text).any(|word| word == name)
        || path.starts_with(cases) && is_listed()
}

/// Whether `#[test]`, or another attribute of that name, stands above the function.
fn has_attribute(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_above = |line: &&&str| line.starts_with("#[") || line.starts_with("//");
    let heads = lines.iter().enumerate().filter(|(_, line)| line.contains(&format!("fn {name}(")));
    let mut above = heads.flat_map(|(at, _)| lines[..at].iter().rev().take_while(is_above));
    above.any(|line| {
        let attribute = line.strip_prefix("#[").and_then(|rest| rest.split([']', '(']).next());
        attribute.is_some_and(|path| path.rsplit("::").next() == Some("test"))
    })
}

/// The words in calls of macros that stand outside of functions.
fn given_to_macros(text: &str) -> impl Iterator<Item = &str> {
    let mut is_inside = false;
    let lines = text.lines().filter(move |line| {
        let was_inside = is_inside;
        is_inside = is_inside && *line != "}" || line.ends_with("! {") && !line.starts_with([' ', '/']);
        was_inside
    });
    lines.filter(|line| !line.contains("fn ") && !line.contains("//")).flat_map(words)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
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

    fn is_in(text: &str, name: &str) -> bool {
        is_test("a.rs", name, |path| if path == "a.rs" { text.to_owned() } else { String::new() })
    }

    #[test]
    fn a_test_has_an_attribute() {
        for text in [
            "#[test]\nfn a_b() {",
            "    #[test]\n    /// That.\n    #[should_panic]\n    fn a_b() {",
            "#[tokio::test(flavor = \"current_thread\")]\nasync fn a_b() {",
            "proptest! {\n    #[test]\n    fn a_b(it in any()) {",
        ] {
            assert!(is_in(text, "a_b"), "{text}");
        }
    }

    #[test]
    fn a_helper_is_no_test() {
        for text in [
            "fn a_b() {",
            "#[test]\nfn other() {\n}\n\n#[track_caller]\nfn a_b() {",
            "#[cfg(test)]\nfn a_b() {",
            "#[test]\nfn a_b_c() {} // a_b",
            "#[test]\nfn c() {\n    assert! {\n        a_b()\n    }\n}\nfn a_b() {",
            "each! {\n    fn a_b() {}\n}",
        ] {
            assert!(!is_in(text, "a_b"), "{text}");
        }
    }

    #[test]
    fn a_macro_makes_tests_of_what_it_is_given() {
        let text = "over_each! {\n    of home:\n    c, a_b,\n}\n\nfn a_b(it: &It) {\n}\n\nfn d() {\n}\n";
        assert!(is_in(text, "a_b") && !is_in(text, "d"));
        let file = |path: &str| match path {
            "hostile/src/cases/x.rs" => "pub(crate) fn a_b() {\n}\nfn c() {".to_owned(),
            "hostile/src/list.rs" => "x {\n a_b\n \"why\"\n a_c }".to_owned(),
            _ => String::new(),
        };
        let is_case = |name| is_test("hostile/src/cases/x.rs", name, file);
        assert!(is_case("a_b") && !is_case("c") && !is_case("a_c"));
    }
}
