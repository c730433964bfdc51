//! What the command shows of uploads: lines that are redrawn on a terminal, lines elsewhere, JSON for programs.
//!
//! | file | |
//! |---|---|
//! | `model` | what is known of the uploads that run |
//! | `meter` | how fast something grows |
//! | `lines` | the model, as lines for a terminal of a given size |
//! | `screen` | lines that are redrawn in their place |
//! | `plain` | which lines are due where nothing can be redrawn |
//! | `words`, `receipt`, `summary` | events and results, for people |
//! | `json` | the same, for programs |
//! | `requests` | each request, where that is wanted |
//! | `log` | the log file |

mod json;
mod lines;
mod meter;
mod model;
mod plain;
mod receipt;
mod requests;
mod summary;
mod words;

use std::env;
use std::io::{IsTerminal as _, stderr};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use resumable::transport::Clock;
use resumable::units::{show_part, show_size};
use resumable::{Event, How, Progress, Receipt, machine, printable};

pub(crate) use self::model::{Names, Plan};
pub(crate) use self::requests::watch as watch_requests;
pub(crate) use self::summary::Summary;

use self::model::{Doing, Model};
use self::plain::Plain;
use self::receipt::Done;
use crate::args;
use crate::exit::Problem;
use crate::say::{self, warn};

/// How often lines are redrawn.
const REDRAWN: Duration = Duration::from_millis(100);
/// How often it is looked whether a plain line is due.
const LOOKED: Duration = Duration::from_secs(1);
/// The least time between two JSON objects of one upload's progress.
const OBJECTS: Duration = Duration::from_secs(1);

/// The display of a command. Clones show the same.
#[derive(Clone)]
pub(crate) struct Display(Arc<Inner>);

struct Inner {
    style: Style,
    json: bool,
    /// Each retry is told, however often the reason was told before.
    verbose: bool,
    /// Errors only.
    quiet: bool,
    clock: Clock,
    begun: Duration,
    state: Mutex<State>,
    /// Dropped, it ends the thread that redraws.
    ticker: Mutex<Option<Sender<()>>>,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Redrawn,
    Plain,
    Hidden,
}

#[derive(Default)]
struct State {
    model: Model,
    plain: Plain,
    summary: Summary,
    failures: Vec<String>,
    ended: bool,
}

impl Style {
    fn of(output: &args::Output) -> Self {
        let redraws =
            stderr().is_terminal() && !env::var("TERM").map_or(true, |term| term.is_empty() || term == "dumb");
        match output.progress {
            _ if output.quiet || output.json => Self::Hidden,
            args::Progress::None => Self::Hidden,
            args::Progress::Auto if redraws => Self::Redrawn,
            args::Progress::Auto | args::Progress::Plain => Self::Plain,
        }
    }
}

impl Display {
    /// A display as the command line wants it.
    pub(crate) fn open(output: &args::Output) -> Self {
        let clock = Clock::start();
        let inner = Inner {
            style: Style::of(output),
            json: output.json,
            verbose: output.verbose,
            quiet: output.quiet,
            clock,
            begun: clock.now().mono,
            state: Mutex::default(),
            ticker: Mutex::default(),
        };
        let display = Self(Arc::new(inner));
        display.tick();
        display
    }

    /// An upload begins soon.
    pub(crate) fn upload(&self, mut names: Names) -> Shown {
        names.file = printable::text(&names.file);
        names.destination = printable::text(&names.destination);
        let names = Arc::new(names);
        let id = self.0.state().model.begin(Arc::clone(&names));
        Shown { display: self.clone(), id, names, own: Arc::default() }
    }

    /// There is so much to do in all. It may be said again when more is known.
    pub(crate) fn plan(&self, plan: Plan) {
        self.0.state().model.plan(plan);
        if self.0.json {
            let _ = say::object(&json::plan(plan));
        }
    }

    /// Shows a line that stays.
    #[expect(clippy::unused_self, reason = "whoever has a display shows lines by it")]
    pub(crate) fn note(&self, text: &str) {
        say::note(&printable::text(text));
    }

    /// What came of the uploads that were shown so far.
    pub(crate) fn counted(&self) -> Summary {
        let took = self.0.now().saturating_sub(self.0.begun);
        Summary { took, ..self.0.state().summary.clone() }
    }

