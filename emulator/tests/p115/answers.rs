//! The oddities of the vendor's JSON, one by one.

use resumable_emulator::p115::{NoCallback, RefusedData, Shape, StateForm, TokenErrors};
use serde_json::{Value, json};

use crate::client::*;

fn shaped(change: impl FnOnce(&mut Shape)) -> resumable_emulator::Emulator {
    let emulator = with(|config| change(&mut config.p115.shape));
    emulator.p115().put_file("theirs", &bytes(10)).expect("memory");
    emulator
}

#[test]
fn data_and_callback_may_stand_in_arrays() {
    let emulator = shaped(|shape| shape.in_arrays = true);
    let client = client(&emulator);
    let data = client.init("a", &bytes(5000), &[]).body["data"].take();
    assert_eq!(data.as_array().expect("an array").len(), 1);
    assert_eq!(data[0]["callback"].as_array().expect("an array").len(), 1);
    assert!(data[0]["callback"][0]["callback"].is_string());
    assert!(client.get(GET_TOKEN, &[]).data()[0]["endpoint"].is_string());
    let there = client.init("a", &bytes(10), &[]).body["data"].take();
    assert_eq!(there[0]["callback"], json!([]));
    assert_eq!(client.get(FILES, &[]).data().as_array().expect("rows").len(), 1, "a list is an array already");
}

#[test]
fn numbers_may_be_texts() {
    let emulator = shaped(|shape| shape.numbers_as_texts = true);
    let client = client(&emulator);
    let data = client.init("a", &bytes(5000), &[]).body["data"].take();
    assert_eq!((&data["status"], &data["code"]), (&json!("1"), &json!("0")));
    assert_eq!(client.get(FILES, &[]).data()[0]["fs"], "10");
    assert_eq!(client.get(FILES, &[]).body["code"], 0);
}

#[test]
fn the_state_may_be_a_number_or_a_text() {
    for (form, good, bad) in [(StateForm::Number, json!(1), json!(0)), (StateForm::Text, json!("1"), json!("0"))] {
        let emulator = shaped(|shape| shape.state = form);
        let client = client(&emulator);
        assert_eq!(client.get(GET_TOKEN, &[]).body["state"], good);
        assert_eq!(client.post(INIT, &[]).body["state"], bad);
        client.passport(REFRESH_TOKEN, &[("refresh_token", "x")]).denies(40_140_116);
    }
}

#[test]
fn the_message_may_be_a_number() {
    let emulator = shaped(|shape| shape.message_as_number = true);
    let client = client(&emulator);
    assert_eq!(client.get(FILES, &[]).body["message"], 0);
    assert_eq!(client.post(INIT, &[]).body["message"], 990_002);
}

#[test]
fn a_refusal_has_data_of_many_forms() {
    let data = |form| {
        let emulator = shaped(|shape| shape.refused_data = form);
        client(&emulator).post(INIT, &[]).body.get("data").cloned()
    };
    assert_eq!(data(RefusedData::Array), Some(json!([])));
    assert_eq!(data(RefusedData::Object), Some(json!({})));
    assert_eq!(data(RefusedData::Null), Some(Value::Null));
    assert_eq!(data(RefusedData::Absent), None);
}

#[test]
fn no_callback_has_many_forms() {
    let callback = |form| {
        let emulator = shaped(|shape| shape.no_callback = form);
        let answer = client(&emulator).init("a", &bytes(10), &[]);
        answer.data().get("callback").cloned()
    };
    assert_eq!(callback(NoCallback::Array), Some(json!([])));
    assert_eq!(callback(NoCallback::Object), Some(json!({})));
    assert_eq!(callback(NoCallback::Null), Some(Value::Null));
    assert_eq!(callback(NoCallback::Absent), None);
}

#[test]
fn refusals_about_tokens_have_their_code_in_one_place_or_the_other() {
    let refused = |form| {
        let emulator = shaped(|shape| shape.token_errors = form);
        let answer = client(&emulator).passport(REFRESH_TOKEN, &[("refresh_token", "x")]);
        let member = |name: &str| answer.body.get(name).cloned().unwrap_or_default();
        assert_eq!((answer.status, member("state")), (200, json!(0)));
        (member("code"), member("errno"), member("message") == "", member("error") == Value::Null)
    };
    assert_eq!(refused(TokenErrors::Errno), (json!(0), json!(40_140_116), true, false));
    assert_eq!(refused(TokenErrors::Code), (json!(40_140_116), Value::Null, false, true));
    assert_eq!(refused(TokenErrors::Both), (json!(40_140_116), json!(40_140_116), false, false));
}
