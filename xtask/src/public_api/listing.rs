//! The public items of one crate, one a line, out of the JSON that rustdoc writes of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use public_api::{Builder, PublicItem};
use serde_json::Value;

use super::FORMAT;
use crate::workspace::Result;

/// What one crate promises.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Items, grouped as they belong together.
    pub(crate) items: Vec<String>,
    /// The paths of other projects' types and traits among them.
    pub(crate) foreign: BTreeSet<String>,
}

/// JSON in another format than the lists are made from.
#[derive(Debug)]
pub(crate) struct OtherFormat {
    pub(crate) format: Value,
}

impl Listing {
    /// # Errors
    /// When the file cannot be read or is not rustdoc's.
    pub(crate) fn of(json: &Path) -> Result<std::result::Result<Self, OtherFormat>> {
        let failed = |error: String| format!("{}: {error}", json.display());
        let text = fs::read(json).map_err(|error| failed(error.to_string()))?;
        let rustdoc: Value = serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))?;
        if rustdoc["format_version"] != FORMAT {
            return Ok(Err(OtherFormat { format: rustdoc["format_version"].clone() }));
        }
        let built = Builder::from_rustdoc_json(json).omit_blanket_impls(true).build();
        let found: Vec<PublicItem> = built.map_err(|error| failed(error.to_string()))?.into_items().collect();
        let items = lines(&found, &rustdoc);
        let strangers = strangers(&rustdoc);
        let foreign = items.iter().flat_map(|line| foreign(line, &strangers)).collect();
        Ok(Ok(Self { items, foreign }))
    }
}

fn lines(found: &[PublicItem], rustdoc: &Value) -> Vec<String> {
    let texts: Vec<String> = found.iter().map(|item| with_origin(item, rustdoc)).collect();
    let trait_impls: BTreeSet<_> =
        found.iter().zip(&texts).filter(|(_, text)| is_trait_impl(text)).map(|(item, _)| item.id().0).collect();
    let mut lines: Vec<String> = found
        .iter()
        .zip(texts)
        // The trait says which functions it has.
        .filter(|(item, text)| {
            text.starts_with("pub type ") || item.parent_id().is_none_or(|parent| !trait_impls.contains(&parent.0))
        })
        .map(|(_, text)| text)
        .filter(|text| is_promise(text))
        .collect();
    lines.dedup();
    lines
}

/// Says of a re-exported item of another crate which one it is.
fn with_origin(item: &PublicItem, rustdoc: &Value) -> String {
    let reexport = &rustdoc["index"][item.id().0.to_string()]["inner"]["use"];
    let Some(source) = reexport["source"].as_str() else { return item.to_string() };
    let path = rustdoc["paths"][reexport["id"].to_string()]["path"].as_array();
    let path: Option<Vec<&str>> = path.map(|path| path.iter().filter_map(Value::as_str).collect());
    let all = if reexport["is_glob"] == true { "::*" } else { "" };
    format!("{item} = {}{all}", path.map_or_else(|| source.to_owned(), |path| path.join("::")))
}

fn is_trait_impl(text: &str) -> bool {
    text.starts_with("impl") && text.contains(" for ")
}

/// Traits that the compiler gives by itself are a promise only where they are missing or have a condition; some are none.
fn is_promise(text: &str) -> bool {
    if !text.starts_with("impl") {
        return true;
    }
    let implements = |name: &&str| text.contains(&format!("{name} for "));
    let none = ["Freeze", "UnsafeUnpin", "StructuralPartialEq"].map(|name| format!("core::marker::{name}"));
    let unwinding = ["core::panic::unwind_safe::UnwindSafe", "core::panic::unwind_safe::RefUnwindSafe"];
    if none.iter().map(String::as_str).chain(unwinding).any(|name| implements(&name)) {
        return false;
    }
    let given = ["core::marker::Send", "core::marker::Sync", "core::marker::Unpin"].iter().any(implements);
    !given || text.contains('!') || text.contains(" where ")
}

/// The crates that are neither ours nor part of Rust.
fn strangers(rustdoc: &Value) -> BTreeSet<&str> {
    let crates = rustdoc["external_crates"].as_object().into_iter().flat_map(|crates| crates.values());
    let ours = |name: &str| name.starts_with("resumable") || ["alloc", "core", "std", "proc_macro"].contains(&name);
    crates.filter_map(|external| external["name"].as_str()).filter(|name| !ours(name)).collect()
}

