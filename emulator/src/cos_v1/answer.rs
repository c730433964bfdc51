//! What a successful call answers, and how a fault spoils it.

use serde::Serialize;

use crate::cos::answer::other;
use crate::cos::stat::StatData;
use crate::cos::urls::Urls;
use crate::faults::Fault;

/// What a successful call answers; fields in alphabetical order, as the vendor prints them.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub(crate) enum Data {
    Urls(Urls),
    Session(SessionData),
    Slice(SliceData),
    Last(LastData),
    Stat(StatData),
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct SessionData {
    pub(crate) offset: u64,
    pub(crate) session: String,
    pub(crate) slice_size: u64,
    #[serde(skip)]
    pub(crate) file_size: u64,
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct SliceData {
    pub(crate) offset: u64,
    pub(crate) session: String,
    #[serde(skip)]
    pub(crate) file_size: u64,
}

/// The answer to the slice that completes the file.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct LastData {
    access_url: String,
    offset: u64,
    resource_path: String,
    session: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip)]
    file_size: u64,
}

impl LastData {
    pub(crate) fn new(slice: SliceData, urls: Urls) -> LastData {
        LastData {
            access_url: urls.access_url,
            offset: slice.offset,
            resource_path: urls.resource_path,
            session: slice.session,
            source_url: urls.source_url,
            url: urls.url,
            file_size: slice.file_size,
        }
    }
}

/// Whether an answer to this operation can show a fault.
pub(super) fn can_show(op: &str, fault: &Fault) -> bool {
    match fault {
        Fault::WrongOffset | Fault::WrongSession | Fault::OffsetBeyondFile => {
            matches!(op, "upload_slice_init" | "upload_slice_data")
        }
        Fault::SliceSize { .. } => op == "upload_slice_init",
        Fault::WrongLength => false,
        Fault::ForgetSession => op != "upload",
        other => !other.is_of_objects(),
    }
}

pub(super) fn distort(data: &mut Data, fault: &Fault) {
    let (offset, session, file_size) = match data {
        Data::Session(begun) => {
            match fault {
                Fault::SliceSize { bytes } => begun.slice_size = *bytes,
                Fault::WrongOffset => begun.offset = elsewhere(begun),
                _ => distort_echo((&mut begun.offset, &mut begun.session, begun.file_size), fault),
            }
            return;
        }
        Data::Slice(slice) => (&mut slice.offset, &mut slice.session, slice.file_size),
        Data::Last(last) => (&mut last.offset, &mut last.session, last.file_size),
        _ => return,
    };
    distort_echo((offset, session, file_size), fault);
}

fn distort_echo((offset, session, file_size): (&mut u64, &mut String, u64), fault: &Fault) {
    match fault {
        Fault::WrongOffset => *offset += 1,
        Fault::OffsetBeyondFile => *offset = file_size.saturating_add(1),
        Fault::WrongSession => other(session),
        _ => {}
    }
}

/// A place where a slice may begin, but not the one where the upload goes on: who believes it leaves a gap.
fn elsewhere(begun: &SessionData) -> u64 {
    let next = begun.offset.saturating_add(begun.slice_size).min(begun.file_size);
    if next == begun.offset { 0 } else { next }
}
