//! How many requests to have under way at once, found by trying.

use core::mem;
use core::time::Duration;

use crate::slot::Sent;
use crate::upload::MAX_WINDOW;

/// Finds the smallest window that brings about all the throughput there is to have, for uploads that share a link.
///
/// It begins with one request and doubles as long as that brings throughput. From then on it tries the next larger and
/// the next smaller window now and then, and stays with what is better: a larger one has to bring 7 % more, a smaller one
/// may cost 4 %. Tries that change nothing become rarer. A vendor that throttles ends up with fewer requests at once.
///
/// Only a time in which the window was in use says anything of it. Requests that fail count with their time and without
/// their bytes, so a link that loses requests is judged by what arrives. It reads no clock: the time is an argument, on any
/// clock that never goes back, and the same story always gives the same windows.
///
/// ```
/// use std::time::Duration;
/// use resumable_core::{AdaptiveWindow, Sent};
///
/// let mut window = AdaptiveWindow::new(32);
/// assert_eq!(window.window(), 1);
/// let begun = window.begin(Duration::ZERO);
/// window.end(begun, Sent::Acknowledged(8 << 20), Duration::from_secs(1));
/// assert_eq!(window.window(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct AdaptiveWindow {
    most: usize,
    window: usize,
    phase: Phase,
    /// What the window in force has brought so far.
    sample: Sample,
    in_use: usize,
    /// The sum over time of how many requests were under way, in nanoseconds.
    used: u128,
    used_until: Duration,
    /// Requests that began with an earlier number say nothing of the window in force.
    changes: u64,
}

/// A request that is under way.
#[derive(Debug)]
#[must_use = "its end is to be told"]
pub struct Begun {
    at: Duration,
    used: u128,
    changes: u64,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The window doubles. `before` is what half of it brought, in bytes per second.
    Begins { before: Option<u64> },
    /// `speed` is what the window brings; after `left` more samples another one is tried, and after `pause` of them the
    /// next time.
    Stays { speed: u64, left: u32, pause: u32, next: Direction },
    /// Another window is tried, from one that brings `speed`.
    Tries { from: usize, speed: u64, pause: u32, direction: Direction },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sample {
    taken: usize,
    cost: u128,
    nanos: u128,
    failed: usize,
    nanos_failed: u128,
}

/// The windows that are tried.
const RUNGS: [usize; 14] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128];
/// A request costs time besides that of its bytes; small ones are compared with large ones as if each had so many more.
const OVERHEAD: u128 = 256 * 1024;
/// Samples between two tries, at first and at most.
const PAUSE: u32 = 4;
const LONGEST_PAUSE: u32 = 64;
/// Ends that make a sample where requests fail.
const LOSSY: usize = 16;

impl AdaptiveWindow {
    /// A window of 1, that becomes `most` at most; `most` is brought into 1 to [`MAX_WINDOW`].
    pub fn new(most: usize) -> Self {
        Self {
            most: most.clamp(1, MAX_WINDOW),
            window: 1,
            phase: Phase::Begins { before: None },
            sample: Sample::default(),
            in_use: 0,
            used: 0,
            used_until: Duration::ZERO,
            changes: 0,
        }
    }

    /// How many requests may be under way at once.
    pub fn window(&self) -> usize {
        self.window
    }

    /// How many it may become at most.
    pub fn most(&self) -> usize {
        self.most
    }

    /// Changes how many it may become at most; it is brought into 1 to [`MAX_WINDOW`].
    pub fn set_most(&mut self, most: usize) {
        self.most = most.clamp(1, MAX_WINDOW);
        if self.window > self.most {
            self.phase = Phase::Begins { before: None };
            self.change(self.most);
        }
    }

    /// A request takes its place.
    pub fn begin(&mut self, now: Duration) -> Begun {
        self.pass(now);
        self.in_use += 1;
        Begun { at: self.used_until, used: self.used, changes: self.changes }
    }

    /// A request gives its place back.
    pub fn end(&mut self, Begun { at, used, changes }: Begun, sent: Sent, now: Duration) {
        self.pass(now);
        self.in_use = self.in_use.saturating_sub(1);
        if changes != self.changes {
            return;
        }
        if sent == Sent::Throttled {
            return self.is_throttled();
        }
        let nanos = self.used_until.saturating_sub(at).as_nanos().max(1);
        // With less than three quarters of the window in use, a larger one could bring nothing.
        if (self.used - used) * 4 < nanos * self.window as u128 * 3 {
            return;
        }
        self.sample.add(sent, nanos);
        if self.phase.has_enough(&self.sample, self.window) {
            self.judge();
        }
    }

