//! `resumable profiles`: what can stand in a profile.

use resumable::profile::CONNECTION_PAGE;
use resumable::vendors;

use crate::args::Profiles;
use crate::exit::Problem;
use crate::say;

/// Shows a profile of each vendor, or of one, with every key that it can have.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn run(args: &Profiles) -> Result<(), Problem> {
    let asked = |name: &str| args.protocol.as_deref().is_none_or(|protocol| protocol == name);
    let vendors = vendors::entries().filter(|vendor| asked(vendor.name)).map(|vendor| vendor.page);
    let pages: Vec<&str> = vendors.chain([CONNECTION_PAGE]).collect();
    say::result(&[pages.join("\n").trim_end().to_owned()])
}
