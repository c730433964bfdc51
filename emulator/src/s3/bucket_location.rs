//! `HEAD /` and `GET /?location`: that a bucket is there, and in which region.

use super::answer::{NAMESPACE, Success};
use super::call::Call;

pub(super) fn head(call: &Call<'_>) -> Success {
    Success::empty(200).with("x-amz-bucket-region", call.server.config.region.clone())
}

/// The oldest region has no name here.
pub(super) fn run(call: &Call<'_>) -> Success {
    const ROOT: &str = "LocationConstraint";
    let region = Some(call.server.config.region.as_str()).filter(|region| *region != "us-east-1").unwrap_or_default();
    let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{ROOT} xmlns=\"{NAMESPACE}\">{region}</{ROOT}>\n");
    Success { body: text.into(), ..Success::empty(200) }.with("content-type", "application/xml")
}
