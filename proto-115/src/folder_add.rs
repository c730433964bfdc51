//! `POST /open/folder/add`: makes a folder.
//!
//! Fields: `pid` (the parent's id, 0 for the root), `file_name` (at most 255 characters). Success has
//! `data{file_name, file_id}`.
//!
//! Errors: 20004 there is one of that name, 20009 there is no such parent.

use bytes::Bytes;
use http::{Request, Response};
use resumable_core::Body;

use crate::codes::{self, Class};
use crate::envelope;
use crate::fault::{Fault, Refused};
use crate::form;
use crate::op::Op;
use crate::site::Site;
use crate::target::FolderId;
use crate::token::AccessToken;

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// The folder is there.
    Made(FolderId),
    /// There is one of that name already.
    Exists(Fault),
}

/// The request, authorised.
pub fn encode(site: &Site, parent: &FolderId, name: &str, token: &AccessToken) -> Request<Body> {
    form::post(site.proapi(Op::FolderAdd.path()), Some(token), &[("pid", parent.as_str()), ("file_name", name)])
}

/// Reads the answer.
///
/// # Errors
/// For every answer that does not tell.
pub fn decode(response: &Response<Bytes>) -> Result<Added, Refused> {
    let success = match envelope::success(Op::FolderAdd, response) {
        Ok(success) => success,
        Err(refused) => {
            let class = refused.fault.code().and_then(codes::find).map(|row| row.class);
            return if class == Some(Class::FolderExists) { Ok(Added::Exists(refused.fault)) } else { Err(refused) };
        }
    };
    let id = success.object().text("file_id").and_then(|text| FolderId::new(text).ok());
    id.map(Added::Made).ok_or_else(|| success.incomplete("file_id"))
}
