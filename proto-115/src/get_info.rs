//! `/open/folder/get_info`: asks for a file or folder, by id (`GET`, `file_id` in the query) or by path (`POST`, `path`
//! in a form, which begins with `/`).
//!
//! Success has `data{file_id, file_name, file_category ("1" file, "0" folder), sha1, size_byte, …}`; `data` is `[]` when
//! there is nothing, or not yet: a new file shows after some seconds. By path was read on the vendor's page and in
//! clients; what it answers where there is nothing is not known: `[]` and the codes for "not found" are both taken.

use alloc::string::String;

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;

use crate::codes::{self, Class};
use crate::fault::Refused;
use crate::op::Op;
use crate::site::Site;
use crate::token::AccessToken;
use crate::{envelope, form};

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
    pub name: Option<String>,
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
    Ok(Some(Info { file_id, is_folder, sha1, size, name: data.file_name() }))
}
