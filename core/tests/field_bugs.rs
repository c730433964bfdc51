//! What went wrong: one test a bug, numbered as in the list that this project keeps.

use bytes::Bytes;
use resumable_core::{Answer, Observed};

/// 115's tokens and its storage's keys come in answers: whoever logs one must not log them.
#[test]
fn field_bug_79_an_answer_is_shown_by_its_status_and_length() {
    let response = http::Response::builder()
        .status(403)
        .header("set-cookie", "canary")
        .body(Bytes::from_static(b"{\"access_token\":\"canary\"}"))
        .unwrap();
    let shown = format!("{:?}", Answer { response, observed: Observed::default() });
    assert!(shown.contains("403") && shown.contains("25"), "{shown}");
    assert!(!shown.contains("canary") && !shown.contains("token") && !shown.contains("cookie"), "{shown}");
}