/// The paths in a line that begin with one of the crates.
fn foreign(line: &str, crates: &BTreeSet<&str>) -> Vec<String> {
    let words = line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let paths = words.filter(|word| word.split_once("::").is_some_and(|(first, _)| crates.contains(first)));
    paths.map(|path| path.trim_end_matches(':').to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use tempfile::TempDir;

    use super::super::rustdoc;
    use super::*;

    /// What rustdoc says of a crate that may use the crate `stranger`; nothing where it writes another format.
    fn listed(source: &str) -> Option<Listing> {
        let folder = TempDir::new().unwrap();
        let stranger = "pub struct Thing; pub trait Work {}";
        for (name, text) in [("stranger", stranger), ("ours", source)] {
            fs::write(folder.path().join(name).with_extension("rs"), text).unwrap();
        }
        let command = |program: std::ffi::OsString, args: &[&str]| {
            let mut command = Command::new(program);
            command.args(args).arg("--crate-type=lib").current_dir(folder.path()).env("RUSTC_BOOTSTRAP", "1");
            assert!(command.status().unwrap().success(), "{args:?}");
        };
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        command(rustc, &["stranger.rs", "--emit=metadata"]);
        let json =
            ["-Zunstable-options", "--output-format=json", "--edition=2024", "--extern=stranger=libstranger.rmeta"];
        command(rustdoc(), &[&["ours.rs"], json.as_slice()].concat());
        match Listing::of(&folder.path().join("doc/ours.json")).unwrap() {
            Ok(listing) => Some(listing),
            Err(other) => {
                eprintln!("not tested: this rustdoc writes format {}", other.format);
                None
            }
        }
    }

    fn foreign_of(listing: &Listing) -> Vec<&str> {
        listing.foreign.iter().map(String::as_str).collect()
    }

    #[test]
    fn public_items_are_listed_and_private_ones_are_not() {
        let source = "mod hidden { pub struct Far; }
            pub struct Near { pub a: u8, b: u8 }
            impl Near { pub fn act(&self) -> u8 { self.b } fn rest(&self) {} }
            #[non_exhaustive] #[derive(Clone)] pub enum E { A }";
        let Some(listing) = listed(source) else { return };
        let expected = [
            "pub mod ours",
            "#[non_exhaustive] pub enum ours::E",
            "pub ours::E::A",
            "impl core::clone::Clone for ours::E",
            "pub struct ours::Near",
            "pub ours::Near::a: u8",
            "impl ours::Near",
            "pub fn ours::Near::act(&self) -> u8",
        ];
        assert_eq!(listing.items, expected);
        assert!(listing.foreign.is_empty());
    }

    #[test]
    fn a_type_that_cannot_leave_its_thread_any_more_says_so() {
        let (Some(before), Some(after)) =
            (listed("pub struct S(u8);"), listed("pub struct S(std::rc::Rc<u8>); pub struct W<T>(T);"))
        else {
            return;
        };
        assert!(before.items.iter().all(|line| !line.contains("Send")), "{before:?}");
        assert!(after.items.contains(&"impl !core::marker::Send for ours::S".to_owned()), "{after:?}");
        let condition = "impl<T> core::marker::Send for ours::W<T> where T: core::marker::Send";
        assert!(after.items.iter().any(|line| line == condition), "{after:?}");
    }

    #[test]
    fn foreign_types_are_found_in_signatures_bounds_and_reexports_and_nowhere_else() {
        let places = [
            ("pub fn f(_: Option<&stranger::Thing>) {}", "stranger::Thing"),
            ("pub struct S { pub t: stranger::Thing }", "stranger::Thing"),
            ("pub fn g<T: stranger::Work>(_: T) {}", "stranger::Work"),
            ("pub struct S; impl stranger::Work for S {}", "stranger::Work"),
            (
                "pub struct S; impl Iterator for S { type Item = stranger::Thing; fn next(&mut self) -> Option<stranger::Thing> { None } }",
                "stranger::Thing",
            ),
            ("pub use stranger::Thing as Other;", "stranger::Thing"),
            ("pub use stranger::*;", "stranger"),
        ];
        for (source, expected) in places {
            let Some(listing) = listed(source) else { return };
            assert_eq!(foreign_of(&listing), [expected], "{source}: {listing:?}");
        }
        let Some(inside) = listed("pub struct S(stranger::Thing); fn f(_: stranger::Thing) {}") else { return };
        assert!(inside.foreign.is_empty(), "{inside:?}");
    }

    #[test]
    fn another_format_is_told_and_damage_is_an_error() {
        let folder = TempDir::new().unwrap();
        let json = folder.path().join("x.json");
        fs::write(&json, r#"{"format_version":1}"#).unwrap();
        assert_eq!(Listing::of(&json).unwrap().unwrap_err().format, 1);
        fs::write(&json, "{").unwrap();
        assert!(Listing::of(&json).unwrap_err().contains("x.json"));
    }
}
