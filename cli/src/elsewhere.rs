//! Unfinished uploads of the same file that a new one does not go on with, because they lead elsewhere.

use std::path::Path;

use resumable::file::{Folder, Key, Label};
use resumable::vendors::Vendor;
use resumable_core::Envelope;

use crate::exit::{self, Stand};
use crate::{printable, say};

/// Tells of each, before another one is begun: what it has sent stays at the vendor until somebody goes on with it or
/// removes it.
pub(crate) fn warn<P: Vendor>(folder: &Path, protocol: &P, label: &Label) {
    let listed = match Folder::new(folder).list() {
        Ok(listed) => listed,
        Err(error) => return exit::warn(&printable::text(&error.to_string())),
    };
    for one in listed {
        let Ok((other, envelope)) = one.content else { continue };
        let same_file = (envelope.protocol.as_str(), &other.path) == (P::ID, &label.path);
        let same_name = (&other.profile, &other.destination) == (&label.profile, &label.destination);
        let same_place = protocol.is_same_object(&envelope.target);
        if same_file && envelope.target != protocol.target() && (same_name || same_place) {
            tell(&one.key, &other, &envelope, &protocol.target(), label);
        }
    }
}

fn tell(key: &Key, other: &Label, envelope: &Envelope, target: &str, label: &Label) {
    let stand = Stand { confirmed: envelope.confirmed, total: envelope.source.len };
    exit::warn(&format!("an upload of this file that leads elsewhere is unfinished: {key}, {stand} are stored there"));
    let lines = [
        format!("there: {}", printable::text(&envelope.target)),
        format!("here:  {}", printable::text(target)),
        to_go_on(other, label),
        format!("To remove what it left at the vendor, with the profile as it was then: resumable abort {key}"),
    ];
    lines.iter().for_each(|line| say::err(format!("  {line}")));
}

fn to_go_on(other: &Label, label: &Label) -> String {
    let profile = printable::text(&other.profile);
    if other.profile == label.profile {
        return format!(
            "To go on with it, stop this upload, lead the profile \"{profile}\" there again (see its endpoint), and run the same command."
        );
    }
    let destination = printable::text(&other.destination);
    format!("To go on with it, stop this upload, and put the file to {profile}:{destination} instead.")
}
