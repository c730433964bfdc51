//! The words of `resumable list`.

/// `resumable list`.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// Write one JSON object to standard output, as docs/json.md describes it
    #[arg(long)]
    pub(crate) json: bool,
}
