//! What the service behind the gateway takes and refuses, and every switch and limit.

use std::time::Duration;

use resumable_emulator::Emulator;
use resumable_emulator::xfyun::{
    CompleteAgain, EmptySlice, Gaps, ParallelSlices, Refusals, ShortSlice, SliceAgain, Switches,
};

use crate::client::*;

fn switched(change: impl FnOnce(&mut Switches)) -> Emulator {
    with(|config| change(&mut config.xfyun.switches))
}

/// Sends the slices of a file under these ids, in this order, and completes.
fn in_order(emulator: &Emulator, file: &[u8], ids: &[u32]) -> (String, Answer) {
    let id = init(emulator).upload_id();
    for slice_id in ids {
        let start = (*slice_id as usize - 1) * MIN;
        let part = &file[start..(start + MIN).min(file.len())];
        slice(emulator, &id, *slice_id, part).succeeds();
    }
    let answer = complete(emulator, &id);
    (id, answer)
}

#[test]
fn a_file_in_one_request() {
    let emulator = emulator();
    for file in [bytes(1000), bytes(1), Vec::new()] {
        let object = upload(&emulator, &file).object();
        assert_eq!(stored(&emulator, &object), Some(file));
    }
    assert_eq!(emulator.totals().file_bytes, 1001);
}

#[test]
fn objects_have_names_of_their_own() {
    let emulator = emulator();
    let (first, second) = (upload(&emulator, b"1").object(), upload(&emulator, b"2").object());
    assert_eq!(stored(&emulator, &first).as_deref(), Some(&b"1"[..]));
    assert_eq!(stored(&emulator, &second).as_deref(), Some(&b"2"[..]));
    assert_eq!(stored(&emulator, "nothing"), None);
    let emulator = with(|config| config.xfyun.objects_url = "http://127.0.0.1:1/o".to_owned());
    let answer = upload(&emulator, b"1");
    assert_eq!(answer.body["data"]["url"], format!("http://127.0.0.1:1/o/{}", answer.object()));
}

#[test]
fn a_test_may_ask_what_is_there() {
    let emulator = emulator();
    let there = || (emulator.xfyun().unfinished(), emulator.xfyun().stored_objects());
    let (first, second) = (init(&emulator).upload_id(), init(&emulator).upload_id());
    assert_eq!(there(), (vec![first.clone(), second.clone()], 0));
    slice(&emulator, &first, 1, b"1").succeeds();
    complete(&emulator, &first).succeeds();
    complete(&emulator, &first).succeeds();
    assert_eq!(there(), (vec![second.clone()], 1), "a second complete makes no second object");
    cancel(&emulator, &second).succeeds();
    upload(&emulator, b"2").succeeds();
    assert_eq!(there(), (vec![], 2));
}

#[test]
fn slices_in_any_order_become_the_file() {
    let file = bytes(3 * MIN + 10);
    for ids in [[1, 2, 3, 4], [4, 3, 2, 1], [2, 4, 1, 3]] {
        let emulator = emulator();
        let (_, answer) = in_order(&emulator, &file, &ids);
        assert_eq!(stored(&emulator, &answer.object()).as_ref(), Some(&file), "{ids:?}");
    }
}

