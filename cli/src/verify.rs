//! `resumable verify`: whether a file is what is at a destination.

use std::path::Path;

use resumable::units::show_count;
use resumable::{SourceError, Verified, printable};
use serde_json::{Value, json};

use crate::args::{Global, Verify};
use crate::asking::{self, arm, digest, digest_name};
use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;
use crate::json::object;
use crate::transport::{Upload, either};
use crate::{local_file, say};

/// Compares length and digest with the vendor's own. The file is read once if the lengths agree.
///
/// # Errors
/// When they differ, when the vendor does not tell, or when the file cannot be read.
pub(crate) fn run(args: &Verify, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let destination = &args.destination;
    let (profile, client) = asking::client(&destination.profile, args.transport, None, global)?;
    let path = destination.path_of(&args.file).map_err(Problem::usage)?;
    let upload = client.put_to(&profile, &path)?;
    arm(interrupt, &upload);
    let upload = either!(upload, put => put.file(&args.file));
    let verified = upload.verify().map_err(|error| match error.cause().downcast_ref::<SourceError>() {
        Some(unreadable) => local_file::refused(&args.file, unreadable),
        None => asking::explain(&error),
    })?;
    let place = format!("{}:{path}", destination.profile);
    let verified = verified.ok_or_else(|| asking::nothing(Code::Integrity, &place))?;
    if global.output.json {
        say::result(&[object("verify", fields(&verified, &args.file, &place))])?;
    }
    told(&verified, global.output.json, &printable::path(&args.file), &printable::text(&place))
}

/// For programs; `same` is null if nothing proves either.
fn fields(verified: &Verified, file: &Path, place: &str) -> Value {
    let ours = verified
        .digest
        .as_ref()
        .map(|(kind, ours)| json!({ "kind": digest_name(*kind), "value": digest(*kind, ours) }));
    json!({
        "file": file.display().to_string(),
        "same": verified.is_same(),
        "bytes": verified.len,
        "digest": ours,
        "found": asking::fields(place, &verified.found),
    })
}

fn told(verified: &Verified, is_told: bool, file: &str, place: &str) -> Result<(), Problem> {
    match (verified.is_same(), &verified.digest) {
        (Some(true), _) if is_told => Ok(()),
        (Some(true), Some((kind, ours))) => say::result(&[
            format!("{file} is what is at {place}"),
            format!(
                "{:<width$} {}",
                "size:",
                show_count(verified.len, "byte", "bytes"),
                width = digest_name(*kind).len() + 1
            ),
            format!("{}: {}", digest_name(*kind), digest(*kind, ours)),
        ]),
        (Some(false), _) if verified.found.is_folder => {
            Err(Problem::new(Code::Integrity, format!("{place} is a folder")))
        }
        (Some(false), Some((kind, ours))) => {
            let theirs = verified.found.digest(*kind).map(|theirs| digest(*kind, theirs)).unwrap_or_default();
            let (name, ours) = (digest_name(*kind), digest(*kind, ours));
            Err(Problem::new(Code::Integrity, format!("{file} is not what is at {place}"))
                .next(format!("{name} here:  {ours}"))
                .next(format!("{name} there: {theirs}")))
        }
        (Some(false), None) => Err(Problem::new(Code::Integrity, format!("{file} is not what is at {place}"))
            .next(format!("size here:  {}", show_count(verified.len, "byte", "bytes")))
            .next(format!("size there: {}", show_count(verified.found.len.unwrap_or(0), "byte", "bytes")))),
        (_, _) => {
            let length = if verified.found.len.is_some() { "the lengths agree, and " } else { "" };
            Err(Problem::new(
                Code::Other,
                format!("{length}the vendor tells no digest of {place}: nothing proves that it is {file}"),
            ))
        }
    }
}
