//! What happens in a round: drawn from the seed, the protocol and the round's number, and from nothing else.

use std::time::Duration;

use fastrand::Rng;

use super::vendor::{NO_INTEGRITY, Vendor};

/// One upload, from its first run to its last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Round {
    pub(super) number: u64,
    pub(super) transport: &'static str,
    pub(super) tls: bool,
    pub(super) window: u64,
    pub(super) size: u64,
    /// What the file holds comes from this.
    pub(super) content: u64,
    /// A line of the profile.
    pub(super) choice: &'static str,
    /// Bytes a second, if they are limited.
    pub(super) rate: Option<u64>,
    /// The runs that are killed, in their order.
    pub(super) kills: Vec<Kill>,
    /// What the run meets that nobody kills.
    pub(super) ordeal: Ordeal,
}

/// When a run is killed, and what comes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kill {
    pub(super) moment: Moment,
    /// From the moment to the kill.
    pub(super) pause: Duration,
    /// Whether the emulator goes with the command, as in a power cut.
    pub(super) emulator_too: bool,
    /// From the kill to the next run.
    pub(super) rest: Duration,
}

/// `done` says whether the vendor has done what it was asked, and only its answer is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// So long after the start; no byte leaves before.
    Start(Duration),
    /// While the call is open that begins the upload.
    Opening { call: &'static str, done: bool },
    /// When so many bytes of the first request with a part have arrived, and those beside it got no further.
    FirstPart { byte: u64 },
    /// The same with the last one that is missing.
    LastPart { byte: u64 },
    /// While the completing call is open.
    Completing { done: bool },
    /// When this share of what was missing has arrived, in thousandths.
    Share(u64),
    /// So long after the start, whatever happens then.
    Time(Duration),
}

/// What happens to a run that goes on, or should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ordeal {
    Nothing,
    EmulatorDies {
        at: Trigger,
        down: Duration,
    },
    CommandStops {
        at: Trigger,
        pause: Duration,
    },
    EmulatorStops {
        at: Trigger,
        pause: Duration,
    },
    /// No more fits below the state folder.
    DiskFull {
        at: Trigger,
    },
    /// By so many seconds.
    ClockJumps {
        at: Trigger,
        by: i64,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    BeforeTheStart,
    /// So many requests of this run were answered.
    Requests(u64),
    /// The completing call is open.
    Completing,
}

const AIMS: u64 = 5;
const ORDEALS: u64 = 5;
/// In so many rounds each aim and each ordeal comes once, and each way to the vendor at least once.
pub(super) const TURN: u64 = 5;

