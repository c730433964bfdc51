//! What a file mentions, read from its tokens: imports one by one, paths with their aliases resolved.

use std::collections::BTreeMap;
use std::fmt;

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};

/// A path, and the manner in which it is mentioned.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) path: Vec<String>,
    pub(crate) manner: Manner,
    pub(crate) line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// `use path;`
    Import,
    /// `use path::*;`
    Glob,
    /// `path` in an expression, a type or a pattern.
    Plain,
    /// `path()`
    EmptyCall,
    /// `path!(…)`
    Macro,
    /// `#[path…]`
    Attribute,
}

impl fmt::Display for Mention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.join("::");
        match self.manner {
            Manner::Import => write!(f, "use {path}"),
            Manner::Glob => write!(f, "use {path}::*"),
            Manner::Plain => write!(f, "{path}"),
            Manner::EmptyCall => write!(f, "{path}()"),
            Manner::Macro => write!(f, "{path}!"),
            Manner::Attribute => write!(f, "#[{path}]"),
        }
    }
}

/// What stands before a `mod name;`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gate {
    /// `#[cfg(test)]`
    Test,
    /// `#[cfg(feature = "…")]`
    Feature,
    Open,
}

#[derive(Default)]
pub(crate) struct Source {
    pub(crate) mentions: Vec<Mention>,
    /// The modules that stand in files of their own.
    pub(crate) modules: Vec<(String, Gate)>,
}

impl Source {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let stream: TokenStream = text.parse().map_err(|e| format!("these are no Rust tokens: {e}"))?;
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut reader = Reader::default();
        reader.items(&tokens, 0);
        reader.resolve_aliases();
        Ok(Self { mentions: reader.mentions, modules: reader.modules })
    }
}

#[derive(Default)]
struct Reader {
    mentions: Vec<Mention>,
    modules: Vec<(String, Gate)>,
    aliases: BTreeMap<String, Vec<String>>,
}

impl Reader {
    fn items(&mut self, tokens: &[TokenTree], depth: usize) {
        let mut gate = Gate::Open;
        let mut at = 0;
        while at < tokens.len() {
            if let Some(attribute) = Attribute::at(tokens, at) {
                at += attribute.tokens;
                match attribute.gate() {
                    Gate::Test if attribute.inner => return,
                    Gate::Test => gate = Gate::Test,
                    Gate::Feature if gate == Gate::Open => gate = Gate::Feature,
                    _ => {}
                }
                self.attribute(&attribute);
                continue;
            }
            self.module(&tokens[at..], gate, depth);
            at = match gate {
                Gate::Test => end_of_item(tokens, at),
                Gate::Feature | Gate::Open => self.next(tokens, at, depth),
            };
            if !starts_an_item(&tokens[at - 1]) {
                gate = Gate::Open;
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute<'_>) {
        let path = vec![attribute.name.clone()];
        self.mention(path, Manner::Attribute, attribute.group.span_open().start().line);
    }

    fn module(&mut self, tokens: &[TokenTree], gate: Gate, depth: usize) {
        let tokens = if gate == Gate::Test { after_visibility(tokens) } else { tokens };
        if let [TokenTree::Ident(word), TokenTree::Ident(name), end, ..] = tokens
            && word == "mod"
            && is_punct(end, ';')
            && depth == 0
        {
            self.modules.push((plain(name), gate));
        }
    }

    /// Reads what starts at `at`; answers where the next thing starts.
    fn next(&mut self, tokens: &[TokenTree], at: usize, depth: usize) -> usize {
        match &tokens[at] {
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                self.items(&inner, depth + 1);
                at + 1
            }
            TokenTree::Ident(word) if word == "use" => self.imports(tokens, at + 1, &[]),
            TokenTree::Ident(word) if word == "extern" => self.extern_crate(tokens, at),
            TokenTree::Ident(_) => self.path(tokens, at),
            TokenTree::Punct(_) if is_path_separator(tokens, at) && is_ident(tokens, at + 2) => {
                self.path(tokens, at + 2)
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => at + 1,
        }
    }

    fn path(&mut self, tokens: &[TokenTree], start: usize) -> usize {
        let (path, at) = segments(tokens, start);
        let manner = match tokens.get(at) {
            Some(TokenTree::Punct(mark)) if mark.as_char() == '!' && !is_not_equal(tokens, at) => Manner::Macro,
            Some(TokenTree::Group(group)) if is_empty_call(group) => Manner::EmptyCall,
            _ => Manner::Plain,
        };
        self.mention(path, manner, line(&tokens[start]));
        at
    }

    /// One import tree after `prefix`: `a::b`, `a as b`, `a::*`, `a::{…}`.
    fn imports(&mut self, tokens: &[TokenTree], start: usize, prefix: &[String]) -> usize {
        let start = if is_path_separator(tokens, start) { start + 2 } else { start };
        let (more, mut at) = segments(tokens, start);
        let path = [prefix, &more].concat();
        if is_path_separator(tokens, at) {
            at += 2;
        }
        match tokens.get(at) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                self.import_group(group, &path);
                at + 1
            }
            Some(star) if is_punct(star, '*') => {
                self.mention(path, Manner::Glob, line(star));
                at + 1
            }
            _ if more.is_empty() => at,
            _ => self.import(tokens, start, at, path),
        }
    }

