//! `resumable list`: unfinished uploads, the newest last.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, stdout};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::tz::TimeZone;
use resumable::file::{Folder, Label, Listed};
use resumable::machine::Envelope;
use resumable::units::{percent, show_size};
use serde_json::{Value, json};

use crate::args::{Global, List};
use crate::date::{show_age, show_local, show_utc};
use crate::exit::{Code, Problem, Stand};
use crate::interrupt::Interrupt;
use crate::json::object;
use crate::{columns, printable, remote, say, state};

const HEAD: [&str; 7] = ["UPLOAD", "STORED", "AGE", "SAVED", "HELD BY", "DESTINATION", "FILE"];

/// Shows them; needs no lock, so that it may run beside an upload.
///
/// # Errors
/// When the state folder cannot be read.
pub(crate) fn run(args: &List, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    if let Some(bucket) = &args.remote {
        return remote::list(args, bucket, global, interrupt);
    }
    let folder = state::folder(global.state.as_deref())?;
    let mut listed = Folder::new(&folder).list().map_err(|error| Problem::new(Code::Other, error))?;
    sort(&mut listed);
    let sight = Sight::here();
    if global.output.json {
        return say::result(&[object("list", json(&folder, &listed, &sight))]);
    }
    if listed.is_empty() {
        say::err(format!("no unfinished uploads in {}", printable::path(&folder)));
    }
    let width = stdout().is_terminal().then(|| console::Term::stdout().size_checked()).flatten();
    say::result(&sight.lines(&listed, width.map_or(usize::MAX, |(_, columns)| columns.into())))
}

/// A line for each, under a head; no line at all for none.
pub(crate) fn lines(mut listed: Vec<Listed>) -> Vec<String> {
    sort(&mut listed);
    Sight::here().lines(&listed, usize::MAX)
}

/// The newest last, where a terminal shows it; those that cannot be read first.
fn sort(listed: &mut [Listed]) {
    listed.sort_by_cached_key(|one| one.content.as_ref().ok().map(|(_, envelope)| envelope.saved_unix));
}

/// When and where the list is looked at.
struct Sight {
    /// Since 1970.
    now: Duration,
    zone: TimeZone,
}

/// What a table has of an upload.
struct Row<'a> {
    key: String,
    label: &'a Label,
    envelope: &'a Envelope,
    holder: Option<u32>,
    destination: String,
}

impl Sight {
    fn here() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { now, zone: TimeZone::system() }
    }

    /// A table, or a few lines for each where that would be too wide; and below what cannot be read.
    fn lines(&self, listed: &[Listed], width: usize) -> Vec<String> {
        let rows = rows(listed);
        let mut lines = self.table(&rows);
        if lines.iter().any(|line| console::measure_text_width(line) > width) {
            lines = rows.iter().flat_map(|row| self.block(row)).collect();
        }
        let unreadable = listed.iter().filter_map(|one| {
            let error = one.content.as_ref().err()?;
            Some(format!("{}  unreadable: {}", one.key, printable::text(&error.to_string())))
        });
        lines.extend(unreadable);
        lines
    }

    fn table(&self, rows: &[Row<'_>]) -> Vec<String> {
        if rows.is_empty() {
            return Vec::new();
        }
        let holder = |row: &Row<'_>| row.holder.map_or_else(|| "-".to_owned(), |pid| format!("process {pid}"));
        let cells = rows.iter().map(|row| {
            let (stored, age, saved) = (row.stored(), self.age(row), show_local(row.envelope.saved_unix, &self.zone));
            [
                row.key.clone(),
                stored,
                age,
                saved,
                holder(row),
                row.destination.clone(),
                printable::text(&row.label.path),
            ]
        });
        let table: Vec<_> = [HEAD.map(str::to_owned)].into_iter().chain(cells).collect();
        columns::lines(&table, HEAD.len())
    }

    fn block(&self, row: &Row<'_>) -> Vec<String> {
        let held = row.holder.map(|pid| format!("  held by process {pid}"));
        let mut lines = vec![format!("{}  {} ago", row.key, self.age(row)), format!("  {}", row.stored())];
        lines.extend(held);
        lines.extend([format!("  {}", row.destination), format!("  {}", printable::text(&row.label.path))]);
        lines
    }

    fn age(&self, row: &Row<'_>) -> String {
        show_age(self.now.saturating_sub(row.envelope.saved_unix))
    }
}

impl Row<'_> {
    fn stored(&self) -> String {
        let stand = Stand { confirmed: self.envelope.confirmed, total: self.envelope.source.len };
        if stand.confirmed == 0 { format!("nothing of {} (0 %)", show_size(stand.total)) } else { stand.to_string() }
    }
}

/// Those that can be read. Where several have the same names, what tells them apart is shown, too: where they lead.
fn rows(listed: &[Listed]) -> Vec<Row<'_>> {
    let readable = || listed.iter().filter_map(|one| Some((one, one.content.as_ref().ok()?)));
    let mut count = BTreeMap::new();
    for (_, (label, _)) in readable() {
        *count.entry((&label.profile, &label.destination, &label.path)).or_insert(0) += 1;
    }
    let row = |(one, (label, envelope)): (&Listed, &'_ (Label, Envelope))| {
        let is_alike = count[&(&label.profile, &label.destination, &label.path)] > 1;
        let which = if is_alike { format!(" ({})", envelope.target) } else { String::new() };
        let destination = printable::text(&format!("{}:{}{which}", label.profile, label.destination));
        (one.key.to_string(), one.holder.map(|holder| holder.pid), destination)
    };
    let built = readable().map(|(one, content)| {
        let (key, holder, destination) = row((one, content));
        Row { key, label: &content.0, envelope: &content.1, holder, destination }
    });
    built.collect()
}

