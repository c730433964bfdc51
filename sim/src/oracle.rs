//! The property: every upload ends finished with identical bytes, or with an honest error, and stays within bounds.
//!
//! # What is checked
//!
//! At the end of every process and of every case:
//!
//! * *Success is true.* The object at the emulator, read whole, equals the source; if the file was changed meanwhile, the
//!   version that the last check of the source found, or a later one that was current at a commit, or any one if the
//!   upload was being given up; never a mixture. Nobody can know of a write that leaves no trace while one process has the
//!   file open, nor of old bytes that overtake newer ones at the vendor: where the vendor compares no digest, those are let
//!   pass, and nothing else.
//! * *Other bytes are noticed.* Where the server has other bytes than were sent, success with them is a violation, and what
//!   it may cost to notice is bounded, too: the setting says both (`Noticed`). It also says where nobody can notice; then
//!   success is let pass.
//! * *A flipped answer is no excuse.* It may lead to any honest error and to requests for nothing, and neither to a success
//!   with other bytes, nor to an upload that never ends.
//! * *Durable is durable.* After any loss of power there is the checkpoint that was reported durable last, or one of which
//!   the saving began since.
//! * *Content counts, not looks.* A file that was only touched, copied or moved is gone on with wherever what was sent of it
//!   was digested; that it changed is told only if it did.
//! * *Rotten checkpoints.* Bytes that are not those that were written are never taken for a checkpoint. What an older version
//!   wrote, with a number in it edited, ends with an error, whatever its words, or with the right object; but not where the
//!   checkpoint alone knows what has arrived.
//! * *Errors are honest.* Each failure must be explained by what was injected: no outage without a transient failure, no
//!   lost session without something that loses one, never a defect. A failure that the machine calls resumable is followed
//!   by another process.
//! * *It ends* (`again`). When a case has not finished, everything that goes wrong is taken away, and the same upload is
//!   run again, as a person does with the command: from its checkpoint, else from its beginning; where the error says
//!   that it is to be begun anew, it is given up first. Each of these runs makes few requests, and after three of them the
//!   upload is finished or has an end that stands: a refusal that what is there explains, and no outcome of the moment.
//! * *Nothing of others is lost.* A finished object that was at the path before is never gone, and never changed unless
//!   overwriting was asked for; no delete is sent to a path whose last list said finished.
//! * *Bytes.* With `sessions` = 1 + what was injected that loses a session or its digests + resumes of a finished upload
//!   (+ processes, where the file goes in one request; + processes and lost sessions, where the vendor's list hides the
//!   session behind an older object): the bytes of undisturbed, acknowledged requests are at most `sessions × size` (no
//!   acknowledged byte is sent again), and the bytes that reached the server are at most
//!   `sessions × size + (kills × window + disturbed requests) × piece`, a piece being a slice, or the whole file where it
//!   goes in one request. That is the bound of the design: 1 + kills × window × part ÷ size, and one part for each
//!   request that was not answered as it should have been.
//!   Where the client's journal is all that tells what has arrived, one window of pieces more may be sent again for each
//!   process whose last checkpoint does not hold what it was told, and for each disturbed request (a gap).
//! * *Sessions.* Not more of them are given up than were endangered, and not more than a person's one decision pays for,
//!   however many processes die.
//!
//! While a process runs (`process`, `network`, `host_actions`): at most `window` requests in flight; every wait has
//! something to wait for, and a time in the future; before every committing call, the source is checked and the call
//! durable; before bytes are sent, the upload's name is durable; on a lane that the vendor holds back, nothing is sent;
//! bounded polls and bounded time; transient failures end soon after patience; checkpoints below 16 KiB and free of
//! secrets, and so is everything that is printed.

use std::time::Duration;

use resumable_core::{Budget, Difference, Digest, Failure, HashJob, HashKind, HashPass, Receipt};

use crate::ledger::Allowed;
use crate::vendor::{Expectations as _, FaultOf, OutcomeOf, Scenario as _, Vendor};
use crate::world::World;

/// So many lost answers in one process may come to 64 that led nowhere: each may cost a vendor's whole talk.
const MANY_OUTAGES: u32 = 8;

