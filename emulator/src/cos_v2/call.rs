//! One call: which operation it is, and what several of them need.

use super::answer::Data;
use super::{Call, UnknownSession, UploadSlice, data, finish, init, list, upload_slice};
use crate::cos::call::Refusal;
use crate::cos::code::{self, Code};
use crate::cos::session::Session;
use crate::cos::sha::Sha;
use crate::cos::urls::Urls;
use crate::cos::{delete, stat, upload};

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Refusal> {
    let op = call.fields.text("op").ok_or(code::MISSING_OP)?;
    if call.fields.is_json() && !matches!(op, "upload_slice_list" | "stat" | "delete") {
        return Err(code::PARAMETER.because("ERROR_CGI_PARAM: content-type").into());
    }
    let data = match op {
        "upload" => {
            upload::run(call)?;
            Ok(Data::Urls(urls(call)))
        }
        "upload_slice_init" => init::run(call),
        "upload_slice_data" => data::run(call),
        "upload_slice_list" => list::run(call),
        "upload_slice_finish" => finish::run(call),
        "upload_slice" if call.config.switches.upload_slice == UploadSlice::AsV1 => upload_slice::run(call),
        "stat" => stat::run(call).map(Data::Stat),
        "delete" => delete::run(call).map(|()| Data::Nothing),
        _ => Err(code::PARAMETER.because("ERROR_CGI_PARAM: op")),
    };
    Ok(data?)
}

/// The session the request names, which must be this path's.
pub(super) fn session<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Session, Code> {
    let id = call.need("session")?;
    let unknown = match call.config.switches.unknown_session {
        UnknownSession::NotFound => code::NO_FILE.because("ERROR_CMD_FILE_NOTEXIST: session"),
        UnknownSession::Failed => code::SESSION_LOST,
        UnknownSession::Parameter => code::PARAMETER.because("ERROR_CGI_PARAM: session"),
    };
    let index = call.slot.iter().position(|known| known.id == id);
    index.map(|index| &mut call.slot[index]).ok_or(unknown)
}

/// A sha given at init must be given again.
pub(super) fn check_sha(call: &Call<'_>, promised: Option<Sha>) -> Result<(), Code> {
    let Some(promised) = promised else {
        return Ok(());
    };
    match call.sha()? {
        None => Err(code::SHA_MISSING),
        Some(sha) if sha == promised => Ok(()),
        Some(_) => Err(code::SHA_MISMATCH),
    }
}

pub(super) fn urls(call: &Call<'_>) -> Urls {
    let (appid, bucket) = (call.name.appid(), call.name.bucket());
    let region = &call.config.region;
    let key = call.name.encoded_key();
    let host = format!("http://{bucket}-{appid}");
    Urls {
        access_url: format!("{host}.file.myqcloud.com/{key}"),
        preview_url: is_text(&key).then(|| format!("{host}.preview.myqcloud.com/{key}?cmd=txt_preview")),
        resource_path: call.name.resource_path(),
        source_url: Some(format!("{host}.cos{region}.myqcloud.com/{key}")),
        url: Some(format!("http://{region}.file.myqcloud.com/files/v2/{appid}/{bucket}/{key}")),
    }
}

/// The one kind of file the vendor's samples show a preview of.
fn is_text(key: &str) -> bool {
    key.rsplit_once('.').is_some_and(|(_, extension)| extension == "txt")
}
