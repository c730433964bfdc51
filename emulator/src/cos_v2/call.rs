//! One call, and what the operations have in common.

use std::io;

use super::answer::{Data, Urls};
use super::bucket::{Bucket, Object};
use super::session::{Proof, Session};
use super::{Config, MissingDirectory, UnknownSession};
use super::{NAME, data, delete, finish, init, list, stat, upload};
use crate::cos::code::{self, Code};
use crate::cos::form::Fields;
use crate::cos::path::Name;
use crate::cos::sha::{self, Sha};
use crate::faults::Fault;
use crate::storage::{ObjectName, Spool, Storage};

/// The file of a request, received and not yet anybody's.
pub(super) struct Received {
    pub(super) spool: Box<dyn Spool>,
    pub(super) length: u64,
}

/// One call, with everything it may look at and change.
pub(super) struct Call<'a> {
    pub(super) config: &'a Config,
    pub(super) storage: &'a dyn Storage,
    pub(super) bucket: &'a Bucket,
    /// The unfinished upload at the path; nobody else can reach it meanwhile.
    pub(super) slot: &'a mut Option<Session>,
    pub(super) name: &'a Name,
    pub(super) fields: &'a Fields,
    pub(super) file: Option<Received>,
    /// The server's time in Unix seconds.
    pub(super) now: u64,
    /// Makes a session id nobody has yet.
    pub(super) fresh_session: &'a dyn Fn() -> String,
    /// A fault that may spoil the work.
    pub(super) fault: Option<&'a Fault>,
    /// What is known of the file's parts.
    pub(super) proofs: Vec<Proof>,
    /// File bytes this call stored.
    pub(super) stored: u64,
}

/// Why a call has no data to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Code(Code),
    /// The gateway's HTML page.
    TooLarge,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Refusal {
        Refusal::Code(code)
    }
}

