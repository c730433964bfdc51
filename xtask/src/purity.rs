//! The machine and the vendors' protocols are pure: same seed and same inputs, same outputs.
//!
//! A deny-list over the tokens of `core/src` and `proto-*/src`. Comments and strings are no tokens;
//! what only tests compile is exempt, and so are the rooms of `core` that hold the drivers, as long
//! as a feature stands before their door. What the list cannot see is what a *dependency* does.

mod plants;
mod rules;
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::ci::Verdict;
use crate::workspace::{Result, Workspace};
use rules::Rule;
use source::{Gate, Source};

/// The drivers' modules in `core`: they talk to the world, so that the machine need not.
const ROOMS: [&str; 2] = ["drive", "file"];

pub(crate) fn step(workspace: &Workspace) -> Result<Verdict> {
    let files = files_to_check(workspace.root())?;
    plants::are_found(&files)?;
    let findings: Vec<String> = files.iter().flat_map(check).collect();
    if findings.is_empty() {
        println!("{} files are pure, and every planted impurity was found", files.len());
        return Ok(Verdict::Passed);
    }
    Err(format!("found {}:\n{}", findings.len(), findings.join("\n")))
}

/// A file that is held to the rules.
struct File {
    name: String,
    text: String,
    source: Source,
}

impl File {
    fn parse(name: String, text: String) -> Result<Self> {
        let source = Source::parse(&text).map_err(|e| format!("{name}: {e}"))?;
        Ok(Self { name, text, source })
    }

    fn findings(&self) -> Vec<(usize, String, &'static Rule)> {
        let mut found: Vec<_> = Vec::new();
        for mention in &self.source.mentions {
            if let Some(rule) = rules::broken_by(mention) {
                found.push((mention.line, mention.to_string(), rule));
            }
        }
        found.dedup_by(|next, kept| next.0 == kept.0 && next.1 == kept.1);
        found
    }
}

fn check(file: &File) -> Vec<String> {
    let tell = |(line, what, rule): (usize, String, &Rule)| {
        format!("{}:{line}: {}: `{what}`; {}", file.name, rule.name, rule.instead)
    };
    file.findings().into_iter().map(tell).collect()
}

fn files_to_check(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for folder in crates(root)? {
        let before = files.len();
        files.extend(files_of_crate(root, &root.join(&folder).join("src"))?);
        if files.len() == before {
            return Err(format!("{folder}/src holds no file to check"));
        }
    }
    Ok(files)
}

