//! Which operation a call is.

use super::answer::{self, Data};
use super::call::Call;
use super::config::{Config, UploadSlice};
use super::{data, finish, init, list, upload_slice};
use crate::cos::call::{Operations, Refusal};
use crate::cos::code;
use crate::cos::{delete, stat, upload};
use crate::faults::Fault;

impl Operations for Config {
    type Data = Data;

    fn run(call: &mut Call<'_>) -> Result<Option<Data>, Refusal> {
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
            "delete" => {
                delete::run(call)?;
                return Ok(None);
            }
            _ => Err(code::PARAMETER.because("ERROR_CGI_PARAM: op")),
        };
        Ok(Some(data?))
    }

    fn distort(data: &mut Data, fault: &Fault) {
        answer::distort(data, fault);
    }
}