    /// Shows what came of the uploads, and once more which of many failed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn summary(&self, summary: &Summary) -> Result<(), Problem> {
        self.end();
        if self.0.json {
            return say::result(&[json::summary(summary)]);
        }
        let failures = std::mem::take(&mut self.0.state().failures);
        if summary.files() > 1 {
            failures.iter().for_each(|failure| say::err(format!("failed: {failure}")));
            self.note(&summary.line());
        }
        Ok(())
    }

    /// Takes away what is redrawn; nothing more is drawn.
    pub(crate) fn end(&self) {
        self.0.state().ended = true;
        drop(self.0.ticker.lock().unwrap_or_else(PoisonError::into_inner).take());
        if self.0.style == Style::Redrawn {
            say::clear();
        }
    }

    /// Starts the thread that shows how far all is. It ends when the display does.
    fn tick(&self) {
        let pause = match self.0.style {
            Style::Redrawn => REDRAWN,
            Style::Plain => LOOKED,
            Style::Hidden => return,
        };
        let (sender, ended) = channel::<()>();
        *self.0.ticker.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        let inner = Arc::downgrade(&self.0);
        let shows = move || {
            while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) && Inner::show(&inner) {}
        };
        // Without a thread nothing is redrawn, and that stops no upload.
        drop(thread::Builder::new().name("display".to_owned()).spawn(shows));
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.clock.now().mono
    }

    /// Shows how far all is; false once there is nothing more to show.
    fn show(inner: &Weak<Self>) -> bool {
        let Some(inner) = inner.upgrade() else { return false };
        let now = inner.now();
        let mut state = inner.state();
        if state.ended {
            return false;
        }
        if inner.style == Style::Redrawn {
            let (rows, columns) = console::Term::stderr().size();
            let (rows, columns) = (usize::from(rows), usize::from(columns));
            // The state stays locked, so that nothing is drawn after the end.
            say::draw(lines::block(&state.model, now, rows, columns), columns);
        } else if let State { plain, model, .. } = &mut *state
            && let Some(line) = plain.line(model, now)
        {
            drop(state);
            say::note(&line);
        }
        true
    }
}

/// Why nothing of an upload was sent, if it is there all the same.
fn skipped_because(receipt: &Receipt, progress: &Progress) -> Option<&'static str> {
    match receipt.how {
        How::SentBefore => Some("sent before, and not changed since"),
        How::AlreadyThere if progress.stats.requests == 0 => Some("the same content is there already"),
        _ => None,
    }
}

/// One upload on the display. Clones show the same.
#[derive(Clone)]
pub(crate) struct Shown {
    display: Display,
    id: u64,
    names: Arc<Names>,
    own: Arc<Mutex<Own>>,
}

/// What is remembered of one upload.
#[derive(Default)]
struct Own {
    began: Option<Duration>,
    sending_since: Option<Duration>,
    object_at: Option<Duration>,
    waits: bool,
}

impl Shown {
    /// Shows an event.
    pub(crate) fn event(&self, event: &Event) {
        let inner = &self.display.0;
        let now = inner.now();
        let (alone, doing, why) = {
            let mut state = inner.state();
            state.model.apply(self.id, event, now);
            let upload = state.model.upload(self.id);
            let why = upload.and_then(model::Upload::trouble).map(|trouble| trouble.why.clone());
            (state.model.is_single(), upload.map_or(Doing::Starting, |upload| upload.doing(now)), why)
        };
        self.remember(event, doing, now);
        match event {
            Event::Began { resumed_from, total } => self.began(*resumed_from, *total, alone),
            Event::Machine(machine::Event::Retrying { .. }) => self.retrying(event, &why.unwrap_or_default(), now),
            Event::CheckpointStays { why } => {
                warn(&format!("{why}; the upload is complete, and the next run will find it so"));
            }
            Event::NotRecorded { why } => {
                let name = if alone { String::new() } else { format!("{}: ", self.names.file) };
                warn(&format!("{name}{why}; a later run may send the file again"));
            }
            // Whether another key works is told by what follows.
            Event::Machine(machine::Event::Reauthorizing { why }) => {
                say::log(&printable::text(&format!("{why}: asking for another credential")));
            }
            event => words::of(event).iter().for_each(|text| self.note(text, alone)),
        }
        if inner.json {
            self.objects(doing, now);
        }
    }

    /// Shows what came of it. What the vendor may never say again is in it.
    ///
    /// # Errors
    /// When it cannot be written anywhere.
    pub(crate) fn result(&self, receipt: &Receipt, progress: &Progress) -> Result<(), Problem> {
        let inner = &self.display.0;
        let now = inner.now();
        let (began, sending) = {
            let own = self.own();
            (own.began.unwrap_or(inner.begun), own.sending_since.map(|since| now.saturating_sub(since)))
        };
        let alone = inner.state().model.is_single();
        if alone {
            self.display.end();
        }
        let skipped = skipped_because(receipt, progress);
        if let Some(why) = skipped.filter(|_| !alone) {
            self.skipped(why, progress.total);
            return Ok(());
        }
        let took = now.saturating_sub(if alone { inner.begun } else { began });
        let done = Done { names: &self.names, receipt, progress, took, sending };
        if inner.json { say::result(&[json::result(&done)]) } else { self.words(&done, alone) }?;
        let mut state = inner.state();
        state.model.end(self.id, Some(progress.total));
        *(if skipped.is_some() { &mut state.summary.skipped } else { &mut state.summary.sent }) += 1;
        state.summary.bytes_sent += progress.stats.bytes_sent;
        Ok(())
    }

