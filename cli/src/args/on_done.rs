//! The words for what is run after a file.

use crate::on_done::CommandLine;

/// What to run after a file.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct OnDoneOptions {
    /// Run this after each file, with the result in the environment (RESUMABLE_FILE, RESUMABLE_STATUS, RESUMABLE_URL, …);
    /// without a shell: for one, write sh -c '…'
    #[arg(long, value_name = "COMMAND")]
    pub(crate) on_done: Option<CommandLine>,
}