/// Why a failure is no honest end; `Ok` if it is one.
pub(crate) fn failure<V: Vendor>(world: &mut World<'_, V>, failure: &Failure<FaultOf<V>>) -> Result<(), String> {
    let ledger = &world.ledger;
    let explained = match failure {
        Failure::Defect(_) => false,
        _ if ledger.is_misled() => true,
        Failure::Refused(fault) => ledger.resized || world.setting.explains(ledger, fault),
        Failure::Credential(_) => {
            ledger.in_case(Allowed::Credential) > 0
                || ledger.in_process(Allowed::Clock) > 1
                || world.setting.clock_is_hopeless()
        }
        Failure::Authorize(_) => ledger.no_credential || world.leases_may_die(),
        Failure::Integrity(_) => {
            ledger.in_case(Allowed::Digest) > 1 || ledger.changed || world.setting.keeps_other_bytes(ledger)
        }
        Failure::Exhausted { budget, .. } => budget_ran_out(world, *budget),
        Failure::Source(_) => ledger.changed || ledger.touched || ledger.source_failed,
        Failure::Changed { difference, .. } => is_told_apart(world, *difference),
        Failure::Store(_) => ledger.store_failed,
        Failure::Stopped => ledger.stopped,
        Failure::Abandoned(remains) => ledger.aborted && world.setting.is_left(&world.server, ledger, *remains),
        _ => false,
    };
    if let Failure::Exhausted { budget: Budget::Restarts(_), .. } = failure {
        world.ledger.spend(Allowed::Session, 4);
        world.ledger.forget_restarts();
    }
    if explained { Ok(()) } else { Err(format!("nothing that was injected explains this end: {failure}")) }
}

/// Whether this may be told of the file: that it changed, or that nobody can know.
pub(crate) fn is_told_apart<V: Vendor>(world: &World<'_, V>, difference: Difference) -> bool {
    let ledger = &world.ledger;
    let doubted = ledger.changed || ledger.touched || ledger.timeless || ledger.fresh;
    // What goes in one request is not digested, and a part that is the whole file is not if it was found in a list.
    let size = world.setting.size().min(world.process.file_len);
    let whole = world.setting.in_one_request() || world.setting.piece() >= size;
    let undigested = !world.setting.digests_what_it_sends() || whole || ledger.undigested;
    ledger.is_misled()
        || match difference {
            Difference::NotDigested => doubted && undigested,
            Difference::OldCheckpoint => ledger.of_first_format,
            _ => ledger.changed,
        }
}

fn budget_ran_out<V: Vendor>(world: &World<'_, V>, budget: Budget) -> bool {
    let ledger = &world.ledger;
    match budget {
        Budget::Patience(patience) => {
            let idle = world.clock.elapsed().saturating_sub(ledger.last_progress);
            let waited = idle + ledger.asked_to_wait + Duration::from_secs(1);
            let offline = world.profile.outage.is_some();
            patience == world.profile.patience
                && waited >= patience
                && (offline || ledger.in_process(Allowed::Outage) > 0)
        }
        Budget::FirstContact(_) => {
            let offline = world.profile.outage.is_some();
            ledger.last_progress <= world.process.began && (offline || ledger.in_process(Allowed::Outage) > 0)
        }
        Budget::Wait { asked, patience } => {
            let idle = world.clock.elapsed().saturating_sub(ledger.last_progress);
            let waited = idle + asked + Duration::from_secs(1);
            patience == world.profile.patience && waited >= patience && ledger.in_process(Allowed::Outage) > 0
        }
        Budget::Attempts(attempts) => {
            let hopeless = world.setting.sessions_are_hopeless();
            let kept = world.setting.keeps_other_bytes(ledger);
            ledger.changed || ledger.resized || hopeless || kept || ledger.in_process(Allowed::Refusal) >= attempts
        }
        Budget::Restarts(_) => {
            let lost = ledger.in_case(Allowed::Session) * noticed(world) + ledger.in_case(Allowed::Digest);
            // A file that changed under the vendor's eyes is refused again and again; the next process finds out why.
            let hopeless = world.setting.hides_sessions(ledger) || world.setting.sessions_are_hopeless();
            lost > 3 || ledger.changed || ledger.resized || hopeless
        }
        // Few cases have so many faults, but a setting may refuse every credential.
        _ => {
            let hopeless = world.setting.clock_is_hopeless() || world.setting.keys_die_at_once();
            hopeless || ledger.in_process(Allowed::Outage) >= MANY_OUTAGES
        }
    }
}

