//! `POST /<key>?uploadId=U`: makes the parts an object (reference §3.6).
//!
//! Body: a `CompleteMultipartUpload` that names the parts from 1 on, none left out; parts behind them are lost. What is wrong with the
//! list is told by the status. From then on the status is 200, whatever comes of it, and the CRC-64 is in the head already:
//! [`CompleteStyle`] says what the body then holds.

use bytes::Bytes;
use md5::{Digest, Md5};

use super::answer::{Length, Success, blanks};
use super::call::{Body, Call, not_put};
use super::config::{CompleteAgain, CompleteStyle, LocationScheme, MultipartEtag};
use super::error::{
    ENTITY_TOO_SMALL, Error, INTERNAL_ERROR, INVALID_PART, INVALID_PART_ORDER, MALFORMED_XML, UPLOAD_CONFLICT,
};
use super::vendor::{Object, Upload};
use crate::faults::Fault;
use crate::part_store::{KeyStyle, NamedPart, Part, Parts, Phase, Xml, joined, read_parts};

/// How a complete ends.
pub(super) enum Ending {
    Done(Success),
    /// The head has told of a success before it was known that there would be none.
    FailedLate(Error),
}

pub(super) fn run(call: &mut Call<'_>) -> Result<Ending, Error> {
    let named = named(call)?;
    if call.server.config.switches.complete_style == CompleteStyle::ErrorIn200 {
        call.with_upload(|upload| {
            let parts = upload.open(call.upload_id())?;
            chosen(call, parts, &named).map(drop)
        })?;
        return Ok(Ending::FailedLate(INTERNAL_ERROR.error()));
    }
    let object = call.with_upload(|upload| make(call, upload, &named))?;
    Ok(Ending::Done(told(call, &object)))
}

fn told(call: &Call<'_>, object: &Object) -> Success {
    let mut headers = call.told(object);
    headers.retain(|(name, _)| *name != "etag");
    let success = Success::xml(document(call, object)).with(headers);
    let text = String::from_utf8_lossy(&success.body);
    let body = match call.server.config.switches.complete_style {
        CompleteStyle::Plain | CompleteStyle::ErrorIn200 => return success,
        CompleteStyle::Blanks => blanks() + text.split_once("?>").map_or(&*text, |(_, root)| root.trim_start()),
        CompleteStyle::BlanksThenDeclaration => blanks() + &text,
        CompleteStyle::Cut => blanks(),
    };
    Success { body: Bytes::from(body), length: Length::Untold, ..success }
}

fn document(call: &Call<'_>, object: &Object) -> String {
    let config = &call.server.config;
    let scheme = match config.switches.location_scheme {
        LocationScheme::Http => "http://",
        LocationScheme::Https => "https://",
        LocationScheme::Absent => "",
    };
    Xml::document("CompleteMultipartUploadResult", |xml| {
        let location = format!("{scheme}{}/{}", config.host(call.bucket), call.key);
        call.write_key(xml, "Location", &location, KeyStyle::Plain);
        xml.leaf("Bucket", call.bucket);
        call.write_key(xml, "Key", call.key, KeyStyle::Plain);
        call.write_etag(xml, &object.etag);
    })
}

fn named(call: &Call<'_>) -> Result<Vec<NamedPart>, Error> {
    let Body::Text(Some(text)) = &call.body else {
        return Err(MALFORMED_XML.error());
    };
    call.check_md5(Md5::digest(text).into())?;
    read_parts(text).filter(|parts| !parts.is_empty()).ok_or_else(|| MALFORMED_XML.error())
}

fn make(call: &Call<'_>, upload: &mut Upload, named: &[NamedPart]) -> Result<Object, Error> {
    let again = call.server.config.switches.complete_again;
    if let Phase::Complete(object) = &upload.phase {
        return if again == CompleteAgain::SameResult { Ok(object.clone()) } else { Err(UPLOAD_CONFLICT.error()) };
    }
    let description = upload.purpose.description.clone();
    let parts = upload.open(call.upload_id())?;
    let mut chosen = chosen(call, parts, named)?;
    call.check_overwrite()?;
    let numbers: Vec<u32> = named.iter().map(|part| part.number).collect();
    if call.fault == Some(&Fault::OtherBytes) {
        parts.spoil(&numbers, call.storage()).map_err(|_| INTERNAL_ERROR.error())?;
        chosen = parts.named(&numbers).into_iter().map(|(_, part)| part).collect();
    }
    let object = Object {
        length: chosen.iter().map(|part| part.length).sum(),
        modified: call.clock,
        etag: etag(call, &chosen),
        crc64: chosen.iter().fold(0, |crc, part| joined(crc, part.crc64, part.length)),
        is_multipart: true,
        description,
        own: (),
    };
    let bytes = parts.assemble(&numbers, call.storage()).map_err(|_| INTERNAL_ERROR.error())?;
    let (objects, place) = (&call.server.objects, (call.bucket, call.key));
    let put = objects.put(place, object.clone(), call.overwrite(), |name| bytes.publish(call.storage(), name));
    put.map_err(not_put)?;
    upload.leave(call.storage());
    if again != CompleteAgain::NoSuchUpload {
        upload.phase = Phase::Complete(object.clone());
    }
    Ok(object)
}

/// The parts of the object; an error if the list is not right.
fn chosen(call: &Call<'_>, parts: &Parts, named: &[NamedPart]) -> Result<Vec<Part>, Error> {
    let switches = &call.server.config.switches;
    if !named.is_sorted_by(|a, b| a.number < b.number) {
        return Err(INVALID_PART_ORDER.error());
    }
    if switches.contiguous_parts && (1u32..).zip(named).any(|(expected, part)| part.number != expected) {
        return Err(INVALID_PART.because("The numbers of the parts leave one out."));
    }
    let of_name = |it: &NamedPart| {
        let there = parts.get(it.number).filter(|part| call.etag_of(part.md5).eq_ignore_ascii_case(&it.etag));
        there.cloned().ok_or_else(|| INVALID_PART.error())
    };
    let chosen: Vec<Part> = named.iter().map(of_name).collect::<Result<_, _>>()?;
    let but_the_last = chosen.split_last().map_or(&[][..], |(_, rest)| rest);
    let min = call.server.config.limits.part_min;
    if switches.min_part_enforced && but_the_last.iter().any(|part| part.length < min) {
        return Err(ENTITY_TOO_SMALL.error());
    }
    Ok(chosen)
}

/// Never the MD5 of the object.
fn etag(call: &Call<'_>, chosen: &[Part]) -> String {
    let hasher = match call.server.config.switches.multipart_etag {
        MultipartEtag::PartDigests => chosen.iter().fold(Md5::new(), |md5, part| md5.chain_update(part.md5)),
        MultipartEtag::Opaque => Md5::new().chain_update(call.upload_id()),
    };
    format!("{}-{}", hex::encode(hasher.finalize()), chosen.len())
}
