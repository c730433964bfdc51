//! How far an upload is.

use alloc::string::String;
use core::ops::Range;

use resumable_core::{How, Ranges, Tally};
use serde::{Deserialize, Serialize};

use super::Stage;
use super::settings::Way;
use crate::etag::Etag;

/// How far it is: facts that are saved. What they mean is asked of the vendor in every run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// Nothing of it is at the vendor, as far as is known.
    Fresh,
    /// A `PutObject` has no answer: the object may be there.
    PutUnsure,
    /// An upload in parts is open.
    Open(Open),
    /// An upload in parts is of no use any more: it is to be aborted.
    Discard { upload_id: String, aborts: u32 },
    /// It was aborted, and parts that were on their way then may have come after it.
    Aborted { upload_id: String, aborts: u32 },
    /// A call of ours may have completed the object, and the upload is gone. `sum` is the file's, where it is known.
    Unknown {
        how: How,
        #[serde(rename = "crc64")]
        sum: Option<u64>,
    },
    /// The vendor has the object.
    Stored {
        how: How,
        etag: Option<Etag>,
        #[serde(rename = "crc64")]
        sum: Option<u64>,
    },
    /// The vendor has the object, and its callback failed.
    CallbackFailed { message: String, request_id: Option<String> },
}

/// An upload in parts, as the vendor opened it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    pub(super) upload_id: String,
    /// The parts that count, from 0: their numbers less one.
    pub(super) acknowledged: Ranges,
    /// Over number, length and tag of all that count.
    pub(super) tally: Tally,
    /// The file's sum, once all parts count and the sum of each is known.
    #[serde(rename = "crc64")]
    pub(super) sum: Option<u64>,
    /// A complete has no answer: the object may be there.
    pub(super) doubt: bool,
    /// How often the vendor did not find the parts that complete named.
    #[serde(default)]
    pub(super) invalid: u32,
    /// How often the vendor said of a part what its list does not, since it last took one.
    #[serde(default)]
    pub(super) contradictions: u32,
}

impl Open {
    pub(super) fn new(upload_id: String) -> Self {
        Self {
            upload_id,
            acknowledged: Ranges::new(),
            tally: Tally::default(),
            sum: None,
            doubt: false,
            invalid: 0,
            contradictions: 0,
        }
    }

    pub(super) fn counts(&self, number: u32) -> bool {
        number > 0 && self.acknowledged.contains(&index_of(number))
    }
}

/// The place of a part among the parts that count.
pub(super) fn index_of(number: u32) -> Range<u64> {
    let number = u64::from(number);
    number.saturating_sub(1)..number
}

impl Stage {
    pub(super) fn open(&self) -> Option<&Open> {
        if let Phase::Open(open) = &self.phase { Some(open) } else { None }
    }

    pub(super) fn open_mut(&mut self) -> Option<&mut Open> {
        if let Phase::Open(open) = &mut self.phase { Some(open) } else { None }
    }

    fn size(&self) -> u64 {
        if let Way::Parts { size } = self.way { size } else { self.len.max(1) }
    }

    /// How many parts the file has.
    pub(super) fn count(&self) -> u64 {
        self.len.div_ceil(self.size())
    }

    /// The bytes of a part, which counts from 1; none for a number that there is not.
    pub(super) fn span(&self, number: u32) -> Range<u64> {
        let start = u64::from(number).saturating_sub(1).saturating_mul(self.size()).min(self.len);
        start..start.saturating_add(self.size()).min(self.len)
    }

    pub(super) fn bytes_of(&self, parts: &Ranges) -> u64 {
        parts.bytes_in_pieces(self.size(), self.len)
    }
}