#[test]
fn every_answer_has_the_members_it_should() {
    let emulator = emulator();
    let begun = init(&emulator);
    let id = begun.upload_id();
    assert!(id.len() == 27 && id.starts_with("up_220105172914000000"), "{id}");
    let members = |answer: &Answer| {
        let object = answer.body.as_object().expect("an object");
        object.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(members(&begun), ["code", "data", "message", "sid"]);
    assert_eq!(members(&slice(&emulator, &id, 1, b"x")), ["code", "message", "sid"]);
    let done = complete(&emulator, &id);
    assert_eq!(done.body["data"].as_object().map(serde_json::Map::len), Some(1));
    let id = init(&emulator).upload_id();
    assert_eq!(members(&cancel(&emulator, &id)), ["code", "message", "sid"]);
    assert_ne!(begun.body["sid"], done.body["sid"]);
}

#[test]
fn parts_in_any_order_and_with_headers_of_any_kind() {
    let emulator = emulator();
    let text = |name: &str| {
        format!(
            "content-disposition: form-data; name=\"{name}\"\r\nContent-Length: 9\r\nContent-Type: text/plain;charset=UTF-8"
        )
    };
    let file = "Content-Disposition: form-data; name=\"data\"; filename=\"/home/me/录音.wav\"\r\nX-Odd: 1\r\nContent-Type: audio/x-wav";
    let star = "Content-Disposition: form-data; name=\"data\"; filename*=utf-8''%E5%BD%95.wav";
    let names = ["request_id", "app_id", "upload_id", "slice_id"].map(text);
    for (turn, file) in [file, star, file, star, file].into_iter().enumerate() {
        let id = init(&emulator).upload_id();
        let values = ["r", "emulator", &id, "1"];
        let mut parts: Vec<Part<'_>> =
            names.iter().zip(values).map(|(head, value)| Raw(head, value.as_bytes())).collect();
        parts.insert(turn, Raw(file, b"content"));
        parts.push(Text("more", "than is asked for"));
        send_form(&emulator, SLICE, &parts).succeeds();
        let object = complete(&emulator, &id).object();
        assert_eq!(stored(&emulator, &object).as_deref(), Some(&b"content"[..]));
    }
}

#[test]
fn what_a_form_has_to_have() {
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    let all = || {
        vec![
            Text("request_id", "r"),
            Text("app_id", "emulator"),
            Text("upload_id", &id),
            Text("slice_id", "1"),
            File(b"x"),
        ]
    };
    for missing in 0..5 {
        let mut parts = all();
        parts.remove(missing);
        send_form(&emulator, SLICE, &parts).refuses(10_001);
    }
    for twice in 0..5 {
        let mut parts = all();
        parts.push(all().remove(twice));
        send_form(&emulator, SLICE, &parts).refuses(10_001);
    }
    // Without a file name, it is no file.
    let mut parts = all();
    parts[4] = Text("data", "x");
    send_form(&emulator, SLICE, &parts).refuses(10_001);
    let mut parts = all();
    parts[0] = Text("request_id", "");
    send_form(&emulator, SLICE, &parts).refuses(10_001);
    let body = form(&all());
    send(&emulator, SLICE, &form_type(), body[..body.len() - 4].to_vec()).refuses(10_001);
    send(&emulator, SLICE, "application/json", body).refuses(10_001);
    assert_eq!(emulator.xfyun().slices(&id), Some(vec![]));
    send_form(&emulator, SLICE, &all()).succeeds();
    assert_eq!(emulator.xfyun().slices(&id), Some(vec![(1, 1)]));
}

#[test]
fn json_is_read_strictly() {
    let emulator = emulator();
    let json = |body: &str| send(&emulator, INIT, "application/json", body.as_bytes().to_vec());
    json(r#"{"request_id":"r","app_id":"emulator"}"#).succeeds();
    json(r#" {"app_id" : "emulator", "request_id" : "r", "cloud_id" : "0", "more": [1]} "#).succeeds();
    let kind = "application/json;charset=utf-8";
    send(&emulator, INIT, kind, br#"{"request_id":"r","app_id":"emulator"}"#.to_vec()).succeeds();
    for body in [
        "",
        "{}",
        "[]",
        r#"["r","emulator"]"#,
        r#"{"request_id":"r","app_id":"emulator",}"#,
        r#"{"request_id":"r"}"#,
        r#"{"app_id":"emulator"}"#,
        r#"{"request_id":"","app_id":"emulator"}"#,
        r#"{"request_id":1,"app_id":"emulator"}"#,
        r#"{"request_id":"r","app_id":null}"#,
        r#"{"request_id":"r","app_id":"emulator","cloud_id":0}"#,
        r#"{"request_id":"r","app_id":"emulator"} x"#,
    ] {
        println!("{body}");
        json(body).refuses(10_001);
    }
    let long = format!(r#"{{"request_id":"r","app_id":"emulator","x":"{}"}}"#, "x".repeat(1 << 17));
    json(&long).refuses(10_001);
    send(&emulator, INIT, "text/plain", br#"{"request_id":"r","app_id":"emulator"}"#.to_vec()).refuses(10_001);
    send_form(&emulator, INIT, &[Text("request_id", "r"), Text("app_id", "emulator")]).refuses(10_001);
}

#[test]
fn an_app_acts_for_itself_alone() {
    let emulator = with(|config| config.xfyun.accounts = accounts());
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 1, b"x").succeeds();
    // Not of this key: refused. Of this key, but not of this upload: unknown.
    send_json(&emulator, INIT, &[("request_id", "r"), ("app_id", "other")]).refuses(10_001);
    send_json(&emulator, INIT, &[("request_id", "r"), ("app_id", "nobody")]).refuses(10_001);
    send_form(&emulator, UPLOAD, &[Text("request_id", "r"), Text("app_id", "other"), File(b"x")]).refuses(10_001);
    send_json(&emulator, INIT, &[("request_id", "r"), ("app_id", "second")]).succeeds();
    for path in [COMPLETE, CANCEL] {
        let members = |app| [("request_id", "r"), ("app_id", app), ("upload_id", id.as_str())];
        send_json(&emulator, path, &members("second")).refuses(10_005);
        send_json(&emulator, path, &members("other")).refuses(10_001);
    }
    let theirs = Signed { account: accounts().remove(2), ..Signed::default() };
    let body = json_body(&[("request_id", "r"), ("app_id", "other"), ("upload_id", &id)]);
    Answer::of(emulator.handle(NOW, theirs.request(CANCEL, "application/json", body))).refuses(10_005);
    assert_eq!(emulator.xfyun().slices(&id), Some(vec![(1, 1)]));
    complete(&emulator, &id).succeeds();
}

#[test]
fn slice_ids_count_from_one() {
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    let sent = |text: &str| send(&emulator, SLICE, &form_type(), slice_form(&id, text, b"x"));
    for text in ["1", "20"] {
        sent(text).succeeds();
    }
    for text in ["0", "-1", "21", "10001", "1.0", "one", "+1", " 1", "", "0x1", "4294967297", "99999999999999999999"] {
        let answer = sent(text);
        answer.refuses(10_001);
        assert_eq!(answer.body["message"], "sliceId must not be empty", "{text}");
    }
    let emulator = with(|config| config.xfyun.limits.slices = 10_000);
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 10_000, b"x").succeeds();
    slice(&emulator, &id, 10_001, b"x").refuses(10_001);
}

#[test]
fn what_is_over_or_unknown_is_expired() {
    let emulator = emulator();
    let is_gone = |id: &str| {
        slice(&emulator, id, 1, b"x").refuses(10_005);
        cancel(&emulator, id).refuses(10_005);
    };
    for id in ["up_220105172914000001001002", "up_", "x", "../../x"] {
        is_gone(id);
        complete(&emulator, id).refuses(10_005);
    }
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 1, b"x").succeeds();
    cancel(&emulator, &id).succeeds();
    is_gone(&id);
    complete(&emulator, &id).refuses(10_005);
    let id = init(&emulator).upload_id();
    complete(&emulator, &id).refuses(10_005);
    slice(&emulator, &id, 1, b"x").succeeds();
    complete(&emulator, &id).succeeds();
    is_gone(&id);
}

#[test]
fn an_upload_id_lives_a_day() {
    let after = |emulator: &Emulator, id: &str, at: Duration| {
        let date = httpdate::fmt_http_date(std::time::UNIX_EPOCH + at);
        let signed = Signed { date: &date, ..Signed::default() };
        let reply = emulator.handle(at, signed.request(SLICE, &form_type(), slice_form(id, "1", b"x")));
        Answer::of(reply).body["code"].as_i64()
    };
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    assert_eq!(after(&emulator, &id, NOW + Duration::from_secs(24 * 3600 - 1)), Some(0));
    assert_eq!(after(&emulator, &id, NOW + Duration::from_secs(24 * 3600)), Some(10_005));
    assert_eq!(emulator.xfyun().slices(&id), None);
    let emulator = with(|config| config.xfyun.limits.upload_life = 10);
    let id = init(&emulator).upload_id();
    assert_eq!(after(&emulator, &id, NOW + Duration::from_secs(9)), Some(0));
    assert_eq!(after(&emulator, &id, NOW + Duration::from_secs(10)), Some(10_005));
}

#[test]
fn refusals_may_travel_under_200() {
    let emulator = switched(|switches| switches.refusals = Refusals::Http200);
    complete(&emulator, "x").is(200, 10_005);
    slice(&emulator, "x", 0, b"").is(200, 10_001);
}

#[test]
fn a_slice_may_be_so_long() {
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 1, &bytes(1000)).succeeds();
    slice(&emulator, &id, 1, &bytes(1001)).refuses(10_001);
    assert_eq!(emulator.xfyun().slices(&id), Some(vec![(1, 1000)]));
    assert_eq!(emulator.totals().received_file_bytes, 2001);
}

#[test]
fn one_request_takes_less_than_its_limit() {
    let emulator = with(|config| config.xfyun.limits.one_request = Some(100));
    upload(&emulator, &bytes(99)).succeeds();
    upload(&emulator, &bytes(100)).refuses(10_001);
    upload(&emulator, &bytes(101)).refuses(10_001);
}

#[test]
fn only_the_last_slice_may_be_short() {
    // What is wrong is found at complete, as S3 does, or as soon as it can be known.
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 2, &bytes(MIN)).succeeds();
    slice(&emulator, &id, 1, &bytes(MIN - 1)).succeeds();
    complete(&emulator, &id).refuses(10_002);
    slice(&emulator, &id, 1, &bytes(MIN)).succeeds();
    slice(&emulator, &id, 3, b"x").succeeds();
    complete(&emulator, &id).succeeds();

    let emulator = switched(|switches| switches.short_slice = ShortSlice::AtUpload);
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 2, &bytes(MIN)).succeeds();
    slice(&emulator, &id, 1, &bytes(MIN - 1)).refuses(10_001);
    slice(&emulator, &id, 3, &bytes(MIN - 1)).succeeds();
    slice(&emulator, &id, 4, &bytes(MIN)).refuses(10_001);
    slice(&emulator, &id, 3, b"x").succeeds();
    slice(&emulator, &id, 1, &bytes(MIN)).succeeds();
    complete(&emulator, &id).succeeds();
}