/// Checks a claimed success.
pub(crate) fn success<V: Vendor>(world: &World<'_, V>, outcome: &OutcomeOf<V>) -> Result<(), String> {
    let receipt: Receipt = outcome.clone().into();
    bytes_are_there(world, &receipt)?;
    if world.ledger.is_misled() {
        return Ok(());
    }
    world.setting.check_outcome(&world.server, &world.ledger, outcome)
}

fn bytes_are_there<V: Vendor>(world: &World<'_, V>, receipt: &Receipt) -> Result<(), String> {
    let Some(object) = world.setting.object_of(&world.server, receipt) else {
        // What the vendor named may have been another name.
        if world.ledger.garbled {
            return Ok(());
        }
        return Err(format!("success ({:?}) without an object", receipt.how));
    };
    // Giving up looks at no source: what is found complete then is whatever version the upload was of.
    let oldest = if world.ledger.aborted || world.ledger.older_hole {
        0
    } else {
        world.source.first_like(world.ledger.checked_version)
    };
    let versions = oldest..=world.source.latest();
    let Some(version) = versions.clone().find(|version| world.source.is_version(*version, &object)) else {
        if is_beyond_knowing(world) {
            return Ok(());
        }
        let (have, want) = (object.len(), world.source.bytes().len());
        return Err(format!("success ({:?}) with other bytes: {have} at the server, {want} in the file", receipt.how));
    };
    match &receipt.digest {
        // Where the vendor's word is all there is, what it says of a digest may be a lie.
        Some((HashKind::Crc64 | HashKind::Crc64Nvme | HashKind::Crc32c, _))
            if world.ledger.in_case(Allowed::Digest) > 0 || world.ledger.edited =>
        {
            Ok(())
        }
        Some((kind, digest)) => check_digest(*kind, digest, &world.source.version(version)[..object.len()]),
        None => Ok(()),
    }
}

/// Whether the file changed while nobody could tell, or what was sent of it before overtook what was sent after; or other
/// bytes arrived than were sent, and no digest of them is ever compared; or somebody edited what alone knows what arrived.
fn is_beyond_knowing<V: Vendor>(world: &World<'_, V>) -> bool {
    let ledger = &world.ledger;
    // Giving up looks at no source.
    let trusted = ledger.edited && V::Setting::TRUSTS_CHECKPOINTS;
    let unseen = ledger.unseen || ledger.overtaken || ledger.older_hole || (ledger.aborted && ledger.ever_unseen);
    ledger.unproven || trusted || (unseen && !world.setting.compares_content()) || (ledger.edited && ledger.changed)
}

fn check_digest(kind: HashKind, digest: &Digest, bytes: &[u8]) -> Result<(), String> {
    let job = HashJob { kind, range: 0..bytes.len() as u64, keep: false };
    let mut pass = HashPass::new(&[job]).map_err(|error| error.to_string())?;
    pass.feed(bytes).map_err(|error| error.to_string())?;
    let digests = pass.finish().map_err(|error| error.to_string())?;
    if digests.first() == Some(digest) { Ok(()) } else { Err("a receipt with a wrong digest".to_owned()) }
}

/// Checks what was claimed once more, when all that was on its way has arrived.
pub(crate) fn settled<V: Vendor>(world: &World<'_, V>, finished: bool) -> Result<(), String> {
    let known = |object: &[u8]| (0..=world.source.latest()).any(|version| world.source.is_version(version, object));
    if let Some(outcome) = world.outcome.as_ref().filter(|_| finished) {
        let object = world.setting.object_of(&world.server, &outcome.clone().into());
        let is_named = object.is_some() || !world.ledger.garbled;
        if is_named && !object.as_deref().is_some_and(known) && !is_beyond_knowing(world) {
            return Err("what was still on its way destroyed the finished object".to_owned());
        }
        if !world.ledger.is_misled() {
            world.setting.check_outcome(&world.server, &world.ledger, outcome)?;
        }
    }
    match world.remains {
        Some(remains) if !world.ledger.is_misled() && !world.setting.is_left(&world.server, &world.ledger, remains) => {
            Err(format!("what was still on its way is left, and {remains:?} was said"))
        }
        _ => Ok(()),
    }
}

