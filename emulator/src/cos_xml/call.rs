//! One call, and what the operations have in common.

use std::ops::RangeInclusive;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use md5::{Digest, Md5};
use quick_xml::escape::escape;
use sha1::Sha1;

use super::config::{CrcAbsent, EtagQuotes, PartEtag};
use super::error::{
    BAD_DIGEST, ENTITY_TOO_LARGE, Error, FILE_ALREADY_EXISTS, INTERNAL_ERROR, INVALID_ARGUMENT, INVALID_DIGEST,
    INVALID_OBJECT_NAME,
};
use super::server::CosXml;
use super::vendor::{Object, Upload};
use crate::body_sink::{NoFile, Received};
use crate::faults::Fault;
use crate::part_store::{Digests, KeyStyle, NotPut, Overwrite, Query, Xml};
use crate::storage::Storage;

/// One call, with everything it may look at and change.
pub(super) struct Call<'a> {
    pub(super) server: &'a CosXml,
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

    /// On a bucket with versions nothing is forbidden.
    pub(super) fn overwrite(&self) -> Overwrite {
        match self.header("x-cos-forbid-overwrite") {
            Some("true") if !self.server.config.switches.versioned_bucket => Overwrite::Forbidden,
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

    pub(super) fn upload_id(&self) -> &str {
        self.query.get("uploadId").unwrap_or_default()
    }

    /// Does something with the upload that the request names.
    pub(super) fn with_upload<T>(&self, work: impl FnOnce(&mut Upload) -> Result<T, Error>) -> Result<T, Error> {
        self.server.uploads.with(self.upload_id(), (self.bucket, self.key), work)
    }

    /// The bytes of a request that has to have some, and what is known of them.
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
        self.check_md5(digests.md5)?;
        Ok((file, digests))
    }

    /// Compares with the `Content-MD5`, if there is one.
    pub(super) fn check_md5(&self, md5: [u8; 16]) -> Result<(), Error> {
        let Some(claimed) = self.header("content-md5") else {
            return Ok(());
        };
        match STANDARD.decode(claimed) {
            Ok(claimed) if claimed == md5 => Ok(()),
            Ok(claimed) if claimed.len() == md5.len() => Err(BAD_DIGEST.error()),
            _ => Err(INVALID_DIGEST.error()),
        }
    }

    /// How keys are written in the answer.
    pub(super) fn key_style(&self) -> Result<KeyStyle, Error> {
        const NAME: &str = "encoding-type";
        KeyStyle::of(self.query.get(NAME)).map_err(|_| wrong_argument(NAME))
    }

    /// A parameter that is a number within limits.
    pub(super) fn number(&self, name: &str, default: u32, range: RangeInclusive<u32>) -> Result<u32, Error> {
        let Some(text) = self.query.get(name).filter(|text| !text.is_empty()) else {
            return Ok(default);
        };
        let good = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| good && range.contains(number));
        number.ok_or_else(|| wrong_argument(name))
    }

    /// What the head tells of an object.
    pub(super) fn told(&self, object: &Object) -> Vec<(&'static str, String)> {
        let version = self.server.config.switches.versioned_bucket.then(|| version(object));
        let crc64 = self.told_crc64(object.crc64, object.is_multipart);
        let etag = ("etag", format!("\"{}\"", self.etag(&object.etag)));
        [etag].into_iter().chain(crc64).chain(version.map(|version| ("x-cos-version-id", version))).collect()
    }

    pub(super) fn told_crc64(&self, crc64: u64, is_multipart: bool) -> Option<(&'static str, String)> {
        let is_told = match self.server.config.switches.crc_absent {
            CrcAbsent::None => true,
            CrcAbsent::Multipart => !is_multipart,
            CrcAbsent::All => false,
        };
        let spoiled = if self.fault == Some(&Fault::WrongCrc) { crc64.wrapping_add(1) } else { crc64 };
        is_told.then(|| ("x-cos-hash-crc64ecma", spoiled.to_string()))
    }

    /// A tag as it is told; a fault may lie.
    pub(super) fn etag(&self, etag: &str) -> String {
        if self.fault == Some(&Fault::WrongEtag) { "0".repeat(32) } else { etag.to_owned() }
    }

    /// The tag of bytes that came in one request, without quotes.
    pub(super) fn etag_of(&self, md5: [u8; 16]) -> String {
        match self.server.config.switches.part_etag {
            PartEtag::Md5 => hex::encode(md5),
            PartEtag::UpperCase => hex::encode_upper(md5),
            PartEtag::Opaque => hex::encode(Sha1::digest(md5)),
        }
    }

    pub(super) fn write_etag(&self, xml: &mut Xml, etag: &str) {
        let quoted = format!("\"{}\"", self.etag(etag));
        match self.server.config.switches.etag_quotes {
            EtagQuotes::Entity => xml.leaf("ETag", &quoted),
            EtagQuotes::Bare => xml.verbatim("ETag", &quoted),
        }
    }

    pub(super) fn write_key(&self, xml: &mut Xml, name: &str, key: &str, style: KeyStyle) {
        let key = style.key(key);
        if self.server.config.switches.raw_key_in_xml {
            xml.verbatim(name, &escape(key.as_str()));
        } else {
            xml.leaf(name, &key);
        }
    }
}

/// One version of an object is like another only if everything about it is.
fn version(object: &Object) -> String {
    let hasher = Md5::new().chain_update(&object.etag).chain_update(object.modified.as_nanos().to_be_bytes());
    hex::encode(hasher.finalize())
}

pub(super) fn wrong_argument(name: &str) -> Error {
    INVALID_ARGUMENT.because(format!("The value of {name} is not valid."))
}

pub(super) fn not_put(why: NotPut) -> Error {
    match why {
        NotPut::Exists => FILE_ALREADY_EXISTS.error(),
        NotPut::BadName => INVALID_OBJECT_NAME.error(),
        NotPut::Failed => INTERNAL_ERROR.error(),
    }
}

/// Whose everything is.
pub(super) fn write_owners(xml: &mut Xml, bucket: &str) {
    let appid = bucket.rsplit_once('-').map_or("", |(_, appid)| appid);
    let account = format!("qcs::cam::uin/{appid}:uin/{appid}");
    for (name, id) in [("Initiator", appid), ("Owner", &account)] {
        xml.nest(name, |xml| {
            xml.leaf("ID", id);
            xml.leaf("DisplayName", appid);
        });
    }
}
