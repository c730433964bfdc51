//! The vendor's own SDK against the listener: `oss2` of Python, with signatures of version 1 and 4.

#![cfg(feature = "listener")]

use std::time::SystemTime;

use resumable_emulator::oss::{FixedCallback, Sts};
use resumable_emulator::{Config, Fault, Rule};
use serde_json::{Value, json};

use crate::client::HEARD;
use crate::sdk::{Sdk, Served};

const PART: u64 = 100 * 1024;

fn serve() -> Option<Served> {
    let mut config = Config::default();
    let answer = r#"{"state":true}"#.to_owned();
    config.oss.callbacks = vec![FixedCallback { url: HEARD.to_owned(), status: 200, answer }];
    Served::to(Sdk::Python("oss2"), config)
}

#[track_caller]
fn run(served: &Served, what: &str, ready: &Value) {
    served.run("oss/oss2_client.py", what, ready);
}

fn object(served: &Served, name: &str) -> std::path::PathBuf {
    served.path("data/oss/examplebucket").join(name)
}

#[test]
fn oss2_uploads_lists_and_reads_back() {
    let Some(served) = serve() else { return };
    run(&served, "everything", &served.ready("oss"));
}

#[test]
fn oss2_does_the_same_with_a_temporary_key() {
    let Some(served) = serve() else { return };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time");
    let Sts { access_key_id, access_key_secret, security_token, .. } = served.emulator.oss().grant(now);
    let mut ready = served.ready("oss");
    ready["bucket"] = json!(served.emulator.oss().sts_bucket());
    ready["access_key_id"] = json!(access_key_id);
    ready["access_key_secret"] = json!(access_key_secret);
    ready["security_token"] = json!(security_token);
    run(&served, "everything", &ready);
}

#[test]
fn oss2_goes_on_where_it_was_interrupted() {
    let Some(served) = serve() else { return };
    for version in ["v1", "v4"] {
        let (parts, lists) = (served.count("upload_part"), served.count("list_parts"));
        served.emulator.inject(Rule::once("upload_part", Fault::DropReply).skip(2));
        run(&served, &format!("interrupted-{version}"), &served.ready("oss"));
        assert_eq!((served.count("upload_part") - parts, object(&served, "resumed-v1").exists()), (3, version == "v4"));
        run(&served, &format!("resumed-{version}"), &served.ready("oss"));
        assert_eq!((served.count("upload_part") - parts, served.count("list_parts") > lists), (5, true));
        let file = std::fs::read(served.path("file.bin")).expect("the file");
        assert_eq!(std::fs::read(object(&served, &format!("resumed-{version}"))).expect("an object"), file);
        assert_eq!(file.len() as u64, 4 * PART + 100);
    }
}

/// Python's `requests` writes a blank of the query as a plus.
#[test]
fn field_bug_81_oss2_lists_keys_with_blanks() {
    let Some(served) = serve() else { return };
    run(&served, "blanks", &served.ready("oss"));
    assert_eq!(std::fs::read(object(&served, "a b/1")).expect("an object"), b"a b/1");
}
