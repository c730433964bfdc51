//! Faults on a plan: which request meets which trouble. The faults are the same for every vendor; each vendor's part
//! renders them in its own shapes.

mod error;
mod file;
mod pattern;

use serde::{Deserialize, Serialize};

pub use error::PlanError;

use crate::registry;
use crate::service::Facts;

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

/// A trouble to meet.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
#[serde(tag = "fault", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// Before the work: a refusal with this status and code, in the vendor's shape.
    Refuse {
        /// HTTP status.
        status: u16,
        /// The vendor's code.
        code: VendorCode,
    },
    /// Before the work: the vendor's 5xx.
    Unavailable,
    /// Before the work: the vendor's "too many requests".
    Throttle {
        /// `Retry-After`, if any.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_after_seconds: Option<u64>,
    },
    /// Before the work: an HTML page with this status.
    Html {
        /// HTTP status.
        status: u16,
    },
    /// Before the work: 200 with a body that is no answer at all.
    Garbage,
    /// Before the work: the vendor's refusal of a credential whose time is over.
    ExpireToken,
    /// Before the work: close the connection without an answer.
    CutBefore,
    /// Before the work: reset the connection (RST).
    Reset,
    /// Before the work: never answer, and never close.
    Stall,
    /// After the work: close the connection without an answer.
    DropReply,
    /// After the work: close the connection in the middle of the answer.
    CutReply,
    /// After the work: send the answer byte by byte.
    Trickle {
        /// Milliseconds before each byte.
        millis: u64,
    },
    /// After the work: answer after this long.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// The server loses the session, then handles the request.
    ForgetSession,
    /// The answer echoes another offset.
    WrongOffset,
    /// The answer's `datalen` is one less than it should be.
    WrongLength,
    /// The answer names another session.
    WrongSession,
    /// The answer names an offset beyond the end of the file.
    OffsetBeyondFile,
    /// The object is stored, but its callback has failed.
    CallbackFailed {
        /// Whether the callback was heard all the same, and only its answer did not come back.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        delivered: bool,
    },
    /// The page of a list says that there are more, and that the next one begins where it began itself.
    StuckMarker,
    /// The page of a list says that there are more, and not where the next one begins.
    MissingMarker,
    /// The answer names the `ETag` of other bytes.
    WrongEtag,
    /// The answer names the CRC-64 of other bytes.
    WrongCrc,
    /// The server sets this slice size, whatever was asked for; where none is set, the answer only says so.
    SliceSize {
        /// Bytes.
        bytes: u64,
    },
}

/// A vendor's code: a number or a text.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(untagged)]
pub enum VendorCode {
    /// `-177`.
    Number(i64),
    /// `NoSuchUpload`.
    Text(String),
}

/// What a request is, as far as a rule asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) service: &'static str,
    pub(crate) op: String,
    /// With a leading slash; empty if the request names none.
    pub(crate) path: String,
}

/// A fault that a request meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) fault: Fault,
    pub(crate) at_byte: Option<u64>,
    commit: bool,
}

impl Plan {
    /// Reads a plan file.
    ///
    /// # Errors
    /// The text is no plan: says where, and what is allowed there.
    pub fn from_json(text: &str) -> Result<Plan, PlanError> {
        file::read(text)
    }

