//! Nothing that can be sent brings the emulator down, and how a body is cut into chunks changes nothing.

use proptest::collection::vec;
use proptest::prelude::*;
use resumable_emulator::Emulator;
use serde_json::Value;

use crate::client::*;

const PATHS: [&str; 8] = [AUTH, TO_TOKEN, REFRESH_TOKEN, INIT, RESUME, GET_INFO, FOLDER_ADD, "/open/none"];

fn in_steps(emulator: &Emulator, path: &str, kind: &str, body: &[u8], step: usize) -> (u16, Value) {
    let (head, _) = request("POST", path, Some(ACCESS), kind, Vec::new()).into_parts();
    let mut exchange = emulator.begin(NOW, head);
    for chunk in body.chunks(step.max(1)) {
        exchange.feed(chunk);
    }
    let answer = Answer::of(exchange.end(NOW));
    (answer.status, answer.body)
}

fn kind() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("application/x-www-form-urlencoded".to_owned()),
        Just(format!("multipart/form-data; boundary={BOUNDARY}")),
        "[ -~]{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn any_bytes_at_all(body in vec(any::<u8>(), 0..800), kind in kind(), step in 1usize..100) {
        for path in PATHS {
            let whole = in_steps(&emulator(), path, &kind, &body, usize::MAX);
            prop_assert_eq!(&whole, &in_steps(&emulator(), path, &kind, &body, step));
            prop_assert!(matches!(whole.0, 200 | 404));
        }
    }

    #[test]
    fn any_fields(name in ".{0,40}", size in "[0-9]{0,21}", target in "(U_1_)?[0-9]{0,20}", sha1 in "[0-9a-fA-F]{38,41}",
                  key in ".{0,20}", path in ".{0,20}") {
        let emulator = emulator();
        let fields = [("file_name", name.as_str()), ("file_size", &size), ("target", &target), ("fileid", &sha1),
            ("sign_key", &key), ("sign_val", &key), ("pick_code", &key), ("path", &path)];
        let client = client(&emulator);
        for call in [INIT, RESUME, FOLDER_ADD, GET_INFO] {
            let answer = client.post(call, &fields);
            prop_assert_eq!(answer.status, 200);
            prop_assert!(answer.body["state"].is_boolean());
        }
        prop_assert_eq!(client.get(FILES, &[("cid", &size), ("limit", &size), ("offset", &size), ("o", &name)]).status, 200);
    }

    #[test]
    fn any_head(authorization in "[ -~]{0,60}", host in "[ -~]{0,40}", query in "[a-z=&%0-9+]{0,60}") {
        let emulator = emulator();
        for path in [GET_TOKEN, STATUS, FILES, GET_INFO] {
            if let Ok(request) = http::Request::get(format!("{path}?{query}"))
                .header("host", &host)
                .header("authorization", &authorization)
                .body(bytes::Bytes::new())
            {
                let answer = Answer::of(emulator.handle(NOW, request));
                prop_assert_eq!(answer.status, 200);
                prop_assert!(answer.body["code"].as_i64().is_some_and(|code| code != 0));
            }
        }
    }

    #[test]
    fn any_names_make_files_and_folders_that_are_found_again(names in vec("[ -~é文]{1,12}", 1..8)) {
        let emulator = with(|config| config.p115.names.forbidden = String::new());
        let client = client(&emulator);
        emulator.p115().put_file("theirs", b"x").expect("memory");
        for (turn, name) in names.iter().enumerate() {
            if turn % 2 == 0 {
                client.post(FOLDER_ADD, &[("pid", "0"), ("file_name", name)]);
            } else {
                client.init(name, b"x", &[]);
            }
        }
        let list = client.at(2).get(FILES, &[("show_dir", "1"), ("limit", "1150")]);
        for row in list.succeeds().data().as_array().expect("rows") {
            let id = row["fid"].as_str().expect("an id");
            let info = client.at(2).get(GET_INFO, &[("file_id", id)]);
            prop_assert_eq!(&info.succeeds().data()["file_name"], &row["fn"]);
        }
        for file in emulator.p115().files() {
            prop_assert_eq!(emulator.p115().read_file(&file.path).expect("memory"), Some(b"x".to_vec()));
        }
    }
}