    fn words(&self, done: &Done<'_>, alone: bool) -> Result<(), Problem> {
        let shown = match (alone, self.display.0.quiet) {
            (true, _) => say::result(&done.lines()),
            (false, false) => say::result(&[done.line()]),
            (false, true) => {
                say::log(&done.line());
                Ok(())
            }
        };
        if done.receipt.orphans > 0 {
            let name = if alone { String::new() } else { format!("{}: ", self.names.file) };
            warn(&format!("{name}{}", words::orphans(done.receipt.orphans)));
        }
        shown
    }

    /// It is not complete. Where it is the only one, its problem is what the command ends with, and is not shown here.
    pub(crate) fn failed(&self, problem: &Problem) {
        let inner = &self.display.0;
        let (file, what) = (&self.names.file, problem.what());
        let text = if what.contains(file.as_str()) { what.to_owned() } else { format!("{file}: {what}") };
        let alone = {
            let mut state = inner.state();
            let alone = state.model.is_single();
            state.model.end(self.id, None);
            state.summary.failed += 1;
            state.failures.push(text.clone());
            alone
        };
        if inner.json {
            let _ = say::object(&json::failed(&self.names, problem));
        } else if !alone {
            say::err(&text);
        }
    }

    /// It was stopped with all the others, and is to be resumed.
    pub(crate) fn stopped(&self) {
        self.display.0.state().model.end(self.id, None);
    }

    /// It was left out, because it is there already. `bytes`: the file's length.
    pub(crate) fn skipped(&self, why: &str, bytes: u64) {
        let inner = &self.display.0;
        {
            let mut state = inner.state();
            state.model.end(self.id, Some(bytes));
            state.summary.skipped += 1;
        }
        if inner.json {
            let _ = say::object(&json::skipped(&self.names, why, bytes));
        } else {
            say::log(&format!("{}: skipped: {why}", self.names.file));
        }
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, event: &Event, doing: Doing, now: Duration) {
        let mut own = self.own();
        own.began.get_or_insert(now);
        if matches!(event, Event::Machine(machine::Event::Progress { .. })) && doing != Doing::Removing {
            own.sending_since.get_or_insert(now);
        }
    }

    fn began(&self, resumed_from: Option<u64>, total: u64, alone: bool) {
        let Names { file, destination } = &*self.names;
        let text = match resumed_from {
            Some(stored) => format!("resuming {file} to {destination} ({} already there)", show_part(stored, total)),
            None => format!("uploading {file} to {destination} ({})", show_size(total)),
        };
        if self.display.0.json {
            say::log(&text);
            let _ = say::object(&json::begin(&self.names, resumed_from, total));
        } else if alone {
            say::note(&text);
        } else {
            say::log(&text);
        }
    }

    /// A note about this upload.
    fn note(&self, text: &str, alone: bool) {
        let name = if alone { String::new() } else { format!("{}: ", self.names.file) };
        say::note(&printable::text(&format!("{name}{text}")));
    }

    fn retrying(&self, event: &Event, why: &str, now: Duration) {
        let inner = &self.display.0;
        let Event::Machine(event_of) = event else { return };
        let text = words::retrying(&printable::text(why), event_of).unwrap_or_default();
        let told = inner.verbose || inner.style == Style::Plain && inner.state().plain.tells_trouble(why, now);
        if told {
            say::note(&text);
        } else {
            say::log(&text);
        }
        if inner.json {
            json::retry(&self.names, event).iter().for_each(|line| drop(say::object(line)));
        }
    }

    /// What programs are told of its progress.
    fn objects(&self, doing: Doing, now: Duration) {
        let mut own = self.own();
        let due = own.object_at.is_none_or(|at| now.saturating_sub(at) >= OBJECTS);
        let waits = doing == Doing::Waiting;
        let turns = waits && !own.waits;
        own.waits = waits;
        if !(due || turns) || doing == Doing::Starting {
            return;
        }
        own.object_at = Some(now);
        drop(own);
        let state = self.display.0.state();
        let Some(upload) = state.model.upload(self.id) else { return };
        let line = match upload.trouble().filter(|_| waits) {
            Some(trouble) => json::waiting(&self.names, trouble, now),
            None => json::progress(upload, now),
        };
        drop(state);
        let _ = say::object(&line);
    }
}
