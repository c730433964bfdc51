//! Which files are uploaded, and what each is called at its destination.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use resumable::tree::{Found, Kind, Links, Tree};

use crate::args;
use crate::args::Destination;
use crate::exit::{Code, Problem};
use crate::printable;

/// One file to upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Job {
    pub(super) path: PathBuf,
    /// Its path at the destination.
    pub(super) to: String,
    pub(super) len: u64,
    /// How a list of files names it, so that it gets the same path again.
    pub(super) listed: PathBuf,
}

/// A file that is wanted, and cannot be uploaded.
#[derive(Debug)]
pub(super) struct Unusable {
    pub(super) listed: PathBuf,
    pub(super) problem: Problem,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    pub(super) list: Vec<Job>,
    pub(super) unusable: Vec<Unusable>,
    /// Symbolic links that were left out.
    pub(super) links: u64,
    /// Pipes, sockets and devices that were left out.
    pub(super) special: u64,
}

/// Finds the files.
///
/// # Errors
/// When the command line asks for what cannot be.
pub(super) fn find(sources: &[PathBuf], args: &args::Sources, to: &Destination) -> Result<Jobs, Problem> {
    let finder = Finder { tree: tree(args)?, recursive: args.recursive, prefix: to.prefix() };
    let mut jobs = Jobs::default();
    match &args.files_from {
        None => {
            for source in sources {
                finder.source(source, &mut jobs)?;
            }
        }
        Some(list) => {
            for path in read_list(list, args.null)? {
                finder.listed(path, &mut jobs);
            }
        }
    }
    jobs.one_for_each_place(&to.profile)?;
    Ok(jobs)
}

fn tree(args: &args::Sources) -> Result<Tree, Problem> {
    let mut tree = Tree::new().links(match args.links {
        args::Links::Skip => Links::Skip,
        args::Links::Follow => Links::Follow,
    });
    for glob in &args.include {
        tree = tree.include(glob).map_err(|error| Problem::usage(format!("--include: {error}")))?;
    }
    for glob in &args.exclude {
        tree = tree.exclude(glob).map_err(|error| Problem::usage(format!("--exclude: {error}")))?;
    }
    Ok(tree)
}

struct Finder<'a> {
    tree: Tree,
    recursive: bool,
    prefix: &'a str,
}

impl Finder<'_> {
    /// A source of the command line: a file, or a folder.
    fn source(&self, source: &Path, jobs: &mut Jobs) -> Result<(), Problem> {
        let is_folder = source.is_dir();
        if is_folder && !self.recursive {
            return Err(without_r(source));
        }
        let (base, name) = split_name(source);
        match name {
            Some(name) => match (name.to_str(), is_folder) {
                (None, _) => jobs.unusable(source.to_owned(), not_utf8(source)),
                (Some(name), true) => self.folder(source, base, &format!("{name}/"), jobs),
                (Some(name), false) => self.file(source, listed(base, name), name, jobs),
            },
            None if is_folder => self.folder(source, source, "", jobs),
            None => jobs.unusable(source.to_owned(), missing(source)),
        }
        Ok(())
    }

    /// A path of a list: all of it is the name, or what follows `/./`.
    fn listed(&self, path: PathBuf, jobs: &mut Jobs) {
        let Some(text) = path.to_str() else {
            let problem = not_utf8(&path);
            return jobs.unusable(path, problem);
        };
        let (base, name) = match text.split_once("/./") {
            Some((base, name)) => (if base.is_empty() { "/" } else { base }, name),
            None => (if text.starts_with('/') { "/" } else { "" }, text),
        };
        let name = name.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
        let parts = || name.split('/');
        if parts().any(|part| matches!(part, "" | "." | "..")) {
            let problem = Problem::new(Code::Usage, format!("{} can be no name at the vendor", printable::path(&path)))
                .next("Write /./ before the part of the path that is the name.");
            return jobs.unusable(path.clone(), problem);
        }
        if path.is_dir() && self.recursive {
            return self.folder(&path, Path::new(base), &format!("{name}/"), jobs);
        }
        self.file(&path, path.clone(), name, jobs);
    }

    fn folder(&self, folder: &Path, base: &Path, name: &str, jobs: &mut Jobs) {
        for found in self.tree.walk(folder) {
            match found {
                Found::File(file) => {
                    let name = format!("{name}{}", file.name);
                    let (to, listed) = (format!("{}{name}", self.prefix), listed(base, &name));
                    jobs.list.push(Job { path: file.path, to, len: file.len, listed });
                }
                Found::LeftOut { kind: Kind::Link, .. } => jobs.links += 1,
                Found::LeftOut { .. } => jobs.special += 1,
                Found::Failed { path, why } => {
                    let problem =
                        Problem::new(Code::Source, format!("{}: {}", printable::path(&path), printable::text(&why)));
                    jobs.unusable(path, problem);
                }
                _ => {}
            }
        }
    }

    /// Whether it can be read is seen when it is its turn.
    fn file(&self, path: &Path, listed: PathBuf, name: &str, jobs: &mut Jobs) {
        let len = fs::metadata(path).map_or(0, |metadata| metadata.len());
        jobs.list.push(Job { path: path.to_owned(), to: format!("{}{name}", self.prefix), len, listed });
    }
}

