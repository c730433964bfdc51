//! `POST /open/upload/resume`: an unfinished task, described once more (reference §4, the vendor's page).
//!
//! Fields, all needed: `file_size`, `target`, `fileid`, `pick_code` (the task's, from init). Answers `pick_code`, `target`,
//! `version`, `bucket`, `object`, `callback`. The vendor's page has no code for a task that does not exist: 20018 is a guess.

use serde_json::{Value, json};

use super::answer::{Success, members};
use super::call::Call;
use super::code::{self, Code};
use super::digest;
use super::init::{decimal, folder_of};
use super::switches::{ResumeCallback, ResumeDone, ResumeFields, ResumeObject, ResumePickCode};
use super::tasks::Task;
use crate::faults::Fault;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Code> {
    let pick_code = call.need("pick_code", "pick_code is missing")?;
    let size = call.need("file_size", "file_size is missing")?;
    let target = call.need("target", "target is missing")?;
    let sha1 = call.need("fileid", "fileid is missing")?;
    let size = decimal(size).ok_or(code::BAD_PARAMETER.because("file_size is no number"))?;
    let sha1 = digest::read(sha1).ok_or(code::BAD_PARAMETER.because("fileid is no SHA-1"))?;
    folder_of(call, target)?;
    let server = call.server;
    if call.fault == Some(&Fault::ForgetSession) {
        server.tasks.forget(pick_code);
    }
    let task = server.tasks.with(pick_code, call.clock, server.config.limits.task_life, |task| {
        check(call, task, (target, size, &sha1))?;
        renew(call, task)?;
        Ok(task.clone())
    });
    Ok(described(call, &task.ok_or(code::NO_TASK)??).into())
}

fn check(call: &Call<'_>, task: &Task, (target, size, sha1): (&str, u64, &str)) -> Result<(), Code> {
    let switches = &call.server.config.switches;
    if task.done.is_some() && switches.resume_done == ResumeDone::Refuse {
        return Err(code::NO_TASK);
    }
    let is_it = (task.target.as_str(), task.size, task.sha1.as_str()) == (target, size, sha1);
    if !is_it && switches.resume_fields == ResumeFields::Checked {
        return Err(code::BAD_PARAMETER.because("this is not the task's file"));
    }
    Ok(())
}

/// Gives the task other names where the settings or a fault ask for it.
fn renew(call: &Call<'_>, task: &mut Task) -> Result<(), Code> {
    let (server, switches) = (call.server, &call.server.config.switches);
    let mut renewed = task.clone();
    if switches.resume_object == ResumeObject::Fresh || call.fault == Some(&Fault::WrongSession) {
        renewed.object = server.chance.stamped_hex(call.clock, 40);
    }
    if switches.resume_pick_code == ResumePickCode::Fresh {
        renewed.pick_code = server.chance.stamped_hex(call.clock, 24);
    }
    if renewed != *task {
        server.note_task(&renewed, Some(&task.pick_code))?;
        *task = renewed;
    }
    Ok(())
}

fn described(call: &Call<'_>, task: &Task) -> Value {
    let mut data = members(json!({
        "pick_code": task.pick_code,
        "target": task.target,
        "version": "v1",
        "bucket": task.bucket,
        "object": task.object,
    }));
    match call.server.config.switches.resume_callback {
        ResumeCallback::Present => drop(data.insert("callback".to_owned(), call.server.callback_of(task))),
        ResumeCallback::Missing => call.server.config.shape.put_no_callback(&mut data),
    }
    data.into()
}
