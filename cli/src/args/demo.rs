//! The words of `resumable demo`.

use resumable::units::parse_size;

/// `resumable demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// How large the sample file is, like 64MiB; at least 16MiB, and 40MiB where a vendor's slices are large
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "64MiB")]
    pub(crate) size: u64,
    /// Make every run with every vendor over every transport, in about a minute
    #[arg(long)]
    pub(crate) all: bool,
}
