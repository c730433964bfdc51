//! Asking a vendor without an upload: what `stat`, `verify` and `check` have in common.

use std::num::NonZeroU64;
use std::time::Duration;

use resumable::machine::{Digest, Failure, HashKind};
use resumable::units::{show_count, show_size};
use resumable::{Error, Found, Limits, printable};
use serde_json::{Map, Value, json};

use crate::args::Global;
use crate::date::show_utc;
use crate::exit::{Code, Problem, code_of};
use crate::interrupt::Interrupt;
use crate::transport::{Client, Connection, Kind, Tuning, Upload, ask};
use crate::{profile, state};

/// How long an outage is sat out: whoever asks waits for the answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// A client for this profile that sends at most so many bytes per second, and the profile.
///
/// # Errors
/// When the configuration or the state folder cannot be used.
pub(crate) fn client(
    name: &str,
    transport: Option<Kind>,
    limit_rate: Option<NonZeroU64>,
    global: &Global,
) -> Result<(resumable::profile::Profile, Client), Problem> {
    let profile = profile::get(&profile::load(global.config.as_deref())?, name)?;
    let connection = Connection::take(&profile, transport)?;
    let folder = state::folder(global.state.as_deref())?;
    let limits = Limits::default();
    limits.set_rate(limit_rate);
    let tuning = Tuning { patience: PATIENCE, window: None, limits: Some(&limits) };
    let client = connection.client(&folder, tuning, None)?;
    Ok((profile, client))
}

/// The first Ctrl-C ends it.
pub(crate) fn arm(interrupt: &Interrupt, upload: &Upload<'_>) {
    let handle = ask!(upload, put => put.handle());
    interrupt.arm(move || handle.stop());
}

/// Why there is no answer. There is nothing to resume.
pub(crate) fn explain(error: &Error) -> Problem {
    let Some(failure) = error.failure() else { return Problem::from(error) };
    let text = match failure {
        Failure::Stopped => "stopped before the vendor had answered".to_owned(),
        failure => failure.to_string(),
    };
    let problem = Problem::new(code_of(failure), printable::text(&text));
    error.advice().iter().fold(problem, |problem, line| problem.next(printable::text(line)))
}

/// Nothing stands at the destination.
pub(crate) fn nothing(code: Code, destination: &str) -> Problem {
    Problem::new(code, format!("nothing is at {}", printable::text(destination)))
}

/// What stands there, a line for each fact.
pub(crate) fn lines(found: &Found) -> Vec<String> {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |name: &str, text: Option<String>| rows.extend(text.map(|text| (name.to_owned(), text)));
    row("name", found.name.clone());
    row("kind", found.is_folder.then(|| "folder".to_owned()));
    row("size", found.len.map(|len| format!("{} ({})", show_size(len), show_count(len, "byte", "bytes"))));
    for (kind, theirs) in &found.digests {
        row(digest_name(*kind), Some(digest(*kind, theirs)));
    }
    row("modified", found.modified.map(show_utc));
    row("id", found.id.clone());
    row("url", found.url.clone());
    rows.extend(found.rows.iter().cloned());
    let width = rows.iter().map(|(name, _)| name.chars().count() + 1).max().unwrap_or(0);
    rows.iter().map(|(name, text)| format!("{:<width$} {}", format!("{name}:"), printable::text(text))).collect()
}

/// The same for programs.
pub(crate) fn fields(destination: &str, found: &Found) -> Value {
    let digests: Map<String, Value> = found
        .digests
        .iter()
        .map(|(kind, theirs)| (digest_name(*kind).to_owned(), digest(*kind, theirs).into()))
        .collect();
    let more: Map<String, Value> = found.rows.iter().map(|(name, text)| (name.clone(), text.clone().into())).collect();
    json!({
        "destination": destination,
        "name": found.name,
        "folder": found.is_folder,
        "bytes": found.len,
        "digests": digests,
        "modified": found.modified.map(show_utc),
        "id": found.id,
        "url": found.url,
        "more": more,
    })
}

/// In the form in which the vendors show it.
pub(crate) fn digest(kind: HashKind, digest: &Digest) -> String {
    match (kind, <[u8; 8]>::try_from(digest.as_bytes())) {
        (HashKind::Crc64, Ok(crc64)) => u64::from_be_bytes(crc64).to_string(),
        _ => digest.to_hex(),
    }
}

pub(crate) fn digest_name(kind: HashKind) -> &'static str {
    match kind {
        HashKind::Sha1 => "sha1",
        HashKind::Md5 => "md5",
        HashKind::Sha256 => "sha256",
        HashKind::Crc64 => "crc64",
        HashKind::Crc64Nvme => "crc64nvme",
        HashKind::Crc32c => "crc32c",
        _ => "digest",
    }
}
