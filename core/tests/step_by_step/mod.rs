//! One talk with a vendor, step by step: what is asked next, and what each answer does. No machine is between, so that every
//! step of it can be looked at, and the calls that are in flight can be any.
//!
//! The protocols' tests include this file, and add their vendor's words and answers.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::fmt::Debug;
use std::time::Duration;

use http::Request;
use resumable_core::{
    Answer, Body, Cx, Digest, Env, HashJob, Intent, Invalidated, Next, Now, Occurrence, Protocol, SourceInfo, State,
    Transition,
};
use serde_json::Value;

/// What a vendor's tests bring.
pub(crate) trait Spoken: Protocol<Ephemeral: Clone + Default> {
    /// How they write an answer down.
    type Said: Debug;
    const UNIX: Duration;

    fn credential() -> Self::Credential;

    /// What is next, in words.
    fn words(talk: &Talk<Self>) -> String;

    /// What goes without saying before a call: nothing, or passes over the file.
    fn ready(talk: Talk<Self>) -> Talk<Self> {
        talk
    }

    /// What this call hears.
    fn answer(talk: &Talk<Self>, call: &Self::Call, said: &Self::Said) -> Answer;
}

pub(crate) struct Talk<P: Spoken> {
    pub(crate) to: P,
    pub(crate) source: SourceInfo,
    pub(crate) state: State<P>,
    pub(crate) digests: Vec<(HashJob, Digest)>,
    pub(crate) intent: Intent,
    pub(crate) window: usize,
    pub(crate) in_flight: Vec<P::Call>,
    /// The time since the talk began.
    pub(crate) passed: Duration,
    /// What the last answer made useless.
    pub(crate) fell: Option<Invalidated>,
}

/// When every talk begins, by a clock that only goes on.
pub(crate) const MONO: Duration = Duration::from_secs(5_000);

impl<P: Spoken> Talk<P> {
    /// A new upload, of which nothing was read.
    pub(crate) fn of(to: P, source: SourceInfo) -> Self {
        let state = State { session: to.open(&source, 0), ephemeral: P::Ephemeral::default() };
        Self {
            to,
            source,
            state,
            digests: Vec::new(),
            intent: Intent::Finish,
            window: 2,
            in_flight: Vec::new(),
            passed: Duration::ZERO,
            fell: None,
        }
    }

    /// What is saved of it.
    pub(crate) fn session(&self) -> Value {
        serde_json::to_value(&self.state.session).unwrap()
    }

    /// Goes on by what was saved.
    pub(crate) fn goes_on_by(mut self, saved: Value) -> Self {
        self.state.session = serde_json::from_value(saved).unwrap();
        self.to.validate(&self.state.session, &self.source).unwrap();
        self
    }

    /// One that is to be given up.
    pub(crate) fn abandoned(mut self) -> Self {
        self.intent = Intent::Abandon;
        self
    }

    /// While these calls have no answer.
    pub(crate) fn during(mut self, calls: impl IntoIterator<Item = P::Call>) -> Self {
        self.in_flight = calls.into_iter().collect();
        self
    }

    pub(crate) fn after(mut self, time: Duration) -> Self {
        self.passed += time;
        self
    }

    pub(crate) fn with<T>(&self, f: impl FnOnce(&Cx<'_, P>) -> T) -> T {
        let now = Now { mono: MONO + self.passed, unix: P::UNIX + self.passed };
        let mut env = Env::new(now, &self.source, 7, &self.digests);
        (env.intent, env.window) = (self.intent, self.window);
        f(&Cx { env, credential: &P::credential(), in_flight: &self.in_flight })
    }

    pub(crate) fn next(&self) -> Next<P> {
        self.with(|cx| self.to.next(&self.state, cx))
    }

    /// What is next, in words.
    pub(crate) fn says(&self) -> String {
        P::words(self)
    }

    #[track_caller]
    pub(crate) fn next_is(self, expected: &str) -> Self {
        assert_eq!(self.says(), expected);
        self
    }

    /// Next is the end.
    #[track_caller]
    pub(crate) fn ends(self, expected: &str) {
        self.next_is(expected);
    }

    pub(crate) fn call(&self) -> P::Call {
        match self.next() {
            Next::Call(call) => call,
            _ => panic!("no call is next, but {}", self.says()),
        }
    }

    pub(crate) fn apply(&mut self, what: Occurrence<P::Call, P::Reply>) {
        let mut state = State { session: self.state.session.clone(), ephemeral: self.state.ephemeral.clone() };
        self.fell = match self.with(|cx| self.to.apply(&mut state, what, cx)) {
            Transition::Regressed { drop, .. } => Some(drop),
            _ => None,
        };
        self.state = state;
        if self.fell == Some(Invalidated::Digests) {
            self.digests.clear();
        }
    }

    /// This call is next, and is answered with an ordinary reply; a step back is to be looked at by [`Self::falls`].
    #[track_caller]
    pub(crate) fn asks(self, name: &str, said: &P::Said) -> Self {
        let talk = self.answered(name, said);
        assert_eq!(talk.fell, None, "after {name}: {said:?}");
        talk
    }

    /// The same, and the answer is a step back.
    #[track_caller]
    pub(crate) fn falls(self, name: &str, said: &P::Said, drop: Invalidated) -> Self {
        let talk = self.answered(name, said);
        assert_eq!(talk.fell, Some(drop), "after {name}: {said:?}");
        talk
    }

    #[track_caller]
    fn answered(self, name: &str, said: &P::Said) -> Self {
        let talk = P::ready(self).next_is(name);
        let call = talk.call();
        talk.hears(call, said)
    }

    /// A call that left before is answered.
    #[track_caller]
    pub(crate) fn hears(mut self, call: P::Call, said: &P::Said) -> Self {
        let answer = P::answer(&self, &call, said);
        let reply = self.to.decode(&call, &answer).unwrap_or_else(|refused| panic!("{call:?}: {refused:?}"));
        self.apply(Occurrence::Replied(call, reply));
        self
    }

    /// This call is next, and its answer is lost.
    #[track_caller]
    pub(crate) fn loses(self, name: &str) -> Self {
        let talk = P::ready(self).next_is(name);
        let call = talk.call();
        talk.lost(call)
    }

    /// The answer to a call that left before is lost.
    #[track_caller]
    pub(crate) fn lost(mut self, call: P::Call) -> Self {
        self.apply(Occurrence::Unsure(call));
        assert_eq!(self.fell, None);
        self
    }

    pub(crate) fn request(&self, call: &P::Call) -> Result<Request<Body>, P::Fault> {
        self.with(|cx| self.to.encode(call, &self.state, cx))
    }

    pub(crate) fn confirmed(&self) -> u64 {
        self.to.confirmed(&self.state.session)
    }
}