    fn import_group(&mut self, group: &Group, prefix: &[String]) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        for tree in tokens.split(|token| is_punct(token, ',')) {
            self.imports(tree, 0, prefix);
        }
    }

    fn import(&mut self, tokens: &[TokenTree], start: usize, end: usize, mut path: Vec<String>) -> usize {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let (alias, end) = match tokens.get(end..end + 2) {
            Some([TokenTree::Ident(word), TokenTree::Ident(alias)]) if word == "as" => (Some(plain(alias)), end + 2),
            _ => (path.last().cloned(), end),
        };
        if let Some(alias) = alias.filter(|alias| alias != "_") {
            self.aliases.insert(alias, path.clone());
        }
        self.mention(path, Manner::Import, line(&tokens[start]));
        end
    }

    /// `extern crate a as b;`
    fn extern_crate(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        match tokens.get(at + 1..at + 3) {
            Some([TokenTree::Ident(word), TokenTree::Ident(name)]) if word == "crate" => {
                self.import(tokens, at + 2, at + 3, vec![plain(name)])
            }
            _ => at + 1,
        }
    }

    fn mention(&mut self, path: Vec<String>, manner: Manner, line: usize) {
        self.mentions.push(Mention { path, manner, line });
    }

    /// `use a::b as c;` makes `c::d` mean `a::b::d`.
    fn resolve_aliases(&mut self) {
        const DEEPEST: usize = 8;
        for mention in &mut self.mentions {
            for _ in 0..DEEPEST {
                let Some(meant) = mention.path.first().and_then(|first| self.aliases.get(first)) else {
                    break;
                };
                if meant.first() == mention.path.first() {
                    break;
                }
                mention.path.splice(..1, meant.iter().cloned());
            }
        }
    }
}

struct Attribute<'a> {
    name: String,
    group: &'a Group,
    inner: bool,
    tokens: usize,
}

impl<'a> Attribute<'a> {
    fn at(tokens: &'a [TokenTree], at: usize) -> Option<Self> {
        let (inner, group) = match tokens.get(at..)? {
            [hash, TokenTree::Group(group), ..] if is_punct(hash, '#') => (false, group),
            [hash, bang, TokenTree::Group(group), ..] if is_punct(hash, '#') && is_punct(bang, '!') => (true, group),
            _ => return None,
        };
        let name = match group.stream().into_iter().next() {
            Some(TokenTree::Ident(name)) if group.delimiter() == Delimiter::Bracket => plain(&name),
            _ => return None,
        };
        Some(Self { name, group, inner, tokens: if inner { 3 } else { 2 } })
    }

