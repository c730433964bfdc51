//! `POST /<key>?uploadId=U`: makes the parts an object (reference §3.4).
//!
//! Body: a `CompleteMultipartUpload` that names the parts in ascending order, with gaps if need be; parts that it does not name
//! are lost. Headers: the checksum of the whole, its length (`x-amz-mp-object-size`), conditions. A refused complete leaves the
//! upload as it was, unless a switch says otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use md5::{Digest, Md5};

use super::answer::Success;
use super::call::{Call, OTHER};
use super::checksums::{Checksum, Claimed, Declared, Kind, claimed_kind, element, other_algorithm, word};
use super::description;
use super::error::{
    BAD_DIGEST, ENTITY_TOO_SMALL, Error, INTERNAL_ERROR, INVALID_PART, INVALID_PART_ORDER, INVALID_REQUEST,
    MALFORMED_XML,
};
use super::list_parts::of_part;
use super::switches::{Checksums, CompleteAgain, MultipartEtag, PartLengths, RefusedComplete};
use super::vendor::{Made, Object, Upload};
use crate::faults::Fault;
use crate::part_store::{NamedPart, Part, Parts, Phase, joined, read_parts};

pub(super) fn run(call: &Call<'_>) -> Result<Success, Error> {
    let named = read_parts(call.text()?).filter(|parts| !parts.is_empty()).ok_or_else(|| MALFORMED_XML.error())?;
    let object = call.with_upload(|upload| match &upload.phase {
        Phase::Complete(object) => again(call, object, &named),
        _ => make(call, upload, &named),
    })?;
    let success = call.document("CompleteMultipartUploadResult", |xml| {
        let host = call.server.config.host();
        xml.leaf("Location", &format!("https://{host}/{}/{}", call.bucket, call.key));
        xml.leaf("Bucket", call.bucket);
        xml.leaf("Key", call.key);
        call.told_etag(&object.etag).into_iter().for_each(|etag| xml.leaf("ETag", &etag));
        if let Some(checksum) = call.told_checksum(object.own.checksum.clone()) {
            xml.leaf(&element(checksum.algorithm), &checksum.value);
            xml.leaf("ChecksumType", checksum.kind.word());
        }
    });
    // The tag is in the document alone.
    let head = call.identified(Success::empty(200), &object).headers.into_iter().filter(|(name, _)| name != "etag");
    Ok(success.with_all(head).with_all(description::encryption(&object.description)))
}

/// The upload is complete, and its answer may have been lost.
fn again(call: &Call<'_>, object: &Object, named: &[NamedPart]) -> Result<Object, Error> {
    let is_same = named.iter().map(|it| (it.number, it.etag.as_str())).eq(object
        .own
        .parts
        .iter()
        .map(|(number, etag)| (*number, etag.as_str())));
    match call.server.config.switches.complete_again {
        CompleteAgain::NoSuchUpload => return Err(call.no_such_upload()),
        CompleteAgain::AnyList => return Ok(object.clone()),
        CompleteAgain::PreconditionFailed => drop(call.check_conditions()?),
        CompleteAgain::Same => {}
    }
    if is_same { Ok(object.clone()) } else { Err(call.no_such_upload()) }
}

fn make(call: &Call<'_>, upload: &mut Upload, named: &[NamedPart]) -> Result<Object, Error> {
    let made = publish(call, upload, named);
    match &made {
        Ok(object) => {
            upload.leave(call.storage());
            upload.phase = Phase::Complete(object.clone());
        }
        Err(_) if call.server.config.switches.refused_complete == RefusedComplete::Nothing => {
            upload.leave(call.storage());
        }
        Err(_) => {}
    }
    made
}

fn publish(call: &Call<'_>, upload: &mut Upload, named: &[NamedPart]) -> Result<Object, Error> {
    let purpose = Arc::clone(&upload.purpose);
    let parts = upload.open(call.upload_id()).map_err(|_| call.no_such_upload())?;
    let mut chosen = chosen(call, parts, purpose.own.checksum, named)?;
    check_lengths(call, &chosen)?;
    let length = chosen.iter().map(|(_, part)| part.length).sum::<u64>();
    check_size(call, length)?;
    let numbers: Vec<u32> = chosen.iter().map(|(number, _)| *number).collect();
    if call.fault == Some(&Fault::OtherBytes) {
        call.check_conditions()?;
        parts.spoil(&numbers, call.storage()).map_err(|_| INTERNAL_ERROR.error())?;
        chosen = parts.named(&numbers);
    }
    let checksum = checksum(call, purpose.own.checksum, &chosen)?;
    let overwrite = call.check_conditions()?;
    let object = Object {
        length,
        modified: call.clock,
        etag: etag(call, &chosen),
        crc64: chosen.iter().fold(0, |crc, (_, part)| joined(crc, part.crc64, part.length)),
        is_multipart: true,
        description: purpose.description.clone(),
        own: Made {
            checksum,
            parts: named.iter().map(|it| (it.number, it.etag.clone())).collect::<BTreeMap<_, _>>(),
            version: call.server.next_version(),
        },
    };
    let bytes = parts.assemble(&numbers, call.storage()).map_err(|_| INTERNAL_ERROR.error())?;
    let (objects, place) = (&call.server.objects, (call.bucket, call.key));
    let put = objects.put(place, object.clone(), overwrite, |name| bytes.publish(call.storage(), name));
    put.map_err(|why| call.not_put(why))?;
    Ok(object)
}

