//! What the published crates promise to programs that use them: their public items, and the types of other crates among
//! those. The lists are committed in `public-api/`, so that a change of them is seen where it is reviewed.
//!
//! The items come from rustdoc's JSON. Stable Rust writes it only if `RUSTC_BOOTSTRAP` is set. Cargo itself must not see
//! that variable, because build scripts watch it and every dependency would be built again. So this program stands in for
//! rustdoc and sets it for rustdoc alone.

mod listing;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

use self::listing::Listing;
use crate::verdict::Verdict;
use crate::workspace::{Result, Workspace, published, run, target};

/// Names the rustdoc that this program stands in for.
pub(crate) const RUSTDOC: &str = "RESUMABLE_XTASK_RUSTDOC";

/// The format of rustdoc's JSON that the lists are made from. Another one may name the same items differently.
const FORMAT: u64 = 57;
const FOLDER: &str = "public-api";
const FOREIGN: &str = "foreign-types";
const WRITE: &str = "cargo xtask public-api --write";

/// A file of the folder, without its `.txt`, and its lines.
type Lists = BTreeMap<String, Vec<String>>;

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    let lists = match read(workspace)? {
        Read::Lists(lists) => lists,
        Read::Unknown(why) => return Ok(skip(why)),
    };
    compare(&committed(&workspace.root().join(FOLDER))?, &lists)?;
    println!("{} public items in {} crates are as listed", items(&lists), lists.len() - 1);
    Ok(Verdict::Passed)
}

/// `cargo xtask public-api --write`: makes the committed lists say what the crates promise now.
pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    let lists = match read(workspace)? {
        Read::Lists(lists) => lists,
        Read::Unknown(why) => return Err(why),
    };
    let folder = workspace.root().join(FOLDER);
    for name in committed(&folder)?.keys().filter(|name| !lists.contains_key(*name)) {
        let file = folder.join(name).with_extension("txt");
        fs::remove_file(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for (name, lines) in &lists {
        let file = folder.join(format!("{name}.txt"));
        fs::write(&file, lines.join("\n") + "\n").map_err(|error| format!("{}: {error}", file.display()))?;
    }
    println!("{} public items of {} crates are in {FOLDER}/", items(&lists), lists.len() - 1);
    Ok(())
}

fn skip(why: String) -> Verdict {
    eprintln!("\n!!! THE PUBLIC ITEMS WERE NOT CHECKED: {why}\n");
    Verdict::Skipped(why)
}

fn items(lists: &Lists) -> usize {
    lists.iter().filter(|(name, _)| *name != FOREIGN).map(|(_, lines)| lines.len()).sum()
}

/// What this machine can tell of the crates.
enum Read {
    Lists(Lists),
    /// Nothing, and why.
    Unknown(String),
}

fn read(workspace: &Workspace) -> Result<Read> {
    if !cfg!(unix) {
        return Ok(Read::Unknown("the lists are those of Unix".to_owned()));
    }
    let metadata = workspace.metadata(&["--no-deps"])?;
    let crates = published_libraries(&metadata)?;
    document(workspace, crates.keys())?;
    let folder = target(&metadata)?.join("doc");
    let (mut lists, mut foreign) = (Lists::new(), Vec::new());
    for (package, library) in &crates {
        let json = folder.join(library).with_extension("json");
        let listing = match Listing::of(&json)? {
            Ok(listing) => listing,
            Err(other) => {
                let why = format!("this rustdoc writes JSON format {}, and the lists come from {FORMAT}", other.format);
                return Ok(Read::Unknown(why));
            }
        };
        foreign.extend(listing.foreign.iter().map(|path| format!("{package} {path}")));
        lists.insert(package.clone(), listing.items);
    }
    lists.insert(FOREIGN.to_owned(), foreign);
    Ok(Read::Lists(lists))
}

/// The name of each package that may be published and has a library, with the library's name.
fn published_libraries(metadata: &Value) -> Result<BTreeMap<String, String>> {
    let mut crates = BTreeMap::new();
    for package in published(metadata) {
        let targets = package["targets"].as_array().into_iter().flatten();
        let library = targets.filter(|target| target["kind"][0] == "lib").find_map(|target| target["name"].as_str());
        if let (Some(package), Some(library)) = (package["name"].as_str(), library) {
            crates.insert(package.to_owned(), library.to_owned());
        }
    }
    if crates.is_empty() { Err("no package of the workspace may be published".to_owned()) } else { Ok(crates) }
}

/// Has rustdoc write the JSON of the packages, with all their features.
fn document<'p>(workspace: &Workspace, packages: impl Iterator<Item = &'p String>) -> Result<()> {
    let this = env::current_exe().map_err(|error| format!("this program does not know where it is: {error}"))?;
    let mut doc = workspace.cargo(&["doc", "--quiet", "--lib", "--no-deps", "--all-features", "--locked"]);
    doc.args(packages.flat_map(|package| ["-p", package]));
    doc.env(RUSTDOC, rustdoc()).env("RUSTDOC", this);
    doc.env("RUSTDOCFLAGS", "-Zunstable-options --output-format=json --cap-lints=allow");
    run(&mut doc)
}

