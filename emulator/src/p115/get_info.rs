//! `GET` or `POST /open/folder/get_info`: what stands at an id or a path (reference §6.7).
//!
//! One field: `file_id`, or `path` from the drive's root on, with `/` or `>` between names (seen in clients; not in the
//! reference). What does not exist, or was registered only just now, is an empty `data`. Folders show at once.

use serde_json::{Value, json};

use super::answer::Success;
use super::call::Call;
use super::code::{self, Code};
use super::drive::{self, Entry, File};
use super::switches::Missing;

pub(super) fn run(call: &Call<'_>) -> Result<Success, Code> {
    let drive = &call.server.drive;
    let found = if let Some(id) = call.fields.text("file_id") {
        if id == drive::ROOT { Some((String::new(), Entry::Folder)) } else { drive.by_id(id) }
    } else {
        let path = place(call.need("path", "file_id is missing")?);
        let entry = if path.is_empty() { Some(Entry::Folder) } else { drive.at(&path) };
        entry.map(|entry| (path, entry))
    };
    let found = found.filter(|(_, entry)| match entry {
        Entry::File(file) => call.shows(file.at),
        Entry::Folder => true,
    });
    match (found, call.server.config.switches.missing) {
        (Some((path, entry)), _) => Ok(described(call, &path, &entry).into()),
        (None, Missing::Empty) => Ok(Value::Array(Vec::new()).into()),
        (None, Missing::NotFound) => Err(code::NOT_FOUND),
    }
}

/// The path in the drive that a `path` means.
pub(super) fn place(path: &str) -> String {
    path.replace('>', "/").trim_matches('/').to_owned()
}

fn described(call: &Call<'_>, path: &str, entry: &Entry) -> Value {
    let (shape, (folder, name)) = (&call.server.config.shape, drive::split(path));
    let mut data = json!({
        "file_id": drive::id_of(path, entry),
        "file_name": if path.is_empty() { ROOT_NAME } else { name },
        "paths": ancestors(folder).into_iter().map(|(id, name)| {
            json!({ "file_id": shape.path_ids.write(id), "file_name": name })
        }).collect::<Vec<_>>(),
        "is_mark": "0",
        "open_time": 0,
        "play_long": 0,
        "show_play_long": 0,
    });
    let more = match entry {
        Entry::File(file) => of_file(call, file),
        Entry::Folder => of_folder(call, path),
    };
    if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
        data.extend(more);
    }
    data
}

fn of_file(call: &Call<'_>, file: &File) -> Value {
    let size = call.told_size(file.size);
    let at = file.at.as_secs().to_string();
    json!({
        "file_category": "1",
        "size": readable(size),
        "size_byte": size,
        "sha1": file.sha1.as_deref().unwrap_or_default(),
        "pick_code": file.pick_code,
        "count": call.server.config.shape.count.write(1),
        "folder_count": 0,
        "ptime": at,
        "utime": at,
    })
}

fn of_folder(call: &Call<'_>, path: &str) -> Value {
    let children = call.server.drive.children(path);
    let folders = children.iter().filter(|(_, entry)| *entry == Entry::Folder).count();
    json!({
        "file_category": "0",
        "size": "0B",
        "size_byte": 0,
        "sha1": "",
        "pick_code": "",
        "count": call.server.config.shape.count.write((children.len() - folders) as u64),
        "folder_count": folders,
        "ptime": "0",
        "utime": "0",
    })
}

const ROOT_NAME: &str = "根目录";

/// The folders above, from the root on: ids and names.
pub(super) fn ancestors(folder: &str) -> Vec<(u64, &str)> {
    let ends = folder.match_indices('/').map(|(at, _)| at).chain([folder.len()]);
    let below = ends.map(|end| &folder[..end]).filter(|path| !path.is_empty());
    let id = |path| drive::id_of(path, &Entry::Folder).parse().unwrap_or_default();
    [(id(""), ROOT_NAME)].into_iter().chain(below.map(|path| (id(path), drive::split(path).1))).collect()
}

/// `292.97KB`: for people; the number of bytes stands beside it.
fn readable(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    let mut hundredths = u128::from(bytes) * 100;
    let mut unit = "B";
    for larger in UNITS {
        if hundredths < 102_400 {
            break;
        }
        hundredths /= 1024;
        unit = larger;
    }
    match (unit, hundredths % 100) {
        ("B", _) => format!("{bytes}B"),
        (_, rest) => format!("{}.{rest:02}{unit}", hundredths / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_for_people() {
        let sizes = [0, 1023, 1024, 300_000, 5 << 20, 3 << 40].map(readable);
        assert_eq!(sizes, ["0B", "1023B", "1.00KB", "292.96KB", "5.00MB", "3.00TB"]);
    }

    #[test]
    fn the_folders_above_are_told_from_the_root_on() {
        let names = |folder| ancestors(folder).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
        assert_eq!(names(""), [ROOT_NAME]);
        assert_eq!(names("a/b"), [ROOT_NAME, "a", "b"]);
        assert_eq!(ancestors("")[0].0, 0);
    }
}
