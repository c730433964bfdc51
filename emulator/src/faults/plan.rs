//! Which request meets which fault.

use serde::Serialize;

use super::facts::{Facts, FaultKey};
use super::fault::Fault;
use super::pattern;

/// As `times` in a plan file: every request from then on.
pub(super) const ALWAYS: &str = "always";

/// Rules, tried in order; the first one that is due decides what a request meets. Serialised, it is a plan file.
#[derive(Clone, Debug, Default, Serialize, PartialEq, Eq)]
pub struct Plan {
    /// The rules.
    pub rules: Vec<Rule>,
}

/// One fault, for the requests it is meant for.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Rule {
    /// The service it is for, `cos-v2` say; absent means every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The operation it is for, by the vendor's own name; absent means every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub op: Option<String>,
    /// The object it is for, as `/dir/file`; each `*` stands for any text. Absent means every one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How many matching requests pass untouched first (`0`).
    #[serde(skip_serializing_if = "is_zero")]
    pub skip: u64,
    /// How many requests then meet the fault (`1`); [`ALWAYS`](Rule::ALWAYS) for all of them.
    #[serde(serialize_with = "times")]
    pub times: u64,
    /// Strike when so many bytes of the body are here, instead of at its end. For faults before the work only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_byte: Option<u64>,
    /// Do the request's work first. For faults before the work only; those after it always do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub commit: bool,
    /// The fault.
    #[serde(flatten)]
    pub fault: Fault,
}

/// A fault that a request meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) fault: Fault,
    pub(crate) at_byte: Option<u64>,
    commit: bool,
}

impl Plan {
    /// The fault this request meets, if any. Every matching rule before it counts the request.
    pub(crate) fn draw(&mut self, key: &FaultKey) -> Option<Hit> {
        for rule in &mut self.rules {
            if rule.times == 0 || !rule.is_for(key) {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.times -= 1;
            return Some(Hit { fault: rule.fault.clone(), at_byte: rule.at_byte, commit: rule.commit });
        }
        None
    }

    pub(crate) fn counts_bytes(&self) -> bool {
        self.rules.iter().any(|rule| rule.at_byte.is_some())
    }
}

impl Rule {
    /// As [`times`](Rule::times): every request from then on, for nobody lives to see the last one.
    pub const ALWAYS: u64 = u64::MAX;

    /// A rule for the next request with this `op`, once.
    pub fn once(op: impl Into<String>, fault: Fault) -> Rule {
        Rule { op: Some(op.into()), ..Rule::any(fault) }
    }

    /// A rule for the next request, whatever it is, once.
    pub fn any(fault: Fault) -> Rule {
        Rule { service: None, op: None, path: None, skip: 0, times: 1, at_byte: None, commit: false, fault }
    }

    /// The same, after so many more have passed.
    #[must_use]
    pub fn skip(self, skip: u64) -> Rule {
        Rule { skip, ..self }
    }

    /// The same, so many times.
    #[must_use]
    pub fn times(self, times: u64) -> Rule {
        Rule { times, ..self }
    }

    /// The same, in the middle of the body.
    #[must_use]
    pub fn at_byte(self, bytes: u64) -> Rule {
        Rule { at_byte: Some(bytes), ..self }
    }

    /// The same, after the work is done.
    #[must_use]
    pub fn committed(self) -> Rule {
        Rule { commit: true, ..self }
    }

    /// Whether a request to one of these vendors can meet it.
    pub(crate) fn fits_one<'a>(&self, vendors: impl IntoIterator<Item = &'a &'static Facts>) -> bool {
        let mut meant = vendors.into_iter().filter(|facts| is_meant(self.service.as_ref(), facts.name));
        let can_show = |facts: &Facts, op: &str| is_meant(self.op.as_ref(), op) && (facts.fits)(op, &self.fault);
        meant.any(|facts| facts.ops.iter().any(|op| can_show(facts, op)))
    }

    fn is_for(&self, key: &FaultKey) -> bool {
        is_meant(self.service.as_ref(), key.facts.name)
            && is_meant(self.op.as_ref(), &key.op)
            && self.path.as_deref().is_none_or(|wanted| pattern::covers(wanted, &key.path))
            && (key.facts.fits)(&key.op, &self.fault)
    }
}

fn is_meant(wanted: Option<&String>, name: &str) -> bool {
    wanted.is_none_or(|wanted| wanted == name)
}

impl Hit {
    /// Whether the request's work is done all the same.
    pub(crate) fn lets_work(&self) -> bool {
        (self.commit && self.at_byte.is_none()) || !self.fault.is_before_the_work()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn times<S: serde::Serializer>(times: &u64, to: S) -> Result<S::Ok, S::Error> {
    if *times == Rule::ALWAYS { to.serialize_str(ALWAYS) } else { to.serialize_u64(*times) }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
