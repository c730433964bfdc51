//! The COS JSON API v1 (`/files/v1/…`), as far as uploading needs it.
//!
//! A sliced upload has one operation, `upload_slice`, in two forms: init and slice. Plans and logs tell them apart by the
//! names that v2 gave them, `upload_slice_init` and `upload_slice_data`.

mod answer;
mod call;
mod config;
mod init;
mod slice;

use std::io;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Response;

pub use self::config::{
    Again, Config, ErrorStatus, FailedCheck, InitIs, InsertOnly, Limits, NoFile, OddSliceSize, OtherSha, ResourcePath,
    ResumeOffset, ResumeSession, SliceAfterEnd, SliceOrder, SliceSha, StraySession, Switches, UnknownSession, UrlsTold,
};
pub use crate::cos::{BadPath, ChangedSlice, DateForm, ExpiredCode, MissingDirectory, QueryPlus, StatUnfinished};

use crate::cos::answer::Stamp;
use crate::cos::call::Refusal;
use crate::cos::code;
use crate::cos::form::Fields;
use crate::cos::server::{self, Api, Server, Terms, Voice};
use crate::cos::sha::to_hex;
use crate::cos::urls::Urls;
use crate::faults::Facts;
use crate::service::{Service, Setup};

pub(crate) const FACTS: Facts = Facts {
    name: "cos-v1",
    ops: &["upload", "upload_slice_init", "upload_slice_data", "stat", "delete"],
    fits: answer::can_show,
};

type Call<'a> = crate::cos::call::Call<'a, Config>;

/// The server of the COS JSON API v1.
#[derive(Debug)]
pub struct CosV1 {
    server: Arc<Server<Config>>,
}

impl CosV1 {
    pub(crate) fn new(config: Config, setup: &Setup) -> io::Result<Arc<CosV1>> {
        Ok(Arc::new(CosV1 { server: Arc::new(Server::new(config, setup)?) }))
    }

    pub(crate) fn service(&self) -> Arc<dyn Service> {
        Arc::clone(&self.server) as _
    }

    /// A finished object's bytes, all at once: for tests.
    ///
    /// # Errors
    /// The storage cannot be read.
    pub fn read_object(&self, appid: &str, bucket: &str, key: &str) -> io::Result<Option<Vec<u8>>> {
        self.server.read_object(appid, bucket, key)
    }

    /// The slices of each unfinished upload at a path, as offset and length; the oldest upload first.
    pub fn slices(&self, appid: &str, bucket: &str, key: &str) -> Vec<Vec<(u64, u64)>> {
        self.server.slices(appid, bucket, key)
    }
}

/// The two forms of `op=upload_slice`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Init,
    Slice,
}

impl Kind {
    /// `None` while it is not known.
    fn of(fields: &Fields, init_is: InitIs, is_whole: bool) -> Option<Kind> {
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

    fn terms(&self) -> Terms {
        let (limits, switches) = (&self.limits, &self.switches);
        let slices = limits.slice_sizes.iter().copied().chain(switches.slice_size);
        Terms {
            accounts: self.accounts.clone(),
            limits: server::Limits {
                one_request: limits.one_request,
                largest_slice: slices.max().unwrap_or_default(),
                max_file: limits.max_file,
                body: limits.body,
                text_fields: limits.text_fields,
                key: limits.key,
                signature_life: limits.signature_life,
            },
            voice: Voice {
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
            ill: code::BACKEND,
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

    fn session_id(fresh: &[u8; 48]) -> String {
        session_id(fresh)
    }

    fn answer(call: &mut Call<'_>, stamp: &Stamp) -> Result<Response<Bytes>, Refusal> {
        let mut data = call::run(call)?;
        if let Some(fault) = call.fault {
            answer::distort(&mut data, fault);
        }
        Ok(answer::success(&data, stamp))
    }

    fn urls(call: &Call<'_>) -> Urls {
        call::urls(call)
    }
}

/// A UUID, a plus and base64 with its padding, as a recorded one is.
fn session_id(fresh: &[u8; 48]) -> String {
    let hex = to_hex(&fresh[..16]);
    let groups = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    format!("{}+{}", groups.join("-"), STANDARD.encode(&fresh[16..23]))
}
