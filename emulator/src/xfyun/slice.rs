//! `POST /file/mpupload/upload`: one slice (reference §3.3).
//!
//! Parts: `request_id`, `app_id`, `upload_id`, `slice_id` (from 1), `data`. Answers nothing but success. 10001 for a slice id
//! out of range and for a slice too long; 10005 for an upload that is unknown, complete, cancelled, too old, or another's.

use super::call::Call;
use super::code::{self, Code};
use super::config::{EmptySlice, ParallelSlices, ShortSlice, SliceAgain};
use super::slices::Slices;

pub(super) fn run(call: &mut Call<'_>) -> Result<(), Code> {
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
