//! Whatever happens to the file, in a run or between two: it is never mixed with what it was, and once nothing goes wrong
//! any more, the same command run again ends, with success or with an error that stands.

use fastrand::Rng;
use resumable_sim::case;
use resumable_sim::profile::{Command, Profile};
use resumable_sim::source::{Event, Nature, Tells};
use resumable_sim::store::Damage;
use resumable_sim::transcript::Detail;
use resumable_sim::vendor::{Expectations, Wrapped};

const EVENTS: [Event; 5] = [Event::Written, Event::WrittenQuietly, Event::Touched, Event::Moded, Event::Moved];

/// What is found wrong where one thing happens to the file at any moment of these uploads: in a run, or between two.
fn placed<S: Expectations>(settings: &[S], nature: Nature, event: Event) -> Vec<String> {
    let mut found = Vec::new();
    for setting in settings {
        for number in 0..20 {
            let at_rest =
                Profile { commands: vec![(number, Command::Stop)], meanwhile: Some(event), ..Profile::calm(2) };
            let running = Profile { commands: vec![(number, Command::File(event))], ..Profile::calm(2) };
            for profile in [at_rest, running] {
                let profile = Profile { nature, ..profile };
                let report = case::run_with(&Wrapped::<S>::own(), setting, profile, Rng::with_seed(7), Detail::Off);
                found.extend(report.violation.map(|what| format!("{event:?} at {number}, {nature:?}: {what}")));
            }
        }
    }
    found
}

/// Every thing that can happen, to a file of every kind: nothing is found wrong.
pub(crate) fn are_not_mixed<S: Expectations>(settings: &[S]) {
    let mut found = Vec::new();
    let unguarded = [Tells::ChangeTime, Tells::Nothing, Tells::Version].map(|tells| (tells, false));
    for (tells, guarded) in unguarded.into_iter().chain([(Tells::ChangeTime, true)]) {
        let nature = Nature { tells, guarded, ..Nature::plain() };
        EVENTS.iter().for_each(|event| found.extend(placed(settings, nature, *event)));
    }
    assert_eq!(found, Vec::<String>::new());
}

/// As if every doubt were taken for the same: the mixture is found.
pub(crate) fn is_found_mixed<S: Expectations>(setting: S) {
    let nature = Nature { tells: Tells::NothingAndClaimsTo, ..Nature::plain() };
    let found = placed(&[setting], nature, Event::WrittenQuietly);
    assert!(found.iter().any(|what| what.contains("with other bytes")), "{found:?}");
}

/// A checkpoint whose bytes or numbers are others leads to an honest error or to the right object, whoever wrote it.
pub(crate) fn survives_damage<S: Expectations>(setting: &S) {
    let mut found = Vec::new();
    for damage in [Damage::Bit, Damage::Digit, Damage::FirstFormat, Damage::NumberInFirstFormat] {
        for (number, seed) in (2..16).flat_map(|number| (0..6).map(move |seed| (number, seed))) {
            let profile = Profile { commands: vec![(number, Command::Stop)], damage: Some(damage), ..Profile::calm(2) };
            let report = case::run_with(&Wrapped::<S>::own(), setting, profile, Rng::with_seed(seed), Detail::Off);
            if matches!(damage, Damage::Bit | Damage::Digit) && report.census.marked(damage.name()) > 0 {
                assert_eq!(report.ending, "checkpoint damaged, found on resume", "{damage:?} at {number}");
            }
            found.extend(report.violation.map(|what| format!("{damage:?} at {number}, {seed}: {what}")));
        }
    }
    assert_eq!(found, Vec::<String>::new());
}
