//! Uploads that are open at a vendor and known to no checkpoint here: `list --remote`, `abort --remote`.

use std::collections::HashSet;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use resumable::file::Folder;
use resumable::profile::Profile;
use resumable::units::{show_count, show_size};
use resumable::{Error, Leftover};
use serde_json::{Value, json};

use crate::args::{Abort, Bucket, Global, List};
use crate::asking::{self, arm};
use crate::date::{show_age, show_utc};
use crate::exit::{Code, Problem};
use crate::interrupt::Interrupt;
use crate::json::object;
use crate::transport::{Client, Kind, Upload, ask};
use crate::{columns, printable, say, state};

const HEAD: [&str; 4] = ["KEY", "UPLOAD", "SIZE", "AGE"];

/// A path in the bucket: any will do, because nothing goes there.
const ANY: &str = "/resumable";

/// One of them, and how many bytes it holds.
struct Open {
    upload: Leftover,
    size: u64,
}

/// The bucket of a profile, and who asks.
struct Remote<'a> {
    profile: Profile,
    client: Client,
    bucket: &'a Bucket,
    checkpoints: Folder,
    interrupt: &'a Interrupt,
}

/// Shows them.
///
/// # Errors
/// When the vendor does not tell, or it cannot be known what the checkpoints here name.
pub(crate) fn list(args: &List, bucket: &Bucket, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let remote = Remote::new(bucket, args.transport, global, interrupt)?;
    let (unknown, known) = remote.unknown()?;
    let open = remote.sizes(unknown)?;
    if global.output.json {
        return say::result(&[object("remote", fields(&open, known, bucket))]);
    }
    if open.is_empty() {
        say::err(format!("nothing is open in the bucket of profile \"{}\"", printable::text(&bucket.profile)));
    }
    say::result(&table(&open))?;
    if known > 0 {
        let verb = if known == 1 { "is" } else { "are" };
        say::err(format!(
            "{} more {verb} known here: `resumable list` shows what can be resumed",
            show_count(known as u64, "upload", "uploads")
        ));
    }
    Ok(())
}

/// Cancels those that are old enough, after they were shown.
///
/// # Errors
/// When nobody agrees, or one of them could not be cancelled.
pub(crate) fn abort(args: &Abort, bucket: &Bucket, global: &Global, interrupt: &Interrupt) -> Result<(), Problem> {
    let remote = Remote::new(bucket, args.transport, global, interrupt)?;
    let (unknown, _) = remote.unknown()?;
    let all = unknown.len();
    let old = unknown.into_iter().filter(|it| age(it).is_some_and(|age| age >= args.older_than)).collect::<Vec<_>>();
    if old.is_empty() {
        let younger = show_count(all as u64, "upload", "uploads");
        let why = if all == 0 {
            "nothing is open there that no checkpoint knows".to_owned()
        } else {
            format!("{younger} there, and none of them was begun {} ago or longer", show_age(args.older_than))
        };
        say::err(format!("nothing to cancel: {why}"));
        return Ok(());
    }
    let open = remote.sizes(old)?;
    table(&open).iter().for_each(say::err);
    agree(open.len(), args.yes)?;
    // A checkpoint may have been written since.
    let known = remote.named()?;
    let mut failed = 0;
    for Open { upload, size } in open.iter().filter(|open| !known.contains(&open.upload.id)) {
        let which = format!("{}  {}", printable::text(&upload.key), printable::text(&upload.id));
        match remote.put()?.remove_leftover(upload) {
            Ok(()) => say::result(&[format!("aborted: {which}  ({})", show_size(*size))])?,
            Err(error) => {
                failed += 1;
                say::problem(&asking::explain(&error).next(format!("It is still there: {which}")));
            }
        }
    }
    match failed {
        0 => Ok(()),
        failed => Err(Problem::new(
            Code::Refused,
            format!("{} could not be cancelled", show_count(failed, "upload", "uploads")),
        )),
    }
}

