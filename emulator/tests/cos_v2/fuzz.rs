//! Nothing that can be sent brings the emulator down, and how a body is cut into chunks changes nothing.

use crate::client::{BOUNDARY, File, NOW, Text, URL, bytes, emulator, form, init, multi, post, sign_text};
use http::Request;
use proptest::collection::vec;
use proptest::prelude::*;
use resumable_emulator::Emulator;
use resumable_emulator::cos::Account;

fn status(emulator: &Emulator, body: &[u8], step: usize) -> (u16, Option<Vec<u8>>) {
    let (head, _) = post(URL, &multi(), Vec::new()).into_parts();
    let mut exchange = emulator.begin(NOW, head);
    for chunk in body.chunks(step.max(1)) {
        exchange.feed(chunk);
    }
    let reply = exchange.end(NOW);
    (reply.response.status().as_u16(), crate::client::stored(emulator))
}

fn upload() -> Vec<u8> {
    form(&[Text("sha", ""), File(&bytes(300)), Text("op", "upload"), Text("insertOnly", "1")])
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_form_with_changed_bytes(at in 0usize..600, with in vec(any::<u8>(), 0..8), drop in 0usize..20, step in 1usize..700) {
        let mut body = upload();
        let at = at.min(body.len());
        let end = (at + drop).min(body.len());
        body.splice(at..end, with);
        let whole = status(&emulator(), &body, usize::MAX);
        prop_assert_eq!(whole, status(&emulator(), &body, step));
    }

    #[test]
    fn any_bytes_at_all(body in vec(any::<u8>(), 0..2000), step in 1usize..100) {
        let emulator = emulator();
        prop_assert_eq!(status(&emulator, &body, step).0, 400);
    }

    #[test]
    fn any_path(path in "/files/v2/10055004/accesslog/[ -~&&[^ \"<>\\\\^`{|}#]]{0,60}") {
        let emulator = emulator();
        if let Ok(request) = Request::post(path).header("Authorization", multi()).body(bytes::Bytes::new()) {
            let status = emulator.handle(NOW, request).response.status();
            prop_assert!(status.is_client_error());
        }
    }

    #[test]
    fn any_signature(clear in "[ -~]{0,80}", tail in "[abkertf=&0-9]{0,80}") {
        let emulator = emulator();
        let sign = sign_text(&(clear + &tail), &Account::default().secret_key);
        let reply = emulator.handle(NOW, post(URL, &sign, upload()));
        prop_assert_eq!(reply.response.status(), 403);
    }

    #[test]
    fn any_uploadparts(text in "[\\[\\]{}\",:0-9a-f]{0,120}", filesize in any::<u64>(), offset in any::<u64>()) {
        let emulator = emulator();
        let (filesize, offset) = (filesize.to_string(), offset.to_string());
        let sha = "0".repeat(40);
        crate::client::call(&emulator, &[
            Text("op", "upload_slice_init"), Text("filesize", &filesize), Text("slice_size", "64"), Text("sha", &sha),
            Text("uploadparts", &text),
        ]);
        let session = init(&emulator, &bytes(100), 64).session();
        let answer = crate::client::call(&emulator, &[
            Text("op", "upload_slice_data"), Text("session", &session), Text("offset", &offset), File(b"x"),
        ]);
        prop_assert_eq!(answer.status, 400);
    }
}

#[test]
fn the_boundary_is_what_the_other_tests_think() {
    assert!(upload().starts_with(format!("--{BOUNDARY}").as_bytes()));
}
