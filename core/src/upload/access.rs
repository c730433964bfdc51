//! The credential that requests are signed with, and whether another one is needed.

use core::time::Duration;

use crate::lease::Lease;
use crate::protocol::{AuthReason, Now, Protocol};
use crate::ticket::OpId;

/// So long before a credential expires, another one is asked for; in the last quarter of its life, if that is shorter.
const AHEAD: Duration = Duration::from_secs(300);

/// A credential that is good for less than this is not asked for ahead.
const LAST: Duration = Duration::from_secs(1);

pub(super) struct Access<P: Protocol> {
    pub(super) credential: Option<P::Credential>,
    /// Counts credentials.
    pub(super) generation: u32,
    /// When the credential expires, and when another one is asked for.
    expires: Option<(Duration, Duration)>,
    /// Credentials in a row that had expired when they came.
    dead: u32,
    pub(super) need: Need<P>,
}

pub(super) enum Need<P: Protocol> {
    Nothing,
    Another(Why<P>),
    Asked(OpId, Why<P>),
}

/// Why another credential is needed.
pub(super) struct Why<P: Protocol> {
    pub(super) reason: AuthReason,
    pub(super) refusal: Option<(P::Credential, P::Fault)>,
}

impl<P: Protocol> Need<P> {
    fn why(&mut self) -> Option<&mut Why<P>> {
        match self {
            Self::Nothing => None,
            Self::Another(why) | Self::Asked(_, why) => Some(why),
        }
    }
}

impl<P: Protocol> Access<P> {
    pub(super) fn new(credential: Option<P::Credential>) -> Self {
        let need = match credential {
            Some(_) => Need::Nothing,
            None => Need::Another(Why { reason: AuthReason::Missing, refusal: None }),
        };
        Self { credential, generation: 0, expires: None, dead: 0, need }
    }

    /// True if the vendor refused the credential, or there is none: nothing leaves before there is another one.
    pub(super) fn is_refused(&self) -> bool {
        match &self.need {
            Need::Nothing => false,
            Need::Another(why) | Need::Asked(_, why) => why.reason != AuthReason::Expiring || why.refusal.is_some(),
        }
    }

    /// True if requests may be signed with the credential.
    pub(super) fn is_good(&self, now: Now) -> bool {
        !self.is_refused() && self.expires.is_none_or(|(end, _)| now.mono < end)
    }

    /// When another credential is to be asked for.
    pub(super) fn asks_at(&self) -> Option<Duration> {
        self.expires.filter(|_| matches!(self.need, Need::Nothing)).map(|(_, ask)| ask)
    }

    /// Asks for another one if its time has come.
    pub(super) fn look_ahead(&mut self, now: Now) {
        if self.asks_at().is_some_and(|ask| ask <= now.mono) {
            self.demand(AuthReason::Expiring, None);
        }
    }

    /// Another credential is needed. What is asked for already is not asked for twice.
    pub(super) fn demand(&mut self, reason: AuthReason, refusal: Option<(P::Credential, P::Fault)>) {
        match &mut self.need {
            Need::Asked(_, why) if refusal.is_some() => why.refusal = refusal,
            Need::Asked(_, why) => why.reason = reason,
            need => *need = Need::Another(Why { reason, refusal }),
        }
    }

    /// This operation asks for another one: why, and in place of which.
    pub(super) fn ask(&mut self, op: OpId) -> (AuthReason, Option<P::Credential>) {
        let mut why = match core::mem::replace(&mut self.need, Need::Nothing) {
            Need::Another(why) | Need::Asked(_, why) => why,
            Need::Nothing => Why { reason: AuthReason::Missing, refusal: None },
        };
        let refused = why.refusal.as_ref().map(|(credential, _)| credential.clone());
        if refused.is_some() {
            why.reason = AuthReason::Refused;
        }
        let reason = why.reason;
        self.need = Need::Asked(op, why);
        (reason, refused)
    }

    /// Why the operation that ends with this answer was begun, if it was.
    pub(super) fn answered(&mut self, op: OpId) -> Option<Why<P>> {
        match core::mem::replace(&mut self.need, Need::Nothing) {
            Need::Asked(open, why) if open == op => Some(why),
            other => {
                self.need = other;
                None
            }
        }
    }

    /// This credential is used from now on, unless it is of no use; false then.
    pub(super) fn renew(&mut self, lease: Lease<P::Credential>, now: Now) -> bool {
        let refused = self.need.why().and_then(|why| why.refusal.as_ref());
        let useless = refused.is_some_and(|(refused, _)| *refused == lease.credential);
        if useless || lease.expires.is_some_and(|end| end <= now.mono) {
            return false;
        }
        if self.credential.as_ref() != Some(&lease.credential) {
            self.generation += 1;
        }
        self.credential = Some(lease.credential);
        self.dead = 0;
        self.need = Need::Nothing;
        self.expires = lease.expires.map(|end| (end, end));
        self.put_off(now);
        true
    }

    /// What was asked for had expired when it came: how often in a row.
    pub(super) fn died(&mut self) -> u32 {
        self.dead += 1;
        self.dead
    }

    /// Plans when to ask for another one.
    pub(super) fn put_off(&mut self, now: Now) {
        self.expires = self.expires.map(|(end, _)| {
            let left = end.saturating_sub(now.mono);
            (end, if left < LAST { end } else { end.saturating_sub(AHEAD.min(left / 4)) })
        });
    }
}
