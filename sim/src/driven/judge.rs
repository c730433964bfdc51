//! What must be true at the end of a run.

use resumable::machine::Receipt;
use resumable::{Error, ErrorKind};

use super::world::World;
use crate::vendor::Expectations;

/// What is to be done after a run that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// It is run again.
    Again,
    /// It is begun anew.
    Anew,
    /// A person logs in first.
    LogIn,
    /// It ends so: an older version of the file is at the vendor, and is not to be replaced.
    Stands,
}

/// Whether an error is explained by what was injected, and what a person does about it.
pub(super) fn failure<S: Expectations>(world: &World, is_fresh: bool, error: &Error) -> Result<Then, String> {
    let counts = world.state().counts.clone();
    let (trouble, changed) = (counts.disturbed + counts.kills + counts.drops > 0, counts.written > 0);
    let doubted = changed || counts.touched > 0 || is_fresh;
    let then = match error.kind() {
        ErrorKind::Stopped if counts.stops > 0 => Some(Then::Again),
        ErrorKind::GaveUp if trouble => Some(Then::Again),
        ErrorKind::Changed if doubted => Some(Then::Anew),
        ErrorKind::Store if counts.store_failed > 0 => Some(Then::Again),
        ErrorKind::Source if changed || counts.touched > 0 => Some(Then::Again),
        ErrorKind::Credential if counts.tokens_lost > 0 => Some(Then::LogIn),
        ErrorKind::Exists | ErrorKind::Refused if changed => Some(Then::Stands),
        // It was complete, the process died before it could say so, and by its looks the file may be another one since.
        ErrorKind::Exists if doubted && trouble => Some(Then::Stands),
        // A name that was lost is asked for once more by the next run.
        ErrorKind::Refused if S::TRUSTS_CHECKPOINTS && trouble => Some(Then::Again),
        _ => None,
    };
    then.ok_or_else(|| format!("nothing that was injected explains this end: {:?}: {error}", error.kind()))
}

/// Whether the object is there, and is a version of the file from this one on.
pub(super) fn object<S: Expectations>(
    world: &World,
    setting: &S,
    oldest: usize,
    receipt: &Receipt,
) -> Result<(), String> {
    let versions = world.home.versions();
    let Some(object) = setting.object_of(&world.server, receipt) else {
        return Err(format!("success ({:?}) without an object", receipt.how));
    };
    if versions[oldest..].contains(&object) {
        return Ok(());
    }
    let (have, want) = (object.len(), versions.last().map_or(0, Vec::len));
    Err(format!("success ({:?}) with other bytes: {have} at the server, {want} in the file", receipt.how))
}

/// What was not to be replaced is the file as it was, if it is finished.
pub(super) fn older<S: Expectations>(world: &World, setting: &S) -> Result<(), String> {
    match setting.object(&world.server) {
        Some(object) if !world.home.versions().contains(&object) => {
            Err("what was not replaced is no version of the file".to_owned())
        }
        _ => Ok(()),
    }
}

/// Nothing is left of an upload that is complete.
pub(super) fn leftovers(world: &World) -> Result<(), String> {
    let left = world.home.checkpoints();
    if !left.is_empty() {
        let kinds: Vec<&str> = left.iter().filter_map(|name| name.split_once('.')).map(|(_, kind)| kind).collect();
        return Err(format!("after success there is still in the folder of checkpoints: {kinds:?}"));
    }
    if world.home.has_half_written() {
        return Err("after success something half written is left".to_owned());
    }
    Ok(())
}

/// No more bytes reached the server than were to be sent, and than each disturbance explains.
pub(super) fn bytes<S: Expectations>(
    world: &World,
    setting: &S,
    window: usize,
    runs: u64,
    received: u64,
) -> Result<(), String> {
    let counts = world.state().counts.clone();
    if counts.written > 0 {
        return Ok(());
    }
    let broken = counts.disturbed + counts.kills + counts.drops + counts.stops + counts.store_failed;
    // Where a lost answer, or a run that ended early, costs the upload all that it had.
    let costs_all = S::TRUSTS_CHECKPOINTS || setting.doubts_into(None).is_some();
    let anew = if costs_all || setting.in_one_request() { broken } else { 0 };
    let whole = setting.size() * (1 + anew + counts.touched * runs);
    let most = whole + broken * window as u64 * setting.piece();
    if received > most {
        return Err(format!("{received} bytes reached the server, and {most} are explained"));
    }
    Ok(())
}
