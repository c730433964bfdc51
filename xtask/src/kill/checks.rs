//! What has to be true when a round is over.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::census::Kind;
use super::home::OBJECT;
use super::play::{GONE, Stage};
use crate::files::{names, read};
use crate::workspace::Result;

/// The upload is complete, it cost no more than it may, and nothing of it is left.
pub(super) fn all(stage: &mut Stage<'_>) -> Result<()> {
    if stage.home.errors().contains("panicked") {
        return Err("a run panicked".to_owned());
    }
    sent_once(stage)?;
    let copies = objects(stage)?;
    let open = open_uploads(&stage.home.path("data"))?;
    no_debris(stage)?;
    all_is_told(stage, copies + open)?;
    if stage.vendor.lists_uploads() && open > 0 {
        remove_remote(stage)?;
    }
    nothing_to_do(stage)?;
    no_debris(stage)
}

/// A kill costs what was on its way, and no more: 1 + kills × window × part ÷ size.
fn sent_once(stage: &mut Stage<'_>) -> Result<()> {
    let (size, received) = (stage.round.size, stage.server.seen().received());
    let windows = stage.tally.kills + stage.tally.windows;
    let most = size * (1 + stage.tally.again) + windows * stage.round.window * stage.vendor.part;
    stage.tally.bytes += size;
    stage.tally.received += received;
    stage.tally.ratio = received * 10_000 / size;
    stage.tally.share = received * 10_000 / most;
    if received <= most {
        return Ok(());
    }
    Err(format!("{received} bytes arrived of a file of {size}, and at most {most} should have"))
}

/// Compares what is at the vendor; how many more objects than one are there.
fn objects(stage: &Stage<'_>) -> Result<u64> {
    let folder = stage.home.path("data").join(stage.vendor.objects());
    let names = if folder.is_dir() { names(&folder)? } else { BTreeSet::new() };
    let ours = read(&stage.home.path("file.bin"))?;
    let name = place(stage)?;
    if !names.contains(&name) {
        return Err(format!("{} is not at the vendor; there are {names:?}", name.display()));
    }
    for other in &names {
        if *other != name && !stage.vendor.keeps_copies() {
            return Err(format!("{} is at the vendor, and nobody put it there", other.display()));
        }
        if read(&folder.join(other))? != ours {
            return Err(format!("{} is not the file", other.display()));
        }
    }
    Ok(names.len() as u64 - 1)
}

/// Where the object has to be: its path, or what the result says where the vendor names objects.
fn place(stage: &Stage<'_>) -> Result<PathBuf> {
    if !stage.vendor.names_objects() {
        return Ok(stage.vendor.object(OBJECT));
    }
    let results = stage.home.events("result");
    let url = results.iter().rev().find_map(|result| result["url"].as_str()).ok_or("no run told a url")?;
    Ok(PathBuf::from(url.rsplit('/').next().unwrap_or(url)))
}

/// Uploads that were begun, and are neither finished nor removed, as the emulator has them on its disk.
fn open_uploads(data: &Path) -> Result<u64> {
    let drafts = names(&data.join(".work/drafts"))?;
    let is_upload = |name: &&PathBuf| {
        name.extension().is_some_and(|it| it == "journal") && name.file_stem().is_some_and(|it| it != "115-state")
    };
    Ok(drafts.iter().filter(is_upload).count() as u64)
}

/// What is left at the vendor is no more than what the command told may be left.
fn all_is_told(stage: &mut Stage<'_>, left: u64) -> Result<()> {
    let told = stage.home.events("result").iter().filter_map(|result| result["orphans"].as_u64()).max().unwrap_or(0);
    // 115 is not said to have a second copy: it may have one for each call that was not answered, or whose answer could not
    // be saved.
    let unanswered = stage.tally.kills + stage.tally.failed + stage.tally.count(Kind::EmulatorDied);
    let most = if stage.vendor.name == "115" { unanswered } else { told };
    stage.tally.left += left;
    stage.tally.told += most;
    if left <= most {
        return Ok(());
    }
    Err(format!("{left} copies and open uploads are left at the vendor, and {most} are explained"))
}

