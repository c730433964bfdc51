//! `cargo xtask bench`: what an upload costs the client, beside what a plain copy into a socket costs.
//!
//! Every number is of a process of its own: the client's, with its emulator in another, or a floor's, with a server that
//! throws everything away in this one. Nothing is a gate; the ratio to the floors is what can be compared.

mod costs;
mod far;
mod floor;
mod link;
mod many;
mod peers;
mod process;
mod server;
mod upload;

use std::path::{Path, PathBuf};
use std::{env, fs};

use tempfile::TempDir;

use crate::workspace::{Result, Workspace, run as run_command, target};

/// How a floor is asked for, of this very program in a process of its own.
pub(crate) const FLOOR: &str = "bench-floor";

pub(crate) use self::floor::copy as floor;
pub(crate) use self::process::{CHILD, child};

fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// Measures and prints.
pub(crate) fn run(workspace: &Workspace, args: &[&str]) -> Result<()> {
    if let ["link", args @ ..] = args {
        return far::run(workspace, args);
    }
    if let ["many", args @ ..] = args {
        return many::run(workspace, args);
    }
    costs::run(workspace, args)
}

/// The command, built as people have it.
fn command(workspace: &Workspace) -> Result<PathBuf> {
    run_command(&mut workspace.cargo(&["build", "--release", "--locked", "-p", "resumable-cli"]))?;
    Ok(target(&workspace.metadata(&["--no-deps"])?)?.join("release").join("resumable"))
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Content that nothing can guess or make smaller; the same in every run.
fn fill(file: &Path, bytes: u64) -> Result<()> {
    use std::io::Write as _;
    let failed = |error| format!("{}: {error}", file.display());
    let mut out = fs::File::create(file).map_err(failed)?;
    let (mut state, mut left) = (0x9e37_79b9_7f4a_7c15_u64, bytes);
    while left > 0 {
        let block: Vec<u8> = (0..1 << 17).flat_map(|_| next(&mut state).to_le_bytes()).collect();
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        out.write_all(&block[..count]).map_err(failed)?;
        left -= count as u64;
    }
    out.sync_all().map_err(failed)
}

/// xorshift64.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// A folder of our own, gone afterwards; in memory where that can be had, so that no disk is measured.
fn room() -> Result<TempDir> {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_path_buf() } else { env::temp_dir() };
    let room = tempfile::Builder::new().prefix("resumable-bench-").tempdir_in(&base);
    room.map_err(|error| format!("{}: {error}", base.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_has_the_length_and_no_pattern() {
        let folder = room().unwrap();
        let file = folder.path().join("f");
        fill(&file, 3_000_001).unwrap();
        let content = fs::read(&file).unwrap();
        assert_eq!(content.len(), 3_000_001);
        assert_ne!(content[..1 << 20], content[1 << 20..2 << 20]);
    }

    #[test]
    fn a_copy_reaches_the_server_whichever_way_it_goes() {
        let folder = room().unwrap();
        let file = folder.path().join("f");
        fill(&file, 8 << 20).unwrap();
        for way in floor::Way::ALL.into_iter().filter(|way| cfg!(target_os = "linux") || *way != floor::Way::Sendfile) {
            let server = server::Discard::start().unwrap();
            floor::copy(way.name(), &file.display().to_string(), &server.address()).unwrap();
            assert_eq!(server.received(), 8 << 20, "{}", way.name());
        }
        assert!(floor::copy("fly", "", "").unwrap_err().contains("fly"));
    }
}