impl Jobs {
    fn unusable(&mut self, listed: PathBuf, problem: Problem) {
        self.unusable.push(Unusable { listed, problem });
    }

    /// The bytes of all of them.
    pub(super) fn bytes(&self) -> u64 {
        self.list.iter().map(|job| job.len).fold(0, u64::saturating_add)
    }

    /// A file that is named twice is one; two files for one place are a mistake.
    fn one_for_each_place(&mut self, profile: &str) -> Result<(), Problem> {
        let mut places: HashMap<String, PathBuf> = HashMap::new();
        let mut clash = None;
        self.list.retain(|job| match places.get(&job.to) {
            None => {
                places.insert(job.to.clone(), job.path.clone());
                true
            }
            Some(other) => {
                if !is_same(other, &job.path) {
                    clash.get_or_insert_with(|| (other.clone(), job.path.clone(), job.to.clone()));
                }
                false
            }
        });
        let Some((one, other, to)) = clash else { return Ok(()) };
        let (one, other, to) = (printable::path(&one), printable::path(&other), printable::text(&to));
        Err(Problem::usage(format!("{one} and {other} would both become {profile}:{to}"))
            .next("Nothing was sent. Upload them with two commands, or give their paths by --files-from, which keeps folders."))
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other || matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// A folder is not uploaded by mistake.
pub(super) fn without_r(folder: &Path) -> Problem {
    Problem::usage(format!("{} is a folder", printable::path(folder))).next("To upload what is in it, add -r.")
}

/// The folder that a source is in, and its name; no name if it stands for what is in it.
fn split_name(source: &Path) -> (&Path, Option<&OsStr>) {
    let text = source.as_os_str().as_encoded_bytes();
    let is_content = text.ends_with(b"/") || text.ends_with(b"/.");
    let name = source.file_name().filter(|_| !is_content);
    (source.parent().unwrap_or(Path::new("")), name)
}

/// How a list names the file `name` below `base`.
fn listed(base: &Path, name: &str) -> PathBuf {
    if base.as_os_str().is_empty() { PathBuf::from(name) } else { base.join(".").join(name) }
}

fn missing(path: &Path) -> Problem {
    crate::local_file::refused(path, &resumable::SourceError::Missing(path.display().to_string()))
}

fn not_utf8(path: &Path) -> Problem {
    Problem::new(Code::Source, format!("{}: its name is not UTF-8, and the vendor's names are", printable::path(path)))
        .next("Rename the file.")
}

/// The paths of a list.
fn read_list(list: &Path, null: bool) -> Result<Vec<PathBuf>, Problem> {
    let shown = || printable::path(list);
    let read = if list == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(list)
    };
    let bytes = read.map_err(|error| Problem::new(Code::Source, format!("--files-from {}: {error}", shown())))?;
    let end = if null { 0 } else { b'\n' };
    let lines = bytes.split(|byte| *byte == end);
    let lines = lines.map(|line| if null { line } else { line.strip_suffix(b"\r").unwrap_or(line) });
    Ok(lines.filter(|line| !line.is_empty()).map(path_of).collect())
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jobs(args: &args::Sources, sources: &[&str], room: &Path) -> Result<Vec<(String, String)>, String> {
        let to = Destination { profile: "p".to_owned(), path: "d/".to_owned() };
        let sources: Vec<PathBuf> =
            sources.iter().map(|source| PathBuf::from(format!("{}/{source}", room.display()))).collect();
        let found = find(&sources, args, &to).map_err(|problem| problem.to_string())?;
        assert!(found.unusable.is_empty(), "{found:?}");
        let room = room.display().to_string();
        Ok(found
            .list
            .iter()
            .map(|job| (job.to.clone(), job.listed.display().to_string().replacen(&room, "R", 1)))
            .collect())
    }

    fn recursive() -> args::Sources {
        args::Sources {
            recursive: true,
            include: Vec::new(),
            exclude: Vec::new(),
            links: args::Links::Skip,
            files_from: None,
            failed_to: None,
            null: false,
        }
    }

    fn room() -> tempfile::TempDir {
        let room = tempfile::tempdir().unwrap();
        fs::create_dir_all(room.path().join("a/sub")).unwrap();
        fs::create_dir_all(room.path().join("b")).unwrap();
        for file in ["x", "a/x", "a/sub/y", "b/x"] {
            fs::write(room.path().join(file), file).unwrap();
        }
        room
    }

    fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(to, listed)| ((*to).to_owned(), (*listed).to_owned())).collect()
    }

    #[test]
    fn names_are_kept_and_a_list_says_where_they_begin() {
        let room = room();
        for (sources, expected) in [
            (&["x", "a/sub/y"][..], &[("d/x", "R/./x"), ("d/y", "R/a/sub/./y")][..]),
            (&["a"], &[("d/a/sub/y", "R/./a/sub/y"), ("d/a/x", "R/./a/x")]),
            (&["a/"], &[("d/sub/y", "R/a/./sub/y"), ("d/x", "R/a/./x")]),
            (&["a/."], &[("d/sub/y", "R/a/./sub/y"), ("d/x", "R/a/./x")]),
            (
                &["a", "a/x", "b"],
                &[("d/a/sub/y", "R/./a/sub/y"), ("d/a/x", "R/./a/x"), ("d/x", "R/a/./x"), ("d/b/x", "R/./b/x")],
            ),
            (&["x", "x"], &[("d/x", "R/./x")]),
        ] {
            let found = jobs(&recursive(), sources, room.path());
            let normal = found.map(|found| {
                found.into_iter().map(|(to, listed)| (to, listed.replace("/././", "/./"))).collect::<Vec<_>>()
            });
            assert_eq!(normal, Ok(pairs(expected)), "{sources:?}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_before_anything_is_sent() {
        let room = room();
        let clash = jobs(&recursive(), &["a/x", "b/x"], room.path()).unwrap_err();
        assert!(clash.contains("would both become p:d/x"), "{clash}");
        let folder = jobs(&args::Sources { recursive: false, ..recursive() }, &["a"], room.path()).unwrap_err();
        assert!(folder.contains("is a folder"), "{folder}");
        let glob =
            jobs(&args::Sources { include: vec!["a[".to_owned()], ..recursive() }, &["a"], room.path()).unwrap_err();
        assert!(glob.contains("--include: \"a[\" is no glob"), "{glob}");
    }

    #[test]
    fn a_list_gives_the_same_names_again() {
        let room = room();
        let found = jobs(&recursive(), &["a", "a/sub/y", "x"], room.path()).unwrap();
        for null in [false, true] {
            let list = room.path().join("list");
            let end = if null { "\0" } else { "\n" };
            let base = room.path().display().to_string();
            let text: String =
                found.iter().flat_map(|(_, listed)| [listed.replacen('R', &base, 1), end.to_owned()]).collect();
            fs::write(&list, text).unwrap();
            let args = args::Sources { files_from: Some(list), null, ..recursive() };
            assert_eq!(jobs(&args, &[], room.path()).unwrap(), found);
        }
    }

    #[test]
    fn a_path_of_a_list_is_the_name() {
        let (list, to) =
            (tempfile::NamedTempFile::new().unwrap(), Destination { profile: "p".to_owned(), path: "d/".to_owned() });
        fs::write(&list, "a/b\n./c\r\n\n/abs/x\n/abs/./y/z\n../up\n/abs/./../u\n").unwrap();
        let args = args::Sources { files_from: Some(list.path().to_owned()), ..recursive() };
        let found = find(&[], &args, &to).unwrap();
        let names: Vec<&str> = found.list.iter().map(|job| job.to.as_str()).collect();
        assert_eq!(names, ["d/a/b", "d/c", "d/abs/x", "d/y/z"]);
        assert_eq!(found.unusable.len(), 2, "{found:?}");
    }
}