#[test]
fn gaps() {
    for (gaps, code) in [(Gaps::Expired, 10_005), (Gaps::Parameter, 10_001)] {
        let emulator = switched(|switches| switches.gaps = gaps);
        let id = init(&emulator).upload_id();
        slice(&emulator, &id, 3, b"end").succeeds();
        slice(&emulator, &id, 1, &bytes(MIN)).succeeds();
        complete(&emulator, &id).refuses(code);
        slice(&emulator, &id, 2, &bytes(MIN)).succeeds();
        complete(&emulator, &id).succeeds();
    }
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 7, b"end").succeeds();
    slice(&emulator, &id, 5, &bytes(MIN)).succeeds();
    let object = complete(&emulator, &id).object();
    assert_eq!(stored(&emulator, &object), Some([&bytes(MIN)[..], b"end"].concat()));
}

#[test]
fn a_slice_that_comes_again() {
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    let (first, second) = (bytes(MIN), vec![7; MIN]);
    for (slice_id, bytes) in
        [(1, &first), (2, &first), (1, &second), (2, &vec![8; MIN + 9]), (3, &first), (3, &vec![9])]
    {
        slice(&emulator, &id, slice_id, bytes).succeeds();
    }
    let object = complete(&emulator, &id).object();
    assert_eq!(stored(&emulator, &object), Some([second, vec![8; MIN + 9], vec![9]].concat()));

    let emulator = switched(|switches| switches.slice_again = SliceAgain::Refuse);
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 1, b"old").succeeds();
    slice(&emulator, &id, 1, b"new").refuses(10_001);
    let object = complete(&emulator, &id).object();
    assert_eq!(stored(&emulator, &object).as_deref(), Some(&b"old"[..]));
}

