//! What the command shows: JSON for programs, a log file, more and less than usual, terminals of every kind.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use boon::{Compiler, SchemaIndex, Schemas};
use resumable_emulator::{Fault, Rule};
use serde_json::{Value, json};

use crate::kit::{Home, PART, Ran};

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/events.schema.json");

/// `docs/events.schema.json`.
struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let index = compiler.compile(SCHEMA, &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn refuses(&self, object: &Value) -> Option<String> {
        self.schemas.validate(object, self.index).err().map(|error| format!("{error:#}"))
    }

    /// The objects that it wrote, each of them what the schema says.
    fn objects(&self, ran: &Ran) -> Vec<Value> {
        let object = |line: &str| {
            let object: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            assert_eq!(self.refuses(&object), None, "{object:#}");
            object
        };
        ran.out.lines().map(object).collect()
    }
}

fn events(objects: &[Value]) -> Vec<&str> {
    objects.iter().map(|object| object["event"].as_str().unwrap()).collect()
}

fn find<'a>(objects: &'a [Value], event: &str) -> &'a Value {
    let found = objects.iter().find(|object| object["event"] == event);
    found.unwrap_or_else(|| panic!("no {event}: {objects:#?}"))
}

#[test]
fn programs_are_told_each_event_as_the_schema_says() {
    let (schema, home) = (Schema::new(), Home::new());
    let file = home.file("big.bin", 10 * PART, 71);
    let ran = home.put(&file, "/a b.bin", &["--json"]).ends(0);
    assert_eq!(ran.err, "", "nothing but objects");
    let objects = schema.objects(&ran);
    let told = events(&objects);
    assert_eq!(
        (told[..2].to_vec(), told[told.len() - 2..].to_vec()),
        (vec!["plan", "begin"], vec!["result", "summary"])
    );
    assert!(told.contains(&"progress"), "{told:?}");
    let result = find(&objects, "result");
    assert_eq!((&result["how"], &result["parts"], &result["bytes"]), (&json!("parts"), &json!(10), &json!(10 * PART)));
    assert_eq!((&result["destination"], &result["resumed_from"]), (&json!("emu:/a b.bin"), &json!(0)));
    assert_eq!(result["digest"]["value"].as_str().unwrap().len(), 40);
    let summary = find(&objects, "summary");
    assert_eq!(
        (&summary["sent"], &summary["failed"], &summary["bytes_sent"]),
        (&json!(1), &json!(0), &json!(10 * PART))
    );
}

#[test]
fn programs_are_told_of_trouble_and_of_each_request() {
    let (schema, home) = (Schema::new(), Home::new());
    let file = home.file("big.bin", 10 * PART, 72);
    home.break_off(&file, "/x");
    let stored = home.confirmed();
    home.emulator.inject(Rule::once("upload_slice_list", Fault::Unavailable).times(2));
    home.emulator.inject(Rule::once("upload_slice_data", Fault::Unavailable));
    let objects = schema.objects(&home.put(&file, "/x", &["--json", "-v"]).ends(0));
    assert!(find(&objects, "begin")["resumed_from"].as_u64().unwrap() >= stored, "{objects:#?}");
    let retries: Vec<&Value> = objects.iter().filter(|object| object["event"] == "retry").collect();
    assert_eq!(retries.len(), 3, "{retries:#?}");
    assert_eq!(
        (&retries[0]["call"], &retries[0]["tries"], &retries[0]["from"]),
        (&json!("upload_slice_list"), &json!(1), &json!(null))
    );
    assert_eq!(retries[1]["tries"], 2);
    assert!(retries[0]["gives_up_in_seconds"].as_f64().unwrap() > 3000.0, "{retries:#?}");
    let (from, to) = (retries[2]["from"].as_u64().unwrap(), retries[2]["to"].as_u64().unwrap());
    assert_eq!((retries[2]["call"].as_str(), to - from), (Some("upload_slice_data"), PART));
    let waiting = find(&objects, "waiting");
    let id = retries[0]["request_id"].as_str().unwrap();
    assert!(retries[0]["reason"].as_str().unwrap().contains(id), "{retries:#?}");
    assert!(!waiting["reason"].as_str().unwrap().contains(id), "the reason alone: {waiting:#}");
    let requests: Vec<&Value> = objects.iter().filter(|object| object["event"] == "request").collect();
    let result = find(&objects, "result");
    assert_eq!(requests.len() as u64, result["requests"].as_u64().unwrap(), "{requests:#?}");
    assert!(requests.iter().any(|request| request["status"] == 503), "{requests:#?}");
}

