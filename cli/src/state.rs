//! Where checkpoints and the configuration are, and who may touch them.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use resumable_core::file::{Folder, LoadError, LockError, Slot};

use crate::exit::{Code, Problem};
use crate::printable;

/// The program's own folder in the system's.
const OURS: &str = "resumable";

/// The folder of checkpoints: the one that was given, as it was given, or `$XDG_STATE_HOME/resumable`.
pub(crate) fn folder(given: Option<&Path>) -> Result<PathBuf, Problem> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let system = etcetera::choose_base_strategy()
        .map_err(|error| Problem::new(Code::Other, error).next("Name the folder of checkpoints with --state DIR."))?;
    Ok(system.state_dir().unwrap_or_else(|| system.data_dir()).join(OURS))
}

/// `$XDG_CONFIG_HOME/resumable/config.toml`.
pub(crate) fn default_config() -> Result<PathBuf, Problem> {
    let system = etcetera::choose_base_strategy()
        .map_err(|error| Problem::usage(error).next("Name the configuration file with --config FILE."))?;
    Ok(system.config_dir().join(OURS).join("config.toml"))
}

/// Locks an upload for this process.
pub(crate) fn lock(folder: &Path, key: &str) -> Result<Slot, Problem> {
    Folder::new(folder).lock(key).map_err(|error| match error {
        LockError::Held(holder) => {
            let end = holder.map(|holder| format!(", or stop it (kill {})", holder.pid)).unwrap_or_default();
            Problem::new(Code::Held, error).next(format!("Let it finish{end}: the upload is {key}."))
        }
        other => Problem::new(Code::Other, printable::text(&other.to_string()))
            .next("Make the folder writable, or name another one with --state DIR. Nothing was sent."),
    })
}

/// A checkpoint that is there and cannot be used.
pub(crate) fn unusable(error: &LoadError) -> Problem {
    let problem = Problem::new(Code::Other, printable::text(&error.to_string()));
    problem.next("Or add --restart to `resumable put`: it sets the checkpoint aside and begins anew.")
}
