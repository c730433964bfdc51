//! Faults on a plan: which request meets which trouble.

use serde::{Deserialize, Serialize};

/// Rules, tried in order; the first one that is due decides what a request meets.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// The rules.
    pub rules: Vec<Rule>,
}

/// One fault, for the requests it is meant for.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The `op` it is for; absent means every request.
    #[serde(default)]
    pub op: Option<String>,
    /// How many matching requests pass untouched first (`0`).
    #[serde(default)]
    pub skip: u64,
    /// How many requests then meet the fault (`1`).
    #[serde(default = "once")]
    pub times: u64,
    /// The fault.
    pub fault: Fault,
}

fn once() -> u64 {
    1
}

impl Rule {
    /// A rule for the next request with this `op`, once.
    pub fn once(op: impl Into<String>, fault: Fault) -> Rule {
        Rule { op: Some(op.into()), skip: 0, times: 1, fault }
    }

    /// A rule for the next request, whatever it is, once.
    pub fn any(fault: Fault) -> Rule {
        Rule { op: None, skip: 0, times: 1, fault }
    }
}

/// A trouble to meet. Those said to commit do the request's work first.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Fault {
    /// Answer this status and code; nothing is done.
    Refuse {
        /// HTTP status.
        status: u16,
        /// The body's `code`.
        code: i32,
    },
    /// 503, code -196; nothing is done.
    Unavailable,
    /// 503, code -71; nothing is done.
    Throttle {
        /// `Retry-After`, if any.
        #[serde(default)]
        retry_after_seconds: Option<u64>,
    },
    /// An HTML page with this status; nothing is done.
    Html {
        /// HTTP status.
        status: u16,
    },
    /// 200 with a body that is not JSON; nothing is done.
    Garbage,
    /// Commit, then close without an answer.
    DropReply,
    /// Close without an answer; nothing is done.
    CutBefore,
    /// Commit, then close in the middle of the answer.
    CutReply,
    /// Commit, and answer after this long.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// The server loses the session at that path, then handles the request.
    ForgetSession,
    /// Commit a slice, and echo another offset and length.
    WrongEcho,
    /// Commit, and echo another session.
    WrongSessionEcho,
    /// 403, code -96; nothing is done.
    ExpiredSignature,
}

impl Plan {
    /// The fault this request meets, if any. Every matching rule before it counts the request.
    pub(crate) fn draw(&mut self, op: &str) -> Option<Fault> {
        for rule in &mut self.rules {
            if rule.op.as_deref().is_some_and(|wanted| wanted != op) || rule.times == 0 {
                continue;
            }
            if rule.skip > 0 {
                rule.skip -= 1;
                continue;
            }
            rule.times -= 1;
            return Some(rule.fault.clone());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skip_then_times() {
        let mut plan = Plan {
            rules: vec![Rule {
                op: Some("upload_slice_data".to_owned()),
                skip: 2,
                times: 2,
                fault: Fault::Unavailable,
            }],
        };
        let met: Vec<bool> = (0..6).map(|_| plan.draw("upload_slice_data").is_some()).collect();
        assert_eq!(met, [false, false, true, true, false, false]);
        assert_eq!(plan.draw("upload"), None);
    }

    #[test]
    fn a_plan_is_read_from_json() {
        let text = r#"{"rules": [
            {"op": "upload_slice_finish", "fault": {"kind": "drop_reply"}},
            {"skip": 3, "times": 2, "fault": {"kind": "throttle", "retry_after_seconds": 5}}
        ]}"#;
        let plan: Plan = serde_json::from_str(text).expect("a plan");
        assert_eq!(plan.rules[0], Rule::once("upload_slice_finish", Fault::DropReply));
        assert_eq!((plan.rules[1].skip, plan.rules[1].times), (3, 2));
    }

    #[test]
    fn a_fault_nobody_knows_is_refused() {
        let text = r#"{"rules": [{"fault": {"kind": "explode"}}]}"#;
        assert!(serde_json::from_str::<Plan>(text).is_err());
    }
}
