//! One call, and what the operations have in common.

use std::io;

use serde::Serialize;

use super::api::Api;
use super::bucket::{Bucket, Object};
use super::code::{self, Code};
use super::path::Name;
use super::rules::Rules;
use super::session::{Plan, Proof, Session};
use super::sha::{self, Sha};
use super::switches::MissingDirectory;
use super::urls::Urls;
use crate::body_sink::Received;
use crate::faults::Fault;
use crate::form::Fields;
use crate::storage::{ObjectName, Storage};

/// One call, with everything it may look at and change.
pub(crate) struct Call<'a, A> {
    pub(crate) config: &'a A,
    pub(crate) rules: &'a Rules,
    pub(crate) storage: &'a dyn Storage,
    pub(crate) bucket: &'a Bucket,
    /// The unfinished uploads at the path, oldest first; nobody else can reach them meanwhile.
    pub(crate) sessions: &'a mut Vec<Session>,
    pub(crate) name: &'a Name,
    pub(crate) fields: &'a Fields,
    pub(crate) file: Option<Received>,
    /// The server's time in Unix seconds.
    pub(crate) now: u64,
    /// Bytes that nobody had yet, to make a session's id of.
    pub(crate) fresh: [u8; 48],
    /// A fault that may spoil the work.
    pub(crate) fault: Option<&'a Fault>,
    /// What is known of the file's parts.
    pub(crate) proofs: Vec<Proof>,
    /// File bytes this call stored.
    pub(crate) stored: u64,
}

/// Why a call has no data to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Code(Code),
    /// The gateway's HTML page.
    TooLarge,
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Refusal {
        Refusal::Code(code)
    }
}

/// The operations of one of the two APIs.
pub(crate) trait Operations: Api {
    /// What a successful call answers.
    type Data: Serialize;

    /// Does what was asked.
    fn run(call: &mut Call<'_, Self>) -> Result<Option<Self::Data>, Refusal>;

    /// The lies of a fault that answers wrongly.
    fn distort(data: &mut Self::Data, fault: &Fault);
}

impl<A: Api> Call<'_, A> {
    /// Forgets the unfinished uploads of the path, if there are any.
    pub(crate) fn forget_sessions(&mut self) -> bool {
        let had = !self.sessions.is_empty();
        for session in self.sessions.drain(..) {
            self.storage.drop_draft(&session.draft);
        }
        had
    }

    pub(crate) fn need(&self, name: &'static str) -> Result<&str, Code> {
        let missing = code::PARAMETER.because(match name {
            "session" => "ERROR_CGI_PARAM: session",
            "offset" => "ERROR_CGI_PARAM: offset",
            "filesize" => "ERROR_CGI_PARAM: filesize",
            "sha" => "ERROR_CGI_PARAM: sha",
            "slice_size" => "ERROR_CGI_PARAM: slice_size",
            _ => code::PARAMETER.message,
        });
        self.fields.text(name).ok_or(missing)
    }

    /// A field of decimal digits.
    pub(crate) fn number(&self, name: &'static str) -> Result<u64, Code> {
        let text = self.need(name)?;
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number.ok_or(code::PARAMETER.because("ERROR_CGI_PARAM: not a number"))
    }

    pub(crate) fn sha(&self) -> Result<Option<Sha>, Code> {
        let Some(text) = self.fields.text("sha") else {
            return Ok(None);
        };
        let bad = code::PARAMETER.because("ERROR_CGI_PARAM: sha");
        sha::parse_hex(text).map(Some).ok_or(bad)
    }

    pub(crate) fn insert_only(&self) -> Result<bool, Code> {
        match self.fields.text("insertonly") {
            None | Some("1") => Ok(true),
            Some("0") => Ok(!self.rules.heeds_insert_only),
            Some(_) => Err(code::PARAMETER.because("ERROR_CGI_PARAM: insertOnly")),
        }
    }

    /// The length of a file that comes in slices.
    pub(crate) fn file_size(&self) -> Result<u64, Code> {
        let file_size = self.number("filesize")?;
        if file_size == 0 || file_size > self.rules.limits.max_file {
            return Err(code::PARAMETER.because("ERROR_CGI_PARAM: filesize"));
        }
        Ok(file_size)
    }

