//! `HEAD /` and `GET /?location`: that a bucket is there, and in which region.

use super::answer::Success;
use super::call::Call;

pub(super) fn head(call: &Call<'_>) -> Success {
    Success::empty(200).with("x-amz-bucket-region", call.server.config.region.clone())
}

/// The oldest region has no name here.
pub(super) fn run(call: &Call<'_>) -> Success {
    let region = Some(call.server.config.region.as_str()).filter(|region| *region != "us-east-1");
    let mut success = call.document("LocationConstraint", |_| {});
    if let Some(region) = region {
        let text = String::from_utf8_lossy(&success.body).replace("</", &format!("{region}</"));
        success.body = text.replace(">\n", ">").into();
    }
    success
}
