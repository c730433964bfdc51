//! COS v1: nothing that can be sent brings it down, and how a body is cut into chunks changes nothing.

use crate::client::v1::{URL, init, stored, unfinished};
use crate::client::{File, NOW, Text, bytes, emulator, form, multi, post};
use http::Request;
use proptest::collection::vec;
use proptest::prelude::*;

fn field() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![
        Just("op"),
        Just("session"),
        Just("offset"),
        Just("filesize"),
        Just("sha"),
        Just("slice_size"),
        Just("insertOnly")
    ];
    let value = prop_oneof![
        Just("upload_slice".to_owned()),
        Just("upload".to_owned()),
        Just("stat".to_owned()),
        Just("SESSION".to_owned()),
        Just("0".repeat(40)),
        any::<u64>().prop_map(|number| number.to_string()),
        (0u64..300).prop_map(|number| number.to_string()),
        "[ -~]{0,20}",
    ];
    (name.prop_map(str::to_owned), value)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn any_fields(fields in vec(field(), 0..7), file in proptest::option::of(0usize..200), op in any::<bool>(), step in 1usize..300) {
        let outcome = |step: usize| {
            let emulator = emulator();
            let session = init(&emulator, &bytes(100)).session();
            let content = file.map(bytes);
            let mut parts: Vec<_> = fields
                .iter()
                .map(|(name, value)| Text(name, if value == "SESSION" { &session } else { value }))
                .collect();
            if op {
                parts.push(Text("op", "upload_slice"));
            }
            parts.extend(content.as_deref().map(File));
            let mut exchange = emulator.begin(NOW, post(URL, &multi(), Vec::new()).into_parts().0);
            form(&parts).chunks(step).for_each(|chunk| exchange.feed(chunk));
            let reply = exchange.end(NOW);
            (reply.response.status().as_u16(), stored(&emulator), unfinished(&emulator))
        };
        let whole = outcome(usize::MAX);
        prop_assert!(matches!(whole.0, 200 | 400), "{whole:?}");
        prop_assert_eq!(whole, outcome(step));
    }

    #[test]
    fn any_bytes_at_all(body in vec(any::<u8>(), 0..2000), step in 1usize..100) {
        let emulator = emulator();
        let mut exchange = emulator.begin(NOW, post(URL, &multi(), Vec::new()).into_parts().0);
        body.chunks(step).for_each(|chunk| exchange.feed(chunk));
        prop_assert_eq!(exchange.end(NOW).response.status(), 400);
    }

    #[test]
    fn any_path(path in "/files/v1/10055004/accesslog/[ -~&&[^ \"<>\\\\^`{|}#]]{0,60}") {
        let emulator = emulator();
        if let Ok(request) = Request::post(path).header("Authorization", multi()).body(bytes::Bytes::new()) {
            prop_assert_eq!(emulator.handle(NOW, request).response.status(), 400);
        }
    }
}