    /// The fault this request meets, if any. Every matching rule before it counts the request.
    pub(crate) fn draw(&mut self, subject: &Subject) -> Option<Hit> {
        for rule in &mut self.rules {
            if rule.times == 0 || !rule.is_for(subject) {
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

    /// Whether a request to one of these services, by name, can meet it.
    pub fn can_strike(&self, services: &[String]) -> bool {
        let offered = |facts: &&&Facts| services.iter().any(|name| name == facts.name);
        let meant = |name: &str, wanted: &Option<String>| wanted.as_deref().is_none_or(|wanted| wanted == name);
        registry::ALL
            .iter()
            .filter(offered)
            .filter(|facts| meant(facts.name, &self.service))
            .any(|facts| facts.ops.iter().any(|op| meant(op, &self.op) && (facts.fits)(op, &self.fault)))
    }

    fn is_for(&self, subject: &Subject) -> bool {
        let is = |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        is(&self.service, subject.service)
            && is(&self.op, &subject.op)
            && self.path.as_deref().is_none_or(|wanted| pattern::covers(wanted, &subject.path))
            && registry::facts(subject.service).is_none_or(|facts| (facts.fits)(&subject.op, &self.fault))
    }
}

impl Hit {
    /// Whether the request's work is done all the same.
    pub(crate) fn lets_work(&self) -> bool {
        (self.commit && self.at_byte.is_none()) || !self.fault.is_before_the_work()
    }
}

impl Fault {
    /// A refusal.
    pub fn refuse(status: u16, code: impl Into<VendorCode>) -> Fault {
        Fault::Refuse { status, code: code.into() }
    }

    /// Whether only a vendor that speaks of such things can show it.
    pub(crate) fn is_of_objects(&self) -> bool {
        matches!(
            self,
            Fault::CallbackFailed { .. }
                | Fault::StuckMarker
                | Fault::MissingMarker
                | Fault::WrongEtag
                | Fault::WrongCrc
        )
    }

    pub(crate) fn is_before_the_work(&self) -> bool {
        match self {
            Fault::Refuse { .. }
            | Fault::Unavailable
            | Fault::Throttle { .. }
            | Fault::Html { .. }
            | Fault::Garbage
            | Fault::ExpireToken
            | Fault::CutBefore
            | Fault::Reset
            | Fault::Stall => true,
            Fault::DropReply
            | Fault::CutReply
            | Fault::Trickle { .. }
            | Fault::Delay { .. }
            | Fault::ForgetSession
            | Fault::WrongOffset
            | Fault::WrongLength
            | Fault::WrongSession
            | Fault::OffsetBeyondFile
            | Fault::CallbackFailed { .. }
            | Fault::StuckMarker
            | Fault::MissingMarker
            | Fault::WrongEtag
            | Fault::WrongCrc
            | Fault::SliceSize { .. } => false,
        }
    }
}

impl From<i64> for VendorCode {
    fn from(number: i64) -> VendorCode {
        VendorCode::Number(number)
    }
}

impl From<&str> for VendorCode {
    fn from(text: &str) -> VendorCode {
        VendorCode::Text(text.to_owned())
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn times<S: serde::Serializer>(times: &u64, to: S) -> Result<S::Ok, S::Error> {
    if *times == Rule::ALWAYS { to.serialize_str(file::ALWAYS) } else { to.serialize_u64(*times) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(path: &str) -> Subject {
        Subject { service: "cos-v2", op: "upload_slice_data".to_owned(), path: path.to_owned() }
    }

    fn met(rule: Rule, subjects: &[Subject]) -> Vec<bool> {
        let mut plan = Plan { rules: vec![rule] };
        subjects.iter().map(|subject| plan.draw(subject).is_some()).collect()
    }

    #[test]
    fn skip_then_times() {
        let rule = Rule::once("upload_slice_data", Fault::Unavailable).skip(2).times(2);
        let mut subjects = vec![data("/x"); 6];
        subjects[1].op = "stat".to_owned();
        assert_eq!(met(rule, &subjects), [false, false, false, true, true, false]);
    }

    #[test]
    fn always_is_always() {
        let rule = Rule::any(Fault::Unavailable).skip(1).times(Rule::ALWAYS);
        let met = met(rule, &vec![data("/x"); 50]);
        assert_eq!(met.iter().filter(|met| **met).count(), 49);
    }

    #[test]
    fn service_and_path_select() {
        let at = |path: &str| Rule { path: Some(path.to_owned()), ..Rule::any(Fault::Garbage) };
        assert_eq!(met(at("/d/*.bin").times(9), &[data("/d/a.bin"), data("/e/a.bin"), data("")]), [true, false, false]);
        let of = |service: &str| Rule { service: Some(service.to_owned()), ..Rule::any(Fault::Garbage) };
        assert_eq!(met(of("cos-v2"), &[data("/x")]), [true]);
        assert_eq!(met(of("cos-v1"), &[data("/x")]), [false]);
    }

    #[test]
    fn a_request_that_cannot_show_the_fault_is_not_counted() {
        let stat = Subject { op: "stat".to_owned(), ..data("/x") };
        assert_eq!(met(Rule::any(Fault::WrongOffset), &[stat, data("/x")]), [false, true]);
    }

    #[test]
    fn a_rule_strikes_where_its_service_is_offered_and_can_show_it() {
        let services = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let (cos, xfyun) = (services(&["cos-v2", "cos-v1"]), services(&["xfyun"]));
        let slice = Rule::once("upload_slice_data", Fault::DropReply);
        assert!(slice.can_strike(&cos) && !slice.can_strike(&xfyun) && !slice.can_strike(&[]));
        let of_v2 = Rule { service: Some("cos-v2".to_owned()), ..slice };
        assert!(of_v2.can_strike(&cos) && !of_v2.can_strike(&services(&["cos-v1"])));
        let any = Rule::any(Fault::Garbage);
        assert!(any.can_strike(&cos) && any.can_strike(&xfyun));
        let echo = Rule::any(Fault::WrongOffset);
        assert!(echo.can_strike(&cos) && !echo.can_strike(&xfyun));
    }

    #[test]
    fn a_rule_behind_the_one_that_decides_does_not_count() {
        let mut plan = Plan { rules: vec![Rule::any(Fault::Garbage), Rule::any(Fault::Stall)] };
        let met = [(); 3].map(|()| plan.draw(&data("/x")).map(|hit| hit.fault));
        assert_eq!(met, [Some(Fault::Garbage), Some(Fault::Stall), None]);
    }
}
