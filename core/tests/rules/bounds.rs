//! Rules 13 to 16: the same again, cost, secrets, short functions.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use resumable_core::{
    Action, Answer, Digest, HashKind, Input, MAX_WINDOW, Modified, Now, Observed, Options, Output, SourceInfo, Upload,
};
use serde_json::json;

use crate::toy::{Fate, Key, Rig, Setup, Toy, says};

fn troubled<const JOURNAL: bool>(seed: u64) -> Rig<JOURNAL> {
    let mut setup = Setup { hash_first: true, ..Setup::default() };
    setup.options.seed = seed;
    let mut rig = Rig::<JOURNAL>::new(195, setup);
    rig.picks = vec![3, 129, 0, 200, 7];
    let verdict = rig.run_with(|kind, nth| match (kind, nth) {
        ("init", 0) => Fate::Says(says(403, &json!({"code": "key"}))),
        ("part", 3) => Fate::LostAfter,
        ("part", 6) => Fate::Says(says(429, &json!(null))),
        ("part", 9) => Fate::Says(says(200, &json!({"code": "gone"}))),
        ("part", 12) => Fate::Says(says(200, &json!({"code": "again"}))),
        ("finish", 0) => Fate::Says(says(500, &json!(null))),
        _ => Fate::Fine,
    });
    verdict.unwrap();
    rig.assert_stored();
    rig
}

#[test]
fn rule_13_the_same_seed_and_answers_give_the_same_outputs() {
    let transcript = |seed| troubled::<false>(seed).transcript;
    assert_eq!(transcript(1), transcript(1));
    assert_ne!(transcript(1), transcript(2));
    assert_eq!(troubled::<true>(1).transcript, troubled::<true>(1).transcript);
    let pauses = |seed| {
        let events = troubled::<false>(seed).events;
        events.into_iter().filter(|e| matches!(e, resumable_core::Event::Retrying { .. })).collect::<Vec<_>>()
    };
    assert_eq!(pauses(1), pauses(1));
    assert_ne!(pauses(1), pauses(2), "jitter comes from the seed");
}

#[test]
fn rule_14_the_work_per_part_does_not_grow() {
    let calls_per_part = |parts: u64| {
        let mut rig = Rig::<true>::new(parts * 10, Setup::default());
        rig.quiet = true;
        rig.run().unwrap();
        let log = rig.upload.protocol().log();
        ((log.nexts + log.others) / parts, rig.polls / parts, rig.upload.stats().saves / parts)
    };
    assert_eq!(calls_per_part(100), calls_per_part(10_000));
}

/// A file of 100,000 parts of 8 MiB; at its end are the longest offsets and the most gaps.
struct Far {
    upload: Upload<Toy<true>>,
    now: Now,
    longest: usize,
    put_off: BTreeSet<u64>,
}

impl Far {
    fn new(len: u64) -> Self {
        let modified = Some(Modified { secs: i64::MIN, nanos: 999_999_999 });
        let info = SourceInfo {
            modified,
            changed: modified,
            looked_at: Some(Modified { secs: i64::MAX, nanos: 999_999_999 }),
            id: Some(u64::MAX),
            ..SourceInfo::new(len, [255; 32])
        };
        let mut options = Options::new(3);
        options.window = MAX_WINDOW;
        let toy = Toy { target: "shelf".to_owned(), part: 8 << 20, ..Toy::default() };
        let mono = std::time::Duration::from_secs(9);
        let upload = Upload::start(toy, info, Some(Key("canary".to_owned())), options);
        Self { upload, now: Now { mono, unix: mono }, longest: 0, put_off: BTreeSet::new() }
    }

    /// Answers every request at once, but puts off every other part of the last 1,000 once.
    fn run(&mut self, requests: u64) {
        let mut sent = 0;
        while sent < requests {
            match self.upload.poll(self.now) {
                Output::Do(Action::Send { ticket, request, .. }) => {
                    sent += 1;
                    let number = |name: &str| request.headers()[name].to_str().unwrap().parse::<u64>().unwrap();
                    let (offset, len) = (number("x-offset"), number("x-len"));
                    let put_off = (offset >> 23).is_multiple_of(2) && (offset >> 23) >= 99_000;
                    let response = if request.uri().path().ends_with("init") {
                        says(200, &json!({"code": "ok", "id": u64::MAX, "token": ""}))
                    } else if put_off && self.put_off.insert(offset) {
                        says(503, &json!(null))
                    } else {
                        says(200, &json!({"code": "ok", "offset": offset, "len": len}))
                    };
                    let observed = Observed::all(vec![(HashKind::Crc64, Digest::new(offset.to_be_bytes()))]);
                    self.upload.handle(Input::Response(ticket, Ok(Answer { response, observed })));
                }
                Output::Do(Action::Save { ticket, checkpoint }) => {
                    if !(1..98_000).contains(&sent) {
                        self.longest = self.longest.max(checkpoint.to_bytes().len());
                    }
                    self.upload.handle(Input::Saved(ticket, Ok(())));
                }
                Output::Wait { until: Some(until), .. } => self.now.mono = until,
                Output::Finished(verdict) => panic!("{verdict:?}"),
                _ => {}
            }
        }
    }
}