    fn pass(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.used_until).as_nanos();
        self.used += passed * self.in_use as u128;
        self.used_until = self.used_until.max(now);
    }

    fn judge(&mut self) {
        let sample = mem::take(&mut self.sample);
        let brings = sample.speed(self.window);
        match self.phase {
            Phase::Begins { before } => self.begins(before, &sample),
            Phase::Stays { speed, left, pause, next } => self.goes_on(speed, brings, left, pause, next),
            Phase::Tries { speed, direction, .. } if gains(brings, speed, direction.gain()) => {
                self.stay(self.window, brings, PAUSE, direction);
                self.tries_soon();
            }
            Phase::Tries { from, speed, pause, direction } => {
                self.stay(from, speed, (pause * 2).min(LONGEST_PAUSE), direction.other());
            }
        }
    }

    fn begins(&mut self, before: Option<u64>, sample: &Sample) {
        let brings = sample.speed_of_taken(self.window);
        match before {
            Some(before) if !gains(brings, before, Direction::Up.gain()) => {
                self.stay(self.window / 2, before, PAUSE, Direction::Down);
            }
            Some(before) if !gains(brings, before, 150) => self.stay(self.window, brings, PAUSE, Direction::Down),
            _ if self.window * 2 <= self.most && sample.failed <= sample.taken => {
                self.phase = Phase::Begins { before: Some(brings) };
                self.change(self.window * 2);
            }
            _ => self.stay(self.window, brings, PAUSE, Direction::Up),
        }
    }

    fn goes_on(&mut self, speed: u64, brings: u64, left: u32, pause: u32, next: Direction) {
        if gains(speed, brings, 200) {
            return self.begin_again(speed, brings);
        }
        let (left, pause, next) =
            if gains(brings, speed, 150) { (1, PAUSE, Direction::Up) } else { (left, pause, next) };
        let speed = u64::midpoint(speed, brings);
        if left > 1 {
            self.phase = Phase::Stays { speed, left: left - 1, pause, next };
            return;
        }
        let Some((direction, window)) = self.neighbour(next) else { return self.stay(self.window, speed, pause, next) };
        self.phase = Phase::Tries { from: self.window, speed, pause, direction };
        self.change(window);
    }

    /// What brings half as much is another link. If its connections are what they were, this window fills it; if they are
    /// not, it grows again.
    fn begin_again(&mut self, speed: u64, brings: u64) {
        let fills = self.window as u128 * u128::from(brings) / u128::from(speed.max(1));
        self.phase = Phase::Begins { before: None };
        self.change(usize::try_from(fills).unwrap_or(1).max(1));
    }

    /// The next window in this direction, or else in the other.
    fn neighbour(&self, direction: Direction) -> Option<(Direction, usize)> {
        let up = || {
            RUNGS.into_iter().find(|rung| *rung > self.window && *rung <= self.most).map(|rung| (Direction::Up, rung))
        };
        let down = || RUNGS.into_iter().rfind(|rung| *rung < self.window).map(|rung| (Direction::Down, rung));
        match direction {
            Direction::Up => up().or_else(down),
            Direction::Down => down().or_else(up),
        }
    }

    fn stay(&mut self, window: usize, speed: u64, pause: u32, next: Direction) {
        let window = window.min(self.most);
        self.phase = Phase::Stays { speed, left: pause, pause, next };
        if window != self.window {
            self.change(window);
        }
    }

    /// What was better once may be so again.
    fn tries_soon(&mut self) {
        if let Phase::Stays { left, .. } = &mut self.phase {
            *left = 1;
        }
    }

    /// The requests that are under way now were sent for another window.
    fn change(&mut self, window: usize) {
        self.window = window;
        self.sample = Sample::default();
        self.changes += 1;
    }

    fn is_throttled(&mut self) {
        let smaller = self.neighbour(Direction::Down).filter(|(direction, _)| *direction == Direction::Down);
        let window = smaller.map_or(self.window, |(_, window)| window);
        let speed = match self.phase {
            Phase::Begins { before } => before.unwrap_or_default(),
            Phase::Stays { speed, .. } | Phase::Tries { speed, .. } => speed,
        };
        self.stay(window, speed, LONGEST_PAUSE, Direction::Up);
    }
}

impl Phase {
    /// While it begins, each request tells. Later, chance is to be evened out, and there is more of it where requests fail.
    fn has_enough(self, sample: &Sample, window: usize) -> bool {
        let ends = sample.taken + sample.failed;
        match self {
            Self::Begins { .. } => sample.taken >= window || sample.failed >= 2 * window.max(4),
            Self::Stays { speed, .. } if ends >= (window / 2).max(2) && gains(speed, sample.speed(window), 300) => true,
            Self::Stays { .. } | Self::Tries { .. } if sample.failed > 0 => ends >= (2 * window).max(LOSSY),
            Self::Stays { .. } => ends >= 2 * window,
            Self::Tries { .. } => ends >= window,
        }
    }
}

impl Direction {
    /// What another window has to bring, in hundredths of what there is.
    fn gain(self) -> u64 {
        match self {
            Self::Up => 107,
            Self::Down => 96,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

impl Sample {
    fn add(&mut self, sent: Sent, nanos: u128) {
        match sent {
            Sent::Acknowledged(bytes) => {
                self.taken += 1;
                self.cost += u128::from(bytes) + OVERHEAD;
                self.nanos += nanos;
            }
            Sent::Failed => {
                self.failed += 1;
                self.nanos_failed += nanos;
            }
            Sent::Throttled | Sent::Nothing => {}
        }
    }

    /// Bytes per second with the whole window in use.
    fn speed(&self, window: usize) -> u64 {
        per_second(self.cost * window as u128, self.nanos + self.nanos_failed)
    }

    /// The same, as if no request had failed.
    fn speed_of_taken(&self, window: usize) -> u64 {
        per_second(self.cost * window as u128, self.nanos)
    }
}

fn per_second(bytes: u128, nanos: u128) -> u64 {
    u64::try_from(bytes * 1_000_000_000 / nanos.max(1)).unwrap_or(u64::MAX)
}

/// Whether a speed is at least so many hundredths of another one.
fn gains(speed: u64, of: u64, hundredths: u64) -> bool {
    u128::from(speed) * 100 >= u128::from(of) * u128::from(hundredths)
}
