//! What is this API's own, beside its operations.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::answer;
use super::config::{Config, ErrorStatus, InitIs, InsertOnly, NoFile, ResourcePath, UrlsTold};
use crate::cos::api::Api;
use crate::cos::code;
use crate::cos::path::Name;
use crate::cos::rules::{self, ResponseStyle, Rules};
use crate::cos::urls::Urls;
use crate::faults::Facts;
use crate::form::Fields;

pub(crate) const FACTS: Facts = Facts {
    name: "cos-v1",
    roots: &["files"],
    ops: &["upload", "upload_slice_init", "upload_slice_data", "stat", "delete"],
    fits: answer::can_show,
};

/// The two forms of `op=upload_slice`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Init,
    Slice,
}

impl Kind {
    /// `None` while it is not known.
    pub(super) fn of(fields: &Fields, init_is: InitIs, is_whole: bool) -> Option<Kind> {
        let (says, otherwise) = match init_is {
            InitIs::WithoutFile => (fields.has_file().then_some(Kind::Slice), Kind::Init),
            InitIs::WithFilesize => (fields.text("filesize").map(|_| Kind::Init), Kind::Slice),
        };
        says.or(is_whole.then_some(otherwise))
    }
}

impl Api for Config {
    const FACTS: &'static Facts = &FACTS;
    const ROOT: &'static str = "/files/v1/";

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
                success: "成功",
                refusals: (switches.error_status == ErrorStatus::BadRequest).then_some(400),
            },
            once_for_uploads: switches.once_for_uploads,
            heeds_insert_only: switches.insert_only == InsertOnly::Obeyed,
            query_plus: switches.query_plus,
            path_plus: switches.path_plus,
            repeated_field: switches.repeated_field,
            expired: switches.expired,
            bad_path: switches.bad_path,
            missing_directory: switches.missing_directory,
            stat_unfinished: switches.stat_unfinished,
            completes_itself: true,
            no_file: match switches.no_file {
                NoFile::Index => code::NO_INDEX,
                NoFile::File => code::NO_FILE,
            },
            degraded: code::BACKEND,
        }
    }

    fn op<'a>(&self, fields: &'a Fields, is_whole: bool) -> Option<&'a str> {
        match fields.text("op") {
            Some("upload_slice") => Some(match Kind::of(fields, self.switches.init_is, is_whole)? {
                Kind::Init => "upload_slice_init",
                Kind::Slice => "upload_slice_data",
            }),
            op => op.or(is_whole.then_some("")),
        }
    }

    /// A UUID, a plus and base64 with its padding, as a recorded one is.
    fn session_id(fresh: &[u8; 48]) -> String {
        let hex = hex::encode(&fresh[..16]);
        let groups = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        format!("{}+{}", groups.join("-"), STANDARD.encode(&fresh[16..23]))
    }

    fn urls(&self, name: &Name) -> Urls {
        let (appid, bucket) = (name.appid(), name.bucket());
        let (key, switches) = (name.encoded_key(), &self.switches);
        let host = format!("http://{bucket}-{appid}");
        let told = switches.urls;
        let url = || format!("http://web.file.myqcloud.com/files/v1/{appid}/{bucket}/{key}");
        Urls {
            access_url: format!("{host}.file.myqcloud.com/{key}"),
            preview_url: None,
            resource_path: match switches.resource_path {
                ResourcePath::Full => name.resource_path(),
                ResourcePath::Bare => format!("/{}", name.key()),
            },
            source_url: (told == UrlsTold::All).then(|| format!("{host}.cos.myqcloud.com/{key}")),
            url: (told != UrlsTold::AccessOnly).then(url),
        }
    }
}