#[test]
fn rule_14_a_checkpoint_stays_small_whatever_the_size_and_the_order() {
    let mut far = Far::new(100_000 * (8 << 20));
    far.run(100_501);
    assert!(far.upload.checkpoint(far.now).confirmed() >= 99_000 * (8 << 20));
    assert!((1000..16 * 1024).contains(&far.longest), "{} bytes", far.longest);
    assert!(far.upload.protocol().log().nexts < 400_000);
}

#[test]
fn rule_15_no_secret_is_shown_or_saved() {
    let mut shown = String::new();
    for code in ["key", "time", "gone", "digest", "again", "never", "lost", "behind", "other"] {
        for kind in ["init", "part", "finish"] {
            let mut rig = Rig::<false>::new(45, Setup { hash_first: true, ..Setup::default() });
            let verdict = rig.run_with(|met, nth| {
                if met == kind && nth < 9 { Fate::Says(says(200, &json!({ "code": code }))) } else { Fate::Fine }
            });
            shown += &rig.shown;
            let _ = write!(shown, "{verdict:?}");
            if let Err(failure) = verdict {
                shown += &failure.to_string();
            }
            let _ = write!(shown, "{:?} {:?} {:?}", rig.events, rig.saved(), rig.durable);
            let _ = write!(shown, "{:?}", rig.upload.checkpoint(rig.now));
        }
    }
    for name in ["Authorize", "Send", "Answer", "sample"] {
        assert!(shown.contains(name), "{name}");
    }
    assert!(!shown.contains("canary"));
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

/// The sources of this crate and of every vendor's.
fn sources() -> Vec<(PathBuf, String)> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    rust_files(&own.join("src"), &mut found);
    for entry in fs::read_dir(own.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("proto-")) {
            rust_files(&path.join("src"), &mut found);
        }
    }
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// Name and number of lines of every item that starts with `keyword`; formatted code ends at its own indentation.
fn items<'a>(text: &'a str, keyword: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = |line: &str| {
        let words: Vec<&str> = line.trim_start().split(' ').take(4).collect();
        !line.trim_start().starts_with("//") && words.contains(&keyword)
    };
    let item = |(at, line): (usize, &&'a str)| {
        let indent = line.len() - line.trim_start().len();
        let body: Vec<&str> = lines[at..].to_vec();
        let end = body.iter().position(|line| {
            let own = line.len() - line.trim_start().len() == indent;
            own && (line.ends_with('}') || line.ends_with(';'))
        });
        (*line, body[..=end.unwrap_or(body.len() - 1)].to_vec())
    };
    lines.iter().enumerate().filter(|(_, line)| starts(line)).map(item).collect()
}

#[test]
fn rule_16_functions_are_short() {
    let mut seen = 0;
    for (path, text) in sources() {
        for (name, lines) in items(&text, "fn") {
            seen += 1;
            assert!(lines.len() <= 70, "{}: {name} has {} lines", path.display(), lines.len());
        }
    }
    assert!(seen > 150, "only {seen} functions found");
}

/// Two flags describe four states, of which a phase seldom has four. What a user chose is no phase, nor is what is
/// fixed when a thing is made: those are named here.
const NO_PHASE: [&str; 12] = [
    "carries_source",
    "commits",
    "insert_only",
    "one_request",
    "replace_unfinished",
    "with_session",
    "last",
    "sequential",
    "forbid_overwrite",
    "compares_length",
    "conditional",
    "names_requests",
];

#[test]
fn rule_16_no_two_flags_describe_a_phase() {
    for (path, text) in sources() {
        for (name, lines) in items(&text, "struct").into_iter().chain(items(&text, "enum")) {
            let flag = |line: &&&str| {
                line.ends_with(": bool,") && !NO_PHASE.iter().any(|known| line.contains(&format!("{known}:")))
            };
            let flags = lines.iter().filter(flag).count();
            assert!(flags < 2, "{}: {name} has {flags} flags", path.display());
        }
    }
}