/// All of it, as one object.
fn json(folder: &Path, listed: &[Listed], sight: &Sight) -> Value {
    let (mut uploads, mut unreadable) = (Vec::new(), Vec::new());
    for one in listed {
        match &one.content {
            Ok((label, envelope)) => uploads.push(upload(one, label, envelope, sight)),
            Err(error) => unreadable.push(json!({ "key": one.key.as_str(), "why": error.to_string() })),
        }
    }
    json!({ "folder": folder.display().to_string(), "uploads": uploads, "unreadable": unreadable })
}

fn upload(one: &Listed, label: &Label, envelope: &Envelope, sight: &Sight) -> Value {
    json!({
        "key": one.key.as_str(),
        "profile": label.profile,
        "destination": label.destination,
        "file": label.path,
        "protocol": envelope.protocol,
        "target": envelope.target,
        "stored": envelope.confirmed,
        "size": envelope.source.len,
        "percent": percent(envelope.confirmed, envelope.source.len),
        "saved": show_utc(envelope.saved_unix),
        "age_seconds": sight.now.saturating_sub(envelope.saved_unix).as_secs(),
        "process": one.holder.map(|holder| holder.pid),
    })
}

#[cfg(test)]
mod tests {
    use resumable::Key;
    use resumable::file::{Holder, LoadError};
    use resumable::machine::SourceInfo;

    use super::*;

    fn listed(key: &str, target: &str, confirmed: u64, saved: u64) -> Listed {
        let label = Label { profile: "work".into(), path: "/data/big.bin".into(), destination: "dir/big.bin".into() };
        let envelope = Envelope {
            format: 2,
            protocol: "oss".into(),
            target: target.into(),
            source: SourceInfo::new(8 << 20, [0; 32]),
            saved_unix: Duration::from_secs(saved),
            confirmed,
        };
        Listed { key: Key::new(key).unwrap(), content: Ok((label, envelope)), holder: None }
    }

    fn sight() -> Sight {
        Sight { now: Duration::from_secs(1_000_003_600), zone: TimeZone::fixed(jiff::tz::offset(8)) }
    }

    fn damaged() -> Listed {
        let content = Err(LoadError::Damaged { path: "/s/bad.json".into(), error: "cut".into() });
        Listed { key: Key::new("bad").unwrap(), content, holder: None }
    }

    #[test]
    fn the_newest_is_last_and_rows_that_look_alike_are_told_apart() {
        let other = Label { path: "/data/other".into(), ..listed("c", "", 0, 0).content.unwrap().0 };
        let mut all = vec![listed("b", "https://in.example/x", 4 << 20, 1_000_000_000), damaged()];
        all.push(listed("a", "https://out.example/x", 0, 999_990_000));
        let third = listed("c", "https://out.example/x", 8 << 20, 999_000_000).content.unwrap();
        all.push(Listed { content: Ok((other, third.1)), ..listed("c", "", 0, 0) });
        sort(&mut all);
        let lines = sight().lines(&all, usize::MAX);
        assert_eq!(
            lines,
            [
                "UPLOAD  STORED                    AGE      SAVED             HELD BY  DESTINATION                               FILE",
                "c       8.0 of 8.0 MiB (100 %)    11 days  2001-08-28 20:00  -        work:dir/big.bin                          /data/other",
                "a       nothing of 8.0 MiB (0 %)  3 h      2001-09-09 07:00  -        work:dir/big.bin (https://out.example/x)  /data/big.bin",
                "b       4.0 of 8.0 MiB (50 %)     60 min   2001-09-09 09:46  -        work:dir/big.bin (https://in.example/x)   /data/big.bin",
                "bad  unreadable: the checkpoint /s/bad.json is damaged (cut); nothing is lost at the vendor: move the file away to start over",
            ]
        );
    }

    #[test]
    fn on_a_narrow_terminal_each_upload_has_lines_of_its_own() {
        let held =
            Listed { holder: Some(Holder { pid: 7 }), ..listed("0123456789abcdef", "t", 4 << 20, 1_000_000_000) };
        let lines = sight().lines(&[held], 40);
        assert_eq!(
            lines,
            [
                "0123456789abcdef  60 min ago",
                "  4.0 of 8.0 MiB (50 %)",
                "  held by process 7",
                "  work:dir/big.bin",
                "  /data/big.bin",
            ]
        );
        assert!(lines.iter().all(|line| line.chars().count() <= 40));
    }

    #[test]
    fn programs_get_one_object() {
        let held = Listed { holder: Some(Holder { pid: 7 }), ..listed("b", "t", 4 << 20, 1_000_000_000) };
        let object = json(Path::new("/s"), &[damaged(), held], &sight());
        let upload = json!({
            "key": "b", "profile": "work", "destination": "dir/big.bin", "file": "/data/big.bin", "protocol": "oss",
            "target": "t", "stored": 4_194_304, "size": 8_388_608, "percent": 50, "saved": "2001-09-09T01:46:40Z",
            "age_seconds": 3600, "process": 7,
        });
        let why = damaged().content.unwrap_err().to_string();
        let unreadable = json!({ "key": "bad", "why": why });
        assert_eq!(object, json!({ "folder": "/s", "uploads": [upload], "unreadable": [unreadable] }));
    }
}
