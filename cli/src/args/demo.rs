//! The words of `resumable demo`.

use resumable::units::parse_size;

/// `resumable demo`.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// Size of the sample file: 16MiB or more; vendors with large slices get at least 40MiB
    #[arg(long, value_name = "SIZE", value_parser = parse_size, default_value = "64MiB")]
    pub(crate) size: u64,
    /// Run every scenario with every vendor and both HTTP clients; takes about a minute
    #[arg(long)]
    pub(crate) all: bool,
}
