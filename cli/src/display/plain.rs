//! Which lines are due where nothing can be redrawn.

use std::collections::VecDeque;
use std::time::Duration;

use resumable::units::{show_number, show_rate, show_size, show_time};

use super::model::{Doing, Model, Upload};

/// A line at least this often…
const LINE_AFTER: Duration = Duration::from_secs(30);
/// …and after so much more, in per cent…
const LINE_STEP: u64 = 10;
/// …but never more often than this.
const LINE_PAUSE: Duration = Duration::from_secs(1);
/// The same trouble is told again after this, and each further time after twice as long…
const SAME_TROUBLE: Duration = Duration::from_secs(30);
/// …up to this.
const SAME_TROUBLE_MOST: Duration = Duration::from_secs(600);
/// So many different reasons are remembered.
const REASONS: usize = 16;

/// What was said last.
#[derive(Debug, Default)]
pub(super) struct Plain {
    doing: Option<Doing>,
    /// When this began to be done.
    since: Duration,
    /// When the last line was shown, and at how many per cent.
    line: Option<(Duration, u64)>,
    said: String,
    told: VecDeque<Told>,
}

#[derive(Debug)]
struct Told {
    why: String,
    at: Duration,
    quiet: Duration,
}

impl Plain {
    /// The line that is due, if one is.
    pub(super) fn line(&mut self, model: &Model, now: Duration) -> Option<String> {
        match model.only() {
            Some(upload) => self.of_one(upload, now),
            None if model.is_single() || model.is_empty() => None,
            None => self.of_all(model, now),
        }
    }

    /// Whether this trouble is to be told: in an outage, all calls fail for the same reason.
    pub(super) fn tells_trouble(&mut self, why: &str, now: Duration) -> bool {
        if let Some(told) = self.told.iter_mut().find(|told| told.why == why) {
            let due = now.saturating_sub(told.at) >= told.quiet;
            if due {
                (told.at, told.quiet) = (now, (told.quiet * 2).min(SAME_TROUBLE_MOST));
            }
            return due;
        }
        if self.told.len() == REASONS {
            self.told.pop_front();
        }
        self.told.push_back(Told { why: why.to_owned(), at: now, quiet: SAME_TROUBLE });
        true
    }

    fn of_one(&mut self, upload: &Upload, now: Duration) -> Option<String> {
        let doing = upload.doing(now);
        let turned = self.turned(doing, now);
        if doing == Doing::Completing {
            let text = "completing at the vendor".to_owned();
            return (now.saturating_sub(self.since) >= LINE_PAUSE).then(|| self.say(text, 100, now)).flatten();
        }
        if !matches!(doing, Doing::Hashing | Doing::Sending) || !upload.is_known() {
            return None;
        }
        let (done, total) = upload.amount();
        let text = format!("{}: {}", doing.word(), amounts(upload.share(), done, total));
        let more = tail(upload.speed(now), upload.left(now));
        self.due(turned, upload.share(), now).then(|| self.say_with(text, &more, upload.share(), now)).flatten()
    }

    fn of_all(&mut self, model: &Model, now: Duration) -> Option<String> {
        let totals = model.totals();
        let (bytes, files) = (totals.bytes?, totals.files?);
        let share = super::lines::share_of(totals.done_bytes, bytes);
        let turned = self.turned(Doing::Sending, now);
        let text = format!(
            "sent: {} of {} files, {}",
            show_number(totals.done_files),
            show_number(files),
            amounts(share, totals.done_bytes, bytes)
        );
        let more = tail(model.speed(now), model.left(now));
        self.due(turned, share, now).then(|| self.say_with(text, &more, share, now)).flatten()
    }

    /// Whether something else is done than before.
    fn turned(&mut self, doing: Doing, now: Duration) -> bool {
        let turned = self.doing != Some(doing);
        if turned {
            (self.doing, self.since) = (Some(doing), now);
            if let Some((at, _)) = self.line {
                self.line = Some((at, 0));
            }
        }
        turned
    }

    /// A pass that lasts no second is not told of, and what begins was said when it began.
    fn due(&mut self, turned: bool, share: u64, now: Duration) -> bool {
        if turned || now.saturating_sub(self.since) < LINE_PAUSE {
            if self.line.is_none() {
                self.line = Some((now, share));
            }
            return false;
        }
        let Some((at, shown)) = self.line else { return true };
        let since = now.saturating_sub(at);
        since >= LINE_AFTER || (since >= LINE_PAUSE && share >= shown + LINE_STEP)
    }

    fn say(&mut self, text: String, share: u64, now: Duration) -> Option<String> {
        self.say_with(text, "", share, now)
    }