#[test]
fn a_slice_without_a_byte() {
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 1, b"").succeeds();
    let object = complete(&emulator, &id).object();
    assert_eq!(stored(&emulator, &object), Some(vec![]));
    let emulator = switched(|switches| switches.empty_slice = EmptySlice::Refuse);
    let id = init(&emulator).upload_id();
    slice(&emulator, &id, 1, b"").refuses(10_001);
    complete(&emulator, &id).refuses(10_005);
}

#[test]
fn complete_again() {
    let emulator = emulator();
    let (id, first) = in_order(&emulator, &bytes(100), &[1, 2]);
    assert_eq!(complete(&emulator, &id).object(), first.object());
    let emulator = switched(|switches| switches.complete_again = CompleteAgain::Expired);
    let (id, first) = in_order(&emulator, &bytes(100), &[1, 2]);
    complete(&emulator, &id).refuses(10_005);
    assert_eq!(stored(&emulator, &first.object()), Some(bytes(100)));
}

/// Two slices, the second of which begins while the first is on the way.
fn overlapping(emulator: &Emulator, ids: [&str; 2]) -> [Answer; 2] {
    let begin = |id: &str, slice_id: &str| {
        let request = Signed::default().request(SLICE, &form_type(), slice_form(id, slice_id, b"x"));
        let (head, body) = request.into_parts();
        let mut exchange = emulator.begin(NOW, head);
        exchange.feed(&body[..body.len() / 2]);
        (exchange, body)
    };
    let started = [begin(ids[0], "1"), begin(ids[1], "2")];
    started.map(|(mut exchange, body)| {
        exchange.feed(&body[body.len() / 2..]);
        Answer::of(exchange.end(NOW))
    })
}

#[test]
fn slices_in_parallel() {
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    overlapping(&emulator, [&id, &id]).iter().for_each(Answer::succeeds);
    assert_eq!(emulator.xfyun().slices(&id), Some(vec![(1, 1), (2, 1)]));

    let emulator = switched(|switches| switches.parallel_slices = ParallelSlices::Refuse);
    let id = init(&emulator).upload_id();
    let [first, second] = overlapping(&emulator, [&id, &id]);
    first.succeeds();
    second.refuses(10_001);
    slice(&emulator, &id, 2, b"x").succeeds();
    let other = init(&emulator).upload_id();
    overlapping(&emulator, [&id, &other]).iter().for_each(Answer::succeeds);
}
