//! Which operation a call is.

use super::answer::{self, Data};
use super::api::Kind;
use super::call::{Call, again};
use super::config::Config;
use super::{init, slice};
use crate::cos::call::{Operations, Refusal};
use crate::cos::code;
use crate::cos::{delete, stat, upload};
use crate::faults::Fault;

impl Operations for Config {
    type Data = Data;

    fn run(call: &mut Call<'_>) -> Result<Option<Data>, Refusal> {
        let op = call.fields.text("op").ok_or(code::MISSING_OP)?;
        if call.fields.is_json() && !matches!(op, "stat" | "delete") {
            return Err(code::PARAMETER.because("ERROR_CGI_PARAM: content-type").into());
        }
        let data = match op {
            "upload" => return one_request(call).map(Some),
            "upload_slice" => match Kind::of(call.fields, call.config.switches.init_is, true) {
                Some(Kind::Slice) => slice::run(call),
                _ => init::run(call),
            },
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

fn one_request(call: &mut Call<'_>) -> Result<Data, Refusal> {
    let is_empty = call.file.as_ref().is_some_and(|file| file.length == 0);
    if is_empty && !call.config.switches.empty_upload {
        return Err(code::PARAMETER.because("ERROR_CGI_PARAM: filecontent").into());
    }
    let is_new = upload::run(call)?;
    Ok(if is_new { Data::Urls(call.urls()) } else { again(call, call.config.switches.upload_again)? })
}
