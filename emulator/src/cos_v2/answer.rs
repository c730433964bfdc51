//! What a successful call answers, and how a fault spoils it.

use serde::Serialize;

use crate::cos::answer::other;
use crate::cos::stat::StatData;
use crate::cos::urls::Urls;
use crate::faults::Fault;

/// What a successful call answers; fields in the order the vendor prints them.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub(crate) enum Data {
    Urls(Urls),
    Session(SessionData),
    Slice(SliceData),
    Begun(BegunData),
    Echo(EchoData),
    List(ListData),
    Stat(StatData),
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct SessionData {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) serial_upload: Option<u8>,
    pub(crate) session: String,
    pub(crate) slice_size: u64,
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct SliceData {
    pub(crate) datalen: u64,
    pub(crate) offset: u64,
    pub(crate) session: String,
}

/// What version 1's operation answers where an upload begins or goes on.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct BegunData {
    pub(crate) offset: u64,
    pub(crate) session: String,
    pub(crate) slice_size: u64,
}

/// What version 1's operation answers to a slice.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct EchoData {
    pub(crate) offset: u64,
    pub(crate) session: String,
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct ListData {
    pub(crate) filesize: u64,
    pub(crate) listparts: Vec<ListPart>,
    pub(crate) session: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha: Option<String>,
    pub(crate) slice_size: u64,
}

#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub(crate) struct ListPart {
    pub(crate) datalen: u64,
    pub(crate) offset: u64,
}

/// Whether an answer to this operation can show a fault.
pub(super) fn can_show(op: &str, fault: &Fault) -> bool {
    match fault {
        Fault::WrongOffset => op == "upload_slice_data",
        Fault::WrongLength => matches!(op, "upload_slice_data" | "upload_slice_list"),
        Fault::WrongSession => matches!(op, "upload_slice_init" | "upload_slice_data" | "upload_slice_list"),
        Fault::OffsetBeyondFile => op == "upload_slice_list",
        Fault::SliceSize { .. } => matches!(op, "upload_slice_init" | "upload_slice_list"),
        other => !other.is_of_objects(),
    }
}

pub(super) fn distort(data: &mut Data, fault: &Fault) {
    match (fault, data) {
        (Fault::WrongOffset, Data::Slice(slice)) => slice.offset += 1,
        (Fault::WrongLength, Data::Slice(slice)) => slice.datalen = slice.datalen.saturating_sub(1),
        (Fault::WrongLength, Data::List(list)) => {
            list.listparts.iter_mut().for_each(|part| part.datalen = part.datalen.saturating_sub(1));
        }
        (Fault::WrongOffset, Data::Echo(echo)) => echo.offset += 1,
        (Fault::WrongSession, Data::Slice(slice)) => other(&mut slice.session),
        (Fault::WrongSession, Data::Begun(begun)) => other(&mut begun.session),
        (Fault::WrongSession, Data::Echo(echo)) => other(&mut echo.session),
        (Fault::WrongSession, Data::Session(answer)) => other(&mut answer.session),
        (Fault::WrongSession, Data::List(list)) => other(&mut list.session),
        (Fault::OffsetBeyondFile, Data::List(list)) => {
            list.listparts.push(ListPart { datalen: list.slice_size, offset: list.filesize + list.slice_size });
        }
        (Fault::SliceSize { bytes }, Data::List(list)) => list.slice_size = *bytes,
        _ => {}
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