    fn gate(&self) -> Gate {
        let inside: Vec<TokenTree> = self.group.stream().into_iter().collect();
        match inside.as_slice() {
            [TokenTree::Ident(cfg), TokenTree::Group(condition)] if cfg == "cfg" => {
                let condition: Vec<TokenTree> = condition.stream().into_iter().collect();
                if requires(&condition, "test") {
                    Gate::Test
                } else if requires(&condition, "feature") {
                    Gate::Feature
                } else {
                    Gate::Open
                }
            }
            _ => Gate::Open,
        }
    }
}

/// Whether the condition can hold only where `what` (`test`, or any `feature = "…"`) holds.
fn requires(condition: &[TokenTree], what: &str) -> bool {
    match condition {
        [TokenTree::Ident(all), TokenTree::Group(parts)] if all == "all" => {
            parts_of(parts).any(|part| requires(&part, what))
        }
        [TokenTree::Ident(any), TokenTree::Group(parts)] if any == "any" => {
            !parts.stream().is_empty() && parts_of(parts).all(|part| requires(&part, what))
        }
        [TokenTree::Ident(not), TokenTree::Group(_)] if not == "not" => false,
        [TokenTree::Ident(word), ..] => word == what,
        _ => false,
    }
}

fn parts_of(group: &Group) -> impl Iterator<Item = Vec<TokenTree>> {
    let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
    let parts: Vec<_> = tokens.split(|token| is_punct(token, ',')).map(<[TokenTree]>::to_vec).collect();
    parts.into_iter().filter(|part| !part.is_empty())
}

/// Where the item, field or arm at `at` is over: after `;`, after `{…}`, or after a `,` that stands
/// in no angle brackets.
fn end_of_item(tokens: &[TokenTree], start: usize) -> usize {
    let mut angles = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return at + 1,
            TokenTree::Punct(mark) => match mark.as_char() {
                ';' => return at + 1,
                ',' if angles == 0 => return at + 1,
                '<' => angles += 1,
                '>' if !is_arrow_head(tokens, at) => angles = angles.saturating_sub(1),
                _ => {}
            },
            _ => {}
        }
    }
    tokens.len()
}

/// `pub`, `pub(crate)` and the like: the attributes before them are about what follows.
fn starts_an_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Ident(word) => word == "pub",
        TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
        _ => false,
    }
}

fn after_visibility(tokens: &[TokenTree]) -> &[TokenTree] {
    let more = tokens.iter().position(|token| !starts_an_item(token));
    more.map_or(&[], |more| &tokens[more..])
}

/// `a::b::c` from an identifier on, without what no longer is one (`::<`, `::{`).
fn segments(tokens: &[TokenTree], start: usize) -> (Vec<String>, usize) {
    let mut path = Vec::new();
    let mut at = start;
    while let Some(TokenTree::Ident(name)) = tokens.get(at) {
        path.push(plain(name));
        at += 1;
        let goes_on = is_path_separator(tokens, at) && is_ident(tokens, at + 2);
        if !goes_on || KEYWORDS.iter().any(|keyword| name == keyword) {
            break;
        }
        at += 2;
    }
    (path, at)
}

/// What may stand before a path that begins with `::`, and is no part of it.
const KEYWORDS: [&str; 21] = [
    "as", "break", "const", "dyn", "else", "for", "if", "impl", "in", "let", "match", "move", "mut", "pub", "ref",
    "return", "static", "unsafe", "where", "while", "yield",
];

fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    tokens.get(at).is_some_and(|token| is_joint(token, ':'))
        && tokens.get(at + 1).is_some_and(|token| is_punct(token, ':'))
}

fn is_arrow_head(tokens: &[TokenTree], at: usize) -> bool {
    at > 0 && (is_joint(&tokens[at - 1], '-') || is_joint(&tokens[at - 1], '='))
}

fn is_not_equal(tokens: &[TokenTree], at: usize) -> bool {
    is_joint(&tokens[at], '!') && tokens.get(at + 1).is_some_and(|token| is_punct(token, '='))
}

