//! Lists of parts that are longer than any budget, and lists that never end.

mod far;

use far::{Fate, PART, Rig, Stop, parts, says, sequential, stopped};
use resumable_core::{Budget, Failure};

#[test]
fn field_bug_95_a_list_of_more_pages_than_the_budget_of_answers_is_read_to_its_end() {
    for options in [parts(), sequential()] {
        let mut rig = Rig::new(150 * PART, options);
        rig.server.page = 1;
        assert!(rig.run_until(Stop::AtRequest { count: 102, arrives: false }, |_, _| Fate::Fine).is_none());
        let there = rig.server.uploads["U1"].parts.len();
        assert!(there > 90, "{there}");
        rig.go_on();
        let verdict = rig.run();
        rig.complete(verdict);
        assert_eq!((rig.count("list"), rig.count("initiate")), (there, 1));
    }
}

#[test]
fn field_bug_95_pages_that_bring_nothing_new_have_an_end() {
    let page = |after: u32, part: &str| {
        let next = after + 1;
        says(
            200,
            &format!(
                "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>{next}</NextPartNumberMarker>\
                 {part}</ListPartsResult>"
            ),
        )
    };
    // No part at all, and parts that no upload of this file can have.
    let foreign = "<Part><PartNumber>9999</PartNumber><ETag>\"x\"</ETag><Size>1</Size></Part>";
    for part in ["", foreign] {
        let mut rig = stopped(parts(), 4);
        rig.go_on();
        let verdict = rig.run_with(|name, _| match name.strip_prefix("list ").and_then(|after| after.parse().ok()) {
            Some(after) => Fate::Says(page(after, part)),
            None => Fate::Fine,
        });
        assert!(matches!(verdict, Err(Failure::Exhausted { budget: Budget::Answers(64), .. })), "{verdict:?}");
        rig.go_on();
        let verdict = rig.run();
        rig.complete(verdict);
    }
}
