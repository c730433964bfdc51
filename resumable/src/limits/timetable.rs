//! How fast to send at which time of the day.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

use super::Limits;
use crate::units::parse_rate;

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;
/// What stands in the place of a rate where there is no limit.
const OFF: &str = "off";

/// How many bytes per second may be sent at which time of the day.
///
/// ```
/// use std::num::NonZeroU64;
/// use std::time::Duration;
/// use resumable::Timetable;
///
/// let office_hours: Timetable = "08:00,2M 18:30,off".parse()?;
/// let (noon, night) = (Duration::from_secs(12 * 3600), Duration::from_secs(2 * 3600));
/// assert_eq!(office_hours.rate_at(noon), NonZeroU64::new(2_000_000));
/// assert_eq!(office_hours.rate_at(night), None);
/// # Ok::<(), String>(())
/// ```
///
/// As text it is a rate, like `2M` (see [`parse_rate`]), or `off` for no limit; or several of them, each with the time from
/// which it holds (`HH:MM`, from 00:00 to 23:59), in any order and with blanks between. The last one of a day holds until the
/// first one of the next.
#[derive(Clone, PartialEq, Eq)]
pub struct Timetable {
    /// From which second of the day; ascending, at least one.
    changes: Vec<(u64, Option<NonZeroU64>)>,
}

impl Timetable {
    /// The same rate at all times, in bytes per second; `None` for no limit.
    pub fn constant(bytes_per_second: impl Into<Option<NonZeroU64>>) -> Self {
        Self { changes: vec![(0, bytes_per_second.into())] }
    }

    /// How many bytes per second may be sent when so much of the day is over, by the clock on the wall; `None` for no limit.
    /// More than a day counts as what is over of the next one.
    pub fn rate_at(&self, time_of_day: Duration) -> Option<NonZeroU64> {
        let now = time_of_day.as_secs() % DAY;
        let begun = self.changes.iter().rev().find(|(from, _)| *from <= now);
        begun.or(self.changes.last()).and_then(|(_, rate)| *rate)
    }

    /// How long until the rate may be another one, when so much of the day is over; `None` if it never changes.
    pub fn until_change(&self, time_of_day: Duration) -> Option<Duration> {
        let [(first, _), _, ..] = self.changes[..] else { return None };
        let now =
            Duration::from_secs(time_of_day.as_secs() % DAY) + Duration::from_nanos(time_of_day.subsec_nanos().into());
        let later = self.changes.iter().map(|(from, _)| Duration::from_secs(*from)).find(|from| *from > now);
        Some(later.unwrap_or(Duration::from_secs(DAY + first)).saturating_sub(now))
    }
}

impl FromStr for Timetable {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let entries: Vec<&str> = text.split_whitespace().collect();
        if let [only] = entries[..]
            && !only.contains(',')
        {
            return rate(only).map(Self::constant);
        }
        let mut changes = entries.into_iter().map(change).collect::<Result<Vec<_>, _>>()?;
        changes.sort_unstable_by_key(|(from, _)| *from);
        if let Some(twice) = changes.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(format!("{} is there twice", show(twice[0].0)));
        }
        if changes.is_empty() {
            return Err("a timetable is like \"2M\" or \"08:00,2M 23:00,off\"".to_owned());
        }
        Ok(Self { changes })
    }
}

fn change(entry: &str) -> Result<(u64, Option<NonZeroU64>), String> {
    let parts = entry.split_once(',').and_then(|(from, given)| Some((second(from)?, given)));
    let (from, given) = parts.ok_or("each entry of a timetable is like 08:00,2M or 23:00,off, from 00:00 to 23:59")?;
    rate(given).map(|rate| (from, rate))
}

fn rate(text: &str) -> Result<Option<NonZeroU64>, String> {
    if text.eq_ignore_ascii_case(OFF) { Ok(None) } else { parse_rate(text).map(Some) }
}

/// `HH:MM` as the second of the day.
fn second(text: &str) -> Option<u64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str, below: u64| -> Option<u64> {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|number| digits && *number < below)
    };
    let minutes = number(minutes, 60).filter(|_| minutes.len() == 2)?;
    Some((number(hours, 24)? * 60 + minutes) * MINUTE)
}

