//! `POST /open/folder/add`: makes a folder (reference §5.2 for its codes; fields as clients send them).
//!
//! Fields: `pid`, `file_name`. Answers `file_id` and `file_name`. 20004 for a name that is taken, 20009 for a parent that
//! does not exist.

use serde_json::json;

use super::answer::Success;
use super::call::Call;
use super::code::{self, Code};
use super::drive::{self, Entry};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Code> {
    let parent = call.need("pid", "pid is missing")?;
    let name = call.need("file_name", "file_name is missing")?;
    let parent = call.server.drive.folder(parent).ok_or(code::NO_PARENT)?;
    call.check_name(name)?;
    let path = drive::join(&parent, name);
    if call.server.drive.at(&path).is_some() {
        return Err(code::FOLDER_EXISTS);
    }
    call.server.make_folder(&path)?;
    Ok(json!({ "file_id": drive::id_of(&path, &Entry::Folder), "file_name": name }).into())
}