impl<'a> Remote<'a> {
    fn new(
        bucket: &'a Bucket,
        transport: Option<Kind>,
        global: &Global,
        interrupt: &'a Interrupt,
    ) -> Result<Self, Problem> {
        let (profile, client) = asking::client(&bucket.profile, transport, None, global)?;
        let checkpoints = Folder::new(state::folder(global.state.as_deref())?);
        Ok(Self { profile, client, bucket, checkpoints, interrupt })
    }

    fn put(&self) -> Result<Upload<'_>, Problem> {
        let upload = self.client.put_to(&self.profile, ANY)?;
        arm(self.interrupt, &upload);
        Ok(upload)
    }

    /// What the checkpoints here name.
    fn named(&self) -> Result<HashSet<String>, Problem> {
        let put = self.put()?;
        let named = ask!(&put, put => put.named_in(&self.checkpoints));
        let named = named.map_err(|error| {
            Problem::new(Code::Other, printable::text(&error.to_string()))
                .next("Without it nobody knows which uploads are in use. `resumable list` shows the checkpoint.")
        })?;
        Ok(named.into_iter().map(|named| named.id).collect())
    }

    /// Those that no checkpoint here names, the oldest first; and how many others there are. The checkpoints are read after the
    /// list: what is begun meanwhile is not in it.
    fn unknown(&self) -> Result<(Vec<Leftover>, usize), Problem> {
        let explain = |error: Error| asking::explain(&error);
        let all = self.put()?.leftovers(&self.bucket.prefix).map_err(explain)?;
        let named = self.named()?;
        let (known, mut unknown): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| named.contains(&it.id));
        unknown.sort_by(|a, b| a.begun.cmp(&b.begun).then_with(|| a.key.cmp(&b.key)));
        Ok((unknown, known.len()))
    }

    /// How much each holds; one that has gone meanwhile is left out.
    fn sizes(&self, uploads: Vec<Leftover>) -> Result<Vec<Open>, Problem> {
        let mut open = Vec::with_capacity(uploads.len());
        for upload in uploads {
            let size = self.put()?.leftover_size(&upload).map_err(|error| asking::explain(&error))?;
            open.extend(size.map(|size| Open { upload, size }));
        }
        Ok(open)
    }
}

fn age(upload: &Leftover) -> Option<Duration> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    upload.begun.map(|begun| now.saturating_sub(begun))
}

fn table(open: &[Open]) -> Vec<String> {
    if open.is_empty() {
        return Vec::new();
    }
    let cells = open.iter().map(|Open { upload, size }| {
        let age = age(upload).map_or_else(|| "unknown".to_owned(), show_age);
        [printable::text(&upload.key), printable::text(&upload.id), show_size(*size), age]
    });
    let rows: Vec<[String; 4]> = [HEAD.map(str::to_owned)].into_iter().chain(cells).collect();
    columns::lines(&rows, 2)
}

fn fields(open: &[Open], known: usize, bucket: &Bucket) -> Value {
    let uploads: Vec<Value> = open
        .iter()
        .map(|Open { upload, size }| {
            json!({
                "key": upload.key,
                "id": upload.id,
                "size": size,
                "begun": upload.begun.map(show_utc),
                "age_seconds": age(upload).map(|age| age.as_secs()),
            })
        })
        .collect();
    json!({ "profile": bucket.profile, "prefix": bucket.prefix, "uploads": uploads, "known": known })
}

/// Asks whoever is there.
fn agree(count: usize, yes: bool) -> Result<(), Problem> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Problem::usage("nothing was cancelled: nobody is here to agree").next("Add --yes to agree."));
    }
    let what = show_count(count as u64, "upload", "uploads");
    say::err(format!("Cancel {what}, and delete what was sent of them? Other machines may still be at them. [y/N]"));
    let mut answer = String::new();
    match (io::stdin().lock().read_line(&mut answer), answer.trim()) {
        (Ok(_), "y" | "Y" | "yes") => Ok(()),
        _ => Err(Problem::new(Code::Interrupted, "nothing was cancelled")),
    }
}
