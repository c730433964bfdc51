//! `op=stat`: what is known of an object. Accepted as `GET ?op=stat` and as `POST`.
//!
//! Answers URLs, `filesize`, `filelen`, `sha`, `biz_attr`, `ctime`, `mtime`; refused if there is none. An unfinished upload
//! is none either, or (a switch) one whose `filelen` is less than its `filesize`; one that failed its check is none
//! in any case.

use serde::Serialize;

use super::api::Api;
use super::call::{Call, storage_code};
use super::code::Code;
use super::session::Session;

use super::switches::StatUnfinished;

/// What is known of an object; fields in the order the vendor prints them.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct StatData {
    access_url: String,
    biz_attr: String,
    ctime: u64,
    filelen: u64,
    filesize: u64,
    mtime: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    preview_url: Option<String>,
    resource_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

pub(crate) fn run<A: Api>(call: &Call<'_, A>) -> Result<StatData, Code> {
    let key = call.name.key();
    let sha = call.bucket.sha_of(key, call.storage).map_err(storage_code)?;
    let partial = call.rules.stat_unfinished == StatUnfinished::Partial;
    let known = if let Some(object) = call.bucket.object(key) {
        Known {
            biz_attr: object.biz_attr.clone(),
            ctime: object.created,
            mtime: object.modified,
            filelen: object.length,
            filesize: object.length,
            sha: sha.map(hex::encode),
        }
    } else if let Some(session) = call.sessions.last().filter(|it| partial && !has_failed(call, it)) {
        Known {
            biz_attr: session.biz_attr.clone(),
            ctime: session.created,
            mtime: session.created,
            filelen: session.received(),
            filesize: session.file_size,
            sha: session.sha.map(hex::encode),
        }
    } else {
        return Err(call.rules.no_file);
    };
    Ok(answer(call, known))
}

/// An upload that would have been completed with its last slice.
fn has_failed<A: Api>(call: &Call<'_, A>, session: &Session) -> bool {
    call.rules.completes_itself && session.received() == session.file_size
}

struct Known {
    biz_attr: String,
    ctime: u64,
    mtime: u64,
    filelen: u64,
    filesize: u64,
    sha: Option<String>,
}

fn answer<A: Api>(call: &Call<'_, A>, known: Known) -> StatData {
    let urls = call.urls();
    StatData {
        access_url: urls.access_url,
        biz_attr: known.biz_attr,
        ctime: known.ctime,
        filelen: known.filelen,
        filesize: known.filesize,
        mtime: known.mtime,
        preview_url: urls.preview_url,
        resource_path: urls.resource_path,
        sha: known.sha,
        source_url: urls.source_url,
        url: urls.url,
    }
}
