//! A target that is built: libFuzzer's program, with its corpus and its dictionary.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::workspace::Result;

/// A run that takes longer than this, in seconds, hangs.
const TIMEOUT: u64 = 20;
/// More memory than any input may need, in MiB.
const MEMORY: u64 = 2048;

/// The longest input of a corpus that is kept, in bytes.
const LONGEST: usize = 2500;
/// How long all inputs of such a corpus are together.
const BUDGET: usize = 30_000;

/// How long a target runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// So many seconds, from a new seed each time.
    Seconds(u64),
    /// So many inputs besides those of the corpus, the same ones each time.
    Inputs(u64),
}

/// What a run came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// How many edges were reached.
    pub(crate) edges: u64,
    /// How many inputs were run.
    pub(crate) runs: u64,
}

/// The targets, built.
pub(crate) struct Built {
    fuzz: PathBuf,
    folder: PathBuf,
    programs: PathBuf,
    work: PathBuf,
}

impl Built {
    /// `work` is the folder in which runs keep what they find.
    pub(crate) fn new(root: &Path, folder: PathBuf, host: &str, work: &str) -> Self {
        let (programs, work) = (folder.join(host).join("release"), folder.join(work));
        Self { fuzz: root.join("fuzz"), folder, programs, work }
    }

    /// Forgets what earlier runs have found.
    pub(crate) fn forget(&self) -> Result<()> {
        if self.work.exists() {
            fs::remove_dir_all(&self.work).map_err(|error| failed(&self.work, &error))?;
        }
        Ok(())
    }

    /// Runs a target from what is in its corpus and what earlier runs have found.
    pub(crate) fn run(&self, name: &str, length: Length) -> Result<Run> {
        let mut command = self.program(name);
        match length {
            Length::Seconds(seconds) => command.arg(format!("-max_total_time={seconds}")),
            Length::Inputs(count) => {
                let runs = count + files(&self.corpus(name)?)?.len() as u64;
                command.arg(format!("-runs={runs}")).arg("-seed=1")
            }
        };
        command.arg(self.own(name)?).arg(self.corpus(name)?);
        self.told(name, &mut command)
    }

    /// Puts in the corpus what reaches most of what was reached, in few and short inputs, and says how many edges that are.
    pub(crate) fn keep(&self, name: &str) -> Result<u64> {
        let corpus = self.corpus(name)?;
        let (useful, chosen) = (emptied(self.folder.join("useful"))?, emptied(self.folder.join("chosen"))?);
        // How often an edge is passed makes a corpus several times as large.
        let merge = |how: &str, to: &Path, from: &[&Path]| {
            let mut command = self.program(name);
            command.args([how, "-use_counters=0"]).arg(format!("-max_len={LONGEST}")).arg(to).args(from);
            self.told(name, &mut command)
        };
        // What reaches most comes first in the second, which would take too long with all inputs.
        merge("-merge=1", &useful, &[&corpus, &self.own(name)?])?;
        merge("-set_cover_merge=1", &chosen, &[&useful])?;
        for old in files(&corpus)? {
            fs::remove_file(&old).map_err(|error| failed(&old, &error))?;
        }
        let mut left = BUDGET;
        for new in by_age(&chosen)? {
            let to = corpus.join(new.file_name().unwrap_or_default());
            let bytes = fs::read(&new).map_err(|error| failed(&new, &error))?;
            left = left.saturating_sub(bytes.len());
            if left > 0 {
                fs::write(&to, bytes).map_err(|error| failed(&to, &error))?;
            }
        }
        Ok(self.told(name, self.program(name).arg("-runs=0").arg(&corpus))?.edges)
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.arg(format!("-dict={}", self.fuzz.join(format!("dictionaries/{name}.dict")).display()));
        command.arg(format!("-artifact_prefix={}/{name}-", self.artifacts().display()));
        command.arg(format!("-timeout={TIMEOUT}")).arg(format!("-rss_limit_mb={MEMORY}"));
        command.arg("-print_final_stats=1").current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    fn artifacts(&self) -> PathBuf {
        self.folder.join("artifacts")
    }

    fn own(&self, name: &str) -> Result<PathBuf> {
        made(self.work.join(name))
    }

    fn corpus(&self, name: &str) -> Result<PathBuf> {
        made(self.fuzz.join("corpus").join(name))
    }

    /// Runs libFuzzer, and reads what it says.
    fn told(&self, name: &str, command: &mut Command) -> Result<Run> {
        made(self.artifacts())?;
        let done = command.output().map_err(|error| format!("{name} did not start: {error}"))?;
        let said = String::from_utf8_lossy(&done.stderr);
        if done.status.success() {
            return read(&said).ok_or_else(|| format!("{name} does not say what it reached:\n{}", end_of(&said)));
        }
        let (program, status, end) = (self.programs.join(name), done.status, end_of(&said));
        let program = program.display();
        Err(format!("{name} failed: {status}\n{end}\nthe same again: {program} FILE"))
    }
}

fn made(folder: PathBuf) -> Result<PathBuf> {
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    Ok(folder)
}

fn emptied(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    }
    made(folder)
}

/// The files of a folder, the oldest first.
fn by_age(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = files(folder)?;
    files.sort_by_cached_key(|file| fs::metadata(file).and_then(|it| it.modified()).ok());
    Ok(files)
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(|error| failed(folder, &error))).collect()
}

fn read(said: &str) -> Option<Run> {
    let after = |mark: &str| {
        let at = said.rfind(mark)? + mark.len();
        said[at..].split_whitespace().next()?.parse().ok()
    };
    Some(Run { edges: after("cov: ")?, runs: after("stat::number_of_executed_units:").unwrap_or_default() })
}

/// The last lines that do not tell of progress.
fn end_of(said: &str) -> String {
    const LINES: usize = 60;
    let progress = |line: &&str| line.starts_with('#') || line.starts_with("\tNEW_FUNC");
    let lines: Vec<&str> = said.lines().filter(|line| !progress(line)).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_figures_count() {
        let said =
            "#2\tINITED cov: 7 ft: 8 corp: 1/1b\n#64\tDONE   cov: 1234 ft: 9\nstat::number_of_executed_units: 64\n";
        assert_eq!(read(said), Some(Run { edges: 1234, runs: 64 }));
        assert_eq!(read("==1== ERROR: libFuzzer: out-of-memory"), None);
    }
}
