//! `op=upload_slice_list`: how far an upload is (reference §5.3).
//!
//! No other fields. Answers the session and its slices while it is unfinished, the URLs once it is finished, -197 if
//! nothing was ever begun at that path.

use super::answer::{Data, ListData, ListPart};
use super::call::Call;
use super::config::{ListSha, ListShows};
use crate::cos::code::{self, Code};
use crate::cos::session::Session;

pub(super) fn run(call: &mut Call<'_>) -> Result<Data, Code> {
    let key = call.name.key();
    let is_finished = call.bucket.object(key).is_some();
    let finished_first = call.config.switches.list_shows == ListShows::Finished;
    match call.sessions.last() {
        Some(session) if !(is_finished && finished_first) => {
            Ok(Data::List(list(session, call.config.switches.list_sha)))
        }
        _ if is_finished => Ok(Data::Urls(call.urls())),
        _ => Err(code::NO_FILE),
    }
}

fn list(session: &Session, form: ListSha) -> ListData {
    let sha = session.sha.map(hex::encode);
    let parts = session.slices().map(|(offset, datalen)| ListPart { datalen, offset });
    ListData {
        filesize: session.file_size,
        listparts: parts.collect(),
        session: session.id.clone(),
        sha: match form {
            ListSha::Absent => None,
            ListSha::Plain => sha,
            ListSha::Suffixed => sha.map(|sha| format!("{sha}_{}", session.file_size)),
        },
        slice_size: session.slice_size,
    }
}