/// What is open at the vendor is found there, and removed.
fn remove_remote(stage: &mut Stage<'_>) -> Result<()> {
    let words = ["abort", "--remote", "emu", "--older-than", "0s", "--yes"].map(str::to_owned);
    let mut run = stage.home.start(&words)?;
    let status = run.wait()?;
    if !status.success() {
        return Err(format!("abort --remote ended with {status}: {}", run.said()));
    }
    match open_uploads(&stage.home.path("data"))? {
        0 => Ok(()),
        left => Err(format!("abort --remote leaves {left} uploads: {}", run.said())),
    }
}

/// Once it is done, the same command asks for nothing.
fn nothing_to_do(stage: &mut Stage<'_>) -> Result<()> {
    let warnings = stage.home.events("warning");
    let is_told = |it: &Value| it["text"].as_str().is_some_and(|text| text.contains("may send the file again"));
    if warnings.iter().any(is_told) || !stage.round.is_known_again(stage.vendor) {
        return Ok(());
    }
    let counts = |stage: &Stage<'_>| {
        let seen = stage.server.seen();
        (seen.requests.len(), seen.received())
    };
    stage.server.settle(GONE)?;
    let before = counts(stage);
    stage.run_to_end()?;
    stage.server.settle(GONE)?;
    let after = counts(stage);
    if before == after {
        return Ok(());
    }
    let (requests, bytes) = (after.0 - before.0, after.1 - before.1);
    Err(format!("a run with nothing to send made {requests} requests, with {bytes} bytes"))
}

fn no_debris(stage: &Stage<'_>) -> Result<()> {
    debris(&stage.home.state(), &stage.home.path("tmp"))
}

/// In the state folder are what was sent and the log-in, and nothing else; no temporary file is left.
fn debris(state: &Path, temporary: &Path) -> Result<()> {
    let expected = |name: &PathBuf| name.starts_with("tokens") || name.starts_with("sent");
    let mut left = names(state)?;
    left.retain(|name| !expected(name) || name.extension().is_some_and(|it| it == "part" || it == "tmp"));
    if !left.is_empty() {
        return Err(format!("in the state folder are {left:?}"));
    }
    let temporary = names(temporary)?;
    if temporary.is_empty() { Ok(()) } else { Err(format!("temporary files are left: {temporary:?}")) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn touch(folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "x").unwrap();
        path
    }

    #[test]
    fn checkpoints_locks_and_temporary_files_are_debris() {
        let room = tempfile::tempdir().unwrap();
        let (state, temporary) = (room.path().join("state"), room.path().join("tmp"));
        fs::create_dir(&temporary).unwrap();
        touch(&state, "sent/sent.jsonl");
        touch(&state, "tokens/0123.json");
        assert_eq!(debris(&state, &temporary), Ok(()));
        for name in ["0123.json", "0123.lock", "sent/sent.jsonl.tmp", "tokens/x.part"] {
            let left = touch(&state, name);
            assert!(debris(&state, &temporary).unwrap_err().contains(name));
            fs::remove_file(left).unwrap();
        }
        touch(&temporary, "y");
        assert!(debris(&state, &temporary).unwrap_err().contains("temporary"));
    }

    #[test]
    fn uploads_that_are_open_at_the_emulator_are_counted() {
        let data = tempfile::tempdir().unwrap();
        touch(data.path(), ".work/drafts/115-state.journal");
        assert_eq!(open_uploads(data.path()), Ok(0));
        touch(data.path(), ".work/drafts/oss-1.journal");
        touch(data.path(), ".work/drafts/oss-1.data");
        assert_eq!(open_uploads(data.path()), Ok(1));
    }
}
