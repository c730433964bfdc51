//! `resumable hash`: the digests of files that vendors ask for and tell.

use std::path::Path;

use resumable::machine::{Digest, HashKind};
use resumable::transport::{CancelFlag, Source as _};
use resumable::units::show_count;
use resumable::{FileSource, digests};
use serde_json::{Value, json};

use crate::args::{Global, Hash};
use crate::exit::{Code, Problem};
use crate::json::object;
use crate::{printable, say};

/// Which, by the names under which they are shown.
const KINDS: [(&str, HashKind); 4] =
    [("sha1", HashKind::Sha1), ("md5", HashKind::Md5), ("crc64", HashKind::Crc64), ("sha256", HashKind::Sha256)];

/// Reads each file once, and shows its digests. A file that cannot be read does not keep the others from being read.
///
/// # Errors
/// When a file could not be read, or the result could not be written.
pub(crate) fn run(args: &Hash, global: &Global) -> Result<(), Problem> {
    let mut failed = None;
    for file in &args.files {
        match take(file) {
            Ok(taken) if global.output.json => say::result(&[object("hash", taken.json())])?,
            Ok(taken) => say::result(&taken.lines())?,
            Err(problem) if args.files.len() == 1 => return Err(problem),
            Err(problem) => {
                say::problem(&problem);
                failed = Some(problem);
            }
        }
    }
    match failed {
        None => Ok(()),
        Some(_) => Err(Problem::new(Code::Source, "not all files could be read")),
    }
}

struct Taken<'a> {
    file: &'a Path,
    size: u64,
    digests: Vec<(&'static str, String)>,
}

fn take(file: &Path) -> Result<Taken<'_>, Problem> {
    let unreadable = |why: &dyn std::fmt::Display| Problem::new(Code::Source, printable::text(&why.to_string()));
    let source = FileSource::open(file).map_err(|error| unreadable(&error))?;
    let size = source.info().map_err(|error| unreadable(&error))?.len;
    let taken = digests(&source, &KINDS.map(|(_, kind)| kind), &CancelFlag::new(), |_| {});
    let taken = taken.map_err(|error| unreadable(&format_args!("{}: {error}", file.display())))?;
    let digests = KINDS.iter().zip(&taken).map(|((name, kind), digest)| (*name, show(*kind, digest))).collect();
    Ok(Taken { file, size, digests })
}

/// As vendors write it: OSS tells a CRC-64 as a decimal number.
fn show(kind: HashKind, digest: &Digest) -> String {
    let crc64 = <[u8; 8]>::try_from(digest.as_bytes()).ok().filter(|_| kind == HashKind::Crc64);
    crc64.map_or_else(|| digest.to_hex(), |crc64| u64::from_be_bytes(crc64).to_string())
}

impl Taken<'_> {
    fn lines(&self) -> Vec<String> {
        let rows = self.digests.iter().map(|(name, digest)| format!("  {:<8}{digest}", format!("{name}:")));
        let head = [printable::path(self.file), format!("  size:   {}", show_count(self.size, "byte", "bytes"))];
        head.into_iter().chain(rows).collect()
    }

    /// A CRC-64 is text: not every program that reads JSON has numbers of 64 bits.
    fn json(&self) -> Value {
        let mut object = json!({ "file": self.file.to_string_lossy(), "size": self.size });
        self.digests.iter().for_each(|(name, digest)| object[*name] = digest.as_str().into());
        object
    }
}