#[test]
fn programs_are_told_why_it_failed() {
    let (schema, home) = (Schema::new(), Home::new());
    let file = home.file("big.bin", 10 * PART, 73);
    let missing = home.put(&home.path("none"), "/x", &["--json"]).ends(3);
    let failed = schema.objects(&missing);
    let failed = find(&failed, "failed");
    assert_eq!((&failed["code"], &failed["kind"]), (&json!(3), &json!("source")));
    home.emulator.inject(Rule::once("upload_slice_finish", Fault::Unavailable).times(1000));
    let objects = schema.objects(&home.put(&file, "/x", &["--json", "--patience", "2s"]).ends(5));
    let failed = find(&objects, "failed");
    assert_eq!((&failed["code"], &failed["kind"]), (&json!(5), &json!("gave_up")));
    assert!(failed["message"].as_str().unwrap().contains("gave up"), "{failed:#}");
    assert!(!failed["advice"].as_array().unwrap().is_empty(), "{failed:#}");
    assert_eq!(find(&objects, "summary")["failed"], 1);
}

#[test]
fn the_list_is_one_object_as_the_schema_says() {
    let (schema, home) = (Schema::new(), Home::new());
    let file = home.file("big.bin", 10 * PART, 82);
    home.break_off(&file, "/x");
    let store = crate::moved::oss();
    store.break_off(&store.file("big.bin", 16 * PART, 74), "/x");
    std::fs::remove_file(store.checkpoint()).unwrap();
    let remote = schema.objects(&store.run(&["list", "--remote", "emu", "--json"]).ends(0));
    assert_eq!((&remote[0]["event"], remote[0]["uploads"].as_array().unwrap().len()), (&json!("remote"), 1));
    let objects = schema.objects(&home.run(&["list", "--json"]).ends(0));
    assert_eq!((objects.len(), &objects[0]["event"]), (1, &json!("list")));
    let upload = &objects[0]["uploads"][0];
    assert_eq!((&upload["destination"], &upload["stored"]), (&json!("/x"), &json!(home.confirmed())));
}

#[test]
fn commands_that_answer_a_question_write_one_object_as_the_schema_says() {
    let (schema, home) = (Schema::new(), Home::new());
    let file = home.file("f.bin", 9 * PART, 84);
    let path = file.to_str().unwrap();
    let asked = |args: &[&str]| {
        let objects = schema.objects(&home.run(args).ends(0));
        assert!(objects.iter().any(|object| object["event"] == args[0]), "{args:?}: {objects:#?}");
        objects
    };
    let planned = schema.objects(&home.put(&file, "/x", &["--json", "--dry-run"]).ends(0));
    assert_eq!((&planned[0]["step"], &planned[1]["send"]), (&json!("send"), &json!(1)));
    home.put(&file, "/x", &[]).ends(0);
    let taken = asked(&["hash", path, path, "--json"]);
    assert_eq!((taken.len(), &taken[0]["size"]), (2, &json!(9 * PART)));
    let found = asked(&["stat", "emu:/x", "--json"]);
    assert_eq!((&found[0]["bytes"], &found[0]["digests"]["sha1"]), (&json!(9 * PART), &taken[0]["sha1"]));
    assert_eq!(asked(&["verify", path, "emu:/x", "--json"])[0]["same"], json!(true));
    for args in [&["check", "emu", "--json"][..], &["check", "emu:/y", "--write", "--json"]] {
        assert_eq!(asked(args)[0]["profile"], json!("emu"));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_log_file_that_takes_nothing_is_told_once() {
    let home = Home::new();
    let file = home.file("small", 1000, 85);
    let ran = home.put(&file, "/x", &["--log-file", "/dev/full"]).ends(0);
    assert_eq!(ran.err.matches("warning: the log file cannot be written any more").count(), 1, "{ran:?}");
}

#[test]
fn the_schema_refuses_what_is_not_described() {
    let (schema, home) = (Schema::new(), Home::new());
    let file = home.file("small", 1000, 74);
    let objects = schema.objects(&home.put(&file, "/x", &["--json"]).ends(0));
    for object in &objects {
        for key in object.as_object().unwrap().keys() {
            let mut lacks = object.clone();
            lacks.as_object_mut().unwrap().remove(key);
            assert!(schema.refuses(&lacks).is_some(), "without {key}: {object:#}");
            let mut other = object.clone();
            other[key] = json!([[]]);
            assert!(schema.refuses(&other).is_some(), "another {key}: {object:#}");
        }
        let mut more = object.clone();
        more["unknown"] = json!(1);
        assert!(schema.refuses(&more).is_some(), "{object:#}");
    }
}

#[test]
fn a_log_file_has_everything_with_its_time_and_is_nobody_elses() {
    let home = Home::new();
    let (file, log) = (home.file("big.bin", 4 * PART, 75), home.path("put.log"));
    home.configure("slice_size = '1MiB'\none_request_max = '0'");
    home.emulator.inject(Rule::once("upload_slice_data", Fault::Unavailable));
    let options = ["-q", "--log-file", log.to_str().unwrap()];
    assert_eq!(home.put(&file, "/x", &options).ends(0).err, "", "quiet on the terminal");
    let first = fs::read_to_string(&log).unwrap();
    for what in
        ["uploading ", "; retrying in ", "upload_slice_data (POST 127.0.0.1): HTTP 503, 1.0 MiB in ", "how:      in "]
    {
        assert!(first.contains(what), "{what}: {first}");
    }
    for line in first.lines() {
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.len() == 24 && time.ends_with('Z') && time.contains('T') && !rest.is_empty(), "{line}");
    }
    assert!(!first.contains("emulator-secret-key") && !first.contains('\x1b'), "{first}");
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
    home.put(&home.path("none"), "/y", &options).ends(3);
    let both = fs::read_to_string(&log).unwrap();
    assert!(both.starts_with(&first) && both.contains("error: no such file"), "{both}");
    let nowhere = home.path("no/such/folder");
    home.put(&file, "/x", &["--log-file", nowhere.to_str().unwrap()])
        .ends(2)
        .says(&["the log file", "cannot be opened"]);
}

#[test]
fn more_and_less_can_be_shown() {
    let home = Home::new();
    let file = home.file("big.bin", 10 * PART, 76);
    let verbose = home.put(&file, "/1", &["-v"]).ends(0);
    let requests = verbose.err.lines().filter(|line| line.contains("(POST 127.0.0.1): HTTP 200, ")).count();
    assert_eq!(requests.to_string(), verbose.result("requests"), "{verbose:?}");
    let file = home.file("big.bin", 10 * PART, 77);
    let none = home.put(&file, "/2", &["--progress", "none", "--limit-rate", "6MiB"]).ends(0);
    assert_eq!(none.err.lines().count(), 1, "that it begins, and no more: {none:?}");
    let quiet = home.put(&home.path("none"), "/3", &["--quiet"]).ends(3);
    assert!(quiet.err.starts_with("error: ") && quiet.out.is_empty(), "{quiet:?}");
}

/// The command on a terminal of its own: everything that it wrote there.
fn on_a_terminal(home: &Home, command: &Command, term: &str) -> String {
    let quoted = |text: &std::ffi::OsStr| format!("'{}'", text.to_str().unwrap());
    let words = std::iter::once(command.get_program()).chain(command.get_args()).map(quoted);
    let line = words.collect::<Vec<_>>().join(" ");
    let mut script = Command::new("script");
    script.args(["-qec", &format!("stty rows 24 columns 60; {line}"), "/dev/null"]);
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            script.env(name, value);
        }
    }
    script.env("TERM", term).env("SHELL", "/bin/sh").stdin(std::process::Stdio::null());
    let output = script.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(home.objects() > 0);
    said
}

