//! The words of `resumable profiles`.

use clap::builder::PossibleValuesParser;
use resumable::vendors;

/// `resumable profiles`.
#[derive(Debug, clap::Args)]
pub(crate) struct Profiles {
    /// Show only the keys of this protocol
    #[arg(value_parser = PossibleValuesParser::new(vendors::entries().map(|vendor| vendor.name)))]
    pub(crate) protocol: Option<String>,
}