fn is_empty_call(group: &Group) -> bool {
    group.delimiter() == Delimiter::Parenthesis && group.stream().is_empty()
}

fn is_ident(tokens: &[TokenTree], at: usize) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Ident(_)))
}

fn is_punct(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

fn is_joint(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark && punct.spacing() == Spacing::Joint)
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

/// Without the `r#` of a raw identifier.
fn plain(name: &Ident) -> String {
    let name = name.to_string();
    name.strip_prefix("r#").unwrap_or(&name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let source = Source::parse(text).unwrap();
        source.mentions.iter().map(|mention| format!("{}:{mention}", mention.line)).collect()
    }

    #[test]
    fn grouped_imports_are_read_one_by_one() {
        let text = "use std::{fs,\n time::{self as t, Duration, SystemTime as S},\n io::*};";
        let expected = [
            "1:use std::fs",
            "2:use std::time",
            "2:use std::time::Duration",
            "2:use std::time::SystemTime",
            "3:use std::io::*",
        ];
        assert_eq!(told(text), expected);
    }

    #[test]
    fn aliases_are_resolved_wherever_they_stand() {
        assert_eq!(told("fn f() { t::now() }\nuse std::time as t;")[2..], ["1:std::time::now()", "2:use std::time"]);
        assert_eq!(
            told("extern crate std as s; use s::fs as f; fn g() { f::read(1) }").last().unwrap(),
            "1:std::fs::read"
        );
        assert_eq!(told("use a::a; a::b").last().unwrap(), "1:a::b");
    }

    #[test]
    fn comments_docs_and_strings_are_no_mentions() {
        assert_eq!(
            told("//! std::fs\n/* std::fs */ /// std::fs\nconst X: &str = \"std::fs\";"),
            ["1:#[doc]", "2:#[doc]", "3:const", "3:X", "3:str"]
        );
    }

    #[test]
    fn what_only_tests_compile_is_left_out_and_no_more() {
        assert_eq!(told("#[cfg(test)] mod tests { use std::fs; } a"), ["1:#[cfg]", "1:a"]);
        assert_eq!(
            told("#[cfg(all(test, unix))] #[x] pub(crate) fn f<A, B>() -> A { b } a"),
            ["1:#[cfg]", "1:#[x]", "1:a"]
        );
        assert_eq!(told("struct S { #[cfg(test)] x: A<B, C>, y: D }").last().unwrap(), "1:D");
        assert_eq!(told("#[cfg(test)] use a::{b}; c").last().unwrap(), "1:c");
        assert_eq!(told("#![cfg(test)] a"), [""; 0]);
        for kept in ["not(test)", "any(test, unix)", "unix"] {
            assert!(told(&format!("#[cfg({kept})] mod m {{ a }}")).contains(&"1:a".to_owned()), "{kept}");
        }
    }

    #[test]
    fn modules_are_told_with_their_gate() {
        let text = "mod a;\n#[cfg(test)] pub(crate) mod b;\n/// Doc.\n#[cfg(any(feature = \"x\", feature = \"y\"))] pub(crate) mod c;\nmod d {} mod e;";
        let modules = Source::parse(text).unwrap().modules;
        let told: Vec<_> = modules.iter().map(|(name, gate)| (name.as_str(), *gate)).collect();
        assert_eq!(told, [("a", Gate::Open), ("b", Gate::Test), ("c", Gate::Feature), ("e", Gate::Open)]);
    }

    #[test]
    fn calls_and_macros_are_told_apart() {
        assert_eq!(
            told("a::b() c(1) d!(e) f != g; return ::h::<i>()"),
            ["1:a::b()", "1:c", "1:d!", "1:e", "1:f", "1:g", "1:return", "1:h", "1:i"]
        );
    }

    #[test]
    fn capturing_is_no_import() {
        assert_eq!(told("fn f<'a, T>() -> impl Sized + use<'a, T> { x }").last().unwrap(), "1:x");
    }
}
