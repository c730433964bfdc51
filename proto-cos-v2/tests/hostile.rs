//! Whatever a server sends, the decoders answer.

use bytes::Bytes;
use http::Response;
use proptest::prelude::*;
use resumable_core::Advice;
use resumable_proto_cos_v2::upload_slice_list::ListReply;
use resumable_proto_cos_v2::*;

fn decode_all(status: u16, body: &[u8]) {
    let response = Response::builder().status(status).body(Bytes::copy_from_slice(body)).unwrap();
    checked(upload::decode(&response));
    checked(upload_slice_init::decode(&response));
    checked(upload_slice_data::decode(0, 5, &response));
    checked(upload_slice_finish::decode(&response));
    checked(delete::decode(&response));
    checked(stat::decode(&response));
    let list = upload_slice_list::decode(&response);
    if let Ok(ListReply::Unfinished { listparts, filesize, .. }) = &list {
        for part in listparts {
            let end = part.offset.checked_add(part.datalen).expect("a slice without an end");
            assert!(part.datalen > 0 && end <= filesize.unwrap_or(u64::MAX));
        }
    }
    checked(list);
}

fn checked<T>(decoded: Result<T, Refused>) {
    if let Err(refused) = decoded {
        let text = refused.fault.to_string();
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(text.chars().count() < 900, "{text}");
        assert!(!matches!(refused.advice, Advice::Throttled { least, .. } if !least.is_zero()));
    }
}

/// JSON of any shape, with the vendor's names in it.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<u64>().prop_map(|n| n.to_string()),
        Just("1e999".to_owned()),
        Just("-0.0".to_owned()),
        Just("5.0".to_owned()),
        Just("99999999999999999999999999999999999999999".to_owned()),
        any::<i64>().prop_map(|n| format!("\"{n}\"")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("\"[{\\\"offset\\\":0,\\\"datalen\\\":9}]\"".to_owned()),
        Just("\"s\"".to_owned()),
    ];
    let key = prop::sample::select(vec![
        "code",
        "message",
        "request_id",
        "data",
        "session",
        "slice_size",
        "serial_upload",
        "filesize",
        "filelen",
        "listparts",
        "offset",
        "datalen",
        "sha",
        "access_url",
        "url",
        "other",
    ]);
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec((key.clone(), inner), 0..8).prop_map(|all| {
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
    fn any_data_of_a_success(data in json(), session in "[a-z]{0,3}", parts in json()) {
        decode_all(200, format!("{{\"code\":0,\"data\":{data}}}").as_bytes());
        let list = format!("{{\"code\":0,\"data\":{{\"session\":\"{session}\",\"slice_size\":64,\"listparts\":{parts}}}}}");
        decode_all(200, list.as_bytes());
    }

    #[test]
    fn any_beginning_of_a_reply(end in 0usize..130) {
        let whole = r#"{"code":0,"message":"SUCCESS","data":{"session":"s","slice_size":1048576,"filesize":5,"listparts":[{"offset":0,"datalen":5}]}}"#;
        let cut = &whole.as_bytes()[..end.min(whole.len() - 1)];
        let response = Response::new(Bytes::copy_from_slice(cut));
        prop_assert!(upload_slice_list::decode(&response).is_err());
        prop_assert!(delete::decode(&response).is_err());
    }
}

#[test]
fn deep_nesting_does_not_exhaust_the_stack() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"data\":", "}"), ("{\"listparts\":", "}")] {
        let deep = format!("{}0{}", open.repeat(100_000), close.repeat(100_000));
        decode_all(200, deep.as_bytes());
        for field in ["data", "code", "message", "other"] {
            decode_all(200, format!("{{\"code\":0,\"{field}\":{deep}}}").as_bytes());
        }
        for field in ["session", "listparts", "offset", "other"] {
            decode_all(
                200,
                format!("{{\"code\":0,\"data\":{{\"session\":\"s\",\"slice_size\":64,\"{field}\":{deep}}}}}")
                    .as_bytes(),
            );
        }
        let entry = format!(
            "{{\"code\":0,\"data\":{{\"session\":\"s\",\"slice_size\":64,\"listparts\":[{{\"offset\":{deep}}}]}}}}"
        );
        decode_all(200, entry.as_bytes());
    }
}