#[test]
fn what_is_redrawn_leaves_nothing_behind() {
    let home = Home::new();
    let file = home.file("b", 10 * PART, 78);
    home.emulator.inject(Rule::once("upload_slice_init", Fault::Unavailable).times(3));
    home.in_real_time();
    let said = on_a_terminal(&home, &home.put_command(&file, "/x", &["--limit-rate", "4MiB"]), "xterm");
    assert!(said.contains("sending ") && said.contains("\x1b[K"), "{said:?}");
    assert!(said.contains("waiting ") && said.contains("next try in "), "{said:?}");
    assert!(!said.contains("retrying in "), "an outage is no line that stays: {said:?}");
    let mut screen = vt100::Parser::new(24.try_into().unwrap(), 60.try_into().unwrap(), 0);
    screen.process(said.as_bytes());
    let left = screen.screen().contents();
    assert!(left.starts_with("uploading ") && left.contains("uploaded: emu:/x\n"), "{left}");
    for word in ["sending", "waiting", "retrying", "completing", "hashing", "left", "[="] {
        assert!(!left.contains(word), "{word}: {left}");
    }
}

/// Emacs, serial consoles and some build servers have terminals that can draw nothing.
#[test]
fn a_terminal_that_cannot_draw_gets_lines() {
    let home = Home::new();
    for (at, term) in ["dumb", ""].into_iter().enumerate() {
        let file = home.file("b", 10 * PART, 79 + at as u64);
        home.in_real_time();
        let said = on_a_terminal(&home, &home.put_command(&file, &format!("/{at}"), &["--limit-rate", "4MiB"]), term);
        assert!(said.contains("uploading ") && said.contains("sending: ") && said.contains(" left"), "{said:?}");
        assert!(!said.contains('\x1b'), "{said:?}");
    }
}

#[test]
fn a_help_that_could_not_be_written_is_no_success() {
    for option in ["--help", "--version"] {
        let mut shell = Command::new("sh");
        let program = env!("CARGO_BIN_EXE_resumable");
        let status = shell.args(["-c", "exec \"$0\" \"$1\" >/dev/full", program, option]).status().unwrap();
        assert_eq!(status.code(), Some(1), "{option}");
    }
}
