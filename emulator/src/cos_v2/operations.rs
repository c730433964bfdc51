//! Which operation a call is.

use bytes::Bytes;
use http::Response;

use super::answer::{self, Data};
use super::call::Call;
use super::config::{Config, UploadSlice};
use super::{data, finish, init, list, upload_slice};
use crate::cos::answer::ResponseContext;
use crate::cos::call::{Answer, Refusal};
use crate::cos::code;
use crate::cos::{delete, stat, upload};

impl Answer for Config {
    fn answer(call: &mut Call<'_>, context: &ResponseContext) -> Result<Response<Bytes>, Refusal> {
        let mut data = run(call)?;
        if let Some(fault) = call.fault {
            answer::distort(&mut data, fault);
        }
        Ok(answer::success(&data, context))
    }
}

fn run(call: &mut Call<'_>) -> Result<Data, Refusal> {
    let op = call.fields.text("op").ok_or(code::MISSING_OP)?;
    if call.fields.is_json() && !matches!(op, "upload_slice_list" | "stat" | "delete") {
        return Err(code::PARAMETER.because("ERROR_CGI_PARAM: content-type").into());
    }
    let data = match op {
        "upload" => {
            upload::run(call)?;
            Ok(Data::Urls(call.urls()))
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