/// The parts of the object; an error for one that is not there or not as it is named.
fn chosen(
    call: &Call<'_>,
    parts: &Parts,
    declared: Option<Declared>,
    named: &[NamedPart],
) -> Result<Vec<(u32, Part)>, Error> {
    if !named.is_sorted_by(|a, b| a.number < b.number) {
        return Err(INVALID_PART_ORDER.error());
    }
    let is_composite = declared.is_some_and(|it| it.kind == Kind::Composite);
    if is_composite && (1..).zip(named).any(|(expected, it): (u32, _)| it.number != expected) {
        return Err(INVALID_PART_ORDER.because("Parts with composite checksums must be consecutive, from 1 on."));
    }
    let of_name = |it: &NamedPart| {
        let bad = || {
            let error = INVALID_PART.error().with("UploadId", call.told_upload_id());
            error.with("PartNumber", it.number.to_string()).with("ETag", it.etag.clone())
        };
        let there = parts.get(it.number).filter(|part| call.etag_of(part.md5) == it.etag).ok_or_else(bad)?;
        check_part(declared, there, it, bad)?;
        Ok((it.number, there.clone()))
    };
    named.iter().map(of_name).collect()
}

/// The checksum that the list has for a part.
fn check_part(
    declared: Option<Declared>,
    part: &Part,
    named: &NamedPart,
    bad: impl Fn() -> Error,
) -> Result<(), Error> {
    let Some(declared) = declared else { return Ok(()) };
    let own = of_part(declared, part);
    let name = element(declared.algorithm);
    let claimed = named.further.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    match claimed {
        None if declared.kind == Kind::Composite => {
            let (name, number) = (word(declared.algorithm).to_ascii_lowercase(), named.number);
            let message = format!(
                "The upload was created using a {name} checksum. The complete request must include the checksum for each part. It was missing for part {number} in the request."
            );
            Err(INVALID_REQUEST.because(message))
        }
        Some(claimed) if own.is_some_and(|own| own.value != claimed) => Err(bad()),
        _ => Ok(()),
    }
}

fn check_lengths(call: &Call<'_>, chosen: &[(u32, Part)]) -> Result<(), Error> {
    let min = call.server.config.limits.part_min;
    let (last, rest) = chosen.split_last().map_or((None, &[][..]), |(last, rest)| (Some(last), rest));
    if let Some((number, part)) = rest.iter().find(|(_, part)| part.length < min) {
        let error = ENTITY_TOO_SMALL.error().with("ProposedSize", part.length.to_string());
        let error = error.with("MinSizeAllowed", min.to_string()).with("PartNumber", number.to_string());
        return Err(error.with("ETag", call.etag_of(part.md5)));
    }
    let Some((_, first)) = rest.first() else { return Ok(()) };
    let are_equal = rest.iter().all(|(_, part)| part.length == first.length)
        && last.is_some_and(|(_, part)| part.length <= first.length);
    match call.server.config.switches.part_lengths {
        PartLengths::Equal if !are_equal => {
            Err(INVALID_PART.because("All non-trailing parts must have the same length."))
        }
        _ => Ok(()),
    }
}

fn check_size(call: &Call<'_>, length: u64) -> Result<(), Error> {
    const NAME: &str = "x-amz-mp-object-size";
    match call.header(NAME) {
        Some(text) if text.parse() != Ok(length) => {
            Err(INVALID_REQUEST.because("The provided 'x-amz-mp-object-size' header does not match what was computed."))
        }
        _ => Ok(()),
    }
}

/// The checksum of the whole; an error if the request claims another one of what was declared. What was not declared is believed.
fn checksum(call: &Call<'_>, declared: Option<Declared>, chosen: &[(u32, Part)]) -> Result<Option<Checksum>, Error> {
    let combined = |declared: Declared| {
        let values = chosen.iter().map(|(_, part)| (part.further.get(&declared.algorithm), part.length));
        declared.combined(values)
    };
    match call.server.config.switches.checksums {
        Checksums::Ignored => return Ok(None),
        Checksums::Other => return Ok(combined(Declared { algorithm: OTHER, ..Declared::OWN })),
        Checksums::Kept => {}
    }
    let Some(declared) = declared else {
        return Ok(combined(Declared::OWN));
    };
    if claimed_kind(call.headers)?.is_some_and(|kind| kind != declared.kind) {
        return Err(BAD_DIGEST.because("The checksum type is not the one that the upload was created with."));
    }
    let own = combined(declared);
    if let Some(claimed) = Claimed::of(call.headers, None)? {
        if claimed.algorithm != declared.algorithm {
            return Err(other_algorithm(Some(declared.algorithm), Some(claimed.algorithm)));
        }
        if own.as_ref().is_some_and(|own| own.value != claimed.value) {
            return Err(claimed.mismatch());
        }
    }
    Ok(own)
}

/// Never the MD5 of the object.
fn etag(call: &Call<'_>, chosen: &[(u32, Part)]) -> String {
    let hasher = match call.server.config.switches.multipart_etag {
        MultipartEtag::PartDigests => chosen.iter().fold(Md5::new(), |md5, (_, part)| md5.chain_update(part.md5)),
        MultipartEtag::Opaque => Md5::new().chain_update(call.upload_id()),
    };
    format!("{}-{}", hex::encode(hasher.finalize()), chosen.len())
}
