//! `POST /open/upload/init`: what has to be done for a file to be in the drive (reference §2).
//!
//! Fields: `file_name`, `file_size`, `target` (`U_1_<folder id>`), `fileid` (SHA-1, letters of either size), and optionally
//! `preid` (not looked at), `topupload`, `pick_code`, `sign_key` with `sign_val`, `path` (folders below the target, made if
//! need be). Answers a status: 1, the bytes are wanted; 2, the file is there; 7, prove that you have it; 8, that was no
//! proof; 6, refused after the proof. 990002 for a field that is missing or wrong, 10014 for a folder that does not exist.

use serde_json::{Map, Value, json};

use super::answer::{Success, members};
use super::call::Call;
use super::challenges::{Asked, Known, Round, Rules};
use super::code::{self, Code};
use super::digest;
use super::drive::{self, Entry};
use super::op::NAME;
use super::registrar::{Registered, Source};
use super::switches::{Challenge, ChallengeMet, EmptyFile, InitAgain, StaleSignKey};
use super::tasks::Task;
use crate::faults::Fault;
use crate::storage::ObjectName;

const WANTED: u8 = 1;
const THERE: u8 = 2;
const FAILED: u8 = 6;
const PROVE: u8 = 7;
const NO_PROOF: u8 = 8;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Code> {
    let wish = Wish::read(call)?;
    let twin = if call.server.config.switches.instant_upload {
        call.server.drive.twin(&wish.sha1, wish.size, call.storage()).map_err(|_| code::FAILED)?
    } else {
        None
    };
    let data = match twin.and_then(|path| ObjectName::new(NAME, &path)) {
        Some(object) => known(call, &wish, &object)?,
        None if wish.is_empty_and_instant(call) => there(call, &wish, &Source::Nothing)?,
        None => wanted(call, &wish)?,
    };
    Ok(Value::from(data).into())
}

/// What a client says of its file.
struct Wish {
    target: String,
    /// The folder that it is to stand in.
    folder: String,
    name: String,
    size: u64,
    sha1: String,
}

impl Wish {
    fn read(call: &Call<'_>) -> Result<Wish, Code> {
        let name = call.need("file_name", "file_name is missing")?;
        let size = call.need("file_size", "file_size is missing")?;
        let target = call.need("target", "target is missing")?;
        let sha1 = digest::read(call.need("fileid", "fileid is missing")?);
        let size = decimal(size).ok_or(code::BAD_PARAMETER.because("file_size is no number"))?;
        let sha1 = sha1.ok_or(code::BAD_PARAMETER.because("fileid is no SHA-1"))?;
        if !matches!(call.fields.text("topupload"), None | Some("0" | "1" | "2" | "-1")) {
            return Err(code::BAD_PARAMETER.because("topupload is unknown"));
        }
        let folder = folder_of(call, target)?;
        call.check_name(name)?;
        check_size(call, size)?;
        let folder = below(call, folder)?;
        let (target, name) = (target.to_owned(), name.to_owned());
        Ok(Wish { target, folder, name, size, sha1 })
    }

    fn is_empty_and_instant(&self, call: &Call<'_>) -> bool {
        let switches = &call.server.config.switches;
        self.size == 0 && self.sha1 == digest::EMPTY && switches.empty_file == EmptyFile::Instant
    }
}

