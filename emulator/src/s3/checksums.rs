//! Checksums of parts and objects (reference §6): which one an upload declares, what a request says, and what is told.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::error::{BAD_DIGEST, Error, INVALID_REQUEST};
use crate::part_store::{Algorithm, Digests};

const HEADERS: &str = "x-amz-checksum-";
const ALGORITHM: &str = "x-amz-checksum-algorithm";
const KIND: &str = "x-amz-checksum-type";
/// The headers that begin like a checksum's and are none.
const NO_VALUES: [&str; 3] = [ALGORITHM, KIND, "x-amz-checksum-mode"];

/// The vendor's word, in upper case.
pub(super) fn word(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Crc64Nvme => "CRC64NVME",
        Algorithm::Crc32 => "CRC32",
        Algorithm::Crc32c => "CRC32C",
        Algorithm::Sha1 => "SHA1",
        Algorithm::Sha256 => "SHA256",
    }
}

pub(super) fn header(algorithm: Algorithm) -> String {
    format!("{HEADERS}{}", word(algorithm).to_ascii_lowercase())
}

/// The name of the element that holds it.
pub(super) fn element(algorithm: Algorithm) -> String {
    format!("Checksum{}", word(algorithm))
}

fn of_word(text: &str) -> Option<Algorithm> {
    Algorithm::ALL.into_iter().find(|algorithm| word(*algorithm).eq_ignore_ascii_case(text))
}

/// Of what the checksum of an object is made.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Of its parts' checksums.
    Composite,
    /// Of its bytes.
    FullObject,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Composite => "COMPOSITE",
            Kind::FullObject => "FULL_OBJECT",
        }
    }
}

/// What an upload says at its beginning.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) algorithm: Algorithm,
    pub(super) kind: Kind,
}

impl Declared {
    /// What is computed where nothing is declared.
    pub(super) const OWN: Declared = Declared { algorithm: Algorithm::Crc64Nvme, kind: Kind::FullObject };

    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Declared>, Error> {
        let (Some(name), kind) = (value(headers, ALGORITHM), value(headers, KIND)) else {
            return match value(headers, KIND) {
                None => Ok(None),
                Some(_) => Err(wrong(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
                )),
            };
        };
        let algorithm = of_word(name).ok_or_else(|| wrong("Checksum algorithm provided is unsupported."))?;
        let kind = match kind {
            None if algorithm == Algorithm::Crc64Nvme => Kind::FullObject,
            None => Kind::Composite,
            Some(text) => kind_of(text)?,
        };
        let is_sha = matches!(algorithm, Algorithm::Sha1 | Algorithm::Sha256);
        let bad = match kind {
            Kind::Composite => algorithm == Algorithm::Crc64Nvme,
            Kind::FullObject => is_sha,
        };
        if bad {
            let (kind, name) = (kind.word(), word(algorithm).to_ascii_lowercase());
            return Err(wrong(format!("The {kind} checksum type cannot be used with the {name} checksum algorithm.")));
        }
        Ok(Some(Declared { algorithm, kind }))
    }

    /// The checksum of an object that consists of parts with these.
    pub(super) fn combined<'a>(self, parts: impl Iterator<Item = (Option<&'a Vec<u8>>, u64)>) -> Option<Checksum> {
        let parts: Vec<(&Vec<u8>, u64)> = parts.map(|(value, length)| Some((value?, length))).collect::<Option<_>>()?;
        let Declared { algorithm, kind } = self;
        let value = match kind {
            Kind::Composite => {
                let whole: Vec<u8> = parts.iter().flat_map(|(value, _)| value.iter().copied()).collect();
                format!("{}-{}", STANDARD.encode(algorithm.of(&whole)), parts.len())
            }
            Kind::FullObject => {
                let empty = algorithm.of(b"");
                let joined =
                    parts.iter().try_fold(empty, |first, (second, length)| algorithm.joined(&first, second, *length));
                STANDARD.encode(joined?)
            }
        };
        Some(Checksum { algorithm, kind, value })
    }
}

