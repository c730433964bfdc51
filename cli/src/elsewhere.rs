//! Unfinished uploads of the same file that a new one does not resume, because they go to another place.

use std::path::Path;

use resumable::file::{Folder, Key, Label};
use resumable::machine::Envelope;

use crate::exit::{self, Stand};
use crate::{printable, say};

/// One of them.
pub(crate) struct Elsewhere {
    key: Key,
    label: Label,
    envelope: Envelope,
    /// Where the new one leads.
    target: String,
}

/// Finds them: what they have sent stays at the vendor until they are resumed or cancelled.
pub(crate) fn find<C>(folder: &Path, put: &resumable::Put<C>, label: &Label) -> Vec<Elsewhere> {
    let listed = match Folder::new(folder).list() {
        Ok(listed) => listed,
        Err(error) => {
            exit::warn(&printable::text(&error.to_string()));
            return Vec::new();
        }
    };
    let found = listed.into_iter().filter_map(|one| {
        let (other, envelope) = one.content.ok()?;
        let same_file = (envelope.protocol.as_str(), &other.path) == (put.protocol(), &label.path);
        let same_name = (&other.profile, &other.destination) == (&label.profile, &label.destination);
        let is_elsewhere =
            same_file && envelope.target != put.target() && (same_name || put.leads_to_same_object(&envelope.target));
        is_elsewhere.then(|| Elsewhere { key: one.key, label: other, envelope, target: put.target() })
    });
    found.collect()
}

impl Elsewhere {
    /// Tells of it, before another one is begun.
    pub(crate) fn tell(&self, label: &Label) {
        let Self { key, label: other, envelope, target } = self;
        let stand = Stand { confirmed: envelope.confirmed, total: envelope.source.len };
        exit::warn(&format!("an unfinished upload of this file to another place exists: {key}, {stand} stored there"));
        let lines = [
            format!("there: {}", printable::text(&envelope.target)),
            format!("here:  {}", printable::text(target)),
            to_go_on(other, label),
            format!("To delete its parts at the vendor, with the profile as it was then: resumable abort {key}"),
        ];
        lines.iter().for_each(|line| say::err(format!("  {line}")));
    }
}

fn to_go_on(other: &Label, label: &Label) -> String {
    let profile = printable::text(&other.profile);
    if other.profile == label.profile {
        return format!(
            "To resume it, stop this upload, set endpoint in profile \"{profile}\" back, and run the same command."
        );
    }
    let destination = printable::text(&other.destination);
    format!("To resume it, stop this upload, and put the file to {profile}:{destination} instead.")
}
