//! `resumable list`: unfinished uploads.

use resumable::file::{Folder, Listed};

use crate::args::Global;
use crate::date::show_unix;
use crate::exit::{Code, Problem, Stand};
use crate::{columns, printable, say, state};

const HEAD: [&str; 6] = ["UPLOAD", "STORED", "SAVED", "HELD BY", "DESTINATION", "FILE"];

/// Shows them; needs no lock, so that it may run beside an upload.
///
/// # Errors
/// When the state folder cannot be read.
pub(crate) fn run(global: &Global) -> Result<(), Problem> {
    let folder = state::folder(global.state.as_deref())?;
    let listed = Folder::new(&folder).list().map_err(|error| Problem::new(Code::Other, error))?;
    if listed.is_empty() {
        say::err(format!("no unfinished uploads in {}", printable::path(&folder)));
    }
    say::result(&lines(&listed))
}

/// A line for each, under a head; no line at all for none.
pub(crate) fn lines(listed: &[Listed]) -> Vec<String> {
    if listed.is_empty() {
        return Vec::new();
    }
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(listed.iter().map(row));
    columns::lines(&rows, HEAD.len())
}

fn row(one: &Listed) -> [String; 6] {
    let holder = one.holder.map_or_else(|| "-".to_owned(), |holder| format!("process {}", holder.pid));
    let key = one.key.to_string();
    match &one.content {
        Ok((label, envelope)) => {
            let stand = Stand { confirmed: envelope.confirmed, total: envelope.source.len };
            let destination = printable::text(&format!("{}:{}", label.profile, label.destination));
            let file = printable::text(&label.path);
            [key, stand.to_string(), show_unix(envelope.saved_unix), holder, destination, file]
        }
        Err(error) => {
            let none = || "-".to_owned();
            [key, "damaged".to_owned(), none(), holder, none(), printable::text(&error.to_string())]
        }
    }
}