impl Call<'_> {
    pub(super) fn run(&mut self) -> Result<Data, Refusal> {
        if self.fault == Some(&Fault::ForgetSession)
            && let Some(session) = self.slot.take()
        {
            self.storage.drop_draft(&session.draft());
        }
        let op = self.fields.text("op").ok_or(code::MISSING_OP)?;
        if self.fields.is_json() && !matches!(op, "upload_slice_list" | "stat" | "delete") {
            return Err(code::PARAMETER.because("ERROR_CGI_PARAM: content-type").into());
        }
        let data = match op {
            "upload" => return upload::run(self),
            "upload_slice_init" => init::run(self),
            "upload_slice_data" => data::run(self),
            "upload_slice_list" => list::run(self),
            "upload_slice_finish" => finish::run(self),
            "stat" => stat::run(self),
            "delete" => delete::run(self),
            _ => Err(code::PARAMETER.because("ERROR_CGI_PARAM: op")),
        };
        Ok(data?)
    }

    fn need(&self, name: &'static str) -> Result<&str, Code> {
        let missing = code::PARAMETER.because(match name {
            "session" => "ERROR_CGI_PARAM: session",
            "offset" => "ERROR_CGI_PARAM: offset",
            "filesize" => "ERROR_CGI_PARAM: filesize",
            "slice_size" => "ERROR_CGI_PARAM: slice_size",
            _ => code::PARAMETER.message,
        });
        self.fields.text(name).ok_or(missing)
    }

    /// A field of decimal digits.
    pub(super) fn number(&self, name: &'static str) -> Result<u64, Code> {
        let text = self.need(name)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number.ok_or(code::PARAMETER.because("ERROR_CGI_PARAM: not a number"))
    }

    pub(super) fn sha(&self) -> Result<Option<Sha>, Code> {
        let Some(text) = self.fields.text("sha") else {
            return Ok(None);
        };
        let bad = code::PARAMETER.because("ERROR_CGI_PARAM: sha");
        sha::parse_hex(text).map(Some).ok_or(bad)
    }

    pub(super) fn insert_only(&self) -> Result<bool, Code> {
        match self.fields.text("insertonly") {
            None | Some("1") => Ok(true),
            Some("0") => Ok(false),
            Some(_) => Err(code::PARAMETER.because("ERROR_CGI_PARAM: insertOnly")),
        }
    }

    pub(super) fn biz_attr(&self) -> String {
        self.fields.text("biz_attr").unwrap_or_default().to_owned()
    }

    /// Refuses a name that cannot become an object.
    pub(super) fn check_name(&self) -> Result<(), Code> {
        if self.bucket.conflicts(self.name.key()) {
            return Err(code::PATH_CONFLICT);
        }
        let strict = self.config.switches.missing_directory == MissingDirectory::Refuse;
        if strict && !self.bucket.has_folder_for(self.name.key()) {
            return Err(code::NO_FILE.because("ERROR_CMD_FILE_NOTEXIST: directory"));
        }
        Ok(())
    }

    /// Whether the object is there already with these bytes; -177 if it has others and may not be overwritten.
    pub(super) fn is_there(&self, sha: Option<Sha>, insert_only: bool) -> Result<bool, Code> {
        let key = self.name.key();
        if !insert_only || self.bucket.object(key).is_none() {
            return Ok(false);
        }
        let known = self.bucket.sha_of(key, self.storage).map_err(storage_code)?;
        if known.is_some() && known == sha { Ok(true) } else { Err(code::FILE_EXISTS) }
    }

    /// The session the request names, which must be this path's.
    pub(super) fn session(&mut self) -> Result<&mut Session, Code> {
        let id = self.need("session")?.to_owned();
        let unknown = match self.config.switches.unknown_session {
            UnknownSession::NotFound => code::NO_FILE.because("ERROR_CMD_FILE_NOTEXIST: session"),
            UnknownSession::Failed => code::SESSION_LOST,
            UnknownSession::Parameter => code::PARAMETER.because("ERROR_CGI_PARAM: session"),
        };
        self.slot.as_mut().filter(|known| known.id == id).ok_or(unknown)
    }

    /// A sha given at init must be given again.
    pub(super) fn check_sha(&self, promised: Option<Sha>) -> Result<(), Code> {
        let Some(promised) = promised else {
            return Ok(());
        };
        match self.sha()? {
            None => Err(code::SHA_MISSING),
            Some(sha) if sha == promised => Ok(()),
            Some(_) => Err(code::SHA_MISMATCH),
        }
    }

    pub(super) fn urls(&self) -> Urls {
        let (appid, bucket) = (self.name.appid(), self.name.bucket());
        let region = &self.config.region;
        let key = self.name.encoded_key();
        let host = format!("http://{bucket}-{appid}");
        Urls {
            access_url: format!("{host}.file.myqcloud.com/{key}"),
            preview_url: is_text(&key).then(|| format!("{host}.preview.myqcloud.com/{key}?cmd=txt_preview")),
            resource_path: self.name.resource_path(),
            source_url: format!("{host}.cos{region}.myqcloud.com/{key}"),
            url: format!("http://{region}.file.myqcloud.com/files/v2/{appid}/{bucket}/{key}"),
        }
    }

    /// Where the object is in the store.
    pub(super) fn stored(&self) -> Result<ObjectName, Code> {
        self.name.stored(NAME).map_err(storage_code)
    }

    /// Records a new or changed object.
    pub(super) fn publish(&mut self, length: u64, sha: Option<Sha>, biz_attr: String, session: Option<String>) {
        let key = self.name.key();
        let older = self.bucket.object(key);
        let object = Object {
            length,
            sha,
            created: older.map_or(self.now, |older| older.created),
            modified: self.now,
            biz_attr,
            session,
        };
        self.bucket.put_object(key, object);
    }
}

/// The one kind of file the vendor's samples show a preview of.
fn is_text(key: &str) -> bool {
    key.rsplit_once('.').is_some_and(|(_, extension)| extension == "txt")
}

/// The code of a store's error.
#[allow(clippy::needless_pass_by_value)]
pub(super) fn storage_code(error: io::Error) -> Code {
    match error.kind() {
        io::ErrorKind::AlreadyExists
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::DirectoryNotEmpty => code::PATH_CONFLICT,
        _ => code::STORAGE,
    }
}
