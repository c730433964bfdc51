//! The operations.

use super::answer::Data;
use super::call::Call;
use super::code::{self, Code};
use super::config::{CompleteAgain, Config, EmptySlice, Gaps, ParallelSlices, ShortSlice, SliceAgain};
use super::slices::Slices;
use super::uploads::Phase;

/// `POST /file/upload`: a whole file in one request (reference §3.1).
///
/// Parts: `request_id`, `app_id`, `data`, and optionally `cloud_id`. Answers the object's URL; 10001 for a missing part, and
/// for a file that is too long for one request.
pub(super) fn upload(call: &mut Call<'_>) -> Result<Data, Code> {
    let file = call.take_file()?;
    if call.server.config.limits.one_request.is_some_and(|limit| file.length >= limit) {
        return Err(code::PARAMETER.because("data is too long for one request"));
    }
    let length = file.length;
    let (object, url) = call.server.fresh_object(call.clock).map_err(|_| code::S3)?;
    file.spool.into_object(&object).map_err(|_| code::S3)?;
    call.server.count_object();
    call.stored = length;
    Ok(Data::Url(url))
}

/// `POST /file/mpupload/init`: begins an upload in slices (reference §3.2).
///
/// Members: `request_id`, `app_id`, and optionally `cloud_id`. Answers an upload id. Nothing is said of the file.
pub(super) fn init(call: &Call<'_>) -> Result<Data, Code> {
    let begun = call.server.uploads.begin(call.app_id()?, call.clock, call.storage());
    begun.map(Data::UploadId).map_err(|_| code::CACHE)
}

/// `POST /file/mpupload/upload`: one slice (reference §3.3).
///
/// Parts: `request_id`, `app_id`, `upload_id`, `slice_id` (from 1), `data`. Answers nothing but success. 10001 for a slice id
/// out of range and for a slice too long; 10005 for an upload that is unknown, complete, cancelled, too old, or another's.
pub(super) fn slice(call: &mut Call<'_>) -> Result<(), Code> {
    let id = slice_id(call)?;
    let file = call.take_file()?;
    let length = file.length;
    let switches = &call.server.config.switches;
    if length == 0 && switches.empty_slice == EmptySlice::Refuse {
        return Err(code::PARAMETER.because("data must not be empty"));
    }
    let (storage, began) = (call.storage(), call.began);
    call.with_upload(|upload| {
        let (slices, last_slice) = upload.open()?;
        if switches.parallel_slices == ParallelSlices::Refuse && *last_slice > began {
            return Err(code::PARAMETER.because("slices must not be sent in parallel"));
        }
        if switches.slice_again == SliceAgain::Refuse && slices.has(id) {
            return Err(code::PARAMETER.because("slice is uploaded already"));
        }
        if switches.short_slice == ShortSlice::AtUpload {
            check_short(slices, id, length, call.server.config.limits.slice_min)?;
        }
        slices.put(id, file, storage).map_err(|_| code::IO)?;
        *last_slice = call.server.tick();
        Ok(())
    })?;
    call.stored = length;
    Ok(())
}

fn slice_id(call: &Call<'_>) -> Result<u32, Code> {
    let text = call.fields.text("slice_id").filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let id = text.and_then(|text| text.parse().ok()).filter(|id| (1..=call.server.config.limits.slices).contains(id));
    id.ok_or(code::PARAMETER.because("sliceId must not be empty"))
}

/// With this slice, none but the last may be short.
fn check_short(slices: &Slices, id: u32, length: u64, min: u64) -> Result<(), Code> {
    let mut others = slices.lengths().filter(|(other, _)| *other != id);
    let is_short = others.any(|(other, theirs)| (other > id && length < min) || (other < id && theirs < min));
    if is_short { Err(code::PARAMETER.because("slice is too short")) } else { Ok(()) }
}

/// `POST /file/mpupload/complete`: makes the slices an object, in the order of their ids (reference §3.4).
///
/// Members: `request_id`, `app_id`, `upload_id`. Answers the object's URL. 10005 for an upload without a slice, and for one
/// that is unknown, cancelled, too old, or another's; the rest is switches.
pub(super) fn complete(call: &Call<'_>) -> Result<Data, Code> {
    let config = &call.server.config;
    let storage = call.storage();
    call.with_upload(|upload| {
        if let Phase::Complete { url } = &upload.phase
            && config.switches.complete_again == CompleteAgain::SameUrl
        {
            return Ok(Data::Url(url.clone()));
        }
        let (slices, _) = upload.open()?;
        check(slices, config)?;
        let (object, url) = call.server.fresh_object(call.clock).map_err(|_| code::S3)?;
        slices.publish(&object, storage).map_err(|_| code::S3)?;
        call.server.count_object();
        upload.phase = Phase::Complete { url: url.clone() };
        Ok(Data::Url(url))
    })
}

fn check(slices: &Slices, config: &Config) -> Result<(), Code> {
    if slices.is_empty() {
        return Err(code::EXPIRED);
    }
    match config.switches.gaps {
        Gaps::Expired if slices.have_gaps() => return Err(code::EXPIRED),
        Gaps::Parameter if slices.have_gaps() => return Err(code::PARAMETER.because("slices are missing")),
        _ => {}
    }
    let at_complete = config.switches.short_slice == ShortSlice::AtComplete;
    let mut but_the_last = slices.lengths().rev().skip(1);
    if at_complete && but_the_last.any(|(_, length)| length < config.limits.slice_min) {
        return Err(code::S3);
    }
    Ok(())
}

/// `POST /file/mpupload/cancel`: gives an upload up, with all that came (reference §3.5).
///
/// Members: `request_id`, `app_id`, `upload_id`. Answers nothing but success. 10005 for an upload that is unknown, complete,
/// cancelled, too old, or another's.
pub(super) fn cancel(call: &Call<'_>) -> Result<(), Code> {
    let storage = call.storage();
    call.with_upload(|upload| {
        upload.open()?;
        upload.leave(storage);
        Ok(())
    })
}
