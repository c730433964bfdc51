//! What other clients of xfyun send.

use resumable_emulator::RepeatedField;

use crate::client::*;

#[test]
fn field_bug_85_a_part_given_twice_is_a_switch() {
    let send = |switch| {
        let emulator = with(|config| config.xfyun.switches.repeated_field = switch);
        let parts = [
            Text("request_id", "1"),
            Text("app_id", "emulator"),
            File(b"first"),
            Text("request_id", "2"),
            Text("app_id", "nobody"),
            File(b"the last"),
        ];
        let answer = emulator.handle(NOW, Signed::default().request(UPLOAD, &form_type(), form(&parts)));
        let body: serde_json::Value = serde_json::from_slice(answer.response.body()).expect("JSON");
        let name = body["data"]["url"].as_str().and_then(|url| url.rsplit('/').next()).map(str::to_owned);
        (body["code"].clone(), name.and_then(|name| emulator.xfyun().read_object(&name).expect("readable")))
    };
    assert_eq!(send(RepeatedField::Refuse), (10_001.into(), None));
    assert_eq!(send(RepeatedField::First), (0.into(), Some(b"first".to_vec())));
    assert_eq!(send(RepeatedField::Last), (10_001.into(), None), "the last `app_id` is nobody's");
}

#[test]
fn field_bug_85_the_last_file_may_count() {
    let emulator = with(|config| config.xfyun.switches.repeated_field = RepeatedField::Last);
    let parts = [File(b"first"), Text("app_id", "emulator"), Text("request_id", "1"), File(b"the last")];
    let answer = emulator.handle(NOW, Signed::default().request(UPLOAD, &form_type(), form(&parts)));
    let body: serde_json::Value = serde_json::from_slice(answer.response.body()).expect("JSON");
    let name = body["data"]["url"].as_str().and_then(|url| url.rsplit('/').next()).expect("a url").to_owned();
    assert_eq!(emulator.xfyun().read_object(&name).expect("readable"), Some(b"the last".to_vec()));
}
