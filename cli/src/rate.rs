//! How fast this command sends: what the command line or a file says, by the time of the day.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::ZonedDateTime;
use resumable::{Limits, RateSchedule, Timetable};

use crate::args::RateOptions;
use crate::exit::{Code, Problem};
use crate::printable;

/// How often the time, the file and the signal are looked at.
const EVERY: Duration = Duration::from_millis(250);
/// What is longer is no timetable.
const LONGEST: u64 = 64 << 10;

/// The speed of all uploads of this command, and what changes it.
pub(crate) struct RateControl {
    limits: Limits,
    follower: Follower,
    /// Set by SIGUSR1.
    asked: Arc<AtomicBool>,
}

/// Watches until it is dropped.
pub(crate) struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RateControl {
    /// Limits that go by what the command line says.
    ///
    /// # Errors
    /// When the file cannot be read, or holds no rate.
    pub(crate) fn new(given: &RateOptions) -> Result<Self, Problem> {
        let asked = Arc::new(AtomicBool::new(false));
        let (timetable, file) = match &given.limit_rate_file {
            Some(path) => {
                let file = RateFile { path: path.clone(), last: read(path) };
                let timetable = file.last.clone().and_then(|text| parse(&text));
                let timetable =
                    timetable.map_err(|why| Problem::usage(format!("--limit-rate-file {}: {why}", file.name())))?;
                on_signal(&asked)?;
                (timetable, Some(file))
            }
            None => (given.limit_rate.clone().unwrap_or(Timetable::constant(None)), None),
        };
        let limits = Limits::default();
        let mut follower = Follower { schedule: RateSchedule::new(&limits, timetable), file };
        follower.look(time_of_day(), false);
        Ok(Self { limits, follower, asked })
    }

    /// What all uploads share.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Follows the time and the file until what is returned is dropped, and tells what changes.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn watch(self, tell: impl Fn(&str) + Send + 'static) -> Result<Watch, Problem> {
        let Self { mut follower, asked, .. } = self;
        let (stop, stopped) = channel();
        let follow = move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                follower.look(time_of_day(), asked.swap(false, Ordering::Relaxed)).iter().for_each(|text| tell(text));
            }
        };
        let thread = thread::Builder::new().name("upload-speed".to_owned()).spawn(follow);
        let thread = thread.map_err(|error| Problem::new(Code::Other, format!("no thread can be started: {error}")))?;
        Ok(Watch { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.take();
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

struct Follower {
    schedule: RateSchedule,
    file: Option<RateFile>,
}

struct RateFile {
    path: PathBuf,
    /// What it held, or why it could not be read.
    last: Result<String, String>,
}

impl Follower {
    /// Looks at the file and at the time; `asked`: a person wants to hear of it in any case. What there is to tell.
    fn look(&mut self, time_of_day: Duration, asked: bool) -> Option<String> {
        let told = self.look_at_file(asked);
        let changed = self.schedule.tick(time_of_day);
        let now = self.schedule.timetable().rate_at(time_of_day);
        let now = || now.map_or("not limited".to_owned(), |rate| format!("at most {rate} bytes per second"));
        told.or_else(|| (changed || asked).then(|| format!("upload speed: {}", now())))
    }

    /// What is wrong with the file, if that is news. The rate stays then.
    fn look_at_file(&mut self, asked: bool) -> Option<String> {
        let file = self.file.as_mut()?;
        let found = read(&file.path);
        if found == file.last && !asked {
            return None;
        }
        // Somebody is writing to it.
        if found.as_ref().is_ok_and(String::is_empty) && !asked {
            return None;
        }
        file.last.clone_from(&found);
        match found.and_then(|text| parse(&text)) {
            Ok(timetable) => {
                self.schedule.replace(timetable);
                None
            }
            Err(why) => Some(format!("{}: {why}; the upload speed stays as it is", file.name())),
        }
    }
}

impl RateFile {
    fn name(&self) -> String {
        printable::path(&self.path)
    }
}

fn read(path: &Path) -> Result<String, String> {
    match fs::metadata(path) {
        Ok(found) if found.len() > LONGEST => Err("it is too long".to_owned()),
        Ok(_) => fs::read_to_string(path).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// What follows a `#` is a comment.
fn parse(text: &str) -> Result<Timetable, String> {
    let lines: Vec<&str> = text.lines().map(|line| line.split('#').next().unwrap_or_default()).collect();
    lines.join(" ").parse()
}

/// How much of the day is over by the clock on the wall.
fn time_of_day() -> Duration {
    let now = ZonedDateTime::now().time();
    let whole = |number: i8| u64::try_from(number).unwrap_or_default();
    Duration::from_secs((whole(now.hour()) * 60 + whole(now.minute())) * 60 + whole(now.second()))
}

#[cfg(unix)]
fn on_signal(asked: &Arc<AtomicBool>) -> Result<(), Problem> {
    let watched = signal_hook::flag::register(signal_hook::consts::SIGUSR1, Arc::clone(asked));
    watched.map(drop).map_err(|error| Problem::new(Code::Other, format!("SIGUSR1 cannot be watched: {error}")))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix it may fail")]
fn on_signal(_: &Arc<AtomicBool>) -> Result<(), Problem> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Duration = Duration::from_secs(12 * 3600);

    fn follower(path: &Path) -> Follower {
        let last = read(path);
        let timetable = parse(last.as_ref().unwrap()).unwrap();
        let file = Some(RateFile { path: path.to_owned(), last });
        let mut follower = Follower { schedule: RateSchedule::new(&Limits::default(), timetable), file };
        assert_eq!(follower.look(NOON, false), None);
        follower
    }

    #[test]
    fn a_file_that_changes_is_followed_and_a_wrong_one_is_told_once_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rate");
        fs::write(&path, "2M # by day\n").unwrap();
        let mut follower = follower(&path);
        assert_eq!(follower.look(NOON, false), None);
        fs::write(&path, "fast").unwrap();
        let told = follower.look(NOON, false).unwrap();
        assert!(told.contains("a rate is like") && told.ends_with("stays as it is"), "{told}");
        assert_eq!(follower.look(NOON, false), None);
        fs::write(&path, "").unwrap();
        assert_eq!(follower.look(NOON, false), None, "somebody may be writing");
        fs::write(&path, "08:00,5B\n# at night\n23:00,off").unwrap();
        assert_eq!(follower.look(NOON, false).unwrap(), "upload speed: at most 5 bytes per second");
        fs::remove_file(&path).unwrap();
        assert!(follower.look(NOON, false).unwrap().contains("No such file"));
        assert_eq!(follower.look(NOON, false), None);
        assert_eq!(
            follower.look(NOON + Duration::from_secs(12 * 3600 - 1), false).unwrap(),
            "upload speed: not limited"
        );
    }

    #[test]
    fn who_asks_hears_of_it_though_nothing_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rate");
        fs::write(&path, "7B").unwrap();
        let mut follower = follower(&path);
        assert_eq!(follower.look(NOON, true).unwrap(), "upload speed: at most 7 bytes per second");
        fs::write(&path, " ").unwrap();
        assert!(follower.look(NOON, true).unwrap().contains("a timetable is like"));
    }
}
