//! `GET /open/upload/get_token`: a temporary key for OSS (reference §3).
//!
//! No parameters. Answers `endpoint`, `AccessKeyId`, `AccessKeySecret`, `SecurityToken`, `Expiration`.

use serde_json::json;

use super::answer::Success;
use super::call::Call;
use crate::date;

pub(super) fn run(call: &Call<'_>) -> Success {
    let sts = call.server.oss.grant(call.clock);
    let config = &call.server.config;
    let host = config.oss_endpoint.as_deref().unwrap_or(call.host);
    json!({
        "endpoint": config.shape.endpoint(host),
        "AccessKeyId": sts.access_key_id,
        "AccessKeySecret": sts.access_key_secret,
        "SecurityToken": sts.security_token,
        "Expiration": date::iso8601_seconds(sts.expiration),
    })
    .into()
}