    /// The same is not said twice; `more` does not make it something else.
    fn say_with(&mut self, text: String, more: &str, share: u64, now: Duration) -> Option<String> {
        if self.said == text {
            return None;
        }
        self.line = Some((now, share));
        let line = format!("{text}{more}");
        self.said = text;
        Some(line)
    }
}

fn amounts(share: u64, done: u64, total: u64) -> String {
    format!("{share} % ({} of {})", show_size(done), show_size(total))
}

/// The speed and the time left, as far as they are known.
fn tail(speed: Option<u64>, left: Option<Duration>) -> String {
    let speed = speed.map(|speed| format!(", {}", show_rate(speed))).unwrap_or_default();
    let left = left.map(|left| format!(", {} left", show_time(left)));
    format!("{speed}{}", left.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use resumable::{Event, machine};

    use super::super::model::Names;
    use super::*;

    const MIB: u64 = 1 << 20;

    struct Told {
        model: Model,
        id: u64,
        plain: Plain,
        now: Duration,
    }

    impl Told {
        fn new() -> Self {
            let mut model = Model::default();
            let id = model.begin(Arc::new(Names { file: "a".to_owned(), destination: "p:/a".to_owned() }));
            Self { model, id, plain: Plain::default(), now: Duration::from_secs(100) }
        }

        fn after(&mut self, millis: u64, event: machine::Event) -> Option<String> {
            self.now += Duration::from_millis(millis);
            self.model.apply(self.id, &Event::Machine(event), self.now);
            self.plain.line(&self.model, self.now)
        }

        fn sent(&mut self, millis: u64, confirmed: u64) -> Option<String> {
            let event = machine::Event::Progress { confirmed: confirmed * MIB, in_flight: 0, total: 100 * MIB };
            self.after(millis, event)
        }

        fn hashed(&mut self, millis: u64, done: u64) -> Option<String> {
            self.after(millis, machine::Event::Hashing { done, total: 3 })
        }
    }

    #[test]
    fn lines_come_in_steps() {
        let mut told = Told::new();
        assert_eq!(told.sent(0, 0), None, "that it begins was said");
        assert_eq!(told.sent(500, 50), None, "too soon after the first");
        let half = "sending: 50 % (50.0 MiB of 100.0 MiB), 25.0 MiB/s, 2 s left";
        assert_eq!(told.sent(1500, 50).as_deref(), Some(half));
        assert_eq!(told.sent(10_000, 55), None, "too small a step");
        assert_eq!(told.sent(1000, 60).unwrap().split(',').next(), Some("sending: 60 % (60.0 MiB of 100.0 MiB)"));
        assert_eq!(told.sent(500, 80), None);
        assert!(told.sent(30_000, 81).is_some(), "however little it is");
    }

    #[test]
    fn short_passes_are_not_told() {
        let mut told = Told::new();
        for _ in 0..20 {
            assert_eq!(told.hashed(100, 0), None);
            assert_eq!(told.hashed(100, 3), None);
            assert_eq!(told.sent(100, 30), None);
        }
        assert_eq!(told.hashed(100, 0), None);
        assert_eq!(told.hashed(2000, 1).unwrap().split(',').next(), Some("hashing: 33 % (1 byte of 3 bytes)"));
    }

    #[test]
    fn field_bug_73_a_line_is_not_repeated() {
        let mut told = Told::new();
        told.sent(0, 0);
        assert!(told.sent(40_000, 20).is_some());
        assert_eq!(told.sent(40_000, 20), None, "however late it comes again");
        assert!(told.sent(40_000, 21).is_some());
    }

    #[test]
    fn what_takes_a_while_to_complete_is_told_once() {
        let mut told = Told::new();
        told.sent(0, 0);
        assert_eq!(told.sent(5000, 100), None, "most take no second");
        assert_eq!(told.sent(2000, 100).as_deref(), Some("completing at the vendor"));
        assert_eq!(told.sent(60_000, 100), None);
    }

    #[test]
    fn an_outage_is_told_less_and_less_often() {
        let mut plain = Plain::default();
        let told = |plain: &mut Plain, why, secs| plain.tells_trouble(why, Duration::from_secs(secs));
        let times: Vec<u64> = (0..3600).filter(|secs| told(&mut plain, "no answer", *secs)).collect();
        assert_eq!(times, [0, 30, 90, 210, 450, 930, 1530, 2130, 2730, 3330]);
        assert!(told(&mut plain, "refused", 3400), "news is told at once");
        assert!(!told(&mut plain, "no answer", 3401) && !told(&mut plain, "refused", 3402), "neither in turn");
    }
}
