//! Where checkpoints and the configuration are, and who may touch them.

use std::env;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use resumable::file::private::{self, Exposure};
use resumable::file::{Key, LoadError, LockError};

use crate::exit::{Code, Problem, ROOM, is_full};
use crate::printable;
use crate::say::warn;

/// The program's own folder in the system's.
const OURS: &str = "resumable";

/// The folder of checkpoints: the one that was given, as it was given, or `$XDG_STATE_HOME/resumable`.
///
/// # Errors
/// When others can change what is in it.
pub(crate) fn folder(given: Option<&Path>) -> Result<PathBuf, Problem> {
    let folder = given.map_or_else(usual, |given| Ok(given.to_owned()))?;
    // Whatever else is wrong with it is told where it is used.
    match private::exposure(&folder) {
        Ok(Some(exposure)) if exposure.is_refused() => Err(exposed(&folder, exposure)),
        Ok(Some(exposure)) => {
            warn(&format!("the state folder {}: {exposure}. {}", printable::path(&folder), closing(&folder, exposure)));
            Ok(folder)
        }
        _ => Ok(folder),
    }
}

fn exposed(folder: &Path, exposure: Exposure) -> Problem {
    Problem::new(Code::Other, format!("the state folder {} cannot be trusted: {exposure}", printable::path(folder)))
        .next("The files there decide what is uploaded, what counts as uploaded, and which tokens are used.")
        .next(format!("{} Nothing was sent.", closing(folder, exposure)))
}

fn closing(folder: &Path, exposure: Exposure) -> String {
    let shown = printable::path(folder);
    match exposure {
        Exposure::Everybody { .. } => format!("Run `chmod go-w {shown}`, or use another folder with --state DIR."),
        Exposure::Group { .. } => format!("If you do not trust everybody in the group: chmod g-w {shown}"),
        _ => "Use a folder of your own with --state DIR.".to_owned(),
    }
}

fn usual() -> Result<PathBuf, Problem> {
    let system = system("XDG_STATE_HOME")
        .map_err(|why| Problem::new(Code::Other, why).next("Name the folder for checkpoints with --state DIR."))?;
    Ok(system.state_dir().unwrap_or_else(|| system.data_dir()).join(OURS))
}

/// `$XDG_CONFIG_HOME/resumable/config.toml`.
pub(crate) fn default_config() -> Result<PathBuf, Problem> {
    let system = system("XDG_CONFIG_HOME")
        .map_err(|why| Problem::usage(why).next("Name the configuration file with --config FILE."))?;
    Ok(system.config_dir().join(OURS).join("config.toml"))
}

/// The system's folders, of which one is named by this variable, and else lies in the user's. A relative path there would
/// lead somewhere else from each folder: the variable is ignored then, as its specification demands, and without any other
/// there is no folder.
fn system(variable: &str) -> Result<impl BaseStrategy, String> {
    let given = env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    if let Some(relative) = given.as_ref().filter(|path| path.is_relative()) {
        warn(&format!("{variable} is ignored, because {} is not an absolute path", printable::path(relative)));
    }
    let system = etcetera::choose_base_strategy().map_err(|error| error.to_string())?;
    if given.is_none_or(|path| path.is_relative()) && system.home_dir().is_relative() {
        return Err(format!("HOME is not an absolute path: {}", printable::path(system.home_dir())));
    }
    Ok(system)
}

/// An upload that cannot be locked. `key`: which one.
pub(crate) fn not_locked(error: &LockError, key: Option<&Key>, folder: &Path) -> Problem {
    match error {
        LockError::Held(holder) => {
            let end = holder.map(|holder| format!(", or stop it (kill {})", holder.pid)).unwrap_or_default();
            let which = key.map(|key| format!(": the upload is {key}")).unwrap_or_default();
            Problem::new(Code::Held, error).next(format!("Let it finish{end}{which}."))
        }
        LockError::Exposed { exposure, .. } => exposed(folder, *exposure),
        LockError::NoLocks { .. } => Problem::new(Code::Other, printable::text(&error.to_string()))
            .next("Use a folder on a local disk with --state DIR. Nothing was sent."),
        other => {
            let is_full = matches!(other, LockError::Io { error, .. } if is_full(error.kind()));
            let next = if is_full { ROOM } else { "Make the folder writable, or use another one with --state DIR" };
            Problem::new(Code::Other, printable::text(&other.to_string())).next(format!("{next}. Nothing was sent."))
        }
    }
}

/// A checkpoint that is there and cannot be used.
pub(crate) fn unusable(error: &LoadError) -> Problem {
    let problem = Problem::new(Code::Other, printable::text(&error.to_string()));
    problem.next("Or add --restart to `resumable put` to set the checkpoint aside and start over.")
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind};

    use super::*;

    #[test]
    fn a_full_disk_is_told_as_one_and_its_path_once() {
        let told = |kind: ErrorKind| {
            let locked = LockError::Io { path: "/state/one".into(), error: io::Error::new(kind, "no") };
            format!("{:?}", not_locked(&locked, None, Path::new("/state")))
        };
        for kind in [ErrorKind::StorageFull, ErrorKind::QuotaExceeded] {
            let text = told(kind);
            assert!(text.contains("Free some space on that disk") && !text.contains("writable"), "{text}");
            assert_eq!(text.matches("/state/one").count(), 1, "{text}");
        }
        assert!(told(ErrorKind::PermissionDenied).contains("Make the folder writable"));
    }
}
