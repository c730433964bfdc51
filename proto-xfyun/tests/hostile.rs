//! Whatever a server sends, the decoders answer.

use bytes::Bytes;
use http::Response;
use proptest::prelude::*;
use resumable_core::Advice;
use resumable_proto_xfyun::*;

fn decode_all(status: u16, body: &[u8]) {
    let response = Response::builder().status(status).body(Bytes::copy_from_slice(body)).unwrap();
    checked(upload::decode(&response)).inspect(|stored| assert!(!stored.url.is_empty()));
    checked(mpupload_complete::decode(&response)).inspect(|stored| assert!(!stored.url.contains(char::is_control)));
    checked(mpupload_init::decode(&response)).inspect(|opened| {
        assert!(opened.upload_id.bytes().all(|b| b.is_ascii_graphic()) && opened.upload_id.len() <= 256);
    });
    checked(mpupload_upload::decode(&response));
    checked(mpupload_cancel::decode(&response));
}

fn checked<T>(decoded: Result<T, Refused>) -> Option<T> {
    decoded
        .inspect_err(|refused| {
            let text = refused.fault.to_string();
            assert!(!text.contains(char::is_control), "{text:?}");
            assert!(text.chars().count() < 900, "{text}");
            assert!(!matches!(refused.advice, Advice::Throttled { least, .. } if !least.is_zero()));
        })
        .ok()
}

/// JSON of any shape, with the vendor's names in it.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<u64>().prop_map(|n| n.to_string()),
        Just("0".to_owned()),
        Just("\"0\"".to_owned()),
        Just("1e999".to_owned()),
        Just("-0.0".to_owned()),
        Just("99999999999999999999999999999999999999999".to_owned()),
        prop::sample::select(vec!["10001", "10005", "\"10005\"", "11202"]).prop_map(str::to_owned),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ];
    let key = prop::sample::select(vec!["code", "message", "sid", "data", "url", "upload_id", "other"]);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec((key.clone(), inner), 0..6).prop_map(|all| {
                let fields: Vec<_> = all.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes(status in 100u16..1000, body in prop::collection::vec(any::<u8>(), 0..300)) {
        decode_all(status, &body);
    }

    #[test]
    fn any_json(status in 100u16..1000, body in json()) {
        decode_all(status, body.as_bytes());
    }

    #[test]
    fn any_data_of_a_success(data in json(), text in any::<String>()) {
        decode_all(200, format!("{{\"code\":0,\"data\":{data}}}").as_bytes());
        let text = serde_json::to_string(&text).unwrap();
        decode_all(200, format!("{{\"code\":0,\"data\":{{\"url\":{text},\"upload_id\":{text}}}}}").as_bytes());
    }

    #[test]
    fn any_beginning_of_a_reply(end in 0usize..100) {
        let whole = r#"{"code":0,"data":{"url":"https://a/b","upload_id":"up_1"},"message":"success","sid":"ost"}"#;
        let response = Response::new(Bytes::copy_from_slice(&whole.as_bytes()[..end.min(whole.len() - 1)]));
        prop_assert!(mpupload_upload::decode(&response).is_err());
        prop_assert!(mpupload_cancel::decode(&response).is_err());
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"data\":", "}")] {
        let deep = format!("{}0{}", open.repeat(10_000), close.repeat(10_000));
        decode_all(200, deep.as_bytes());
        for field in ["data", "code", "message", "sid", "other"] {
            decode_all(200, format!("{{\"code\":0,\"{field}\":{deep}}}").as_bytes());
        }
    }
}