/// `core` and every `proto-*`: folders of the workspace.
fn crates(root: &Path) -> Result<Vec<String>> {
    let named = |name: &String| name == "core" || name.starts_with("proto-");
    let crates: Vec<String> = names(root)?.into_iter().filter(named).collect();
    if crates.iter().any(|name| name == "core") && crates.len() > 1 {
        return Ok(crates);
    }
    Err(format!("core and at least one proto-* were expected, found: {}", crates.join(", ")))
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let fail = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        names.push(entry.map_err(fail)?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

fn files_of_crate(root: &Path, src: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    for path in rust_files(src)? {
        let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
        let text = fs::read_to_string(&path).map_err(|e| format!("{name}: {e}"))?;
        files.push((path, File::parse(name, text)?));
    }
    let exempt: BTreeSet<PathBuf> = files.iter().flat_map(|(path, file)| exempt_modules(root, path, file)).collect();
    let held = |path: &Path| !path.ancestors().any(|folder| exempt.contains(&folder.with_extension("")));
    Ok(files.into_iter().filter(|(path, _)| held(path)).map(|(_, file)| file).collect())
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for name in names(folder)? {
        let path = folder.join(name);
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

/// The modules that this file declares and that are not held to the rules: path without extension.
fn exempt_modules(root: &Path, path: &Path, file: &File) -> Vec<PathBuf> {
    let folder = match path.file_stem().and_then(|stem| stem.to_str()) {
        Some("lib" | "main" | "mod") => path.parent().unwrap_or(path).to_path_buf(),
        _ => path.with_extension(""),
    };
    let in_a_room = |name: &str| {
        let machine = root.join("core").join("src");
        ROOMS.iter().any(|room| folder.join(name).starts_with(machine.join(room)))
    };
    let exempt = |gate: Gate, name: &str| match gate {
        Gate::Test => true,
        Gate::Feature => in_a_room(name),
        Gate::Open => false,
    };
    let declared = &file.source.modules;
    let always = |name: &str| declared.iter().any(|(other, gate)| other == name && !exempt(*gate, name));
    let names = declared.iter().map(|(name, _)| name).filter(|name| !always(name));
    names.map(|name| folder.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: &str = "pub fn f() {\n    std::time::Instant::now();\n}\n";

    /// A workspace on disk with these files, gone afterwards.
    struct Tree(PathBuf);

    impl Tree {
        fn new(name: &str, files: &[(&str, &str)]) -> Self {
            let tree = Self(std::env::temp_dir().join(format!("xtask-purity-{name}-{}", std::process::id())));
            for (path, text) in [("core/src/lib.rs", ""), ("proto-x/src/lib.rs", "")].iter().chain(files) {
                let path = tree.0.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).unwrap();
            }
            tree
        }

        fn findings(&self) -> Vec<String> {
            files_to_check(&self.0).unwrap().iter().flat_map(check).collect()
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_finding_names_file_line_and_the_way_out() {
        let tree = Tree::new("deep", &[("proto-x/src/a/b.rs", CLOCK)]);
        let found = tree.findings();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("proto-x/src/a/b.rs:2: clock: `std::time::Instant::now()`; "), "{found:?}");
        assert!(found[0].contains("`Now`"), "{found:?}");
    }

    #[test]
    fn a_drivers_room_is_exempt_only_behind_a_feature_and_only_in_core() {
        let gated = "#[cfg(feature = \"blocking\")]\npub mod drive;\n";
        let rooms = [("core/src/drive.rs", CLOCK), ("core/src/drive/threads.rs", CLOCK)];
        let behind = Tree::new("behind", &[("core/src/lib.rs", gated), rooms[0], rooms[1]]);
        assert_eq!(behind.findings(), [""; 0]);
        let open = Tree::new("open", &[("core/src/lib.rs", "pub mod drive;\n"), rooms[0], rooms[1]]);
        assert_eq!(open.findings().len(), 2);
        let inside = [
            ("core/src/lib.rs", "mod drive;"),
            ("core/src/drive/mod.rs", "#[cfg(feature = \"x\")] mod threads;"),
            rooms[1],
        ];
        assert_eq!(Tree::new("inside", &inside).findings(), [""; 0]);
        let vendor = Tree::new("vendor", &[("proto-x/src/lib.rs", gated), ("proto-x/src/drive.rs", CLOCK)]);
        assert_eq!(vendor.findings().len(), 1);
        let other =
            Tree::new("other", &[("core/src/lib.rs", "#[cfg(feature = \"x\")] mod y;"), ("core/src/y.rs", CLOCK)]);
        assert_eq!(other.findings().len(), 1);
    }

    #[test]
    fn test_modules_in_files_of_their_own_are_exempt() {
        let parent = "#[cfg(test)]\nmod checks;\nmod real;\n";
        let files = [("core/src/a.rs", parent), ("core/src/a/checks.rs", CLOCK), ("core/src/a/checks/more.rs", CLOCK)];
        assert_eq!(Tree::new("tests", &files).findings(), [""; 0]);
        let both = [("core/src/a.rs", "#[cfg(test)]\nmod m;\n#[cfg(not(test))]\nmod m;\n"), ("core/src/a/m.rs", CLOCK)];
        assert_eq!(Tree::new("both", &both).findings().len(), 1);
    }

    #[test]
    fn nothing_to_check_is_an_error_not_a_pass() {
        let tree = Tree::new("empty", &[]);
        fs::remove_file(tree.0.join("proto-x/src/lib.rs")).unwrap();
        assert!(files_to_check(&tree.0).is_err());
        fs::remove_dir_all(tree.0.join("proto-x")).unwrap();
        assert!(files_to_check(&tree.0).is_err());
    }
}
