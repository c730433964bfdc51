//! One call, and what the operations have in common.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use md5::{Digest, Md5};

use super::answer::Success;
use super::checksums::{Checksum, Claimed, Declared};
use super::error::{
    BAD_DIGEST, ENTITY_TOO_LARGE, Error, INTERNAL_ERROR, INVALID_ARGUMENT, INVALID_DIGEST, NO_SUCH_KEY, NO_SUCH_UPLOAD,
    NOT_IMPLEMENTED, PRECONDITION_FAILED,
};
use super::server::S3;
use super::switches::{Checksums, Documents, Etag};
use super::vendor::{Object, Upload};
use crate::body_sink::{NoFile, Received};
use crate::faults::Fault;
use crate::part_store::{Algorithm, Digests, KeyStyle, NoSuchUpload, NotPut, Overwrite, Query, Xml};
use crate::storage::Storage;

/// One call, with everything it may look at and change.
pub(super) struct Call<'a> {
    pub(super) server: &'a S3,
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
        /// A line behind the body: name and value.
        trailer: Option<(String, String)>,
    },
    Text(Vec<u8>),
}

impl<'a> Call<'a> {
    pub(super) fn storage(&self) -> &dyn Storage {
        self.server.storage.as_ref()
    }

    /// A header's value; an empty one is as good as none.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
    }

    /// The id that the request names, as we know it; empty if it cannot be one.
    pub(super) fn upload_id(&self) -> &'a str {
        self.server.own_id(self.told_upload_id()).unwrap_or_default()
    }

    /// The id that the request names.
    pub(super) fn told_upload_id(&self) -> &'a str {
        self.query.get("uploadId").unwrap_or_default()
    }

    /// Does something with the upload that the request names.
    pub(super) fn with_upload<T>(&self, work: impl FnOnce(&mut Upload) -> Result<T, Error>) -> Result<T, Error> {
        if self.server.late.hides(self.told_upload_id()) {
            return Err(self.no_such_upload());
        }
        let done = self
            .server
            .uploads
            .with(self.upload_id(), (self.bucket, self.key), |upload| Ok::<_, NoSuchUpload>(work(upload)));
        match done {
            Ok(done) => done,
            Err(_) => Err(self.no_such_upload()),
        }
    }

    pub(super) fn no_such_upload(&self) -> Error {
        NO_SUCH_UPLOAD.error().with("UploadId", self.told_upload_id())
    }

    /// The bytes of a request that has to have some, what is known of them, and the checksum that it claims of them.
    pub(super) fn take_bytes(&mut self) -> Result<(Received, Digests, Option<Claimed>), Error> {
        let Body::Bytes { file, digests, trailer } = &mut self.body else {
            return Err(INTERNAL_ERROR.error());
        };
        let (digests, trailer) = (digests.clone(), trailer.take());
        let file = match std::mem::replace(file, Ok(None)) {
            Ok(file) => file.ok_or_else(|| INTERNAL_ERROR.error())?,
            Err(NoFile::TooLong) => return Err(ENTITY_TOO_LARGE.error()),
            Err(NoFile::Failed) => return Err(INTERNAL_ERROR.error()),
        };
        self.check_md5(digests.md5)?;
        if self.server.config.switches.checksums == Checksums::Ignored {
            return Ok((file, digests, None));
        }
        let claimed = Claimed::of(self.headers, trailer.as_ref())?;
        if let Some(claimed) = &claimed {
            claimed.check(&digests)?;
        }
        Ok((file, digests, claimed))
    }

    /// The text of a request, as its `Content-MD5` says.
    pub(super) fn text(&self) -> Result<&[u8], Error> {
        let Body::Text(text) = &self.body else {
            return Err(INTERNAL_ERROR.error());
        };
        self.check_md5(Md5::digest(text).into())?;
        Ok(text)
    }

    fn check_md5(&self, own: [u8; 16]) -> Result<(), Error> {
        let Some(text) = self.header("content-md5") else { return Ok(()) };
        let claimed = STANDARD.decode(text).ok().filter(|it| it.len() == own.len());
        match claimed {
            None => Err(INVALID_DIGEST.error().with("Content-MD5", text)),
            Some(claimed) if claimed == own => Ok(()),
            Some(_) => {
                let error = BAD_DIGEST.error().with("ExpectedDigest", text);
                Err(error.with("CalculatedDigest", STANDARD.encode(own)))
            }
        }
    }

    /// Nothing here makes an object of another.
    pub(super) fn check_no_copy(&self) -> Result<(), Error> {
        const NAME: &str = "x-amz-copy-source";
        match self.header(NAME) {
            None => Ok(()),
            Some(_) => Err(NOT_IMPLEMENTED.error().with("Header", NAME)),
        }
    }

    /// What has to be true of the object that is there before another takes its place.
    pub(super) fn check_conditions(&self) -> Result<Overwrite, Error> {
        let failed = |name: &str| PRECONDITION_FAILED.error().with("Condition", name);
        let overwrite = match self.header("if-none-match") {
            None => Overwrite::Allowed,
            Some("*") if self.server.objects.has(self.bucket, self.key) => return Err(failed("If-None-Match")),
            Some("*") => Overwrite::Forbidden,
            Some(_) => return Err(NOT_IMPLEMENTED.error().with("Header", "If-None-Match")),
        };
        if let Some(wanted) = self.header("if-match") {
            let there = self.server.objects.find(self.bucket, self.key, self.storage());
            let there = there.ok_or_else(|| NO_SUCH_KEY.error().with("Key", self.key))?;
            if wanted.trim_matches('"') != there.etag {
                return Err(failed("If-Match"));
            }
        }
        Ok(overwrite)
    }

    pub(super) fn bad_name(&self) -> Error {
        INVALID_ARGUMENT
            .because("The emulator keeps objects as files, and no file can have this key.")
            .with("Key", self.key)
    }

    pub(super) fn not_put(&self, why: NotPut) -> Error {
        match why {
            NotPut::Exists => PRECONDITION_FAILED.error().with("Condition", "If-None-Match"),
            NotPut::BadName => self.bad_name(),
            NotPut::Failed => INTERNAL_ERROR.error(),
        }
    }

    /// How keys are written in the answer.
    pub(super) fn key_style(&self) -> Result<KeyStyle, Error> {
        const NAME: &str = "encoding-type";
        KeyStyle::of(self.query.get(NAME)).map_err(|value| wrong_argument(NAME, &value))
    }

    /// A parameter that is a whole number.
    pub(super) fn number(&self, name: &'static str, default: u32) -> Result<u32, Error> {
        let Some(text) = self.query.get(name).filter(|text| !text.is_empty()) else {
            return Ok(default);
        };
        let good = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() < 10;
        let number = text.parse().ok().filter(|_| good);
        number.ok_or_else(|| wrong_argument(name, text))
    }

    /// How many entries a page may have: as many as are asked for, and no more than the vendor's limit.
    pub(super) fn page(&self, name: &'static str) -> Result<u32, Error> {
        let page = self.server.config.limits.page;
        Ok(self.number(name, page)?.min(page))
    }

    /// The tag of bytes, as this server makes them; empty if it makes none.
    pub(super) fn etag_of(&self, md5: [u8; 16]) -> String {
        let other = || Md5::new().chain_update(md5).chain_update("encrypted").finalize();
        match self.server.config.switches.etag {
            Etag::Md5 => hex::encode(md5),
            Etag::UpperCase => hex::encode_upper(md5),
            Etag::OtherHex => hex::encode(other()),
            Etag::Opaque => format!("tag-{}", STANDARD.encode(other()).trim_end_matches('=')),
            Etag::Absent => String::new(),
        }
    }

    /// A tag as it is told, with quotes; none where there is none. A fault may lie.
    pub(super) fn told_etag(&self, etag: &str) -> Option<String> {
        let lie = (self.fault == Some(&Fault::WrongEtag)).then(|| "0".repeat(32));
        let etag = lie.as_deref().unwrap_or(etag);
        (!etag.is_empty()).then(|| format!("\"{etag}\""))
    }

    /// A checksum as it is told. A fault may lie.
    pub(super) fn told_checksum(&self, checksum: Option<Checksum>) -> Option<Checksum> {
        let checksum = checksum?;
        if self.fault != Some(&Fault::WrongCrc) {
            return Some(checksum);
        }
        let value = STANDARD.encode(vec![0xa5; checksum.algorithm.width()]);
        Some(Checksum { value, ..checksum })
    }

    /// The checksum that bytes are to have: the one that was claimed, or else the server's own.
    pub(super) fn kept_checksum(&self, claimed: Option<&Claimed>) -> Option<Declared> {
        match self.server.config.switches.checksums {
            Checksums::Kept => {
                Some(claimed.map_or(Declared::OWN, |it| Declared { algorithm: it.algorithm, ..Declared::OWN }))
            }
            Checksums::Ignored => None,
            Checksums::Other => Some(Declared { algorithm: OTHER, ..Declared::OWN }),
        }
    }

    /// The object's tag and version in the head.
    pub(super) fn identified(&self, success: Success, object: &Object) -> Success {
        let etag = self.told_etag(&object.etag).map(|etag| ("etag".to_owned(), etag));
        let version = self.server.config.switches.versioned.then(|| version(object));
        success.with_all(etag).with_all(version.map(|version| ("x-amz-version-id".to_owned(), version)))
    }

    /// A document of this server's.
    pub(super) fn document(&self, root: &str, fill: impl FnOnce(&mut Xml)) -> Success {
        if self.server.config.switches.documents == Documents::Plain {
            return Success::xml(root, fill);
        }
        let root = format!("{}Response", root.trim_end_matches("Result"));
        let text = Xml::document(&root, |xml| {
            xml.nest("Unknown", |xml| xml.leaf("Key", "not/this/one"));
            fill(xml);
        });
        let body = Bytes::from(text.replace("&quot;", "&#34;"));
        Success { body, ..Success::empty(200) }.with("content-type", "text/xml; charset=utf-8")
    }
}

/// What is told where another algorithm's checksums are.
pub(super) const OTHER: Algorithm = Algorithm::Crc32;

fn version(object: &Object) -> String {
    format!("emu.{:024}", object.own.version)
}

pub(super) fn wrong_argument(name: &'static str, value: &str) -> Error {
    let error = INVALID_ARGUMENT.because(format!("Provided {name} not an integer or within integer range"));
    error.with("ArgumentName", name).with("ArgumentValue", value)
}
