//! `GET /open/ufile/files`: what stands in a folder, page by page (not in the reference; fields as clients read them).
//!
//! Query: `cid` (the folder, the root if it is missing), `limit` (20, at most 1150), `offset`, `show_dir` (1 for folders
//! too), `o` (`file_name`, `file_size`, `user_utime`) with `asc`. Answers `data`, an array, and `count`, the number of all
//! entries, beside it. A file that was registered only just now is not there yet.

use serde_json::{Value, json};

use super::answer::{Success, members};
use super::call::Call;
use super::code::{self, Code};
use super::drive::{self, Entry};
use super::get_info;
use super::init::decimal;
use super::registrar::is_video;
use super::switches::{FoldersInList, Missing};

const PAGE: u64 = 20;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Code> {
    let number = |name, default| match call.fields.text(name) {
        None => Ok(default),
        Some(text) => decimal(text).ok_or(code::BAD_PARAMETER.because("limit and offset are numbers")),
    };
    let limit = number("limit", PAGE)?.min(call.server.config.limits.page_max);
    let offset = number("offset", 0)?;
    let cid = call.fields.text("cid").unwrap_or(drive::ROOT);
    let Some(folder) = call.server.drive.folder(cid) else {
        return match call.server.config.switches.missing {
            Missing::Empty => Ok(page(call, cid, &[], 0, (limit, offset))),
            Missing::NotFound => Err(code::NOT_FOUND),
        };
    };
    let entries = entries(call, &folder);
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(entries.len());
    let end = start.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX)).min(entries.len());
    Ok(page(call, cid, &entries[start..end], entries.len(), (limit, offset)))
}

/// All that shows, in the order that was asked for.
fn entries(call: &Call<'_>, folder: &str) -> Vec<(String, Entry)> {
    let switches = &call.server.config.switches;
    let with_folders = switches.folders_in_list == FoldersInList::Always || call.fields.text("show_dir") == Some("1");
    let mut entries = call.server.drive.children(folder);
    entries.retain(|(_, entry)| match entry {
        Entry::Folder => with_folders,
        Entry::File(file) => call.shows(file.at),
    });
    let file = |entry: &Entry| match entry {
        Entry::File(file) => (file.size, file.at),
        Entry::Folder => Default::default(),
    };
    match call.fields.text("o") {
        Some("file_name") => {}
        Some("file_size") => entries.sort_by_key(|(_, entry)| file(entry).0),
        _ => entries.sort_by_key(|(_, entry)| file(entry).1),
    }
    if call.fields.text("asc") != Some("1") {
        entries.reverse();
    }
    // Stable: folders come first, whatever the order is.
    entries.sort_by_key(|(_, entry)| *entry != Entry::Folder);
    entries
}

fn page(call: &Call<'_>, cid: &str, entries: &[(String, Entry)], count: usize, (limit, offset): (u64, u64)) -> Success {
    let rows: Vec<Value> = entries.iter().map(|(path, entry)| row(call, path, entry)).collect();
    let folder = call.server.drive.folder(cid).unwrap_or_default();
    let beside = members(json!({
        "count": count,
        "sys_count": 0,
        "limit": limit,
        "offset": offset,
        "aid": 1,
        "cid": cid.parse().unwrap_or(0_u64),
        "path": get_info::ancestors(&folder).into_iter().map(|(cid, name)| {
            json!({ "name": name, "cid": cid, "aid": 1 })
        }).collect::<Vec<_>>(),
    }));
    Success { data: rows.into(), beside }
}

fn row(call: &Call<'_>, path: &str, entry: &Entry) -> Value {
    let (folder, name) = drive::split(path);
    let mut row = members(json!({
        "fid": drive::id_of(path, entry),
        "pid": drive::id_of(folder, &Entry::Folder),
        "fn": name,
        "aid": "1",
        "fc": "0",
        "pc": "",
        "sha1": "",
        "fs": 0,
        "isv": 0,
        "upt": 0,
        "uppt": 0,
    }));
    if let Entry::File(file) = entry {
        let at = file.at.as_secs();
        row.extend(members(json!({
            "fc": "1",
            "fta": "1",
            "pc": file.pick_code,
            "sha1": file.sha1.as_deref().unwrap_or_default(),
            "fs": call.told_size(file.size),
            "isv": u8::from(is_video(name)),
            "ico": name.rsplit_once('.').map_or("", |(_, extension)| extension),
            "upt": at,
            "uppt": at,
        })));
    }
    row.into()
}
