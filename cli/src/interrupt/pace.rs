//! How long to wait for what is in flight when an upload is to end: as long as it takes to send it again, twice. Then parts
//! that are half sent arrive, however many share the line, and to wait longer costs more than it saves.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use resumable::units::{percent, show_size, show_time};
use resumable::{Error, ErrorKind, Event, machine};

use super::Signal;

/// Requests are answered within this, however little is known.
const SHORTEST: Duration = Duration::from_secs(5);

/// How fast bytes leave. Fed with what uploads tell.
pub(crate) struct Pace {
    now: fn() -> Instant,
    seen: Mutex<Seen>,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    /// When the first bytes had left, and how many.
    first: Option<(Instant, u64)>,
    last: Option<(Instant, u64)>,
    in_flight: u64,
    /// How far a pass over the file is, while there is one.
    reading: Option<(u64, u64)>,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Self::by(Instant::now)
    }

    fn by(now: fn() -> Instant) -> Self {
        Self { now, seen: Mutex::default() }
    }

    /// What one upload tells.
    pub(crate) fn note(&self, event: &Event) {
        match event {
            Event::Machine(machine::Event::Progress { confirmed, in_flight, .. }) => {
                self.moved(*confirmed, *in_flight);
                self.seen().reading = None;
            }
            Event::Machine(machine::Event::Hashing { done, total }) => self.seen().reading = Some((*done, *total)),
            _ => {}
        }
    }

    /// What to say of a pass over the file that a stop broke off: the next run begins it anew.
    pub(crate) fn read_in_vain(&self, error: &Error) -> Option<String> {
        let (done, total) = self.seen().reading.filter(|(done, _)| *done > 0 && error.kind() == ErrorKind::Stopped)?;
        let (share, of) = (percent(done, total), show_size(total));
        Some(format!(
            "The file was being read for its digest ({share} % of {of}); the next run reads it from the beginning."
        ))
    }

    /// So many bytes are acknowledged, and so many have been read for requests that are not answered yet.
    pub(crate) fn moved(&self, confirmed: u64, in_flight: u64) {
        let at = ((self.now)(), confirmed.saturating_add(in_flight));
        let mut seen = self.seen();
        seen.first.get_or_insert(at);
        // What was sent for nothing is no speed.
        if seen.last.is_none_or(|(_, done)| done < at.1) {
            seen.last = Some(at);
        }
        seen.in_flight = in_flight;
    }

    /// How long what is in flight may take to arrive, and what a person is told.
    pub(crate) fn stopping(&self, signal: Signal) -> (Duration, String) {
        let seen = *self.seen();
        let within =
            seen.time_of(seen.in_flight.saturating_mul(2)).unwrap_or(SHORTEST).clamp(SHORTEST, signal.longest());
        let again = match signal {
            Signal::Interrupt => "press Ctrl-C again to quit immediately",
            Signal::Terminate | Signal::HangUp => "another signal quits immediately",
        };
        let text = match seen.in_flight {
            0 => format!("Stopping… {again}"),
            bytes => {
                let (bytes, within) = (show_size(bytes), show_time(within));
                format!("Stopping… waiting up to {within} for {bytes} in flight; {again}")
            }
        };
        (within, text)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// How long it takes to send so many bytes; `None` as long as nothing was sent.
    fn time_of(&self, bytes: u64) -> Option<Duration> {
        let ((first, from), (last, to)) = (self.first?, self.last?);
        let (sent, took) = (to.checked_sub(from).filter(|sent| *sent > 0)?, last.duration_since(first));
        let millis = took.as_millis().saturating_mul(bytes.into()) / u128::from(sent);
        Some(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        static NOW: Cell<Option<Instant>> = const { Cell::new(None) };
    }

    fn now() -> Instant {
        NOW.get().unwrap()
    }

    fn pass(time: Duration) {
        NOW.set(NOW.get().map(|now| now + time));
    }

    fn pace() -> Pace {
        NOW.set(Some(Instant::now()));
        Pace::by(now)
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn field_bug_76_what_is_in_flight_is_waited_for_twice_as_long_as_it_takes_to_send() {
        let pace = pace();
        pace.moved(100, 0);
        pass(secs(10));
        // 300 bytes in 10 s, 200 of which are in flight.
        pace.moved(200, 200);
        let (within, text) = pace.stopping(Signal::Interrupt);
        assert_eq!(within, Duration::from_millis(13333));
        assert_eq!(
            text,
            "Stopping… waiting up to 13 s for 200 bytes in flight; press Ctrl-C again to quit immediately"
        );
        // It is slower than that: no more than a minute, and less where a supervisor waits.
        pass(secs(1000));
        pace.moved(201, 200);
        assert_eq!(pace.stopping(Signal::Interrupt).0, secs(60));
        let (within, text) = pace.stopping(Signal::Terminate);
        assert!(within == secs(8) && text.ends_with("another signal quits immediately"), "{text}");
    }

    #[test]
    fn where_nothing_is_in_flight_or_nothing_is_known_seconds_do() {
        let pace = pace();
        assert_eq!(
            pace.stopping(Signal::Interrupt),
            (secs(5), "Stopping… press Ctrl-C again to quit immediately".to_owned())
        );
        pace.moved(100, 50);
        assert_eq!(pace.stopping(Signal::HangUp).0, secs(5), "nobody knows how fast it is");
        // What failed and is sent again makes it no faster.
        pass(secs(10));
        pace.moved(200, 0);
        pass(secs(10));
        pace.moved(100, 50);
        assert_eq!(pace.stopping(Signal::Interrupt).0, secs(20));
    }
}
