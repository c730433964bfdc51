//! What is said about each code: in the vendor's page of this project, and to whoever meets one.

use http::{Response, StatusCode};
use resumable_core::Advice;
use resumable_proto_cos::codes::{CODES, advice, advice_by_name};
use resumable_proto_cos::{BadAnswer, Op, reply};

#[derive(Clone, Copy, Debug)]
struct Call;

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("upload")
    }
}

impl Op for Call {
    type Fault = BadAnswer<Self>;

    fn changes(self) -> bool {
        true
    }

    fn within_session(self) -> bool {
        true
    }

    fn reply_bytes(self) -> u64 {
        1000
    }
}

/// The table in the page is the one that the program goes by.
#[test]
fn field_bug_61_the_page_says_of_each_code_whether_it_passes() {
    let page = include_str!("../../docs/cos-v2.md");
    for row in CODES {
        let lasts = if row.passes() { "passing" } else { "permanent" };
        let line = format!("| {} | {} | {lasts} |", row.code, row.meaning);
        assert!(page.contains(&line), "not in docs/cos-v2.md: {line}");
        let tried = !matches!(advice(row.code.into(), StatusCode::BAD_REQUEST, Call), Advice::Fatal);
        // What only some calls expect is the end elsewhere; keys and clocks are seen to before it is.
        let seen_to = [-47, -48, -59, -96, -97, -197].contains(&row.code);
        assert_eq!(tried, row.passes() || seen_to, "{row:?}");
    }
}

/// A code that no table explains: at once, with all that the vendor said.
#[test]
fn field_bug_61_an_unknown_code_is_told_with_the_vendors_words() {
    let says = |status: u16, body: &'static str| {
        let response = Response::builder().status(status).body(body.into()).unwrap();
        reply::read(Call, &response).and_then(|envelope| Err::<(), _>(envelope.refused())).unwrap_err()
    };
    let body = r#"{"code":-4242,"message":"ERROR_CMD_ODD","request_id":"NTk5"}"#;
    for status in [200, 400, 403, 404, 409] {
        let refused = says(status, body);
        assert_eq!(refused.advice, Advice::Fatal, "{status}");
        let text = refused.fault.to_string();
        assert!(text.contains("code -4242, \"ERROR_CMD_ODD\"") && text.contains("request id NTk5"), "{text}");
    }
    for status in [408, 500, 502, 503] {
        assert_eq!(says(status, body).advice, Advice::Unsure, "{status}");
    }
    let nameless = says(400, r#"{"message":"ERROR_CGI_PARAM_MISSING_OP"}"#);
    assert_eq!(nameless.advice, Advice::Fatal);
    assert!(nameless.fault.to_string().contains("(no code, \"ERROR_CGI_PARAM_MISSING_OP\""), "{}", nameless.fault);
    assert_eq!(says(400, r#"{"message":"_ERROR_ODD"}"#).advice, Advice::Fatal);
    // Not the vendor's: what to do is for whoever knows the status.
    assert_ne!(says(400, r#"{"message":"access denied by policy"}"#).advice, Advice::Fatal);
    assert_eq!(advice_by_name("ERROR_PROXY_AUTH_SIGN_EMPTY", StatusCode::FORBIDDEN), Some(Advice::Reauthorize));
    assert_eq!(advice_by_name("ERROR_CGI_PARAM", StatusCode::BAD_GATEWAY), None);
}
