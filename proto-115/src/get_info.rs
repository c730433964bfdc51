//! `/open/folder/get_info`: asks for a file or folder, by id (`GET`, `file_id` in the query) or by path (`POST`, `path`
//! in a form, which begins with `/`).
//!
//! Success has `data{file_id, file_name, file_category ("1" file, "0" folder), sha1, size_byte, utime (seconds since
//! 1970-01-01 UTC), paths: [{file_id, file_name}] (the folders above it, from the root on), …}`; `data` is `[]` when
//! there is nothing, or not yet: a new file shows after some seconds. By path was read on the vendor's page and in
//! clients; what it answers where there is nothing is not known: `[]` and the codes for "not found" are both taken.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;

use crate::codes::{self, Class};
use crate::envelope::{self, Fields};
use crate::fault::Refused;
use crate::form;
use crate::op::Op;
use crate::site::Site;
use crate::token::AccessToken;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question<'a> {
    /// A file or folder by its id.
    Id(&'a str),
    /// A file or folder by the names on the way to it.
    Path(&'a [String]),
}

/// A file or a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Its id.
    pub file_id: String,
    /// True for a folder.
    pub is_folder: bool,
    /// A file's SHA-1, in upper case.
    pub sha1: Option<String>,
    /// A file's length in bytes.
    pub size: Option<u64>,
    /// Its name.
    pub file_name: Option<String>,
    /// When it was changed last: time since 1970-01-01 UTC.
    pub utime: Option<Duration>,
    /// The names of the folders above it, without the root's; `None` if the vendor does not tell them.
    pub above: Option<Vec<String>>,
}

/// The request, authorised.
pub fn encode(site: &Site, question: Question<'_>, token: &AccessToken) -> Request<Body> {
    let path = Op::GetInfo.path();
    match question {
        Question::Id(id) => {
            form::get(site.proapi(&format!("{path}?{}", form::encoded(&[("file_id", id)]))), Some(token))
        }
        Question::Path(names) => {
            let names: String = names.iter().flat_map(|name| ["/", name.as_str()]).collect();
            form::post(site.proapi(path), Some(token), &[("path", &names)])
        }
    }
}

/// Reads the answer; `None` if there is nothing.
///
/// # Errors
/// For every answer that does not tell.
pub fn decode(response: &Response<Bytes>) -> Result<Option<Info>, Refused> {
    let success = match envelope::success(Op::GetInfo, response) {
        Ok(success) => success,
        Err(refused) => {
            let class = refused.fault.code().and_then(codes::find).map(|row| row.class);
            return if matches!(class, Some(Class::NotFound | Class::NoFolder)) { Ok(None) } else { Err(refused) };
        }
    };
    if success.is_empty() {
        return Ok(None);
    }
    let data = success.object();
    let file_id = data.name("file_id").ok_or_else(|| success.incomplete("file_id"))?;
    let is_folder = match data.integer("file_category") {
        Some(category) => category == 0,
        None => data.text("sha1").is_none(),
    };
    let sha1 = data.name("sha1").map(|sha1| sha1.to_ascii_uppercase());
    let size = data.number("size_byte").or_else(|| data.number("size"));
    let utime = data.number("utime").filter(|utime| *utime > 0).map(Duration::from_secs);
    let above = data.array("paths").and_then(|folders| above(&folders));
    Ok(Some(Info { file_id, is_folder, sha1, size, file_name: data.file_name(), utime, above }))
}

/// The names of these folders. The root comes first, and its name is no part of any path.
fn above(folders: &[Fields]) -> Option<Vec<String>> {
    let (root, below) = folders.split_first()?;
    (root.integer("file_id") == Some(0)).then_some(())?;
    below.iter().map(|folder| folder.text("file_name")).collect()
}
