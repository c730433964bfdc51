//! Access tokens and refresh tokens: one pair is good at a time.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;

use super::chance::Chance;
use super::code::{self, Code};
use super::config::{Config, User};
use super::journal::{Journal, Line};
use super::switches::{OldAccess, RefreshAgain, UnknownToken};
use super::token_pair::{Change, Pair, Why};

pub(super) struct Tokens {
    inner: Mutex<Inner>,
}

struct Inner {
    /// The pair of the settings, until a clock is at hand.
    first: Option<User>,
    good: Option<Pair>,
    /// The refresh token that was used last, and when.
    last_used: Option<(String, u64)>,
    /// Access tokens that were replaced, with the ends of their lives.
    old_access: HashMap<String, u64>,
    old_refresh: HashMap<String, Why>,
}

impl Tokens {
    pub(super) fn new(user: &User) -> Tokens {
        let inner = Inner {
            first: Some(user.clone()),
            good: None,
            last_used: None,
            old_access: HashMap::new(),
            old_refresh: HashMap::new(),
        };
        Tokens { inner: Mutex::new(inner) }
    }

    /// Takes up what an earlier process did.
    pub(super) fn restore(&self, changes: impl Iterator<Item = Change>) {
        let mut inner = self.lock();
        changes.for_each(|change| inner.apply(change));
        // The pair of the settings was replaced already, or somebody wrote other ones into them.
        let is_old = inner.first.as_ref().is_some_and(|user| inner.old_refresh.contains_key(&user.refresh_token));
        if is_old {
            inner.first = None;
        } else {
            inner.good = None;
        }
    }

    /// Whether a header has a token that is good now.
    pub(super) fn check(&self, header: Option<&HeaderValue>, config: &Config, clock: Duration) -> Result<(), Code> {
        let token = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let token = token.filter(|token| !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
        let token = token.ok_or(code::ACCESS_MALFORMED)?;
        let mut inner = self.lock();
        let good = inner.good(config, clock);
        if good.access == token {
            return if clock.as_secs() < good.access_ends { Ok(()) } else { Err(code::ACCESS_INVALID) };
        }
        match (inner.old_access.get(token), config.switches.old_access) {
            (Some(ends), OldAccess::Lives) if clock.as_secs() < *ends => Ok(()),
            (Some(_), OldAccess::Lives) => Err(code::ACCESS_INVALID),
            (Some(_), OldAccess::Ends) => Err(code::ACCESS_STALE),
            (None, _) => Err(match config.switches.unknown_token {
                UnknownToken::Invalid => code::ACCESS_INVALID,
                UnknownToken::Signature => code::ACCESS_SIGNATURE,
                UnknownToken::Rotated => code::ACCESS_STALE,
            }),
        }
    }

    /// Uses a refresh token.
    pub(super) fn refresh(
        &self,
        token: &str,
        config: &Config,
        clock: Duration,
        chance: &Chance,
        journal: &Journal,
    ) -> Result<Pair, Code> {
        let mut inner = self.lock();
        let good = inner.good(config, clock).clone();
        if good.refresh != token {
            let why = inner.old_refresh.get(token).copied();
            return match why {
                Some(Why::Superseded) => Err(code::REFRESH_STALE),
                Some(Why::Used) if config.switches.refresh_again == RefreshAgain::SamePair => {
                    let is_last = inner.last_used.as_ref().is_some_and(|(used, _)| used == token);
                    if is_last { Ok(good) } else { Err(code::REFRESH_INVALID) }
                }
                Some(Why::Used) | None => Err(code::REFRESH_INVALID),
            };
        }
        let now = clock.as_secs();
        if good.refresh_ends <= now {
            return Err(code::REFRESH_EXPIRED);
        }
        if inner.last_used.as_ref().is_some_and(|(_, at)| now < at.saturating_add(config.limits.refresh_pause)) {
            return Err(code::REFRESH_TOO_OFTEN);
        }
        let new = Pair { refresh_ends: good.refresh_ends, ..fresh(config, clock, chance) };
        inner.replace(good, Why::Used, new, clock, journal).map_err(|_| code::REFRESH_FAILED)
    }

    /// A log-in: a pair that ends every other.
    pub(super) fn log_in(
        &self,
        config: &Config,
        clock: Duration,
        chance: &Chance,
        journal: &Journal,
    ) -> Result<Pair, Code> {
        let mut inner = self.lock();
        let good = inner.good(config, clock).clone();
        let new = fresh(config, clock, chance);
        inner.replace(good, Why::Superseded, new, clock, journal)
    }

    /// The pair that is good now; before the first request, the one of the settings.
    pub(super) fn current(&self) -> Option<(String, String)> {
        let inner = self.lock();
        let first = inner.first.as_ref().map(|user| (user.access_token.clone(), user.refresh_token.clone()));
        inner.good.as_ref().map(|pair| (pair.access.clone(), pair.refresh.clone())).or(first)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fresh(config: &Config, clock: Duration, chance: &Chance) -> Pair {
    let token = |kind| format!("emu-{kind}-{}{}", chance.letters(clock, 32), chance.letters(clock, 32));
    Pair::begin(token("access"), token("refresh"), &config.limits, clock)
}

impl Inner {
    /// The pair that is good. The lives of the settings' pair begin when it is first asked for.
    fn good(&mut self, config: &Config, clock: Duration) -> &Pair {
        let first = self.first.take();
        self.good.get_or_insert_with(|| {
            let user = first.unwrap_or_else(|| config.user.clone());
            Pair::begin(user.access_token, user.refresh_token, &config.limits, clock)
        })
    }

    fn replace(&mut self, old: Pair, why: Why, new: Pair, clock: Duration, journal: &Journal) -> Result<Pair, Code> {
        let change = Change { old, why, new: new.clone(), at: clock.as_secs() };
        journal.note(&Line::Tokens(change.clone()))?;
        self.apply(change);
        Ok(new)
    }

    fn apply(&mut self, change: Change) {
        let Change { old, why, new, at } = change;
        self.old_access.insert(old.access, old.access_ends);
        // A log-in says nothing of refreshing.
        self.last_used = (why == Why::Used).then(|| (old.refresh.clone(), at));
        self.old_refresh.insert(old.refresh, why);
        self.good = Some(new);
    }
}
