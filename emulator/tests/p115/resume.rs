//! `upload/resume`, and `get_token`.

use resumable_emulator::p115::{EndpointForm, ResumeCallback, ResumeFields, ResumeObject, ResumePickCode, Switches};
use resumable_emulator::{Emulator, Fault, Rule};
use serde_json::json;

use crate::client::*;

fn switched(change: impl FnOnce(&mut Switches)) -> Emulator {
    with(|config| change(&mut config.p115.switches))
}

#[test]
fn a_task_is_described_as_init_did() {
    let emulator = emulator();
    let client = client(&emulator);
    let begun = client.init("a", &bytes(5000), &[]);
    let resumed = client.resume(&bytes(5000), &begun.text("pick_code"), &[]);
    resumed.succeeds();
    for name in ["pick_code", "target", "bucket", "object", "callback"] {
        assert_eq!(resumed.data()[name], begun.data()[name], "{name}");
    }
    let mut members: Vec<_> = resumed.data().as_object().expect("an object").keys().collect();
    members.sort();
    assert_eq!(members, ["bucket", "callback", "object", "pick_code", "target", "version"]);
}

#[test]
fn all_four_fields_have_to_be_there_and_right() {
    let emulator = emulator();
    let client = client(&emulator);
    let code = client.init("a", &bytes(5000), &[]).text("pick_code");
    for name in ["file_size", "target", "fileid", "pick_code"] {
        client.resume(&bytes(5000), &code, &[(name, "")]).refuses(990_002);
    }
    client.resume(&bytes(5000), "unknown", &[]).refuses(20_018);
    client.resume(&bytes(5000), &code, &[("target", "U_1_7")]).refuses(10_014);
    for (name, value) in [("file_size", "4999"), ("fileid", &sha1(b"other")), ("file_size", "x"), ("fileid", "x")] {
        client.resume(&bytes(5000), &code, &[(name, value)]).refuses(990_002);
    }
    client.resume(&bytes(5000), &code, &[("fileid", &sha1(&bytes(5000)).to_lowercase())]).succeeds();
    let emulator = switched(|switches| switches.resume_fields = ResumeFields::Unchecked);
    let client = self::client(&emulator);
    let code = client.init("a", &bytes(5000), &[]).text("pick_code");
    client.resume(&bytes(7), &code, &[]).succeeds();
}

#[test]
fn a_task_is_good_for_a_week() {
    let emulator = emulator();
    let client = client(&emulator);
    let code = client.init("a", &bytes(5000), &[]).text("pick_code");
    let late = client.at(7 * 24 * 3600 - 1);
    let token = emulator.p115().tokens().1;
    let access = late.passport(REFRESH_TOKEN, &[("refresh_token", &token)]).text("access_token");
    Client { token: &access, ..late }.resume(&bytes(5000), &code, &[]).succeeds();
    Client { token: &access, ..client.at(7 * 24 * 3600) }.resume(&bytes(5000), &code, &[]).refuses(20_018);
}

#[test]
fn object_name_and_callback_may_change() {
    let emulator = switched(|switches| switches.resume_object = ResumeObject::Fresh);
    let client = client(&emulator);
    let begun = client.init("a", &bytes(5000), &[]);
    let resumed = client.resume(&bytes(5000), &begun.text("pick_code"), &[]);
    assert_ne!(resumed.text("object"), begun.text("object"));
    assert_eq!(resumed.text("pick_code"), begun.text("pick_code"));

    let emulator = switched(|switches| switches.resume_pick_code = ResumePickCode::Fresh);
    let client = self::client(&emulator);
    let begun = client.init("a", &bytes(5000), &[]);
    let resumed = client.resume(&bytes(5000), &begun.text("pick_code"), &[]);
    assert_eq!(resumed.text("object"), begun.text("object"));
    let code = resumed.text("pick_code");
    assert_ne!(code, begun.text("pick_code"));
    assert!(resumed.data()["callback"]["callback_var"].as_str().expect("text").contains(&code));
    client.resume(&bytes(5000), &begun.text("pick_code"), &[]).refuses(20_018);
    client.resume(&bytes(5000), &code, &[]).succeeds();

    let emulator = switched(|switches| switches.resume_callback = ResumeCallback::Missing);
    let client = self::client(&emulator);
    let begun = client.init("a", &bytes(5000), &[]);
    assert_eq!(client.resume(&bytes(5000), &begun.text("pick_code"), &[]).data()["callback"], json!([]));
}

#[test]
fn a_fault_gives_another_object_once_or_loses_the_task() {
    let emulator = emulator();
    let client = client(&emulator);
    let begun = client.init("a", &bytes(5000), &[]);
    let code = begun.text("pick_code");
    emulator.inject(Rule::any(Fault::WrongSession));
    let first = client.resume(&bytes(5000), &code, &[]).text("object");
    assert_ne!(first, begun.text("object"));
    assert_eq!(client.resume(&bytes(5000), &code, &[]).text("object"), first, "and keeps to it");
    emulator.inject(Rule::once("upload/resume", Fault::ForgetSession));
    client.resume(&bytes(5000), &code, &[]).refuses(20_018);
    client.resume(&bytes(5000), &code, &[]).refuses(20_018);
}

#[test]
fn a_temporary_key_comes_with_the_host_that_was_asked() {
    let emulator = emulator();
    let answer = client(&emulator).get(GET_TOKEN, &[]);
    answer.succeeds();
    assert_eq!(answer.text("endpoint"), format!("http://{HOST}"));
    assert_eq!(answer.text("Expiration"), "2026-01-01T01:00:00Z");
    assert!(answer.text("AccessKeyId").starts_with("STS."));
    assert!(!answer.text("AccessKeySecret").is_empty() && !answer.text("SecurityToken").is_empty());
    assert_ne!(client(&emulator).get(GET_TOKEN, &[]).text("AccessKeyId"), answer.text("AccessKeyId"));
    for (form, endpoint) in [(EndpointForm::Bare, "oss.example"), (EndpointForm::Https, "https://oss.example")] {
        let emulator = with(|config| {
            config.p115.oss_endpoint = Some("oss.example".to_owned());
            config.p115.shape.endpoint = form;
        });
        assert_eq!(client(&emulator).get(GET_TOKEN, &[]).text("endpoint"), endpoint);
    }
}
