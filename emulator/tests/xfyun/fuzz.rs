//! Nothing that can be sent brings the emulator down, and how a body is cut into chunks changes nothing.

use proptest::collection::vec;
use proptest::prelude::*;
use resumable_emulator::Emulator;

use crate::client::*;

fn in_steps(emulator: &Emulator, path: &str, kind: &str, body: &[u8], step: usize) -> (u16, Option<i64>) {
    let (head, _) = Signed::default().request(path, kind, Vec::new()).into_parts();
    let mut exchange = emulator.begin(NOW, head);
    for chunk in body.chunks(step.max(1)) {
        exchange.feed(chunk);
    }
    let answer = Answer::of(exchange.end(NOW));
    (answer.status, answer.body["code"].as_i64())
}

/// What came of a slice that was sent.
fn slices(body: &[u8], step: usize) -> impl PartialEq + std::fmt::Debug {
    let emulator = emulator();
    let id = init(&emulator).upload_id();
    assert_eq!(id, ID);
    (in_steps(&emulator, SLICE, &form_type(), body, step), emulator.xfyun().slices(&id))
}

/// The first id at this moment.
const ID: &str = "up_220105172914000000001001";

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_form_with_changed_bytes(at in 0usize..900, with in vec(any::<u8>(), 0..8), drop in 0usize..20, step in 1usize..700) {
        let mut body = slice_form(ID, "3", &bytes(300));
        let at = at.min(body.len());
        let end = (at + drop).min(body.len());
        body.splice(at..end, with);
        prop_assert_eq!(slices(&body, usize::MAX), slices(&body, step));
    }

    #[test]
    fn any_bytes_at_all(body in vec(any::<u8>(), 0..2000), step in 1usize..100) {
        for (path, kind) in [(SLICE, form_type()), (UPLOAD, form_type()), (COMPLETE, "application/json".to_owned())] {
            let refused = in_steps(&emulator(), path, &kind, &body, step);
            prop_assert_eq!(refused, (500, Some(10_001)));
        }
    }

    #[test]
    fn any_json(body in "[\\[\\]{}\",:0-9a-z_\\\\ ]{0,120}", step in 1usize..50) {
        for path in [INIT, COMPLETE, CANCEL] {
            let refused = in_steps(&emulator(), path, "application/json", body.as_bytes(), step);
            prop_assert_eq!(refused, (500, Some(10_001)));
        }
    }

    #[test]
    fn any_members(request_id in ".{0,40}", app_id in ".{0,40}", upload_id in ".{0,80}") {
        let emulator = emulator();
        let members = [("request_id", request_id.as_str()), ("app_id", &app_id), ("upload_id", &upload_id)];
        prop_assert_eq!(send_json(&emulator, COMPLETE, &members).status, 500);
        let members = [("request_id", "r"), ("app_id", "emulator"), ("upload_id", upload_id.as_str())];
        prop_assert_eq!(send_json(&emulator, COMPLETE, &members).status, 500);
    }

    #[test]
    fn any_head(authorization in "[ -~]{0,200}", date in "[ -~]{0,40}", kind in "[ -~]{0,60}", path in "[a-z/%0-9?]{0,30}") {
        let emulator = emulator();
        if let Ok(request) = http::Request::post(format!("/file/{path}"))
            .header("host", HOST)
            .header("date", date)
            .header("authorization", authorization)
            .header("content-type", kind)
            .body(bytes::Bytes::from_static(b"--x\r\n\r\n"))
        {
            let status = emulator.handle(NOW, request).response.status();
            prop_assert!(status.is_client_error());
        }
    }

    #[test]
    fn slices_of_any_length_in_any_order(sent in vec((1u32..6, 0usize..200), 1..12)) {
        let emulator = with(|config| config.xfyun.limits.slice_min = 0);
        let id = init(&emulator).upload_id();
        let mut expected = std::collections::BTreeMap::new();
        for (turn, (slice_id, length)) in sent.into_iter().enumerate() {
            let content = vec![u8::try_from(turn).expect("few"); length];
            slice(&emulator, &id, slice_id, &content).succeeds();
            expected.insert(slice_id, content);
        }
        let object = complete(&emulator, &id).object();
        prop_assert_eq!(stored(&emulator, &object), Some(expected.into_values().flatten().collect()));
    }
}
