use super::*;
use crate::cos_v2;

fn data(path: &str) -> FaultKey {
    FaultKey { facts: &cos_v2::FACTS, op: "upload_slice_data".to_owned(), path: path.to_owned() }
}

fn met(rule: Rule, keys: &[FaultKey]) -> Vec<bool> {
    let mut plan = Plan { rules: vec![rule] };
    keys.iter().map(|key| plan.draw(key).is_some()).collect()
}

#[test]
fn skip_then_times() {
    let rule = Rule::once("upload_slice_data", Fault::Unavailable).skip(2).times(2);
    let mut keys = vec![data("/x"); 6];
    keys[1].op = "stat".to_owned();
    assert_eq!(met(rule, &keys), [false, false, false, true, true, false]);
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
    let stat = FaultKey { op: "stat".to_owned(), ..data("/x") };
    assert_eq!(met(Rule::any(Fault::WrongOffset), &[stat, data("/x")]), [false, true]);
}

#[test]
fn a_rule_behind_the_one_that_decides_does_not_count() {
    let mut plan = Plan { rules: vec![Rule::any(Fault::Garbage), Rule::any(Fault::Stall)] };
    let met = [(); 3].map(|()| plan.draw(&data("/x")).map(|hit| hit.fault));
    assert_eq!(met, [Some(Fault::Garbage), Some(Fault::Stall), None]);
}
