//! `op=upload_slice_data`: one slice (reference §5.2).
//!
//! Fields: `session`, `offset`, `filecontent`, and the whole file's `sha` if init had one. Answers `datalen`, `offset` and
//! `session` as echoes. A slice sent again unchanged changes nothing; one that contradicts `uploadparts` is -4016.
//! `datamd5` and `sliceSize`, which some SDKs add, are not looked at.

use std::io;

use super::answer::{Data, SliceData};
use super::call::{Call, check_sha, session};
use super::config::SerialUpload;
use crate::body_sink::Received;
use crate::cos::Claim;
use crate::cos::bucket::Bucket;
use crate::cos::code::{self, Code};
use crate::cos::path::Name;
use crate::cos::session::Proof;
use crate::cos::slice::Rules;
use crate::form::Fields;

/// Checks what can be checked of a slice without holding its session: other requests go on meanwhile.
pub(super) fn prove(bucket: &Bucket, name: &Name, fields: &Fields, file: &mut Received) -> io::Result<Vec<Proof>> {
    let offset = fields.text("offset").and_then(|text| text.parse::<u64>().ok());
    let (Some(offset), Some("upload_slice_data")) = (offset, fields.text("op")) else {
        return Ok(Vec::new());
    };
    let end = offset.saturating_add(file.length);
    let claims = bucket.with_path(name.key(), |sessions| {
        let session = sessions.last().filter(|session| Some(session.id.as_str()) == fields.text("session"));
        session.map_or_else(Vec::new, |session| session.claims(offset, end))
    });
    let prove = |(index, claim): (usize, Claim)| {
        let holds = claim.holds(&mut |at, buf| file.spool.read(at.saturating_sub(offset), buf))?;
        Ok(Proof { index, holds })
    };
    claims.into_iter().map(prove).collect()
}

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let offset = call.number("offset")?;
    let file = call.file.take().ok_or(code::PARAMETER.because("ERROR_CGI_PARAM: filecontent"))?;
    let promised = session(call)?.sha;
    check_sha(call, promised)?;
    let rules = rules(call);
    let (storage, proofs) = (call.storage, std::mem::take(&mut call.proofs));
    let session = session(call)?;
    let data = SliceData { datalen: file.length, offset, session: session.id.clone() };
    call.stored = rules.accept(session, offset, file, &proofs, storage)?;
    Ok(Data::Slice(data))
}

/// What a slice has to keep to.
pub(super) fn rules(call: &Call<'_>) -> Rules {
    let switches = &call.config.switches;
    Rules {
        aligned: switches.aligned_slices,
        serial: switches.serial_upload == SerialUpload::One,
        changed: switches.changed_slice,
    }
}
