//! One process: polls the machine, carries out what it asks for, and waits as it says.

use std::time::Duration;

use resumable_core::{Event, Failure, Options, Output, Protocol, Upload};

use crate::transcript::Detail;
use crate::vendor::{Scenario, Vendor, Wire as _};
use crate::world::{Moment, Process, ProcessState, World};

/// More polls than any case needs, and for each piece of the file; a machine that gets there spins.
const POLLS: u64 = 50_000;
const POLLS_PER_PIECE: u64 = 50;
/// More time than any case needs; a machine that gets there hangs.
const LIFETIME: Duration = Duration::from_secs(14 * 24 * 3600);
/// An outage may outlast patience by the longest pause, a slow call, what a sloppy host adds, and one of the answers that
/// [`Wire::SLOWEST`] delays.
const IMPATIENCE: Duration = Duration::from_secs(1_000);

/// How a process ended.
pub(crate) enum End<P: Protocol> {
    Finished(Result<P::Outcome, Failure<P::Fault>>),
    Died,
    /// A violation was found.
    Broken,
}

impl<V: Vendor> World<'_, V> {
    /// Runs an upload until it finishes, or the process dies.
    pub(crate) fn run_process(&mut self, upload: &mut Upload<V::Protocol>) -> End<V::Protocol> {
        self.begin_process();
        loop {
            if self.violation.is_some() {
                return End::Broken;
            }
            if self.process.state == ProcessState::Dead {
                return End::Died;
            }
            self.process.polls += 1;
            let allowed = POLLS + POLLS_PER_PIECE * self.pieces();
            if self.process.polls > allowed {
                self.violated(|| format!("it spins: {allowed} polls"));
            }
            self.hear_leases();
            let output = upload.poll(self.clock.now());
            self.watch(&output);
            self.count_slots(&output);
            match output {
                Output::Do(action) => self.begin(action),
                Output::Tell(event) => self.hear(&event),
                Output::Share { question, known, serves } => self.remember(question, known, serves),
                Output::Wait { until, in_flight } => self.wait(until, in_flight, upload),
                Output::Finished(result) => return End::Finished(result),
            }
        }
    }

    fn pieces(&self) -> u64 {
        self.setting.size().div_ceil(self.setting.piece().max(1))
    }

    /// More requests than a run needs in which nothing goes wrong.
    pub(crate) fn enough_requests(&self) -> u64 {
        3 * self.pieces() + 60
    }

    /// How long the process has been running.
    pub(crate) fn age(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.process.began)
    }

    fn begin_process(&mut self) {
        let number = self.process.number + 1;
        let began = self.clock.elapsed();
        let (window, file_len) = (self.profile.window, self.source.bytes().len() as u64);
        self.process = Process { number, window, widest: window, began, file_len, ..Process::default() };
        self.ledger.begin_process(began);
        if !self.clock.is_right() {
            self.allow_wrong_clock();
        }
        self.note(|| format!("process {number} begins"));
    }

    /// The process is gone; time passes until the next one.
    pub(crate) fn end_process(&mut self) {
        self.drop_flights();
        self.drop_host_actions();
        self.profile.script.end_process();
        self.queue.retain(|moment| matches!(moment, Moment::Effect(_)));
        // The longer it takes, the longer a person waits before trying again.
        let gap = self.latency() * if self.chance.bool() { 1 } else { 40 * self.process.number };
        let until = self.clock.elapsed() + gap;
        while let Some((at, moment)) = self.queue.take_due(until) {
            self.clock.advance_to(at);
            self.happen(moment, None);
        }
        self.clock.advance_to(until);
        self.clock.reboot(&mut self.chance);
    }

    /// Nothing that is printed may hold a secret.
    fn watch(&mut self, output: &Output<V::Protocol>) {
        if self.transcript.detail() == Detail::Off {
            return;
        }
        let text = format!("{output:?}");
        if let Some(canary) = V::Setting::CANARIES.iter().find(|canary| text.contains(**canary)) {
            self.violated(|| format!("{canary} is in {text}"));
        }
        if matches!(output, Output::Wait { .. } | Output::Finished(_)) {
            self.note(|| text);
        }
    }

    fn hear(&mut self, event: &Event) {
        self.note(|| format!("{event:?}"));
        match event {
            Event::Progress { confirmed, .. } => {
                if *confirmed > self.ledger.confirmed {
                    // It is told with a later poll.
                    self.ledger.last_progress = self.ledger.last_success;
                    self.process.failing_since = None;
                }
                self.ledger.confirmed = *confirmed;
            }
            Event::Retrying { .. } => {
                self.process.failing_since.get_or_insert(self.clock.elapsed());
            }
            Event::UrlLost { .. } => {
                self.census.mark("url lost");
                self.ledger.urls_lost += 1;
                self.restarted();
                self.process.restarts += 1;
                self.drop_upload();
            }
            Event::Restarting { .. } | Event::Rehashing { .. } => {
                if matches!(event, Event::Restarting { .. }) {
                    self.restarted();
                }
                self.process.restarts += 1;
                self.drop_upload();
            }
            _ => {}
        }
    }

    /// A session or a url is lost; a crash gives none of them back.
    fn restarted(&mut self) {
        self.process.heard_since_restart = false;
        self.ledger.restarts += 1;
        self.ledger.restarts_told += 1;
        let (restarts, most) = (self.ledger.restarts, Options::new(0).restarts);
        if restarts > most && !self.ledger.edited {
            self.violated(|| format!("it begins anew for the {restarts}th time, and may {most} times"));
        }
    }

    /// A wait has a reason: something that can happen, or a time to come.
    fn wait(&mut self, until: Option<Duration>, in_flight: usize, upload: &mut Upload<V::Protocol>) {
        let now = self.clock.now().mono;
        if until.is_some_and(|until| until <= now) {
            return self.violated(|| format!("it waits until {until:?}, and it is {now:?}"));
        }
        if in_flight > self.unanswered() {
            let unanswered = self.unanswered();
            return self.violated(|| format!("it waits for {in_flight} answers, of which {unanswered} can come"));
        }
        if until.is_none() && in_flight == 0 && self.process.state != ProcessState::Paused {
            return self.violated(|| "it waits for nothing".to_owned());
        }
        if self.clock.elapsed() > self.process.began + LIFETIME {
            return self.violated(|| "it hangs".to_owned());
        }
        self.check_patience();
        let wake = until.map(|until| self.clock.from_mono(until));
        let Some(target) = [wake, self.queue.next_at()].into_iter().flatten().min() else {
            return self.violated(|| "it waits, and nothing can happen any more".to_owned());
        };
        if self.sloppy() && self.chance.bool() {
            // A poll for nothing, in the middle of the wait.
            let part = target.saturating_sub(self.clock.elapsed()).mul_f64(self.chance.f64());
            return self.clock.advance_to(self.clock.elapsed() + part);
        }
        self.clock.advance_to(target);
        self.deliver(upload);
    }

    /// What is due happens; a sloppy host lets more happen before it polls again.
    fn deliver(&mut self, upload: &mut Upload<V::Protocol>) {
        let lag = if self.sloppy() { self.latency() } else { Duration::ZERO };
        let by = self.clock.elapsed() + lag;
        let mut handed = 0;
        while let Some((at, moment)) = self.queue.take_due(by) {
            self.clock.advance_to(at);
            self.happen(moment, Some(upload));
            handed += 1;
            if self.process.state == ProcessState::Dead || (lag.is_zero() && handed > 0) {
                return;
            }
        }
        self.clock.advance_to(by);
    }

    /// Transient failures do not go on for much longer than patience.
    fn check_patience(&mut self) {
        let Some(since) = self.process.failing_since else { return };
        let untouched = self.profile.commands.is_empty();
        let slowest = Duration::from_millis(<V::Setting as Scenario>::Call::SLOWEST);
        let allowed = self.profile.patience + IMPATIENCE + slowest + self.ledger.asked_to_wait;
        if untouched && self.clock.elapsed().saturating_sub(since) > allowed {
            self.violated(|| format!("it has been failing for longer than {allowed:?}"));
        }
    }
}
