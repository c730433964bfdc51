//! Nothing that can be sent brings the emulator down, and how a body is cut into chunks changes nothing.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::client::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_head(
        method in "(GET|PUT|POST|HEAD|DELETE|OPTIONS)",
        path in "(/examplebucket-1250000000)?[a-z/%0-9.]{0,30}(\\?[a-zA-Z=&%0-9;-]{0,40})?",
        authorization in "(q-sign-algorithm=sha1&q-ak=AKIDemulator&q-sign-time=[0-9;]{0,40}&q-key-time=[0-9]{1,22};[0-9]{1,22}&q-header-list=[a-z%;-]{0,20}&q-url-param-list=[a-z%;-]{0,20}&q-signature=|q-[a-z]{0,9}=)?[ -~]{0,80}",
        host in "[a-z0-9.:\\[\\]-]{0,30}",
        length in "[0-9-]{0,22}",
    ) {
        let emulator = emulator();
        if let Ok(request) = http::Request::builder()
            .method(method.as_str())
            .uri(format!("/{}", path.trim_start_matches('/')))
            .header("host", host)
            .header("content-length", length)
            .header("x-cos-meta-n", "1")
            .header("authorization", authorization)
            .body(bytes::Bytes::from_static(b"<x"))
        {
            let status = emulator.handle(NOW, request).response.status();
            prop_assert!(status.is_client_error(), "{status}");
        }
    }

    #[test]
    fn any_signed_request(
        method in prop_oneof![Just("GET"), Just("PUT"), Just("POST"), Just("HEAD"), Just("DELETE")],
        key in "\\PC{0,20}",
        names in vec("(uploads|uploadId|partNumber|prefix|marker|max-keys|key-marker|encoding-type|delimiter)", 0..3),
        value in "\\PC{0,12}",
        limit in proptest::option::of("[0-9a-z]{0,12}"),
        body in vec(any::<u8>(), 0..60),
    ) {
        let emulator = emulator();
        put(&emulator, "a文", b"x").succeeds();
        let mut ask = ask(method, &key).body(&body);
        // Signed once each, as clients do.
        let names: std::collections::BTreeSet<String> = names.into_iter().collect();
        for name in &names {
            ask = ask.query(name, &value);
        }
        if let Some(limit) = limit {
            ask = ask.header("x-cos-traffic-limit", &limit);
        }
        let status = ask.send(&emulator).status;
        prop_assert!(status < 500 || status == 501, "{status}");
        prop_assert!(status != 403, "{status}");
    }

    #[test]
    fn any_list_of_parts(body in "[<>/&;a-zA-Z0-9\"! \\[\\]-]{0,120}", step in 1usize..40) {
        let emulator = emulator();
        let id = uploaded(&emulator, "a", &[b"x"]);
        let (head, body) = ask("POST", "a").query("uploadId", &id).body(body.as_bytes()).request().into_parts();
        let mut exchange = emulator.begin(NOW, head);
        body.chunks(step).for_each(|chunk| exchange.feed(chunk));
        Answer::of(exchange.end(NOW)).refuses(400, "MalformedXML");
    }

    #[test]
    fn a_list_of_parts_with_changed_bytes(at in 0usize..200, with in vec(any::<u8>(), 0..6), drop in 0usize..9) {
        let emulator = emulator();
        let id = uploaded(&emulator, "a", &[b"x"]);
        let mut body = list_xml(&[(1, &tag(b"x"))]);
        let at = at.min(body.len());
        body.splice(at..(at + drop).min(body.len()), with);
        let status = ask("POST", "a").query("uploadId", &id).body(&body).send(&emulator).status;
        prop_assert!(status == 200 || status == 400);
        prop_assert_eq!(stored(&emulator, "a").is_some(), status == 200);
    }

    #[test]
    fn keys_come_back_as_they_were(key in "[a-c%2F0\\./ \u{1}\u{7f}文-]{1,24}") {
        let folder = tempfile::tempdir().expect("a folder");
        let at = || {
            let storage = resumable_emulator::DiskStorage::open(folder.path()).expect("a folder");
            resumable_emulator::Emulator::new(tiny(|_| {}), Box::new(storage)).expect("an emulator")
        };
        let is_good = put(&at(), &key, key.as_bytes()).status == 200;
        prop_assert_eq!(is_good, !key.starts_with('/'));
        if is_good {
            prop_assert_eq!(stored(&at(), &key), Some(key.as_bytes().to_vec()));
            let listed = ask("GET", "").query("encoding-type", "url").send(&at()).succeeds().text("Key");
            prop_assert_eq!(listed, encoded(&key));
        }
    }

    #[test]
    fn parts_of_any_length_in_any_order(sent in vec((1u32..6, 1usize..200), 1..12), step in 1usize..90) {
        let emulator = with(|config| {
            config.cos_xml.switches.min_part_enforced = false;
            config.cos_xml.switches.contiguous_parts = false;
        });
        let id = initiate(&emulator, "a");
        let mut expected = std::collections::BTreeMap::new();
        for (turn, (number, length)) in sent.into_iter().enumerate() {
            let content = vec![u8::try_from(turn).expect("few"); length];
            let (head, body) = ask_part("a", &id, number, &content).request().into_parts();
            let mut exchange = emulator.begin(NOW, head);
            body.chunks(step).for_each(|chunk| exchange.feed(chunk));
            let answer = Answer::of(exchange.end(NOW)).succeeds();
            prop_assert_eq!(answer.etag(), tag(&content));
            expected.insert(number, content);
        }
        let named: Vec<(u32, &[u8])> = expected.iter().map(|(number, bytes)| (*number, bytes.as_slice())).collect();
        let whole: Vec<u8> = expected.values().flatten().copied().collect();
        let done = complete(&emulator, "a", &id, &named).succeeds();
        prop_assert_eq!(done.crc64(), put(&with(|_| {}), "b", &whole).crc64());
        prop_assert_eq!(stored(&emulator, "a"), Some(whole));
    }
}
