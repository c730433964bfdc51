//! One call, and what the operations have in common.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use super::answer::Success;
use super::callback::{Callback, Facts};
use super::error::{
    CALLBACK_FAILED, ENTITY_TOO_LARGE, Error, FILE_ALREADY_EXISTS, INTERNAL_ERROR, INVALID_ARGUMENT, INVALID_DIGEST,
    INVALID_OBJECT_NAME,
};
use super::server::Oss;
use super::vendor::{Object, Upload};
use crate::body_sink::{NoFile, Received};
use crate::faults::Fault;
use crate::part_store::{Digests, KeyStyle, NotPut, Overwrite, Part, Query};
use crate::storage::Storage;

/// One call, with everything it may look at and change.
pub(super) struct Call<'a> {
    pub(super) server: &'a Oss,
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) query: &'a Query,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: Body,
    pub(super) clock: Duration,
    /// A fault that may spoil the work.
    pub(super) fault: Option<&'a Fault>,
    /// File bytes this call stored.
    pub(super) stored: u64,
}

/// What came with a request.
pub(super) enum Body {
    Bytes {
        file: Result<Option<Received>, NoFile>,
        digests: Digests,
    },
    /// `None` if it was too long to be kept.
    Text(Option<Vec<u8>>),
}

impl Call<'_> {
    pub(super) fn storage(&self) -> &dyn Storage {
        self.server.storage.as_ref()
    }

    /// A header's value; an empty one is as good as none.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().filter(|value| !value.is_empty())
    }

    pub(super) fn overwrite(&self) -> Overwrite {
        match self.header("x-oss-forbid-overwrite") {
            Some(value) if value.eq_ignore_ascii_case("true") => Overwrite::Forbidden,
            _ => Overwrite::Allowed,
        }
    }

    /// Refuses early what could not become an object.
    pub(super) fn check_overwrite(&self) -> Result<(), Error> {
        if self.overwrite() == Overwrite::Forbidden && self.server.objects.has(self.bucket, self.key) {
            return Err(FILE_ALREADY_EXISTS.error());
        }
        Ok(())
    }

    pub(super) fn bad_name(&self) -> Error {
        INVALID_OBJECT_NAME.error().with("ObjectName", self.key)
    }

    pub(super) fn not_put(&self, why: NotPut) -> Error {
        match why {
            NotPut::Exists => FILE_ALREADY_EXISTS.error(),
            NotPut::BadName => self.bad_name(),
            NotPut::Failed => INTERNAL_ERROR.error(),
        }
    }

    pub(super) fn upload_id(&self) -> &str {
        self.query.get("uploadId").unwrap_or_default()
    }

    /// Does something with the upload that the request names.
    pub(super) fn with_upload<T>(&self, work: impl FnOnce(&mut Upload) -> Result<T, Error>) -> Result<T, Error> {
        self.server.uploads.with(self.upload_id(), (self.bucket, self.key), work)
    }

    /// The bytes of a request that has to have some, as many as it promised, and what is known of them.
    pub(super) fn take_bytes(&mut self) -> Result<(Received, Digests), Error> {
        let Body::Bytes { file, digests } = &mut self.body else {
            return Err(INTERNAL_ERROR.error());
        };
        let digests = digests.clone();
        let file = match std::mem::replace(file, Ok(None)) {
            Ok(file) => file.ok_or_else(|| INTERNAL_ERROR.error())?,
            Err(NoFile::TooLong) => return Err(ENTITY_TOO_LARGE.error()),
            Err(NoFile::Failed) => return Err(INTERNAL_ERROR.error()),
        };
        if self.header("content-md5").is_some_and(|claimed| claimed != STANDARD.encode(digests.md5)) {
            return Err(INVALID_DIGEST.error());
        }
        Ok((file, digests))
    }

    /// How keys are written in the answer.
    pub(super) fn key_style(&self) -> Result<KeyStyle, Error> {
        const NAME: &str = "encoding-type";
        KeyStyle::of(self.query.get(NAME)).map_err(|value| wrong_argument(NAME, &value))
    }

    /// A parameter that is a number within limits.
    pub(super) fn number(
        &self,
        name: &'static str,
        default: u32,
        range: std::ops::RangeInclusive<u32>,
    ) -> Result<u32, Error> {
        let Some(text) = self.query.get(name).filter(|text| !text.is_empty()) else {
            return Ok(default);
        };
        let good = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| good && range.contains(number));
        number.ok_or_else(|| wrong_argument(name, text))
    }

    /// The callback that is asked for, in the head or in the query.
    pub(super) fn callback(&self) -> Result<Option<Callback>, Error> {
        let in_query = |name: &str| self.query.get(name).filter(|value| !value.is_empty());
        let asked = |header: &str, parameter: &str| self.header(header).or_else(|| in_query(parameter));
        let Some(callback) = asked("x-oss-callback", "callback") else {
            return Ok(None);
        };
        let vars = asked("x-oss-callback-var", "callback-var");
        let read = Callback::read(callback, vars);
        read.map(Some).map_err(|why| {
            INVALID_ARGUMENT.because(why).with("ArgumentName", "callback").with("ArgumentValue", callback)
        })
    }

    /// The object is there: tells the callback, and answers what it answered, or else what `own` is.
    pub(super) fn conclude(&self, made: &Object, callback: Option<&Callback>, own: Success) -> Result<Success, Error> {
        let headers = self.told(&made.etag, made.crc64);
        let Some(callback) = callback else {
            return Ok(own.with(headers));
        };
        let facts = Facts {
            bucket: self.bucket.to_owned(),
            object: self.key.to_owned(),
            size: made.length,
            etag: made.etag.clone(),
            mime_type: made.description.content_type.clone(),
            crc64: made.crc64,
            sha1: made.own.sha1.as_ref().map(hex::encode_upper),
        };
        let tell = || callback.tell(&facts, &self.server.targets(), self.clock);
        let answer = match self.fault {
            Some(Fault::CallbackFailed { delivered }) => {
                let _ = delivered.then(tell);
                Err("Error status : 502.".to_owned())
            }
            _ => tell(),
        };
        match answer {
            Ok(body) => {
                let kind = Some("application/json".to_owned());
                Ok(Success { kind, body, ..Success::empty(200) }.with(headers))
            }
            Err(why) => Err(Error { headers: headers.into(), ..CALLBACK_FAILED.because(why) }),
        }
    }

    /// What the head tells of bytes; a fault may lie.
    pub(super) fn told(&self, etag: &str, crc64: u64) -> [(&'static str, String); 2] {
        [("etag", format!("\"{}\"", self.etag(etag))), ("x-oss-hash-crc64ecma", self.crc64(crc64).to_string())]
    }

    pub(super) fn etag(&self, etag: &str) -> String {
        if self.fault == Some(&Fault::WrongEtag) { "0".repeat(32) } else { etag.to_owned() }
    }

    pub(super) fn crc64(&self, crc64: u64) -> u64 {
        if self.fault == Some(&Fault::WrongCrc) { crc64.wrapping_add(1) } else { crc64 }
    }
}

pub(super) fn wrong_argument(name: &'static str, value: &str) -> Error {
    let error = INVALID_ARGUMENT.because(format!("The value of {name} is invalid."));
    error.with("ArgumentName", name).with("ArgumentValue", value)
}

/// Upper-case hex, without quotes.
pub(super) fn part_etag(part: &Part) -> String {
    hex::encode_upper(part.md5)
}
