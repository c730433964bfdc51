//! `op=stat`: what is known of an object. Accepted as `GET ?op=stat` and as `POST`.
//!
//! Answers URLs, `filesize`, `filelen`, `sha`, `biz_attr`, `ctime`, `mtime`; -197 if there is none. An unfinished upload
//! is none either, or (a switch) one whose `filelen` is less than its `filesize`.

use super::StatUnfinished;
use super::answer::{Data, StatData};
use super::call::{Call, storage_code};
use crate::cos::code::{self, Code};
use crate::cos::sha;

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let key = call.name.key();
    let sha = call.bucket.sha_of(key, call.storage).map_err(storage_code)?;
    let partial = call.config.switches.stat_unfinished == StatUnfinished::Partial;
    let known = if let Some(object) = call.bucket.object(key) {
        Known {
            biz_attr: object.biz_attr.clone(),
            ctime: object.created,
            mtime: object.modified,
            filelen: object.length,
            filesize: object.length,
            sha: sha.map(|sha| sha::to_hex(&sha)),
        }
    } else if let Some(session) = call.slot.as_ref().filter(|_| partial) {
        Known {
            biz_attr: session.biz_attr.clone(),
            ctime: session.created,
            mtime: session.created,
            filelen: session.received(),
            filesize: session.file_size,
            sha: session.sha.map(|sha| sha::to_hex(&sha)),
        }
    } else {
        return Err(code::NO_FILE);
    };
    Ok(Data::Stat(answer(call, known)))
}

struct Known {
    biz_attr: String,
    ctime: u64,
    mtime: u64,
    filelen: u64,
    filesize: u64,
    sha: Option<String>,
}

fn answer(call: &Call<'_>, known: Known) -> StatData {
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
