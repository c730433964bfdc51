use super::*;
use crate::registry::ALL;

fn read(text: &str) -> Result<Plan, PlanError> {
    super::read(text, ALL)
}

fn one(rule: &str) -> Result<Rule, PlanError> {
    let plan = read(&format!("{{\"rules\": [{rule}]}}"))?;
    Ok(plan.rules.into_iter().next().expect("one rule"))
}

#[test]
fn a_rule_with_everything() {
    let text = r#"{"service": "cos-v2", "op": "upload_slice_data", "path": "/d/*", "skip": 3, "times": "always",
        "fault": "refuse", "status": 503, "code": -71, "at_byte": 70000}"#;
    let expected = Rule {
        service: Some("cos-v2".to_owned()),
        path: Some("/d/*".to_owned()),
        ..Rule::once("upload_slice_data", Fault::refuse(503, -71)).skip(3).times(Rule::ALWAYS).at_byte(70_000)
    };
    assert_eq!(one(text), Ok(expected));
}

#[test]
fn what_is_left_out_has_a_default() {
    assert_eq!(one(r#"{"fault": "garbage"}"#), Ok(Rule::any(Fault::Garbage)));
    assert_eq!(one(r#"{"fault": "html"}"#), Ok(Rule::any(Fault::Html { status: 502 })));
    let blanks = Fault::Blanks { count: 20, millis: 0, code: None, cut: false };
    assert_eq!(one(r#"{"fault": "blanks"}"#), Ok(Rule::any(blanks)));
    assert_eq!(read(r#"{"rules": []}"#), Ok(Plan::default()));
}

#[test]
fn every_fault_is_read_as_it_was_written() {
    for (name, keys) in FAULTS {
        let values = keys.iter().filter(|key| **key != "at_byte").map(|key| match *key {
            "code" => r#""code": "NoSuchUpload""#.to_owned(),
            "status" => r#""status": 418"#.to_owned(),
            "name" => r#""name": "retry-after""#.to_owned(),
            "value" => r#""value": "soon""#.to_owned(),
            "commit" | "cut" | "delivered" | "hidden" => format!(r#""{key}": true"#),
            other => format!(r#""{other}": 640"#),
        });
        let members: Vec<String> = values.chain([format!(r#""fault": "{name}""#)]).collect();
        let rule = one(&format!("{{{}}}", members.join(","))).expect(name);
        let written = serde_json::to_string(&Plan { rules: vec![rule.clone()] }).expect("JSON");
        assert!(written.contains(&format!(r#""fault":"{name}""#)), "{written}");
        assert_eq!(read(&written).expect(&written).rules, [rule]);
    }
}

/// In each text, `¦` marks the place that is named; it is not part of the text.
#[test]
fn complaints_say_where_which_key_and_what_is_allowed() {
    let cases = [
        ("¦", "", "EOF"),
        ("\n¦", "", "EOF"),
        ("¦[]", "", "expected an object"),
        ("{\"rules\": [\n  {\"fault\": \"stall\",¦}\n]}", "", "key must be a string"),
        ("{\"rules\": [\n  {\"path\": \"/测试\",¦}\n]}", "", "key must be a string"),
        ("{\"rules\": ¦测}", "", "expected value"),
        ("¦{}", "", "`rules` is missing"),
        ("{\"rules\": [], \"rule\": ¦1}", "rule", "not known; a plan has `rules`"),
        ("{\"rules\": ¦{}}", "rules", "a list of rules"),
        ("{\"rules\": [\n ¦7]}", "rules[0]", "expected an object"),
        ("{\"rules\": [¦{}]}", "rules[0]", "`fault` is missing: one of `refuse`, `unavailable`"),
        ("{\"rules\": [{\"fault\":\n ¦\"explode\"}]}", "rules[0].fault", "there are `refuse`"),
        ("{\"rules\": [{\"fault\": \"stall\", \"statsu\": ¦1}]}", "rules[0].statsu", "`at_byte`, `commit`"),
        ("{\"rules\": [{\"fault\": \"stall\", \"fault\": ¦\"stall\"}]}", "rules[0].fault", "twice"),
        ("{\"rules\": [{\"fault\": \"stall\", \"skip\": ¦-1}]}", "rules[0].skip", "a whole number, 0 or more"),
        ("{\"rules\": [{\"fault\": \"stall\", \"times\": ¦0}]}", "rules[0].times", "1 or more, or \"always\""),
        ("{\"rules\": [{\"fault\": \"stall\", \"op\": ¦3}]}", "rules[0].op", "must be a text"),
        ("{\"rules\": [{\"fault\": \"stall\", \"op\": ¦\"uplaod\"}]}", "rules[0].op", "`upload_slice_init`"),
        ("{\"rules\": [{\"fault\": \"stall\", \"service\": ¦\"ftp\"}]}", "rules[0].service", "there are `cos-v2`"),
        ("{\"rules\": [{\"fault\": \"html\", \"status\": ¦99}]}", "rules[0].status", "from 200 to 599"),
        ("{\"rules\": [{\"fault\": \"wrong_offset\", \"op\": ¦\"stat\"}]}", "rules[0].op", "`upload_slice_data`"),
        ("{\"rules\": [{\"path\": \"/测试\", \"fault\": ¦1}]}", "rules[0].fault", "must be a text"),
    ];
    for (marked, key, problem) in cases {
        let (before, after) = marked.split_once('¦').expect("a mark");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().expect("a line").chars().count() + 1;
        let error = read(&format!("{before}{after}")).expect_err(marked);
        assert_eq!((error.line(), error.column(), error.key()), (line, column, key), "{marked}: {error}");
        assert!(error.to_string().contains(problem), "{marked}: {error}");
    }
}

#[test]
fn what_a_fault_needs_and_what_contradicts_it() {
    for (rule, key) in [
        (r#"{"fault": "refuse", "status": 400}"#, "rules[0].code"),
        (r#"{"fault": "refuse", "code": 1}"#, "rules[0].status"),
        (r#"{"fault": "refuse", "status": 400, "code": 1.5}"#, "rules[0].code"),
        (r#"{"fault": "delay"}"#, "rules[0].millis"),
        (r#"{"fault": "slice_size"}"#, "rules[0].bytes"),
        (r#"{"fault": "late"}"#, "rules[0].millis"),
        (r#"{"fault": "throttle_header", "name": "retry-after"}"#, "rules[0].value"),
        (r#"{"fault": "blanks", "count": "many"}"#, "rules[0].count"),
        (r#"{"fault": "drop_reply", "at_byte": 3}"#, "rules[0].at_byte"),
        (r#"{"fault": "cut_before", "commit": true}"#, "rules[0].commit"),
        (r#"{"fault": "reset", "commit": true, "at_byte": 3}"#, "rules[0].commit"),
        (r#"{"fault": "reset", "commit": "yes"}"#, "rules[0].commit"),
    ] {
        assert_eq!(one(rule).expect_err(rule).key(), key);
    }
}