fn show(second: u64) -> String {
    let minutes = second / MINUTE;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// As it can be read again; rates in bytes.
impl fmt::Display for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = |rate: Option<NonZeroU64>| rate.map_or(OFF.to_owned(), |rate| format!("{rate}B"));
        if let [(0, only)] = self.changes[..] {
            return f.write_str(&rate(only));
        }
        let entries = self.changes.iter().map(|(from, given)| format!("{},{}", show(*from), rate(*given)));
        f.write_str(&entries.collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Debug for Timetable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What was set last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Nothing,
    Rate(Option<NonZeroU64>),
}

/// Keeps the rate of [`Limits`] at what a timetable says. It has no clock and no thread: the program calls
/// [`RateSchedule::tick`] now and then, with the local time.
#[derive(Debug)]
pub struct RateSchedule {
    limits: Limits,
    timetable: Timetable,
    set: Set,
}

impl RateSchedule {
    /// Nothing is set before the first [`RateSchedule::tick`].
    pub fn new(limits: &Limits, timetable: Timetable) -> Self {
        Self { limits: limits.clone(), timetable, set: Set::Nothing }
    }

    /// What it goes by.
    pub fn timetable(&self) -> &Timetable {
        &self.timetable
    }

    /// Goes by another timetable from the next [`RateSchedule::tick`] on.
    pub fn replace(&mut self, timetable: Timetable) {
        self.timetable = timetable;
    }

    /// Sets the rate that holds when so much of the day is over, by the clock on the wall. True if it is another one than
    /// before. Requests that run follow within a second.
    pub fn tick(&mut self, time_of_day: Duration) -> bool {
        let rate = self.timetable.rate_at(time_of_day);
        if self.set == Set::Rate(rate) {
            return false;
        }
        self.limits.set_rate(rate);
        std::mem::replace(&mut self.set, Set::Rate(rate)) != Set::Nothing
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(hours: u64, minutes: u64) -> Duration {
        Duration::from_secs((hours * 60 + minutes) * MINUTE)
    }

    fn table(text: &str) -> Timetable {
        text.parse().unwrap()
    }

    #[test]
    fn a_rate_holds_from_its_time_until_the_next_over_midnight_too() {
        let given = table("23:00,off  8:00,2M 12:30,500k");
        let rate = |hours, minutes| given.rate_at(at(hours, minutes)).map_or(0, NonZeroU64::get);
        assert_eq!(
            [rate(7, 59), rate(8, 0), rate(12, 29), rate(12, 30), rate(22, 59), rate(23, 0), rate(24, 0), rate(32, 0)],
            [0, 2_000_000, 2_000_000, 500_000, 500_000, 0, 0, 2_000_000]
        );
        assert_eq!(given.to_string(), "08:00,2000000B 12:30,500000B 23:00,off");
        assert_eq!(given.until_change(at(22, 0)), Some(at(1, 0)));
        assert_eq!(given.until_change(at(23, 0)), Some(at(9, 0)));
        assert_eq!(given.until_change(at(7, 59) + Duration::from_millis(59_999)), Some(Duration::from_millis(1)));
    }

    #[test]
    fn one_rate_holds_always() {
        assert_eq!(table("2M"), Timetable::constant(NonZeroU64::new(2_000_000)));
        assert_eq!(table(" OFF "), Timetable::constant(None));
        assert_eq!(table("2M").until_change(at(8, 0)), None);
        assert_eq!(table("08:00,2M").rate_at(at(7, 0)), NonZeroU64::new(2_000_000));
        assert_eq!(table("08:00,2M").until_change(at(7, 0)), None);
    }

    #[test]
    fn what_is_none_is_an_error_that_says_so() {
        for (text, says) in [
            ("", "like \"2M\""),
            ("fast", "a rate is like"),
            ("0", "never send anything"),
            ("5", "a rate needs a unit"),
            ("08:00,2M 08:00,off", "08:00 is there twice"),
            ("08:00,2M 1M", "each entry"),
            ("24:00,2M", "each entry"),
            ("08:60,2M", "each entry"),
            ("08:0,2M", "each entry"),
            ("+8:00,2M", "each entry"),
            ("8,2M", "each entry"),
            ("08:00,fast", "a rate is like"),
            ("08:00,0", "never send anything"),
        ] {
            let error = text.parse::<Timetable>().unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn a_tick_sets_the_rate_once_for_each_change() {
        let limits = Limits::default();
        let mut schedule = RateSchedule::new(&limits, table("08:00,10B 23:00,off"));
        let piece = || limits.rate().piece();
        assert!(!schedule.tick(at(9, 0)), "the first is no change");
        assert_eq!(piece(), 1);
        limits.set_rate(None);
        assert!(!schedule.tick(at(22, 59)));
        assert_eq!(piece(), usize::MAX, "what others set stays until the next change");
        assert!(schedule.tick(at(23, 0)));
        assert!(schedule.tick(at(8, 0)));
        assert_eq!(piece(), 1);
        schedule.replace(table("100B"));
        assert!(schedule.tick(at(8, 0)));
        assert_eq!(piece(), 10);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_and_the_rate_is_that_of_the_last_time_before(
            entries in proptest::collection::btree_map(0u64..1440, 0u64..5_000_000_000, 1..8),
            now in 0u64..DAY,
        ) {
            let entry = |(minute, rate): (&u64, &u64)| {
                let rate = if *rate == 0 { OFF.to_owned() } else { format!("{rate}B") };
                format!("{},{rate}", show(minute * MINUTE))
            };
            let given: Timetable = entries.iter().rev().map(entry).collect::<Vec<_>>().join(" ").parse().unwrap();
            prop_assert_eq!(&given.to_string().parse::<Timetable>().unwrap(), &given);
            let (_, last) = entries.last_key_value().unwrap();
            let expected = entries.range(..=now / MINUTE).next_back().map_or(*last, |(_, rate)| *rate);
            let now = Duration::from_secs(now);
            prop_assert_eq!(given.rate_at(now), NonZeroU64::new(expected));
            if let Some(wait) = given.until_change(now) {
                prop_assert!(!wait.is_zero());
                let before = (now + wait).saturating_sub(Duration::from_secs(1));
                prop_assert_eq!(given.rate_at(before), given.rate_at(now));
                prop_assert!( wait <= Duration::from_secs(DAY));
                let then = (now + wait).as_secs() % DAY / MINUTE;
                prop_assert!(entries.contains_key(&then));
            }
        }
    }
}
