//! The server's share of what a case met, as a plan that `resumable emulator --faults` reads.

use std::collections::BTreeMap;

use resumable_emulator::{Fault, Plan, Rule};

/// What the requests met that reached the server, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultLog {
    /// By operation: how many requests reached the server and met nothing.
    spared: BTreeMap<&'static str, u64>,
    rules: Vec<Rule>,
}

impl FaultLog {
    /// A request met nothing.
    pub(crate) fn spare(&mut self, op: &'static str) {
        *self.spared.entry(op).or_default() += 1;
    }

    /// A request met a fault, at its end.
    pub(crate) fn add(&mut self, op: &'static str, fault: Fault) {
        self.push(Rule::once(op, fault));
    }

    /// A request met a fault in place of its answer, after all was done.
    pub(crate) fn add_done(&mut self, op: &'static str, fault: Fault) {
        self.push(Rule::once(op, fault).committed());
    }

    /// A request was cut when so many bytes of its body had arrived.
    pub(crate) fn cut(&mut self, op: &'static str, at_byte: u64) {
        self.push(Rule::once(op, Fault::CutBefore).at_byte(at_byte));
    }

    fn push(&mut self, rule: Rule) {
        // Those that met an earlier rule's fault are not counted by this one.
        let op = rule.op.as_deref().unwrap_or_default();
        let skip = self.spared.get(op).copied().unwrap_or_default();
        self.rules.push(rule.skip(skip));
    }

    pub(crate) fn into_plan(self) -> Plan {
        Plan { rules: self.rules }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_skips_those_that_met_nothing() {
        let mut log = FaultLog::default();
        log.spare("init");
        log.spare("data");
        log.add("data", Fault::DropReply);
        log.cut("data", 70);
        log.spare("data");
        log.add("data", Fault::Garbage);
        let skips: Vec<u64> = log.into_plan().rules.iter().map(|rule| rule.skip).collect();
        assert_eq!(skips, [1, 1, 2]);
    }
}
