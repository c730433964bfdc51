//! `resumable check`: whether a profile works.

use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};

use resumable::machine::{self, Remains};
use resumable::units::show_time;
use resumable::{Error, ErrorKind, Event, Label, Receipt, printable};
use serde_json::{Map, Value, json};

use crate::abort;
use crate::args::{Check, Global};
use crate::asking::{self, arm, explain};
use crate::exit::Problem;
use crate::interrupt::Interrupt;
use crate::json::object;
use crate::say;
use crate::transport::{Upload, ask, either};

/// What is asked for where no path is given.
const PATH: &str = "/resumable-check";

/// More than goes in one request at any vendor.
const LEN: usize = 32 << 20;

/// Slow enough that an upload is cancelled long before it is complete, in bytes per second.
const SLOWLY: NonZeroU64 = NonZeroU64::new(256 << 10).unwrap();

/// What was found out, and what not.
#[derive(Default)]
struct Report {
    facts: Vec<(&'static str, String)>,
    unknown: Vec<String>,
}

impl Report {
    fn line(&mut self, name: &'static str, text: impl Into<String>) {
        self.facts.push((name, text.into()));
    }

    /// A line for each, or one object for programs.
    fn show(&self, is_json: bool) -> Result<(), Problem> {
        if is_json {
            let facts: Map<String, Value> =
                self.facts.iter().map(|(name, text)| (name.replace(' ', "_"), text.clone().into())).collect();
            let mut fields = Value::Object(facts);
            fields["not_known"] = json!(self.unknown);
            return say::result(&[object("check", fields)]);
        }
        let unknown = self.unknown.iter().map(|text| ("not known", text.clone()));
        let rows = self.facts.iter().cloned().chain(unknown);
        let lines = rows.map(|(name, text)| format!("{:<12} {}", format!("{name}:"), printable::text(&text)));
        say::result(&lines.collect::<Vec<_>>())
    }
}

/// Asks one question. With `--write` an upload is begun, too, and cancelled.
///
/// # Errors
/// What is wrong with the profile, the connection, the clock, the keys, the bucket or the rights.
pub(crate) fn run(args: &Check, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let (name, path) = (&args.profile.profile, args.profile.path.as_deref());
    let (profile, client) = asking::client(name, args.transport, Some(SLOWLY), global)?;
    let path = path.unwrap_or(PATH);
    let mut report = Report::default();
    report.line("profile", name.as_str());
    let behind = Arc::new(Mutex::new(None));
    let upload = watched(client.put_to(&profile, path)?, &behind);
    report.line("destination", ask!(&upload, put => put.target()));
    arm(interrupt, &upload);
    match upload.look_up() {
        Ok(found) => {
            report.line("connection", "works");
            report.line("credentials", "accepted");
            report.line("may read", if found.is_some() { "yes: something is there" } else { "yes: nothing is there" });
        }
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            report.unknown.push("this vendor can be asked nothing without an upload".to_owned());
        }
        Err(error) => return Err(explain(&error)),
    }
    if args.write {
        let upload = watched(client.put_to(&profile, path)?, &behind);
        let label = Label { profile: name.clone(), path: "resumable check".to_owned(), destination: path.to_owned() };
        report.line("may write", write(upload, label, interrupt)?);
    } else {
        report.unknown.push("whether the keys may write: add --write to begin an upload and cancel it".to_owned());
    }
    report.unknown.push("how much room is left: no vendor of these tells".to_owned());
    if let Some(behind) = *behind.lock().unwrap_or_else(PoisonError::into_inner) {
        report.line("clock", clock(behind));
    } else if !report.unknown.iter().any(|unknown| unknown.contains("asked nothing")) || args.write {
        report.line("clock", "close enough to the vendor's");
    }
    report.show(global.output.json)
}

fn watched<'a>(upload: Upload<'a>, behind: &Arc<Mutex<Option<i64>>>) -> Upload<'a> {
    let behind = Arc::clone(behind);
    either!(upload, put => put.on_event(move |event| {
        if let Event::Machine(machine::Event::ClockCorrected { behind: seconds }) = event {
            *behind.lock().unwrap_or_else(PoisonError::into_inner) = Some(*seconds);
        }
    }))
}

fn clock(behind: i64) -> String {
    let time = show_time(std::time::Duration::from_secs(behind.unsigned_abs()));
    let direction = if behind < 0 { "ahead of" } else { "behind" };
    format!("this machine's is {time} {direction} the vendor's: set it")
}

/// Begins an upload of bytes that nobody has, and cancels it once it is open.
fn write(upload: Upload<'_>, label: Label, interrupt: &Interrupt) -> Result<String, Problem> {
    let handle = ask!(&upload, put => put.handle());
    let stop = handle.clone();
    interrupt.arm(move || stop.abort());
    let upload = either!(upload, put => put.memory(unheard_of()).label(label).on_event(move |event| {
        // Bytes are under way, so the upload is open.
        if matches!(event, Event::Machine(machine::Event::Progress { in_flight: 1.., .. })) {
            handle.abort();
        }
    }));
    ended(upload.send())
}

/// Bytes that no vendor has, so that none of them takes the upload for done.
fn unheard_of() -> Vec<u8> {
    let mut state = RandomState::new().hash_one(LEN) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..LEN / 8).flat_map(|_| next()).collect()
}

fn ended(sent: Result<Receipt, Error>) -> Result<String, Problem> {
    match sent {
        Err(error) if error.kind() == ErrorKind::Abandoned => {
            let remains = error.remains().unwrap_or(Remains::Unknown);
            Ok(format!("yes: an upload was begun and cancelled; left there: {}", abort::words(remains)))
        }
        Err(error) => Err(explain(&error)),
        Ok(receipt) => Ok(format!("yes: an object was written before it could be cancelled{}", at(&receipt))),
    }
}

fn at(receipt: &Receipt) -> String {
    receipt.url.as_ref().map(|url| format!(", delete it: {url}")).unwrap_or_default()
}
