//! What has to be true when the folder is complete.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::room::{PART, Room, WINDOW};
use crate::files::{names, read};
use crate::workspace::Result;

/// After so many kills.
pub(super) fn all(room: &Room, kills: u64) -> Result<()> {
    identical(&room.path("photos"), &room.objects()?)?;
    sent_once(room, kills)?;
    no_debris(room)?;
    let orphans = room.orphans() as u64;
    if orphans > kills * WINDOW {
        return Err(format!("{orphans} uploads in parts are left at the vendor after {kills} kills"));
    }
    println!("{orphans} uploads in parts are left at the vendor");
    let (requests, received) = (room.requests(), room.received());
    let last = room.to_end()?;
    if !last.success() || (room.requests(), room.received()) != (requests, received) {
        let made = room.requests() - requests;
        return Err(format!("a run with nothing to send ended with {last}, after {made} requests: {}", room.said()));
    }
    no_debris(room)
}

fn identical(here: &Path, there: &Path) -> Result<()> {
    let (ours, theirs) = (names(here)?, names(there)?);
    if let Some(name) = ours.symmetric_difference(&theirs).next() {
        let of = if ours.contains(name) { "at the vendor" } else { "here" };
        return Err(format!("{} is not {of}", name.display()));
    }
    for name in &ours {
        if read(&here.join(name))? != read(&there.join(name))? {
            return Err(format!("{} is not the same at the vendor", name.display()));
        }
    }
    println!("{} files are the same at the vendor", ours.len());
    Ok(())
}

/// A kill costs what was on its way, and no more.
fn sent_once(room: &Room, kills: u64) -> Result<()> {
    let (received, most) = (room.received(), room.bytes() + kills * WINDOW * PART);
    if (room.bytes()..=most).contains(&received) {
        return Ok(());
    }
    Err(format!(
        "{received} bytes arrived of files of {}, and with {kills} kills at most {most} should have",
        room.bytes()
    ))
}

/// In the state folder is the record, and nothing else; no temporary file is left.
fn no_debris(room: &Room) -> Result<()> {
    let record = BTreeSet::from([PathBuf::from("sent/sent.jsonl"), PathBuf::from("sent/sent.lock")]);
    let left = names(&room.state())?;
    if left != record {
        return Err(format!("in the state folder are {left:?}"));
    }
    let temporary = names(&room.path("tmp"))?;
    if temporary.is_empty() { Ok(()) } else { Err(format!("temporary files are left: {temporary:?}")) }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn folders_are_compared_by_names_and_content() {
        let room = tempfile::tempdir().unwrap();
        let (here, there) = (room.path().join("here"), room.path().join("there"));
        for folder in [&here, &there] {
            fs::create_dir_all(folder.join("a")).unwrap();
            fs::write(folder.join("a/x"), "x").unwrap();
        }
        assert_eq!(identical(&here, &there), Ok(()));
        fs::write(there.join("a/x"), "y").unwrap();
        assert!(identical(&here, &there).unwrap_err().contains("is not the same"));
        fs::write(here.join("a/x"), "y").unwrap();
        fs::write(here.join("z"), "").unwrap();
        assert_eq!(identical(&here, &there), Err("z is not at the vendor".to_owned()));
        fs::remove_file(here.join("z")).unwrap();
        fs::remove_file(here.join("a/x")).unwrap();
        assert_eq!(identical(&here, &there), Err("a/x is not here".to_owned()));
    }
}
