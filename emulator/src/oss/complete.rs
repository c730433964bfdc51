//! `POST /<key>?uploadId=U`: makes the parts an object (reference §6.6).
//!
//! Body: a `CompleteMultipartUpload` that names the parts in ascending order, in sequential mode all of them from 1 on; parts
//! that it does not name are lost. Or, with `x-oss-complete-all: yes`, no body. Answers XML, or what the callback answered;
//! if the callback fails, the object is there all the same, and the upload is over.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::answer::Success;
use super::call::{self, Body, Call};
use super::config::{CompleteAgain, MultipartEtag};
use super::description;
use super::error::{
    ENTITY_TOO_SMALL, Error, INTERNAL_ERROR, INVALID_ARGUMENT, INVALID_DIGEST, INVALID_PART, INVALID_PART_ORDER,
    MALFORMED_XML, PART_NOT_SEQUENTIAL,
};
use super::vendor::{Made, Object, Upload};
use crate::faults::Fault;
use crate::part_store::{NamedPart, Part, Parts, Phase, Xml, joined, read_parts};

pub(super) fn run(call: &mut Call<'_>) -> Result<Success, Error> {
    let style = call.key_style()?;
    let callback = call.callback()?;
    let named = named(call)?;
    let made = call.with_upload(|upload| make(call, upload, named.as_deref()))?;
    let own = Success::xml(Xml::document("CompleteMultipartUploadResult", |xml| {
        style.tell(xml);
        let (host, key) = (call.server.config.host(), style.key(call.key));
        xml.leaf("Location", &format!("http://{}.{host}/{key}", call.bucket));
        xml.leaf("Bucket", call.bucket);
        xml.leaf("Key", &key);
        xml.leaf("ETag", &format!("\"{}\"", call.etag(&made.etag)));
    }));
    call.conclude(&made, callback.as_ref(), own)
}

/// The parts that are named; `None` for all.
fn named(call: &Call<'_>) -> Result<Option<Vec<NamedPart>>, Error> {
    let Body::Text(Some(text)) = &call.body else {
        return Err(MALFORMED_XML.error());
    };
    if call.header("content-md5").is_some_and(|claimed| claimed != STANDARD.encode(Md5::digest(text))) {
        return Err(INVALID_DIGEST.error());
    }
    if call.header("x-oss-complete-all").is_some_and(|value| value.eq_ignore_ascii_case("yes")) {
        let message = "Should not specify both complete all header and http body.";
        return if text.is_empty() { Ok(None) } else { Err(INVALID_ARGUMENT.because(message)) };
    }
    let parts = read_parts(text).filter(|parts| !parts.is_empty());
    parts.map(Some).ok_or_else(|| MALFORMED_XML.error())
}

fn make(call: &Call<'_>, upload: &mut Upload, named: Option<&[NamedPart]>) -> Result<Object, Error> {
    let switches = &call.server.config.switches;
    if let Phase::Complete(made) = &upload.phase {
        return Ok(made.clone());
    }
    let purpose = std::sync::Arc::clone(&upload.purpose);
    let parts = upload.open(call.upload_id())?;
    let mut chosen = chosen(call, parts, named, purpose.own.sequential)?;
    check_lengths(&chosen, call.server.config.limits.part_min)?;
    call.check_overwrite()?;
    let numbers: Vec<u32> = chosen.iter().map(|(number, _)| *number).collect();
    if call.fault == Some(&Fault::OtherBytes) {
        parts.spoil(&numbers, call.storage()).map_err(|_| INTERNAL_ERROR.error())?;
        chosen = parts.named(&numbers);
    }
    let made = Object {
        length: chosen.iter().map(|(_, part)| part.length).sum(),
        modified: call.clock,
        etag: etag(call, &chosen),
        crc64: chosen.iter().fold(0, |crc, (_, part)| joined(crc, part.crc64, part.length)),
        is_multipart: true,
        description: purpose.description.clone(),
        own: Made { acl: description::acl(call.headers)?, sha1: parts.sha1().map(Vec::from) },
    };
    let bytes = parts.assemble(&numbers, call.storage()).map_err(|_| INTERNAL_ERROR.error())?;
    let (objects, place) = (&call.server.objects, (call.bucket, call.key));
    let put = objects.put(place, made.clone(), call.overwrite(), |name| bytes.publish(call.storage(), name));
    put.map_err(|why| call.not_put(why))?;
    upload.leave(call.storage());
    if switches.complete_again == CompleteAgain::Success {
        upload.phase = Phase::Complete(made.clone());
    }
    Ok(made)
}

/// The parts of the object; an error for one that is not there or not as it is named.
fn chosen(
    call: &Call<'_>,
    parts: &Parts,
    named: Option<&[NamedPart]>,
    sequential: bool,
) -> Result<Vec<(u32, Part)>, Error> {
    let all = || parts.all().map(|(number, part)| (number, part.clone())).collect::<Vec<_>>();
    let Some(named) = named else {
        let all = all();
        return if all.is_empty() { Err(MALFORMED_XML.error()) } else { Ok(all) };
    };
    if !named.is_sorted_by(|a, b| a.number < b.number) {
        return Err(INVALID_PART_ORDER.error());
    }
    let of_name = |it: &NamedPart| {
        let there = parts.get(it.number).filter(|part| call::part_etag(part).eq_ignore_ascii_case(&it.etag));
        there.map(|part| (it.number, part.clone())).ok_or_else(|| {
            let error = INVALID_PART.error().with("PartNumber", it.number.to_string());
            error.with("ETag", it.etag.clone()).with("UploadId", call.upload_id())
        })
    };
    let chosen: Vec<(u32, Part)> = named.iter().map(of_name).collect::<Result<_, _>>()?;
    if sequential && chosen.len() < all().len() {
        let missing = (1u32..).zip(&chosen).find(|(expected, (number, _))| expected != number);
        let missing = missing.map_or(chosen.last().map_or(1, |(last, _)| last + 1), |(expected, _)| expected);
        return Err(PART_NOT_SEQUENTIAL.error().with("PartNumber", missing.to_string()));
    }
    Ok(chosen)
}

fn check_lengths(chosen: &[(u32, Part)], min: u64) -> Result<(), Error> {
    let but_the_last = chosen.split_last().map_or(&[][..], |(_, rest)| rest);
    match but_the_last.iter().find(|(_, part)| part.length < min) {
        None => Ok(()),
        Some((number, part)) => {
            let error = ENTITY_TOO_SMALL.error().with("ProposedSize", part.length.to_string());
            let error = error.with("MinSizeAllowed", min.to_string()).with("PartNumber", number.to_string());
            Err(error.with("ETag", format!("\"{}\"", call::part_etag(part))))
        }
    }
}

/// Never the MD5 of the object.
fn etag(call: &Call<'_>, chosen: &[(u32, Part)]) -> String {
    let hasher = match call.server.config.switches.multipart_etag {
        MultipartEtag::PartDigests => chosen.iter().fold(Md5::new(), |md5, (_, part)| md5.chain_update(part.md5)),
        MultipartEtag::Opaque => Md5::new().chain_update(call.upload_id()),
    };
    format!("{}-{}", hex::encode_upper(hasher.finalize()), chosen.len())
}
