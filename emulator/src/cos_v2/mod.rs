//! The COS JSON API v2 (`/files/v2/…`), as far as uploading needs it: one file per operation.

mod answer;
mod call;
mod config;
mod data;
mod finish;
mod init;
mod list;
mod upload_slice;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;

pub use self::config::{
    Config, FinishAgain, FinishWithGaps, Limits, ListSha, ListShows, SerialUpload, Switches, UnknownSession,
    UploadSlice,
};
pub use crate::cos::{BadPath, ChangedSlice, DateForm, ExpiredCode, MissingDirectory, QueryPlus, StatUnfinished};

use crate::cos::answer::Stamp;
use crate::cos::bucket::Bucket;
use crate::cos::call::Refusal;
use crate::cos::code;
use crate::cos::form::Fields;
use crate::cos::path::Name;
use crate::cos::server::{self, Api, Server, Terms, Voice};
use crate::cos::session::Proof;
use crate::cos::sha::to_hex;
use crate::cos::urls::Urls;
use crate::faults::{Facts, Fault};
use crate::intake::Received;
use crate::service::{Service, Setup};

pub(crate) const FACTS: Facts = Facts {
    name: "cos-v2",
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

type Call<'a> = crate::cos::call::Call<'a, Config>;

/// The server of the COS JSON API v2.
#[derive(Debug)]
pub struct CosV2 {
    server: Arc<Server<Config>>,
}

impl CosV2 {
    pub(crate) fn new(config: Config, setup: &Setup) -> io::Result<Arc<CosV2>> {
        Ok(Arc::new(CosV2 { server: Arc::new(Server::new(config, setup)?) }))
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

    /// The slices of the unfinished session at a path, as offset and length; `None` without a session.
    pub fn slices(&self, appid: &str, bucket: &str, key: &str) -> Option<Vec<(u64, u64)>> {
        self.server.slices(appid, bucket, key).pop()
    }
}

impl Api for Config {
    const FACTS: &'static Facts = &FACTS;
    const ROOT: &'static str = "/files/v2/";

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
            voice: Voice { date: switches.date, request_id: switches.request_id, success: "SUCCESS", refusals: None },
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
            ill: code::UNAVAILABLE,
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
        to_hex(fresh)
    }

    fn prove(bucket: &Bucket, name: &Name, fields: &Fields, file: &mut Received) -> io::Result<Vec<Proof>> {
        data::prove(bucket, name, fields, file)
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
