//! `POST /file/mpupload/complete`: makes the slices an object, in the order of their ids (reference §3.4).
//!
//! Members: `request_id`, `app_id`, `upload_id`. Answers the object's URL. 10005 for an upload without a slice, and for one
//! that is unknown, cancelled, too old, or another's; the rest is switches.

use super::answer::Data;
use super::call::Call;
use super::code::{self, Code};
use super::config::{CompleteAgain, Config, Gaps, ShortSlice};
use super::slices::Slices;
use super::uploads::Phase;

pub(super) fn run(call: &Call<'_>) -> Result<Data, Code> {
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
