//! Rule 7: when a call is tried again, against a model of it, whatever the backoff, the patience and the vendor's own wishes are.

use std::time::Duration;

use http::Response;
use proptest::prelude::*;
use resumable_core::{Backoff, Budget, Failure};

use crate::toy::{Fate, Rig, Setup, Verdict};

/// How many schedules are drawn.
const CASES: u32 = 200;
/// Answers of the rig's take 5 ms each, and a save and a look at the source may come between two tries.
const MEANWHILE: Duration = Duration::from_millis(50);

/// How a vendor fails for ever.
#[derive(Clone, Debug)]
struct Trouble {
    first: Duration,
    longest: Duration,
    patience: Duration,
    seed: u64,
    /// How long each answer asks to wait, in turn; an answer without it is a broken connection.
    asked: Vec<Option<u64>>,
}

fn trouble() -> impl Strategy<Value = Trouble> {
    let asked = prop_oneof![4 => Just(None), 1 => (0u64..120).prop_map(Some), 1 => (0u64..2_000).prop_map(Some)];
    let asked = prop::collection::vec(asked, 1..8);
    (100u64..20_000, 1_000u64..120_000, 1u64..2_000, any::<u64>(), asked).prop_map(
        |(first, longest, patience, seed, asked)| {
            let (first, longest) = (Duration::from_millis(first), Duration::from_millis(longest));
            Trouble { first, longest, patience: Duration::from_secs(patience), seed, asked }
        },
    )
}

impl Trouble {
    fn setup(&self) -> Setup {
        let mut setup = Setup::default();
        setup.options.backoff = Backoff { first: self.first, longest: self.longest };
        setup.options.patience = self.patience;
        setup.options.first_contact = self.patience;
        setup.options.seed = self.seed;
        setup
    }

    fn asked(&self, nth: usize) -> Option<Duration> {
        self.asked[nth % self.asked.len()].map(Duration::from_secs)
    }

    fn fate(&self, nth: usize) -> Fate {
        match self.asked(nth) {
            None => Fate::Fails,
            Some(wait) => {
                let response = Response::builder().status(503).header("retry-after", wait.as_secs());
                Fate::Says(response.body("busy".into()).unwrap())
            }
        }
    }

    /// The shortest and the longest pause after so many failures in a row.
    fn pause(&self, failures: usize) -> (Duration, Duration) {
        let doubled = u128::from(2u32).pow(u32::try_from(failures - 1).unwrap().min(40)) * self.first.as_millis();
        let full = Duration::from_millis(u64::try_from(doubled.min(self.longest.as_millis()).max(1)).unwrap());
        (full / 2, full)
    }
}

/// When each try of the first call was answered, and what came of the upload.
fn play(trouble: &Trouble) -> (Vec<Duration>, Verdict) {
    let mut rig = Rig::<false>::new(95, trouble.setup());
    let mut failed = Vec::new();
    loop {
        if let Some(verdict) = rig.poll_until_waiting() {
            return (failed, verdict);
        }
        match ["save", "check"].into_iter().find(|kind| rig.waiting_for(kind) > 0) {
            Some(kind) => rig.answer(kind, Fate::Fine),
            None if rig.waiting_for("init") > 0 => {
                rig.answer("init", trouble.fate(failed.len()));
                failed.push(rig.now.mono);
            }
            None => rig.sleep(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn rule_07_each_pause_is_within_its_bounds_and_patience_is_kept_to(trouble in trouble()) {
        let (failed, verdict) = play(&trouble);
        let deadline = failed[0] + trouble.patience;
        for (at, pair) in failed.windows(2).enumerate() {
            let (then, again) = (pair[0], pair[1]);
            let allowed = then + trouble.asked(at).unwrap_or_default();
            prop_assert!(then < deadline && allowed <= deadline, "try {at} should have been the last");
            let (shortest, longest) = trouble.pause(at + 1);
            let (least, most) = ((then + shortest).min(deadline).max(allowed), (then + longest).min(deadline).max(allowed));
            prop_assert!((least..=most + MEANWHILE).contains(&again), "{again:?} is not in {least:?}..{most:?}");
        }
        let (last, patience) = (*failed.last().unwrap(), trouble.patience);
        let asked = trouble.asked(failed.len() - 1).unwrap_or_default();
        prop_assert!(last >= deadline || last + asked > deadline, "it gave up too early");
        let expected = if last >= deadline { Budget::Patience(patience) } else { Budget::Wait { asked, patience } };
        prop_assert!(matches!(verdict, Err(Failure::Exhausted { budget, .. }) if budget == expected), "{verdict:?}");
    }

    #[test]
    fn rule_13_the_schedule_is_the_seeds(trouble in trouble(), other: u64) {
        let (failed, _) = play(&trouble);
        prop_assert_eq!(&play(&trouble).0, &failed);
        let jitters = failed.len() > 2 && trouble.pause(1).1 > Duration::from_millis(50) && trouble.asked == [None];
        if jitters && other != trouble.seed {
            prop_assert_ne!(play(&Trouble { seed: other, ..trouble }).0, failed);
        }
    }
}
