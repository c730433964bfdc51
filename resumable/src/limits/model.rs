//! The queue for slots against a model of it: uploads ask, go, wait for a credential, and the limits change meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::credentials::Hold;

/// How many histories are drawn, and how long they are at most.
const CASES: u32 = 400;
const STEPS: usize = 60;
/// How many uploads have a credential of their own.
const CREDENTIALS: usize = 2;
/// So far apart that none of the calls that are counted is ever earned again.
const HOUR: Duration = Duration::from_secs(3600);

#[derive(Clone, Debug)]
enum Step {
    /// Somebody with this credential wants a slot.
    Ask {
        paced: bool,
        small: bool,
        credential: usize,
    },
    /// Whoever got this slot has his answer.
    GiveBack(Index),
    /// Whoever waits here is gone.
    Leave(Index),
    /// The vendor refused this credential, and another is asked for; one more time.
    Close(usize),
    /// Somebody who asked for it has it.
    Open(usize),
    Window(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let ask = (prop::bool::weighted(0.2), any::<bool>(), 0..CREDENTIALS);
    prop_oneof![
        6 => ask.prop_map(|(paced, small, credential)| Step::Ask { paced, small, credential }),
        4 => any::<Index>().prop_map(Step::GiveBack),
        1 => any::<Index>().prop_map(Step::Leave),
        1 => (0..CREDENTIALS).prop_map(Step::Close),
        2 => (0..CREDENTIALS).prop_map(Step::Open),
        1 => (1usize..5).prop_map(Step::Window),
    ]
}

/// Who waits.
struct Asked {
    number: usize,
    request: Request,
    credential: usize,
    gone: Arc<AtomicBool>,
}

/// What was answered to whom, in order. A slot for somebody who is gone goes back at once.
type Answers = Arc<Mutex<Vec<(usize, Result<Option<Slot>, Duration>)>>>;

struct Model {
    limits: Limits,
    barriers: Vec<Arc<Barrier>>,
    answers: Answers,
    holds: Vec<Vec<Hold>>,
    waiting: Vec<Asked>,
    held: Vec<Slot>,
    window: usize,
    used: usize,
    calls_left: u32,
    small_in_a_row: u32,
    asked: usize,
}

impl Model {
    fn new(calls: u32) -> Self {
        let limits = Limits::new(1).unwrap();
        limits.set_calls(HOUR, calls);
        Self {
            limits,
            barriers: (0..CREDENTIALS).map(|_| Arc::default()).collect(),
            answers: Answers::default(),
            holds: (0..CREDENTIALS).map(|_| Vec::new()).collect(),
            waiting: Vec::new(),
            held: Vec::new(),
            window: 1,
            used: 0,
            // A burst of none would be no call for ever.
            calls_left: calls.max(1),
            small_in_a_row: 0,
            asked: 0,
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Ask { paced, small, credential } => self.ask(Request { paced: *paced, small: *small }, *credential),
            Step::GiveBack(at) if !self.held.is_empty() => self.give_back(at.index(self.held.len())),
            Step::Leave(at) if !self.waiting.is_empty() => {
                self.waiting[at.index(self.waiting.len())].gone.store(true, Ordering::Relaxed);
            }
            Step::Close(credential) => self.holds[*credential].push(self.barriers[*credential].close()),
            Step::Open(credential) => drop(self.holds[*credential].pop()),
            Step::Window(window) => {
                self.window = *window;
                self.limits.set_window(*window).unwrap();
            }
            Step::GiveBack(_) | Step::Leave(_) => {}
        }
    }

    fn give_back(&mut self, at: usize) {
        let slot = self.held.remove(at);
        self.used -= 1;
        drop(slot);
    }

    fn ask(&mut self, request: Request, credential: usize) {
        let (number, gone) = (self.asked, Arc::new(AtomicBool::new(false)));
        self.asked += 1;
        self.waiting.push(Asked { number, request, credential, gone: Arc::clone(&gone) });
        let answers = Arc::clone(&self.answers);
        let grant = Grant::new(move |answer| {
            let kept = answer.map(|slot| (!gone.load(Ordering::Relaxed)).then_some(slot));
            answers.lock().unwrap().push((number, kept));
        });
        self.limits.ask(request, &self.barriers[credential], grant);
    }

    /// Whose turn it is: the first whose credential is good, a small upload before the others, but for one in four.
    fn next(&self) -> Option<usize> {
        let can = |small: bool| {
            self.waiting.iter().position(|it| it.request.small == small && self.holds[it.credential].is_empty())
        };
        let (small, other) = (can(true), can(false));
        if self.used >= self.window {
            None
        } else if self.small_in_a_row < SMALL_IN_A_ROW {
            small.or(other)
        } else {
            other.or(small)
        }
    }

    /// What was answered since is what the model would have answered.
    fn check(&mut self) -> Result<(), TestCaseError> {
        let answered = std::mem::take(&mut *self.answers.lock().unwrap());
        for (number, answer) in answered {
            let Some(at) = self.next() else {
                return Err(TestCaseError::fail(format!("{number} was answered out of turn: {answer:?}")));
            };
            let Asked { number: expected, request, gone, .. } = self.waiting.remove(at);
            prop_assert_eq!(number, expected, "answered in another's turn");
            self.small_in_a_row = if request.small { self.small_in_a_row + 1 } else { 0 };
            if request.paced && self.calls_left == 0 {
                prop_assert!(matches!(answer, Err(wait) if wait > Duration::ZERO && wait <= HOUR), "{answer:?}");
                continue;
            }
            self.calls_left -= u32::from(request.paced);
            match answer {
                Ok(Some(slot)) => {
                    self.held.push(slot);
                    self.used += 1;
                }
                Ok(None) => prop_assert!(gone.load(Ordering::Relaxed)),
                Err(wait) => return Err(TestCaseError::fail(format!("{number} is to come again in {wait:?}"))),
            }
        }
        prop_assert!(
            self.next().is_none(),
            "somebody waits who could go: {}",
            self.waiting[self.next().unwrap()].number
        );
        prop_assert_eq!((self.limits.in_use(), self.limits.window()), (self.used, self.window));
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn slots_are_given_as_by_the_model(calls in 0u32..4, steps in prop::collection::vec(step(), 1..STEPS)) {
        let mut model = Model::new(calls);
        for step in &steps {
            model.take(step);
            model.check()?;
        }
        // Nobody waits for ever.
        for credential in 0..CREDENTIALS {
            model.holds[credential].clear();
            model.check()?;
        }
        while !model.held.is_empty() {
            model.give_back(0);
            model.check()?;
        }
        prop_assert!(model.waiting.is_empty());
        prop_assert_eq!(model.limits.in_use(), 0);
    }
}