fn rustdoc() -> OsString {
    env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into())
}

/// Is rustdoc for one call, with the parts that are not stable.
///
/// # Errors
/// When it fails; it has said why on stderr.
pub(crate) fn stand_in(rustdoc: OsString) -> Result<()> {
    let mut command = Command::new(rustdoc);
    command.args(env::args_os().skip(1)).env_remove(RUSTDOC).env("RUSTC_BOOTSTRAP", "1");
    let status = command.status().map_err(|error| format!("rustdoc did not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("rustdoc failed: {status}")) }
}

fn committed(folder: &Path) -> Result<Lists> {
    let mut lists = Lists::new();
    let Ok(entries) = fs::read_dir(folder) else { return Ok(lists) };
    for path in entries.flatten().map(|entry| entry.path()) {
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        lists.insert(name, text.lines().map(str::to_owned).collect());
    }
    Ok(lists)
}

fn compare(committed: &Lists, now: &Lists) -> Result<()> {
    let names: BTreeSet<&String> = committed.keys().chain(now.keys()).collect();
    let changes: String =
        names.into_iter().filter_map(|name| changes(name, committed.get(name), now.get(name))).collect();
    if changes.is_empty() {
        return Ok(());
    }
    Err(format!("the public items are not those listed in {FOLDER}/:\n{changes}if that is meant: {WRITE}"))
}

/// The lines of one list that went (`-`) and came (`+`); those that begin alike stand together.
fn changes(name: &str, committed: Option<&Vec<String>>, now: Option<&Vec<String>>) -> Option<String> {
    let set = |lines: Option<&'_ Vec<String>>| lines.into_iter().flatten().cloned().collect::<BTreeSet<_>>();
    let (committed, now) = (set(committed), set(now));
    let mut changed: Vec<(&String, char)> = committed.difference(&now).map(|line| (line, '-')).collect();
    changed.extend(now.difference(&committed).map(|line| (line, '+')));
    changed.sort_unstable();
    let lines: Vec<String> = changed.iter().map(|(line, sign)| format!("{sign} {line}")).collect();
    (!lines.is_empty()).then(|| format!("{FOLDER}/{name}.txt\n{}\n", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lists(of: &[(&str, &[&str])]) -> Lists {
        of.iter().map(|(name, lines)| ((*name).to_owned(), lines.iter().map(ToString::to_string).collect())).collect()
    }

    #[test]
    fn a_removed_item_a_changed_one_and_a_new_foreign_type_are_shown_with_the_way_to_accept_them() {
        let before = lists(&[("a", &["pub fn a::f(u8)", "pub struct a::S"]), (FOREIGN, &["a http::Uri"])]);
        let after = lists(&[("a", &["pub fn a::f(u16)"]), (FOREIGN, &["a http::Uri", "a toml::Table"])]);
        assert_eq!(compare(&before, &before), Ok(()));
        let said = compare(&before, &after).unwrap_err();
        let changes = "public-api/a.txt\n+ pub fn a::f(u16)\n- pub fn a::f(u8)\n- pub struct a::S\n";
        assert!(said.contains(changes), "{said}");
        assert!(said.contains("public-api/foreign-types.txt\n+ a toml::Table\n"), "{said}");
        assert!(said.ends_with("cargo xtask public-api --write"), "{said}");
    }

    #[test]
    fn a_crate_without_a_list_and_a_list_without_a_crate_are_changes() {
        let (one, two) = (lists(&[("a", &["pub mod a"])]), lists(&[("a", &["pub mod a"]), ("b", &["pub mod b"])]));
        assert!(compare(&one, &two).unwrap_err().contains("public-api/b.txt\n+ pub mod b\n"));
        assert!(compare(&two, &one).unwrap_err().contains("public-api/b.txt\n- pub mod b\n"));
    }

    #[test]
    fn libraries_that_may_be_published_have_lists() {
        let package = |name: &str, kind: &str, publish: Value| {
            let lib = json!({ "name": name.replace('-', "_"), "kind": [kind] });
            json!({ "name": name, "publish": publish, "targets": [{ "name": "t", "kind": ["test"] }, lib] })
        };
        let none = json!([]);
        let metadata = json!({ "packages": [
            package("a-b", "lib", Value::Null), package("command", "bin", Value::Null), package("sim", "lib", none),
        ] });
        let crates = published_libraries(&metadata).unwrap();
        assert_eq!(crates, BTreeMap::from([("a-b".to_owned(), "a_b".to_owned())]));
        assert!(published_libraries(&json!({})).is_err());
    }
}
