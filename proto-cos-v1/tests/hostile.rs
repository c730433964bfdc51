//! Whatever a server sends, the decoders answer, and the machine comes to an end.

mod far;

use bytes::Bytes;
use far::{Server, Trouble, World, content, parallel, slices, start};
use http::Response;
use proptest::prelude::*;
use resumable_proto_cos_v1::upload_slice_init::InitReply;
use resumable_proto_cos_v1::*;

fn decode_all(status: u16, body: &[u8]) {
    let response = Response::builder().status(status).body(Bytes::copy_from_slice(body)).unwrap();
    checked(upload::decode(&response).err());
    checked(upload_slice::decode(&response).err());
    checked(stat::decode(&response).err());
    match upload_slice_init::decode(&response) {
        Ok(InitReply::Opened(opened)) => assert!(opened.slice_size != Some(0) && !opened.session.is_empty()),
        other => checked(other.err()),
    }
}

fn checked(refused: Option<Refused>) {
    if let Some(refused) = refused {
        let text = refused.fault.to_string();
        assert!(!text.contains(char::is_control), "{text:?}");
        assert!(text.chars().count() < 900, "{text}");
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
        Just("5.0".to_owned()),
        (0u64..90).prop_map(|n| n.to_string()),
        any::<i64>().prop_map(|n| format!("\"{n}\"")),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        Just("\"s\"".to_owned()),
    ];
    let names = vec![
        "code",
        "message",
        "request_id",
        "data",
        "session",
        "slice_size",
        "offset",
        "filesize",
        "filelen",
        "sha",
        "access_url",
        "url",
        "resource_path",
        "other",
    ];
    let key = prop::sample::select(names);
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

/// A reply that could be one: offsets, sizes and addresses drawn at random.
fn reply() -> impl Strategy<Value = (u16, String)> {
    let code = prop::sample::select(vec![0, 0, 0, 0, -166, -177, -288, -4016, -4018, -5997, -5999, -71, -98]);
    let (offset, slice_size) = (0u64..90, 0u64..40);
    let session = prop::sample::select(vec!["S1+a/b==", "S1+a/b==", "S2", ""]);
    let urls = prop::sample::select(vec!["", "", r#","url":"http://u""#]);
    (code, offset, slice_size, session, urls).prop_map(|(code, offset, slice_size, session, urls)| {
        let data = format!(r#"{{"offset":{offset},"slice_size":{slice_size},"session":"{session}"{urls}}}"#);
        (if code == 0 { 200 } else { 400 }, format!(r#"{{"code":{code},"message":"M","data":{data}}}"#))
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
    fn any_data_of_a_success(data in json()) {
        decode_all(200, format!("{{\"code\":0,\"data\":{data}}}").as_bytes());
    }

    #[test]
    fn lies_in_any_number_end_in_the_content_or_in_an_error(
        lies in prop::collection::btree_map(0usize..60, (reply(), any::<bool>()), 0..60),
        side_by_side in any::<bool>(),
    ) {
        let mut world = World::new(Server::new(), content(71));
        let address = lies.values().any(|((_, body), _)| body.contains("url"));
        for (request, ((status, body), does)) in lies {
            let trouble = if does { Trouble::DoesAndSays(status, body) } else { Trouble::Says(status, body) };
            world = world.with(request, trouble);
        }
        let run = start(world, if side_by_side { parallel() } else { slices() });
        let content = run.world.content.clone();
        let there = run.world.server.object.as_ref() == Some(&content);
        // An address is the vendor's word that it is complete; no other lie makes a success of less than the content.
        prop_assert!(run.end.unwrap().is_err() || there || address, "{:?}", run.asked);
    }
}