/// Checks what must hold at the end of every process, however it ended; `older` is what was at the path before.
pub(crate) fn always<V: Vendor>(world: &World<'_, V>, older: Option<&[u8]>) -> Result<(), String> {
    if let Some(older) = older {
        let object = world.setting.object(&world.server);
        let Some(object) = object else { return Err("the object that was there before is gone".to_owned()) };
        let ours = (0..=world.source.latest()).any(|version| world.source.is_version(version, &object));
        let ours = ours || is_beyond_knowing(world) || world.ledger.ever_unseen || world.ledger.other_bytes;
        if object != older && (world.setting.protects_older() || !ours) {
            return Err("the object that was there before has other bytes now".to_owned());
        }
    }
    if world.ledger.is_misled() {
        return Ok(());
    }
    V::Setting::check_requests(&world.ledger, world.process.number)?;
    bytes(world)
}

/// How often one lost session may be noticed: where overwriting is allowed, an older object may hide the loss at first.
fn noticed<V: Vendor>(world: &World<'_, V>) -> u32 {
    if world.setting.protects_older() { 1 } else { 2 }
}

fn bytes<V: Vendor>(world: &World<'_, V>) -> Result<(), String> {
    let ledger = &world.ledger;
    let lost = ledger.sessions();
    if ledger.changed || ledger.resized {
        return Ok(());
    }
    // What a list hides is sent again once in every process, and once into every session.
    let hidden = if world.setting.hides_sessions(ledger) { world.process.number + lost } else { 0 };
    let found_again = if world.setting.keeps_other_bytes(ledger) { world.process.number } else { 0 };
    let lost = lost + hidden + found_again;
    let size = world.setting.size();
    // A file that goes in one request is sent again by each process that does not know of its answer.
    let wholly = if world.setting.in_one_request() { world.process.number } else { 0 };
    let whole = u64::from(lost + ledger.rounds + wholly) * size;
    let piece = world.setting.piece();
    // What was acknowledged and not saved is sent again where no vendor can be asked.
    let pieces = if V::Setting::TRUSTS_CHECKPOINTS { ledger.forgotten } else { gaps_and_journals(world) };
    let forgotten = pieces * piece;
    if ledger.acknowledged > whole + forgotten {
        let sent = ledger.acknowledged;
        return Err(format!(
            "{sent} bytes were acknowledged, {lost} sessions were endangered, {size} bytes are to send, {forgotten} again"
        ));
    }
    // What a process has in flight and what it has not saved are one window.
    let killed = u64::from(ledger.kills) * world.profile.window as u64 * piece;
    let again =
        ledger.disturbed * piece + if V::Setting::TRUSTS_CHECKPOINTS { forgotten } else { killed.max(forgotten) };
    if ledger.received > whole + again {
        let sent = ledger.received;
        return Err(format!("{sent} bytes were sent; {whole} + {again} are explained"));
    }
    if world.setting.sessions_are_hopeless() {
        return Ok(());
    }
    // After a digest that differs, and after an abort, the client itself empties what is there: the core counts that too.
    let emptied = ledger.in_case(Allowed::Digest) + u32::from(ledger.aborted);
    if world.process.restarts > lost * noticed(world) + emptied {
        return Err(format!("{} restarts, and {lost} sessions were endangered", world.process.restarts));
    }
    // Once in each decision of a person's; a process that was not saved does not know of it.
    if ledger.urls_lost > ledger.rounds + ledger.run_again + ledger.unsaved {
        return Err(format!("{} urls were lost in {} runs", ledger.urls_lost, ledger.rounds));
    }
    Ok(())
}

/// Pieces that were acknowledged and are sent again all the same, where the client's journal is all there is: what no
/// durable checkpoint held, and what lay behind a gap. Either is at most a window of slices.
fn gaps_and_journals<V: Vendor>(world: &World<'_, V>) -> u64 {
    if !world.setting.has_only_a_journal(&world.ledger) {
        return 0;
    }
    let windows = u64::from(world.ledger.journals_lost) + world.ledger.disturbed;
    windows * world.profile.widest() as u64
}
