//! What is this API's own, beside its operations.

use std::io;

use super::config::{Config, UploadSlice};
use super::{answer, data};
use crate::body_sink::Received;
use crate::cos::api::Api;
use crate::cos::bucket::Bucket;
use crate::cos::code;
use crate::cos::path::Name;
use crate::cos::rules::{self, ResponseStyle, Rules};
use crate::cos::session::Proof;
use crate::cos::urls::Urls;
use crate::faults::{Facts, Fault};
use crate::form::Fields;

pub(crate) const FACTS: Facts = Facts {
    name: "cos-v2",
    roots: &["files"],
    ops: &[
        "upload",
        "upload_slice_init",
        "upload_slice_data",
        "upload_slice_list",
        "upload_slice_finish",
        "stat",
        "delete",
    ],
    fits: can_show,
};

fn can_show(op: &str, fault: &Fault) -> bool {
    match fault {
        Fault::ForgetSession => op != "upload",
        _ => answer::can_show(op, fault),
    }
}

impl Api for Config {
    const FACTS: &'static Facts = &FACTS;
    const ROOT: &'static str = "/files/v2/";

    fn rules(&self) -> Rules {
        let (limits, switches) = (&self.limits, &self.switches);
        let slices = limits.slice_sizes.iter().copied().chain(switches.slice_size);
        Rules {
            accounts: self.accounts.clone(),
            limits: rules::Limits {
                one_request: limits.one_request,
                largest_slice: slices.max().unwrap_or_default(),
                max_file: limits.max_file,
                body: limits.body,
                text_fields: limits.text_fields,
                key: limits.key,
                signature_life: limits.signature_life,
            },
            style: ResponseStyle {
                date: switches.date,
                request_id: switches.request_id,
                success: "SUCCESS",
                refusals: None,
            },
            once_for_uploads: switches.once_for_uploads,
            heeds_insert_only: true,
            query_plus: switches.query_plus,
            path_plus: switches.path_plus,
            repeated_field: switches.repeated_field,
            expired: switches.expired,
            bad_path: switches.bad_path,
            missing_directory: switches.missing_directory,
            stat_unfinished: switches.stat_unfinished,
            completes_itself: false,
            no_file: code::NO_FILE,
            degraded: code::UNAVAILABLE,
        }
    }

    /// Version 1's operation goes by the names of version 2's, as it does in version 1.
    fn op<'a>(&self, fields: &'a Fields, is_whole: bool) -> Option<&'a str> {
        match fields.text("op") {
            Some("upload_slice") if self.switches.upload_slice == UploadSlice::AsV1 => {
                if fields.has_file() {
                    Some("upload_slice_data")
                } else {
                    is_whole.then_some("upload_slice_init")
                }
            }
            op => op.or(is_whole.then_some("")),
        }
    }

    /// 96 hexadecimal digits, as the vendor's are.
    fn session_id(fresh: &[u8; 48]) -> String {
        hex::encode(fresh)
    }

    fn prove(bucket: &Bucket, name: &Name, fields: &Fields, file: &mut Received) -> io::Result<Vec<Proof>> {
        data::prove(bucket, name, fields, file)
    }

    fn urls(&self, name: &Name) -> Urls {
        let (appid, bucket) = (name.appid(), name.bucket());
        let region = &self.region;
        let key = name.encoded_key();
        let host = format!("http://{bucket}-{appid}");
        Urls {
            access_url: format!("{host}.file.myqcloud.com/{key}"),
            preview_url: is_text(&key).then(|| format!("{host}.preview.myqcloud.com/{key}?cmd=txt_preview")),
            resource_path: name.resource_path(),
            source_url: Some(format!("{host}.cos{region}.myqcloud.com/{key}")),
            url: Some(format!("http://{region}.file.myqcloud.com/files/v2/{appid}/{bucket}/{key}")),
        }
    }
}

/// The one kind of file the vendor's samples show a preview of.
fn is_text(key: &str) -> bool {
    key.rsplit_once('.').is_some_and(|(_, extension)| extension == "txt")
}
