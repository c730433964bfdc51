//! One call: which operation it is, and what several of them need.

use super::answer::Data;
use super::{Again, Call, Kind, ResourcePath, UnknownSession, UrlsTold, init, slice};
use crate::cos::call::Refusal;
use crate::cos::code::{self, Code};
use crate::cos::urls::Urls;
use crate::cos::{delete, stat, upload};

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Refusal> {
    let op = call.fields.text("op").ok_or(code::MISSING_OP)?;
    if call.fields.is_json() && !matches!(op, "stat" | "delete") {
        return Err(code::PARAMETER.because("ERROR_CGI_PARAM: content-type").into());
    }
    let data = match op {
        "upload" => return one_request(call),
        "upload_slice" => match Kind::of(call.fields, call.config.switches.init_is, true) {
            Some(Kind::Slice) => slice::run(call),
            _ => init::run(call),
        },
        "stat" => stat::run(call).map(Data::Stat),
        "delete" => delete::run(call).map(|()| Data::Nothing),
        _ => Err(code::PARAMETER.because("ERROR_CGI_PARAM: op")),
    };
    Ok(data?)
}

fn one_request(call: &mut Call<'_>) -> Result<Data, Refusal> {
    let is_empty = call.file.as_ref().is_some_and(|file| file.length == 0);
    if is_empty && !call.config.switches.empty_upload {
        return Err(code::PARAMETER.because("ERROR_CGI_PARAM: filecontent").into());
    }
    let is_new = upload::run(call)?;
    Ok(if is_new { Data::Urls(urls(call)) } else { again(call, call.config.switches.upload_again)? })
}

/// What is answered where the bytes are there already.
pub(super) fn again(call: &Call<'_>, switch: Again) -> Result<Data, Code> {
    match switch {
        Again::Urls => Ok(Data::Urls(urls(call))),
        Again::Refuse => Err(code::SAME_FILE),
    }
}

pub(super) fn unknown_session(call: &Call<'_>) -> Code {
    match call.config.switches.unknown_session {
        UnknownSession::Failed => code::SESSION_LOST,
        UnknownSession::NoIndex => code::NO_INDEX,
        UnknownSession::Parameter => code::PARAMETER.because("ERROR_CGI_PARAM: session"),
    }
}

pub(super) fn urls(call: &Call<'_>) -> Urls {
    let (appid, bucket) = (call.name.appid(), call.name.bucket());
    let (key, switches) = (call.name.encoded_key(), &call.config.switches);
    let host = format!("http://{bucket}-{appid}");
    let told = switches.urls;
    let url = || format!("http://web.file.myqcloud.com/files/v1/{appid}/{bucket}/{key}");
    Urls {
        access_url: format!("{host}.file.myqcloud.com/{key}"),
        preview_url: None,
        resource_path: match switches.resource_path {
            ResourcePath::Full => call.name.resource_path(),
            ResourcePath::Bare => format!("/{}", call.name.key()),
        },
        source_url: (told == UrlsTold::All).then(|| format!("{host}.cos.myqcloud.com/{key}")),
        url: (told != UrlsTold::AccessOnly).then(url),
    }
}
