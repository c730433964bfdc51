//! A link that connections share, in steps of a millisecond.

use std::ops::Range;
use std::time::Duration;

use resumable_core::{AdaptiveWindow, Begun, Sent};

pub(crate) const MIB: u64 = 1 << 20;

/// Bytes per second, and how many requests of a hundred are lost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    pub(crate) delay: Duration,
    pub(crate) connection: u64,
    pub(crate) total: u64,
    pub(crate) lost: u64,
    pub(crate) part: u64,
    /// More requests than these at once are told to be fewer.
    pub(crate) bears: usize,
}

pub(crate) enum Window {
    Fixed(usize),
    Adaptive(AdaptiveWindow),
}

impl Window {
    fn now(&self) -> usize {
        match self {
            Self::Fixed(window) => *window,
            Self::Adaptive(window) => window.window(),
        }
    }
}

struct Request {
    begun: Option<Begun>,
    /// In thousandths of a byte.
    left: u64,
    /// When its last byte is sent, it takes this long until the answer is here.
    delay: u64,
    ends: Sent,
}

/// What came of it.
pub(crate) struct Run {
    /// Milliseconds, and how a request ended then.
    ends: Vec<(u64, Sent)>,
    /// The window in each millisecond.
    windows: Vec<usize>,
}

impl Link {
    pub(crate) fn run(self, window: Window, seconds: u64, seed: u64) -> Run {
        self.run_while(window, seconds, seed, |_| self.total)
    }

    /// `total` says what the link brings in each second.
    pub(crate) fn run_while(self, mut window: Window, seconds: u64, seed: u64, total: impl Fn(u64) -> u64) -> Run {
        let mut chance = seed;
        let mut under_way: Vec<Request> = Vec::new();
        let mut run = Run { ends: Vec::new(), windows: Vec::new() };
        for now in 0..seconds * 1000 {
            let mono = Duration::from_millis(now);
            while under_way.len() < window.now() {
                let is_borne = under_way.len() < self.bears;
                under_way.push(self.request(&mut chance, is_borne, begun(&mut window, mono)));
            }
            let active = under_way.iter().filter(|request| request.left > 0).count() as u64;
            let share = self.connection.min(total(now / 1000) / active.max(1));
            for request in &mut under_way {
                if request.left > 0 {
                    request.left = request.left.saturating_sub(share);
                } else {
                    request.delay = request.delay.saturating_sub(1);
                }
            }
            for mut ended in under_way.extract_if(.., |request| request.left == 0 && request.delay == 0) {
                if let (Window::Adaptive(window), Some(begun)) = (&mut window, ended.begun.take()) {
                    window.end(begun, ended.ends, mono);
                }
                run.ends.push((now, ended.ends));
            }
            run.windows.push(window.now());
        }
        run
    }

    fn request(self, chance: &mut u64, is_borne: bool, begun: Option<Begun>) -> Request {
        let is_lost = draw(chance) % 100 < self.lost;
        let part = self.part * 1000;
        let (left, ends) = match (is_borne, is_lost) {
            (false, _) => (1, Sent::Throttled),
            // A lost one ends anywhere.
            (true, true) => (draw(chance) % part + 1, Sent::Failed),
            (true, false) => (part, Sent::Acknowledged(self.part)),
        };
        Request { begun, left, delay: u64::try_from(self.delay.as_millis()).unwrap(), ends }
    }
}

fn begun(window: &mut Window, now: Duration) -> Option<Begun> {
    match window {
        Window::Fixed(_) => None,
        Window::Adaptive(window) => Some(window.begin(now)),
    }
}

/// `SplitMix64`.
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Run {
    /// Bytes acknowledged between these seconds.
    pub(crate) fn bytes(&self, within: Range<u64>) -> u64 {
        let within = self.ends.iter().filter(|(at, _)| within.contains(&(at / 1000)));
        within.map(|(_, sent)| if let Sent::Acknowledged(bytes) = sent { *bytes } else { 0 }).sum()
    }

    /// How many of a thousand requests were told to be fewer.
    pub(crate) fn throttled(&self) -> usize {
        self.ends.iter().filter(|(_, sent)| *sent == Sent::Throttled).count() * 1000 / self.ends.len()
    }

    /// Each window, and from which millisecond on.
    pub(crate) fn changes(&self) -> Vec<(usize, usize)> {
        let mut changes: Vec<(usize, usize)> = Vec::new();
        for (at, window) in self.windows.iter().enumerate() {
            if changes.last().is_none_or(|(_, last)| last != window) {
                changes.push((at, *window));
            }
        }
        changes
    }

    /// In how much of the time, in hundredths, the window was no larger than this.
    pub(crate) fn share_at_most(&self, window: usize) -> usize {
        self.windows.iter().filter(|at| **at <= window).count() * 100 / self.windows.len()
    }
}