fn kind_of(text: &str) -> Result<Kind, Error> {
    let known = [Kind::Composite, Kind::FullObject].into_iter().find(|kind| kind.word() == text);
    known.ok_or_else(|| wrong("Value for x-amz-checksum-type header is invalid."))
}

/// One checksum, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checksum {
    pub(super) algorithm: Algorithm,
    pub(super) kind: Kind,
    /// Base64; of a composite one, with the number of parts.
    pub(super) value: String,
}

impl Checksum {
    /// Of bytes that were hashed so.
    pub(super) fn of(digests: &Digests, algorithm: Algorithm) -> Option<Checksum> {
        let value = STANDARD.encode(digests.further.get(&algorithm)?);
        Some(Checksum { algorithm, kind: Kind::FullObject, value })
    }

    pub(super) fn header(&self) -> (String, String) {
        (header(self.algorithm), self.value.clone())
    }

    pub(super) fn kind_header(&self) -> (String, String) {
        (KIND.to_owned(), self.kind.word().to_owned())
    }
}

/// What a request claims of its bytes, or of a whole object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claimed {
    pub(super) algorithm: Algorithm,
    pub(super) value: String,
}

impl Claimed {
    /// What stands in the head, or behind the body.
    pub(super) fn of(headers: &HeaderMap, trailer: Option<&(String, String)>) -> Result<Option<Claimed>, Error> {
        let in_head = headers.keys().map(http::HeaderName::as_str).filter(|name| !NO_VALUES.contains(name));
        let in_head =
            in_head.filter_map(|name| Some((name.strip_prefix(HEADERS)?, value(headers, name).unwrap_or_default())));
        let behind = trailer.and_then(|(name, value)| Some((name.strip_prefix(HEADERS)?, value.as_str())));
        let mut all = in_head.chain(behind);
        let Some((name, value)) = all.next() else { return Ok(None) };
        if all.next().is_some() {
            return Err(wrong("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."));
        }
        let algorithm = of_word(name)
            .ok_or_else(|| wrong("The algorithm type you specified in x-amz-checksum- header is invalid."))?;
        Ok(Some(Claimed { algorithm, value: value.to_owned() }))
    }

    /// Of the bytes of this request.
    pub(super) fn check(&self, digests: &Digests) -> Result<(), Error> {
        let decoded = STANDARD.decode(&self.value).ok().filter(|it| it.len() == self.algorithm.width());
        let Some(claimed) = decoded else {
            return Err(wrong(format!("Value for {} header is invalid.", header(self.algorithm))));
        };
        if digests.further.get(&self.algorithm).is_none_or(|own| *own == claimed) {
            return Ok(());
        }
        Err(self.mismatch())
    }

    pub(super) fn mismatch(&self) -> Error {
        let name = word(self.algorithm);
        BAD_DIGEST.because(format!("The {name} you specified did not match the calculated checksum."))
    }
}

/// The algorithm of a request and the one that its upload declares have to be the same.
pub(super) fn other_algorithm(declared: Option<Algorithm>, claimed: Option<Algorithm>) -> Error {
    let name = |it: Option<Algorithm>| it.map_or("null".to_owned(), |it| word(it).to_ascii_lowercase());
    let (expected, actual) = (name(declared), name(claimed));
    wrong(format!(
        "Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {actual}"
    ))
}

/// The kind that a request for complete names.
pub(super) fn claimed_kind(headers: &HeaderMap) -> Result<Option<Kind>, Error> {
    value(headers, KIND).map(kind_of).transpose()
}

/// The algorithms that a request makes necessary.
pub(super) fn named(headers: &HeaderMap) -> Vec<Algorithm> {
    let in_head = headers.keys().filter_map(|name| of_word(name.as_str().strip_prefix(HEADERS)?));
    let behind = value(headers, "x-amz-trailer").and_then(|name| of_word(name.strip_prefix(HEADERS)?));
    in_head.chain(behind).collect()
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn wrong(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    INVALID_REQUEST.because(message)
}