impl Round {
    /// The round of this number.
    pub(super) fn draw(seed: u64, vendor: &Vendor, number: u64) -> Self {
        let of_vendor = Rng::with_seed(seed ^ hash(vendor.name)).u64(..);
        let mut rng = Rng::with_seed(of_vendor ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let at = of_vendor % 1000 * TURN + number;
        let parts = rng.u64(3..=7);
        let size = (parts - 1) * vendor.part + rng.u64(1..=vendor.part);
        // Behind the fields of a form, and within the last part if it is long enough.
        let last = size - (parts - 1) * vendor.part;
        let byte = |rng: &mut Rng| rng.u64(8 << 10..last.max(16 << 10));
        let kills = kills(&mut rng, vendor, at % AIMS, byte);
        let ordeal = ordeal(&mut rng, (at + at / AIMS) % ORDEALS);
        let choice = vendor.choices[rng.usize(0..vendor.choices.len())];
        // Without a digest a file of the future is refused when it is to be resumed: that is the rule.
        let is_refused = choice == NO_INTEGRITY && ordeal.goes_back();
        Self {
            number,
            transport: if at.is_multiple_of(2) { "ureq" } else { "reqwest" },
            tls: at / 2 % 2 == 1,
            window: rng.u64(1..=4),
            size,
            content: rng.u64(..),
            choice: if is_refused { "" } else { choice },
            rate: rng.bool().then(|| size * rng.u64(3..12)),
            kills,
            ordeal,
        }
    }
}

impl Round {
    /// Whether a run knows that the file was sent. Where the vendor takes no digest of it, only its times can tell, and to a
    /// clock that went back they are of the future.
    pub(super) fn is_known_again(&self, vendor: &Vendor) -> bool {
        !(vendor.takes_no_digest(self.choice) && self.ordeal.goes_back())
    }
}

impl Ordeal {
    fn goes_back(&self) -> bool {
        matches!(self, Self::ClockJumps { by: ..0, .. })
    }
}

/// The aim of the round, and now and then a kill at any moment: before it where little is left after it, else behind it.
fn kills(rng: &mut Rng, vendor: &Vendor, aim: u64, byte: impl Fn(&mut Rng) -> u64) -> Vec<Kill> {
    let done = rng.bool();
    let moment = match aim {
        0 if rng.u8(0..3) == 0 => Moment::Start(Duration::from_micros(rng.u64(0..60_000))),
        0 => Moment::Opening { call: vendor.openings[rng.usize(0..vendor.openings.len())], done },
        1 => Moment::FirstPart { byte: byte(rng) },
        2 => Moment::LastPart { byte: byte(rng) },
        3 => Moment::Completing { done: done || vendor.completes_with_a_part() },
        _ => anywhere(rng),
    };
    let mut kills = vec![kill(rng, moment)];
    if rng.bool() {
        let moment = anywhere(rng);
        let at = usize::from(!matches!(aim, 2 | 3));
        kills.insert(at, kill(rng, moment));
    }
    kills
}

fn anywhere(rng: &mut Rng) -> Moment {
    if rng.u8(0..3) > 0 {
        Moment::Share(rng.u64(0..1000))
    } else {
        Moment::Time(Duration::from_micros(rng.u64(0..250_000)))
    }
}

fn kill(rng: &mut Rng, moment: Moment) -> Kill {
    let pause = Duration::from_micros(if rng.bool() { 0 } else { rng.u64(0..20_000) });
    let rest = Duration::from_millis(if rng.bool() { 0 } else { rng.u64(0..50) });
    Kill { moment, pause, emulator_too: rng.u8(0..5) == 0, rest }
}

fn ordeal(rng: &mut Rng, which: u64) -> Ordeal {
    // The command must have met the emulator once: what never had a connection gives up soon.
    let running =
        |rng: &mut Rng| if rng.u8(0..4) == 0 { Trigger::Completing } else { Trigger::Requests(rng.u64(1..=4)) };
    let any = |rng: &mut Rng| if rng.u8(0..3) == 0 { Trigger::BeforeTheStart } else { running(rng) };
    match which {
        0 => Ordeal::EmulatorDies { at: running(rng), down: Duration::from_millis(rng.u64(0..300)) },
        // Long enough, now and then, for the other side to close the connection.
        1 => {
            let pause = Duration::from_millis(if rng.u8(0..4) == 0 { 1300 } else { rng.u64(20..400) });
            let at = running(rng);
            if rng.bool() { Ordeal::CommandStops { at, pause } } else { Ordeal::EmulatorStops { at, pause } }
        }
        2 => Ordeal::DiskFull { at: any(rng) },
        3 => Ordeal::ClockJumps { at: any(rng), by: jump(rng) },
        _ => Ordeal::Nothing,
    }
}

/// From half a minute to 30 days, the short ones as often as the long ones, back or forth.
fn jump(rng: &mut Rng) -> i64 {
    const LEAST: f64 = 30.0;
    const MOST: f64 = 2_592_000.0;
    #[expect(clippy::cast_possible_truncation, reason = "30 days have few seconds")]
    let seconds = (LEAST * (MOST / LEAST).powf(rng.f64())) as i64;
    if rng.bool() { seconds } else { -seconds }
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::super::vendor::ALL;
    use super::*;

    #[test]
    fn a_seed_draws_the_same_round_again_and_another_one_another() {
        for vendor in &ALL {
            assert_eq!(Round::draw(7, vendor, 3), Round::draw(7, vendor, 3));
            assert_ne!(Round::draw(7, vendor, 3).content, Round::draw(8, vendor, 3).content);
            assert_ne!(Round::draw(7, vendor, 3).content, Round::draw(7, vendor, 4).content);
        }
    }

    #[test]
    fn a_turn_has_each_aim_each_ordeal_and_each_way() {
        for (vendor, seed) in ALL.iter().zip(0..) {
            let rounds: Vec<Round> = (0..TURN).map(|number| Round::draw(seed, vendor, number)).collect();
            let aimed = |is: fn(&Moment) -> bool| rounds.iter().any(|it| it.kills.iter().any(|kill| is(&kill.moment)));
            assert!(aimed(|it| matches!(it, Moment::Start(_) | Moment::Opening { .. })));
            assert!(aimed(|it| matches!(it, Moment::FirstPart { .. })));
            assert!(aimed(|it| matches!(it, Moment::LastPart { .. })));
            assert!(aimed(|it| matches!(it, Moment::Completing { .. })));
            let met = |is: fn(&Ordeal) -> bool| rounds.iter().any(|it| is(&it.ordeal));
            assert!(met(|it| matches!(it, Ordeal::EmulatorDies { .. })));
            assert!(met(|it| matches!(it, Ordeal::CommandStops { .. } | Ordeal::EmulatorStops { .. })));
            assert!(met(|it| matches!(it, Ordeal::DiskFull { .. })));
            assert!(met(|it| matches!(it, Ordeal::ClockJumps { .. })));
            for way in [("ureq", false), ("ureq", true), ("reqwest", false), ("reqwest", true)] {
                assert!(rounds.iter().any(|it| (it.transport, it.tls) == way), "{way:?}");
            }
        }
    }
}
