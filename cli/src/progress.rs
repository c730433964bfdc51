//! How far an upload is: a bar on a terminal, lines everywhere else; on stderr.

use std::io::{IsTerminal as _, stderr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use resumable::machine::Event;

use crate::{printable, say};
use resumable::units::{percent, show_size, show_time};

/// A line at least this often…
const LINE_AFTER: Duration = Duration::from_secs(30);
/// …and after so much more, in per cent…
const LINE_STEP: u64 = 10;
/// …but never more often than this.
const LINE_PAUSE: Duration = Duration::from_secs(1);
/// The same trouble is told again only after this.
const SAME_TROUBLE: Duration = Duration::from_secs(10);
/// How often the bar is drawn, in hertz.
const DRAWN: u8 = 10;

/// Shows what an upload tells.
pub(crate) struct Progress {
    /// `None` where lines are shown.
    bar: Option<ProgressBar>,
    stage: Mutex<Stage>,
}

/// What is being shown.
#[derive(Default)]
struct Stage {
    doing: Doing,
    /// When the last line was shown, and at how many per cent.
    line: Option<(Instant, u64)>,
    /// What it said.
    said: String,
    trouble: Option<Trouble>,
}

/// Why calls are tried again: in an outage, all of them for the same reason.
struct Trouble {
    why: String,
    told: Instant,
    untold: u32,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Doing {
    #[default]
    Nothing,
    Hashing,
    Sending,
}

impl Doing {
    fn word(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Hashing => "hashing",
            Self::Sending => "sending",
        }
    }
}

impl Progress {
    /// A bar if stderr is a terminal.
    pub(crate) fn new() -> Self {
        let bar = stderr().is_terminal().then(|| {
            let target = ProgressDrawTarget::stderr_with_hz(DRAWN);
            ProgressBar::with_draw_target(None, target).with_style(style())
        });
        Self { bar, stage: Mutex::default() }
    }

    /// Shows an event.
    pub(crate) fn tell(&self, event: &Event) {
        match event {
            Event::Progress { confirmed, in_flight, total } => {
                self.moved(Doing::Sending, (*confirmed + *in_flight).min(*total), *total);
            }
            Event::Hashing { done, total } => self.moved(Doing::Hashing, *done, *total),
            Event::Retrying { why, .. } => {
                let more = self.stage().trouble(why);
                if let (Some(more), Some(text)) = (more, words(event)) {
                    self.note(&format!("{text}{more}"));
                }
            }
            other => words(other).iter().for_each(|text| self.note(text)),
        }
    }

    /// Shows a line.
    pub(crate) fn note(&self, text: &str) {
        let text = printable::text(text);
        match &self.bar {
            Some(bar) if !bar.is_finished() => bar.println(text),
            _ => say::err(text),
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn moved(&self, doing: Doing, done: u64, total: u64) {
        let mut stage = self.stage();
        let turned = stage.doing != doing;
        stage.doing = doing;
        match &self.bar {
            Some(bar) => {
                draw(bar, doing, turned, done, total);
            }
            None => stage.line(turned, done, total).iter().for_each(say::err),
        }
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stage {
    /// `None` if this was told just now; else what to add about the calls that were not told of.
    fn trouble(&mut self, why: &str) -> Option<String> {
        let untold = match &mut self.trouble {
            Some(trouble) if trouble.why == why && trouble.told.elapsed() < SAME_TROUBLE => {
                trouble.untold += 1;
                return None;
            }
            Some(trouble) if trouble.why == why => trouble.untold,
            _ => 0,
        };
        self.trouble = Some(Trouble { why: why.to_owned(), told: Instant::now(), untold: 0 });
        Some(if untold == 0 { String::new() } else { format!(" (and {untold} times more since)") })
    }

    /// The line that is due, if one is.
    fn line(&mut self, turned: bool, done: u64, total: u64) -> Option<String> {
        let share = percent(done, total);
        let since = self.line.map(|(at, _)| at.elapsed());
        let due = match (self.line, since) {
            (Some((_, shown)), Some(since)) if !turned => {
                since >= LINE_AFTER || (since >= LINE_PAUSE && share >= shown + LINE_STEP)
            }
            // That sending begins was said with what is sent, and many short passes are not told one by one.
            _ => self.doing == Doing::Hashing && since.is_none_or(|since| since >= LINE_PAUSE),
        };
        let text = format!("{}: {share} % ({} of {})", self.doing.word(), show_size(done), show_size(total));
        let due = due && text != self.said;
        if due || self.line.is_none() {
            self.line = Some((Instant::now(), share));
        } else if let (true, Some((_, shown))) = (turned, &mut self.line) {
            *shown = share;
        }
        due.then(|| {
            self.said.clone_from(&text);
            text
        })
    }
}

fn draw(bar: &ProgressBar, doing: Doing, turned: bool, done: u64, total: u64) {
    if turned {
        bar.set_message(doing.word());
        bar.set_length(total);
    }
    bar.set_position(done);
    if turned {
        // What was there before says nothing about the speed.
        bar.reset_eta();
    }
}

fn style() -> ProgressStyle {
    let template =
        "{msg} {percent:>3} % [{wide_bar}] {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

/// What happened, and what is done about it.
fn words(event: &Event) -> Option<String> {
    Some(match event {
        Event::Retrying { call, why, after } => format!("{why}: trying again in {} [{call}]", show_time(*after)),
        Event::Restarting { why } => format!("{why}: what the vendor does not have is sent again"),
        Event::UrlLost { why } => {
            format!("{why}: the object is complete, but its address is lost; it is sent once more")
        }
        Event::Rehashing { why } => format!("{why}: reading the whole file once more"),
        Event::Reauthorizing { why } => format!("{why}: asking for other credentials"),
        Event::ClockCorrected { behind } => {
            let (by, which) = (behind.unsigned_abs(), if *behind < 0 { "ahead of" } else { "behind" });
            format!("this machine's clock is {by} s {which} the vendor's: requests are dated by the vendor's")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_with_what_is_done_about_it() {
        let after = Duration::from_millis(1_500);
        let event = Event::Retrying { call: "Init".to_owned(), why: "no answer: reset".to_owned(), after };
        assert_eq!(words(&event).unwrap(), "no answer: reset: trying again in 1.5 s [Init]");
        let lost = words(&Event::UrlLost { why: "no such upload".to_owned() }).unwrap();
        assert_eq!(lost, "no such upload: the object is complete, but its address is lost; it is sent once more");
        let clock = words(&Event::ClockCorrected { behind: -3600 }).unwrap();
        assert!(clock.contains("3600 s ahead of"), "{clock}");
        assert_eq!(words(&Event::Hashing { done: 0, total: 1 }), None);
    }

    #[test]
    fn the_bar_has_a_template() {
        assert!(ProgressStyle::with_template("{wide_bar}").is_ok());
        let _ = style();
    }

    #[test]
    fn an_outage_is_told_once_in_a_while() {
        let mut stage = Stage::default();
        assert_eq!(stage.trouble("no answer").as_deref(), Some(""));
        assert_eq!((stage.trouble("no answer"), stage.trouble("no answer")), (None, None));
        stage.trouble.as_mut().unwrap().told = Instant::now().checked_sub(SAME_TROUBLE).unwrap();
        assert_eq!(stage.trouble("no answer").as_deref(), Some(" (and 2 times more since)"));
        assert_eq!(stage.trouble("refused").as_deref(), Some(""), "news is told at once");
    }

    #[test]
    fn lines_come_in_steps() {
        let mut stage = Stage { doing: Doing::Sending, ..Stage::default() };
        assert_eq!(stage.line(true, 0, 100), None);
        assert_eq!(stage.line(false, 50, 100), None, "too soon after the first");
        stage.line = Some((Instant::now().checked_sub(LINE_PAUSE).unwrap(), 0));
        assert_eq!(stage.line(false, 5, 100), None, "too small a step");
        assert_eq!(stage.line(false, 50, 100).as_deref(), Some("sending: 50 % (50 bytes of 100 bytes)"));
        assert_eq!(stage.line.unwrap().1, 50);
    }

    #[test]
    fn field_bug_73_a_line_is_not_repeated() {
        let mut stage = Stage::default();
        let mut lines = Vec::new();
        for pass in 0..20 {
            for (doing, done) in [(Doing::Hashing, 0), (Doing::Sending, 30)] {
                stage.doing = doing;
                lines.extend(stage.line(true, done, 100 + pass % 2));
            }
        }
        assert_eq!(lines, ["hashing: 0 % (0 bytes of 100 bytes)"], "they follow each other at once");
        let later = |stage: &mut Stage| {
            stage.line.as_mut().unwrap().0 = Instant::now().checked_sub(LINE_AFTER).unwrap();
            stage.doing = Doing::Hashing;
            stage.line(true, 0, 100)
        };
        assert_eq!(later(&mut stage), None, "however late it comes again");
        assert!(stage.line(false, 60, 100).is_some());
    }
}
