//! The vendor's own SDKs against the listener: for Python and for Node.

#![cfg(feature = "listener")]

use resumable_emulator::{Config, Fault, Rule};
use serde_json::json;

use crate::sdk::{Sdk, Served};

const PYTHON: (Sdk, &str) = (Sdk::Python("cos-python-sdk-v5"), "cos_xml/sdk_client.py");
const NODE: (Sdk, &str) = (Sdk::Node("cos-nodejs-sdk-v5"), "cos_xml/sdk_client.js");

fn do_everything((sdk, script): (Sdk, &str)) {
    let Some(served) = Served::to(sdk, Config::default()) else { return };
    served.run(script, "everything", &served.ready("cos-xml"));
}

/// Each finds its upload by asking for those that are open at the key.
fn go_on((sdk, script): (Sdk, &str)) {
    let Some(served) = Served::to(sdk, Config::default()) else { return };
    let ready = served.ready("cos-xml");
    served.emulator.inject(Rule::once("upload_part", Fault::DropReply).skip(2));
    served.run(script, "interrupted", &ready);
    let (sent, lists) = (served.count("upload_part"), served.count("list_parts"));
    served.run(script, "resumed", &ready);
    assert_eq!((served.count("initiate"), served.count("complete")), (1, 1));
    assert!(served.count("upload_part") < sent + 7, "what had arrived was sent again");
    assert!(served.count("list_parts") > lists && served.count("list_uploads") > 0);
}

#[test]
fn pythons_sdk_uploads_lists_aborts_and_reads_back() {
    do_everything(PYTHON);
}

#[test]
fn nodes_sdk_uploads_lists_aborts_and_reads_back() {
    do_everything(NODE);
}

#[test]
fn pythons_sdk_goes_on_where_it_was_interrupted() {
    go_on(PYTHON);
}

#[test]
fn nodes_sdk_goes_on_where_it_was_interrupted() {
    go_on(NODE);
}

/// One signs the token, the other adds it when everything is signed.
#[test]
fn both_take_temporary_keys() {
    for (sdk, script) in [PYTHON, NODE] {
        let Some(served) = Served::to(sdk, Config::default()) else { continue };
        let now = std::time::SystemTime::now().duration_since(std::time::SystemTime::UNIX_EPOCH).expect("a time");
        let key = served.emulator.cos_xml().grant(now);
        let mut ready = served.ready("cos-xml");
        ready["secret_id"] = json!(key.secret_id);
        ready["secret_key"] = json!(key.secret_key);
        ready["security_token"] = json!(key.security_token);
        served.run(script, "everything", &ready);
    }
}