    pub(crate) fn biz_attr(&self) -> String {
        self.fields.text("biz_attr").unwrap_or_default().to_owned()
    }

    /// Refuses a name that cannot become an object.
    pub(crate) fn check_name(&self) -> Result<(), Code> {
        if self.bucket.conflicts(self.name.key()) {
            return Err(code::PATH_CONFLICT);
        }
        let strict = self.rules.missing_directory == MissingDirectory::Refuse;
        if strict && !self.bucket.has_folder_for(self.name.key()) {
            return Err(self.rules.no_file.because("ERROR_CMD_FILE_NOTEXIST: directory"));
        }
        Ok(())
    }

    /// Whether the object is there already with these bytes; -177 if it has others and may not be overwritten.
    pub(crate) fn is_there(&self, sha: Option<Sha>, insert_only: bool) -> Result<bool, Code> {
        let key = self.name.key();
        if !insert_only || self.bucket.object(key).is_none() {
            return Ok(false);
        }
        let known = self.bucket.sha_of(key, self.storage).map_err(storage_code)?;
        if known.is_some() && known == sha { Ok(true) } else { Err(code::FILE_EXISTS) }
    }

    /// Begins an unfinished upload.
    pub(crate) fn begin(&mut self, plan: Plan) -> Result<&Session, Code> {
        let id = A::session_id(&self.fresh);
        let draft = format!("{}-{id}", A::FACTS.name).replace(|c: char| !c.is_ascii_alphanumeric() && c != '-', "");
        let session = Session::new(id, draft, plan, self.now);
        session.begin_journal(self.name, self.storage).map_err(storage_code)?;
        self.sessions.push(session);
        self.sessions.last().ok_or(code::STORAGE)
    }

    /// Makes the object a copy of another one of the bucket, if there is one with these bytes.
    pub(crate) fn copy_twin(&mut self, sha: Sha, plan: &Plan) -> Result<bool, Code> {
        let twin = self.bucket.twin(&sha, plan.file_size, self.storage);
        let Some(key) = twin.map_err(storage_code)? else {
            return Ok(false);
        };
        let from = Name::new(self.name.appid(), self.name.bucket(), &key);
        if let Some(from) = from.filter(|from| from != self.name) {
            let from = from.stored(A::FACTS.name).map_err(storage_code)?;
            self.storage.copy_object(&from, &self.stored()?).map_err(storage_code)?;
        }
        self.publish(plan.file_size, Some(sha), plan.biz_attr.clone(), None);
        Ok(true)
    }

    /// Makes a complete unfinished upload the object.
    pub(crate) fn seal(&mut self, index: usize, digest: Option<Sha>) -> Result<(), Code> {
        let (is_there, object) = (self.is_there(digest, self.sessions[index].insert_only)?, self.stored()?);
        let session = &self.sessions[index];
        if is_there {
            self.storage.drop_draft(&session.draft);
        } else {
            self.storage.publish_draft(&session.draft, session.file_size, &object).map_err(storage_code)?;
        }
        let session = self.sessions.remove(index);
        self.publish(session.file_size, digest, session.biz_attr, Some(session.id));
        Ok(())
    }

    pub(crate) fn urls(&self) -> Urls {
        self.config.urls(self.name)
    }

    /// Where the object is in the store.
    pub(crate) fn stored(&self) -> Result<ObjectName, Code> {
        self.name.stored(A::FACTS.name).map_err(storage_code)
    }

    /// Records a new or changed object.
    pub(crate) fn publish(&mut self, length: u64, sha: Option<Sha>, biz_attr: String, session: Option<String>) {
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

/// The code of a store's error.
#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
pub(crate) fn storage_code(error: io::Error) -> Code {
    match error.kind() {
        io::ErrorKind::AlreadyExists
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::DirectoryNotEmpty => code::PATH_CONFLICT,
        _ => code::STORAGE,
    }
}
