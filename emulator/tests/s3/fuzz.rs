//! Nothing that can be sent brings the emulator down, and how a body is cut into chunks changes nothing.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::client::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_head(
        method in "(GET|PUT|POST|HEAD|DELETE|OPTIONS)",
        path in "(/emubucket)?[a-z/%0-9.]{0,30}(\\?[a-zA-Z=&%0-9-]{0,40})?",
        authorization in "(AWS4-HMAC-SHA256 )?[ -~]{0,200}",
        scope in "Credential=[ -~]{0,60}, ?SignedHeaders=[a-z;-]{0,30}, ?Signature=[0-9a-f]{0,64}",
        host in "[a-z0-9.:\\[\\]-]{0,30}",
        date in "[ -~]{0,40}",
    ) {
        let emulator = emulator();
        for authorization in [authorization, format!("AWS4-HMAC-SHA256 {scope}")] {
            if let Ok(request) = http::Request::builder()
                .method(method.as_str())
                .uri(format!("/{}", path.trim_start_matches('/')))
                .header("host", &host)
                .header("x-amz-date", &date)
                .header("x-amz-content-sha256", &date)
                .header("authorization", authorization)
                .body(bytes::Bytes::from_static(b"<x"))
            {
                let status = emulator.handle(NOW, request).response.status();
                prop_assert!(status.is_client_error());
            }
        }
    }

    #[test]
    fn any_signed_request(
        method in prop_oneof![Just("GET"), Just("PUT"), Just("POST"), Just("HEAD"), Just("DELETE")],
        key in "\\PC{0,20}",
        names in vec("(uploads|uploadId|partNumber|max-parts|part-number-marker|list-type|location)", 0..3),
        value in "\\PC{0,12}",
        header in "(x-amz-checksum-(crc32|sha256|type|algorithm|mode|x)|content-md5|if-match|if-none-match|x-amz-acl|range)",
        said in "[!-~]{1,30}",
        body in vec(any::<u8>(), 0..60),
    ) {
        let emulator = emulator();
        let mut ask = ask(method, &key).body(&body).header(&header, &said);
        for name in &names {
            ask = ask.query(name, &value);
        }
        let status = ask.send(&emulator).status;
        prop_assert!(status < 500 || status == 501, "{status}");
    }

    #[test]
    fn any_framed_body(body in "[0-9a-f;:\r\n x-]{0,80}", step in 1usize..20) {
        let emulator = emulator();
        let framed = ask("PUT", "a").body(b"hello").chunked(None).body(body.as_bytes());
        let (head, body) = framed.request().into_parts();
        let mut exchange = emulator.begin(NOW, head);
        body.chunks(step).for_each(|chunk| exchange.feed(chunk));
        prop_assert_eq!(Answer::of(exchange.end(NOW)).status, 400);
    }

    #[test]
    fn any_list_of_parts(body in "[<>/&;a-zA-Z0-9\"! \\[\\]-]{0,120}", step in 1usize..40) {
        let emulator = emulator();
        let id = initiate(&emulator, "a");
        part(&emulator, "a", &id, 1, b"x").succeeds();
        let (head, body) = ask("POST", "a").query("uploadId", &id).body(body.as_bytes()).request().into_parts();
        let mut exchange = emulator.begin(NOW, head);
        body.chunks(step).for_each(|chunk| exchange.feed(chunk));
        Answer::of(exchange.end(NOW)).refuses(400, "MalformedXML");
    }

    #[test]
    fn a_list_of_parts_with_changed_bytes(at in 0usize..200, with in vec(any::<u8>(), 0..6), drop in 0usize..9) {
        let emulator = emulator();
        let id = initiate(&emulator, "a");
        part(&emulator, "a", &id, 1, b"x").succeeds();
        let mut body = list_xml(&[(1, &tag(b"x"), "")]);
        let at = at.min(body.len());
        body.splice(at..(at + drop).min(body.len()), with);
        let status = ask("POST", "a").query("uploadId", &id).body(&body).send(&emulator).status;
        prop_assert!(status == 200 || status == 400);
        prop_assert_eq!(stored(&emulator, "a").is_some(), status == 200);
    }

    #[test]
    fn parts_of_any_length_in_any_order(
        sent in vec((1u32..6, 0usize..200), 1..12),
        step in 1usize..90,
        framed in any::<bool>(),
    ) {
        let emulator = with(|config| config.s3.limits.part_min = 0);
        let id = initiate(&emulator, "a");
        let mut expected = std::collections::BTreeMap::new();
        for (turn, (number, length)) in sent.into_iter().enumerate() {
            let content = vec![u8::try_from(turn).expect("few"); length];
            let ask = ask_part("a", &id, number, &content);
            let (head, body) = if framed { ask.chunked(None) } else { ask }.request().into_parts();
            let mut exchange = emulator.begin(NOW, head);
            body.chunks(step).for_each(|chunk| exchange.feed(chunk));
            let answer = Answer::of(exchange.end(NOW)).succeeds();
            prop_assert_eq!(answer.etag(), tag(&content));
            expected.insert(number, content);
        }
        let named: Vec<(u32, &[u8])> = expected.iter().map(|(number, bytes)| (*number, bytes.as_slice())).collect();
        let whole: Vec<u8> = expected.values().flatten().copied().collect();
        let done = complete(&emulator, "a", &id, &named).succeeds();
        let same = put(&emulator, "b", &whole).succeeds();
        prop_assert_eq!(done.text("ChecksumCRC64NVME"), same.header("x-amz-checksum-crc64nvme"));
        prop_assert_eq!(stored(&emulator, "a"), Some(whole));
    }
}
