//! The vendor's own SDK against the listener: `oss2` of Python, with signatures of version 1 and 4.
//!
//! `RESUMABLE_PYTHON` names a Python that has it; then it has to be there. Without that, `python3` is asked, and if it has
//! no `oss2` the tests say so and do nothing.

#![cfg(feature = "listener")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::SystemTime;

use resumable_emulator::oss::Sts;
use resumable_emulator::{Config, DiskStorage, Emulator, Fault, Listener, Rule};
use serde_json::{Value, json};

use crate::client::HEARD;

const PART: u64 = 100 * 1024;
const VARIABLE: &str = "RESUMABLE_PYTHON";

/// A Python that has `oss2`.
fn python() -> Option<String> {
    let named = std::env::var(VARIABLE).ok().filter(|name| !name.is_empty());
    let program = named.clone().unwrap_or_else(|| "python3".to_owned());
    let found = Command::new(&program).args(["-c", "import oss2"]).output();
    match found {
        Ok(output) if output.status.success() => Some(program),
        other => {
            let why =
                other.map_or_else(|error| error.to_string(), |it| String::from_utf8_lossy(&it.stderr).into_owned());
            assert_eq!(named, None, "{VARIABLE} has no oss2: {why}");
            println!("SKIPPED: `{program}` has no oss2 ({}); name one that has in {VARIABLE}", why.trim());
            None
        }
    }
}

struct Served {
    python: String,
    emulator: Arc<Emulator>,
    listener: Listener,
    folder: tempfile::TempDir,
}

fn serve() -> Option<Served> {
    let python = python()?;
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::default();
    config.oss.callbacks = vec![resumable_emulator::oss::FixedCallback {
        url: HEARD.to_owned(),
        status: 200,
        answer: r#"{"state":true}"#.to_owned(),
    }];
    let storage = DiskStorage::open(folder.path().join("data")).expect("a folder");
    let emulator = Arc::new(Emulator::new(config, Box::new(storage)).expect("an emulator"));
    let listener = Listener::bind("127.0.0.1:0", Arc::clone(&emulator)).expect("a port");
    Some(Served { python, emulator, listener, folder })
}

impl Served {
    fn ready(&self) -> Value {
        self.emulator.ready_line(&self.listener.base_url())["oss"].clone()
    }

    #[track_caller]
    fn run(&self, what: &str, ready: &Value) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oss/oss2_client.py");
        let mut command = Command::new(&self.python);
        command.arg(script).arg(what).arg(ready.to_string()).arg(self.folder.path());
        command.env("NO_PROXY", "*").env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONIOENCODING", "utf-8");
        let output = command.output().expect("it starts");
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn object(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join("data/oss/examplebucket").join(name)
    }

    fn count(&self, op: &str) -> usize {
        self.emulator.log().iter().filter(|entry| entry.op == op).count()
    }
}

#[test]
fn oss2_uploads_lists_and_reads_back() {
    let Some(served) = serve() else { return };
    served.run("everything", &served.ready());
}

#[test]
fn oss2_does_the_same_with_a_temporary_key() {
    let Some(served) = serve() else { return };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time");
    let Sts { access_key_id, access_key_secret, security_token, .. } = served.emulator.oss().grant(now);
    let mut ready = served.ready();
    ready["bucket"] = json!(served.emulator.oss().sts_bucket());
    ready["access_key_id"] = json!(access_key_id);
    ready["access_key_secret"] = json!(access_key_secret);
    ready["security_token"] = json!(security_token);
    served.run("everything", &ready);
}

#[test]
fn oss2_goes_on_where_it_was_interrupted() {
    let Some(served) = serve() else { return };
    for version in ["v1", "v4"] {
        let (parts, lists) = (served.count("upload_part"), served.count("list_parts"));
        served.emulator.inject(Rule::once("upload_part", Fault::DropReply).skip(2));
        served.run(&format!("interrupted-{version}"), &served.ready());
        assert_eq!((served.count("upload_part") - parts, served.object("resumed-v1").exists()), (3, version == "v4"));
        served.run(&format!("resumed-{version}"), &served.ready());
        assert_eq!((served.count("upload_part") - parts, served.count("list_parts") > lists), (5, true));
        let file = std::fs::read(served.folder.path().join("file.bin")).expect("the file");
        assert_eq!(std::fs::read(served.object(&format!("resumed-{version}"))).expect("an object"), file);
        assert_eq!(file.len() as u64, 4 * PART + 100);
    }
}

/// Python's `requests` writes a blank of the query as a plus.
#[test]
fn field_bug_81_oss2_lists_keys_with_blanks() {
    let Some(served) = serve() else { return };
    served.run("blanks", &served.ready());
    assert_eq!(std::fs::read(served.object("a b/1")).expect("an object"), b"a b/1");
}