/// Digits and nothing else.
pub(super) fn decimal(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The folder that a target names.
pub(super) fn folder_of(call: &Call<'_>, target: &str) -> Result<String, Code> {
    let id = target.strip_prefix("U_1_").filter(|id| decimal(id).is_some());
    let id = id.ok_or(code::BAD_PARAMETER.because("target is not U_1_<folder id>"))?;
    call.server.drive.folder(id).ok_or(code::NO_FOLDER)
}

fn check_size(call: &Call<'_>, size: u64) -> Result<(), Code> {
    let limits = &call.server.config.limits;
    if limits.max_file.is_some_and(|longest| size > longest) {
        return Err(code::BAD_PARAMETER.because("the file is too long"));
    }
    let is_beyond = |space| call.server.drive.used().saturating_add(size) > space;
    if limits.space.is_some_and(is_beyond) {
        return Err(code::NO_SPACE);
    }
    Ok(())
}

/// The folder of `path` below another, made if need be.
fn below(call: &Call<'_>, folder: String) -> Result<String, Code> {
    let names = call.fields.text("path").unwrap_or_default().split('/').filter(|name| !name.is_empty());
    names.map(|name| call.check_name(name).map(|()| name)).try_fold(folder, |folder, name| {
        let path = drive::join(&folder, name?);
        if call.server.drive.at(&path) != Some(Entry::Folder) {
            call.server.make_folder(&path)?;
        }
        Ok(path)
    })
}

/// The content is in the drive already.
fn known(call: &Call<'_>, wish: &Wish, object: &ObjectName) -> Result<Map<String, Value>, Code> {
    let config = &call.server.config;
    let switch = config.switches.challenge;
    let twin = Source::Copy(object.clone());
    if switch == Challenge::Never || wish.size < config.limits.challenge_min.max(1) {
        return there(call, wish, &twin);
    }
    let (status, round) = match proof(call, wish) {
        Proof::None => (PROVE, Round::default()),
        Proof::Wrong(round) => (NO_PROOF, round),
        Proof::Right(round) if round.met < config.limits.challenge_rounds => (PROVE, round),
        Proof::Right(round) => match config.switches.challenge_met {
            ChallengeMet::Instant => return there(call, wish, &twin),
            ChallengeMet::Bytes => return wanted(call, wish),
            ChallengeMet::FailedOnce if round.failed => return there(call, wish, &twin),
            ChallengeMet::FailedOnce => (FAILED, Round { failed: true, ..round }),
            ChallengeMet::Failed => return Ok(answered(call, wish, FAILED, 700)),
        },
    };
    challenge(call, wish, object, status, round)
}

/// What a client shows for having the content.
enum Proof {
    None,
    Wrong(Round),
    Right(Round),
}

fn proof(call: &Call<'_>, wish: &Wish) -> Proof {
    let Some(key) = call.fields.text("sign_key") else {
        return Proof::None;
    };
    let asked = call.server.challenges.take(key, call.clock);
    let asked = asked.filter(|asked: &Asked| asked.sha1 == wish.sha1 && asked.size == wish.size);
    let is_lost = call.fault == Some(&Fault::ForgetSession);
    let Some(asked) = asked.filter(|_| !is_lost) else {
        return match call.server.config.switches.stale_sign_key {
            StaleSignKey::Wrong => Proof::Wrong(Round::default()),
            StaleSignKey::Again => Proof::None,
        };
    };
    if asked.is_met_by(call.fields.text("sign_val").unwrap_or_default()) {
        Proof::Right(Round { met: asked.round.met.saturating_add(1), ..asked.round })
    } else {
        Proof::Wrong(asked.round)
    }
}

fn challenge(
    call: &Call<'_>,
    wish: &Wish,
    object: &ObjectName,
    status: u8,
    round: Round,
) -> Result<Map<String, Value>, Code> {
    let server = call.server;
    let known = Known { object, sha1: &wish.sha1, size: wish.size };
    let rules = Rules {
        ask: server.config.switches.challenge,
        limits: &server.config.limits,
        chance: &server.chance,
        storage: call.storage(),
    };
    let asked = server.challenges.ask(known, round, call.clock, &rules);
    let (sign_key, asked) = asked.map_err(|_| code::FAILED)?;
    let code = match status {
        PROVE => 701,
        NO_PROOF => 702,
        _ => 700,
    };
    let mut data = answered(call, wish, status, code);
    data.extend(members(json!({ "sign_key": sign_key, "sign_check": asked.sign_check() })));
    Ok(data)
}

/// The file is in the drive now.
fn there(call: &Call<'_>, wish: &Wish, source: &Source) -> Result<Map<String, Value>, Code> {
    let Registered { path, file } =
        call.server.register(&wish.folder, &wish.name, &wish.sha1, wish.size, source, call.clock)?;
    let mut data = answered(call, wish, THERE, 0);
    let file_id = drive::id_of(&path, &Entry::File(file.clone()));
    data.extend(members(json!({ "file_id": file_id, "pick_code": file.pick_code })));
    Ok(data)
}

/// The bytes are wanted: a task, and an object for them.
fn wanted(call: &Call<'_>, wish: &Wish) -> Result<Map<String, Value>, Code> {
    let task = match unfinished(call, wish) {
        Some(task) => task,
        None => begin(call, wish)?,
    };
    let mut data = answered(call, wish, WANTED, 0);
    data.extend(members(json!({
        "pick_code": task.pick_code,
        "bucket": task.bucket,
        "object": task.object,
        "callback": call.server.callback_of(&task),
    })));
    Ok(data)
}

/// The task that the request names, if it is for this file and may be answered again.
fn unfinished(call: &Call<'_>, wish: &Wish) -> Option<Task> {
    let server = call.server;
    let pick_code = call.fields.text("pick_code")?;
    if call.fault == Some(&Fault::ForgetSession) {
        server.tasks.forget(pick_code);
    }
    let life = server.config.limits.task_life;
    let task = server.tasks.with(pick_code, call.clock, life, |task| Ok(task.clone()))?.ok()?;
    let is_it = task.done.is_none()
        && (&task.target, &task.folder, &task.name) == (&wish.target, &wish.folder, &wish.name)
        && (&task.sha1, task.size) == (&wish.sha1, wish.size);
    (is_it && server.config.switches.init_again == InitAgain::Same).then_some(task)
}

fn begin(call: &Call<'_>, wish: &Wish) -> Result<Task, Code> {
    let server = call.server;
    let task = Task {
        pick_code: server.chance.stamped_hex(call.clock, 24),
        target: wish.target.clone(),
        folder: wish.folder.clone(),
        name: wish.name.clone(),
        size: wish.size,
        sha1: wish.sha1.clone(),
        bucket: call.server.oss.sts_bucket().to_owned(),
        object: server.chance.stamped_hex(call.clock, 40),
        begun: call.clock.as_secs(),
        done: None,
    };
    server.note_task(&task, None)?;
    server.tasks.add(task.clone(), server.config.limits.task_life);
    Ok(task)
}

/// What every answer has, whatever else it says.
fn answered(call: &Call<'_>, wish: &Wish, status: u8, code: u16) -> Map<String, Value> {
    let pick_code = call.fields.text("pick_code").map(str::to_owned);
    let mut data = members(json!({
        "code": code,
        "status": status,
        "pick_code": pick_code.unwrap_or_else(|| call.server.chance.stamped_hex(call.clock, 24)),
        "target": wish.target,
        "sign_key": "",
        "sign_check": "",
        "file_id": "",
        "bucket": "",
        "object": "",
    }));
    call.server.config.shape.put_no_callback(&mut data);
    data
}
