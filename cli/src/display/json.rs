//! What programs are told of uploads: one JSON object a line.

use std::time::Duration;

use resumable::machine;
use resumable::{Event, Receipt};
use serde_json::{Map, Value, json};

use super::model::{Names, Plan, Trouble, Upload};
use super::receipt::{Done, digest};
use super::summary::Summary;
use crate::exit::Problem;
use crate::json::object;

/// The fields and those that name the upload.
fn of(names: &Names, fields: Value) -> Value {
    let mut all = Map::new();
    all.insert("file".to_owned(), names.file.clone().into());
    all.insert("destination".to_owned(), names.destination.clone().into());
    if let Value::Object(fields) = fields {
        all.extend(fields);
    }
    Value::Object(all)
}

/// Seconds, to the millisecond.
fn seconds(time: Duration) -> Value {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    #[expect(clippy::cast_precision_loss, reason = "times of this program have fewer than 53 bits of milliseconds")]
    let seconds = millis as f64 / 1000.0;
    json!(seconds)
}

pub(super) fn plan(plan: Plan) -> String {
    object("plan", json!({ "files": plan.files, "bytes": plan.bytes }))
}

pub(super) fn begin(names: &Names, resumed_from: Option<u64>, total: u64) -> String {
    object("begin", of(names, json!({ "bytes": total, "resumed_from": resumed_from })))
}

pub(super) fn progress(upload: &Upload, now: Duration) -> String {
    let (done, bytes) = upload.amount();
    let doing = upload.doing(now);
    let moves = !doing.is_troubled();
    let fields = json!({
        "phase": doing.word(),
        "done": done,
        "bytes": bytes,
        "percent": upload.share(),
        "speed": upload.speed(now).filter(|_| moves),
        "left_seconds": upload.left(now).filter(|_| moves).map(|left| left.as_secs()),
    });
    object("progress", of(upload.names(), fields))
}

pub(super) fn waiting(names: &Names, trouble: &Trouble, now: Duration) -> String {
    let fields = json!({
        "reason": trouble.why,
        "tries": trouble.tries,
        "next_in_seconds": seconds(trouble.next.saturating_sub(now)),
        "gives_up_in_seconds": trouble.gives_up.map(|at| seconds(at.saturating_sub(now))),
    });
    object("waiting", of(names, fields))
}

/// `None` for an event that is no retry.
pub(super) fn retry(names: &Names, event: &Event) -> Option<String> {
    let Event::Machine(machine::Event::Retrying { call, bytes, why, request_id, after, tries, gives_up }) = event
    else {
        return None;
    };
    let fields = json!({
        "call": call,
        "from": bytes.as_ref().map(|bytes| bytes.start),
        "to": bytes.as_ref().map(|bytes| bytes.end),
        "reason": why,
        "request_id": request_id,
        "tries": tries,
        "next_in_seconds": seconds(*after),
        "gives_up_in_seconds": gives_up.map(seconds),
    });
    Some(object("retry", of(names, fields)))
}

pub(super) fn result(done: &Done<'_>) -> String {
    let Receipt { how, url, id, rows, orphans, .. } = done.receipt;
    let stats = done.progress.stats;
    let digest = done.receipt.digest.as_ref().and_then(digest);
    let rows: Map<String, Value> = rows.iter().map(|(name, text)| (name.clone(), text.clone().into())).collect();
    let fields = json!({
        "bytes": done.progress.total,
        "how": how,
        "parts": done.parts(),
        "resumed_from": done.progress.resumed_from,
        "bytes_sent": stats.bytes_sent,
        "seconds": seconds(done.took),
        "speed": done.speed(),
        "requests": stats.requests,
        "retries": stats.retries,
        "url": url,
        "id": id,
        "digest": digest.map(|(kind, value)| json!({ "kind": kind, "value": value })),
        "more": rows,
        "orphans": orphans,
    });
    object("result", of(done.names, fields))
}

pub(super) fn skipped(names: &Names, why: &str, bytes: u64) -> String {
    object("skipped", of(names, json!({ "reason": why, "bytes": bytes })))
}

pub(super) fn failed(names: &Names, problem: &Problem) -> String {
    object("failed", of(names, of_problem(problem)))
}

/// What a problem is to programs.
pub(super) fn of_problem(problem: &Problem) -> Value {
    let code = problem.code();
    json!({ "code": code as u8, "kind": code.name(), "message": problem.what(), "advice": problem.advice() })
}

pub(super) fn summary(summary: &Summary) -> String {
    let fields = json!({
        "sent": summary.sent,
        "skipped": summary.skipped,
        "failed": summary.failed,
        "unfinished": summary.unfinished,
        "resumed": summary.resumed,
        "bytes_sent": summary.bytes_sent,
        "seconds": seconds(summary.took),
    });
    object("summary", fields)
}
