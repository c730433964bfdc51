//! The stage step by step, from sessions as they are saved: what is next, and what each answer does.

use std::time::Duration;

use resumable_core::{Env, Intent, Invalidated, MAX_WINDOW, Now, Occurrence, SourceInfo, Transition};
use resumable_proto_multipart::abort_multipart_upload::Aborted;
use resumable_proto_multipart::head_object::{AtKey, Head};
use resumable_proto_multipart::list_parts::{ListedPart, Page};
use resumable_proto_multipart::stage::{Call, Doubt, Ephemeral, Reply, Stage, StageStep};
use resumable_proto_multipart::{Etag, Fault};
use serde_json::{Value, json};

const LEN: u64 = 10;
const NOW: Duration = Duration::from_secs(1_767_225_600);

/// A session of ten bytes in parts of four, as it is saved.
fn saved(phase: &Value) -> Value {
    json!({
        "len": LEN, "way": {"parts": {"size": 4}}, "sequential": false, "forbid_overwrite": false, "probe": "head",
        "page": 1000, "phase": phase, "strays": 0, "spoiled": false, "unanswered": 0,
    })
}

fn open(parts: &[(u64, u64)]) -> Value {
    let parts: Vec<_> = parts.iter().map(|(start, end)| json!({"start": start, "end": end})).collect();
    json!({"open": {
        "upload_id": "u", "acknowledged": parts, "tally": "0".repeat(32), "crc64": null, "doubt": false, "invalid": 0,
        "contradictions": 0,
    }})
}

struct Talk {
    stage: Stage,
    ephemeral: Ephemeral,
    source: SourceInfo,
    intent: Intent,
    window: usize,
    mono: Duration,
    in_flight: Vec<Call>,
}

impl Talk {
    fn of(saved: Value) -> Self {
        let stage: Stage = serde_json::from_value(saved).unwrap();
        let source = SourceInfo::new(LEN, [0; 32]);
        let (ephemeral, intent, window) = (Ephemeral::default(), Intent::Finish, 2);
        Self { stage, ephemeral, source, intent, window, mono: NOW, in_flight: Vec::new() }
    }

    fn at(phase: &Value) -> Self {
        Self::of(saved(phase))
    }

    /// The same with other fields.
    fn but(phase: &Value, fields: &[(&str, Value)]) -> Self {
        let mut saved = saved(phase);
        for (name, value) in fields {
            saved[*name] = value.clone();
        }
        Self::of(saved)
    }

    fn abandoned(mut self) -> Self {
        self.intent = Intent::Abandon;
        self
    }

    fn during(mut self, calls: &[Call]) -> Self {
        self.in_flight = calls.to_vec();
        self
    }

    /// The list was read, and it is empty.
    fn listed(self) -> Self {
        let talk = self.hears(Call::List { after: 0 }, Reply::Page(Page { parts: Vec::new(), next: None }));
        assert!(talk.1.is_none());
        talk.0
    }

    fn with<T>(&mut self, f: impl FnOnce(&mut Stage, &mut Ephemeral, &Env<'_>) -> T) -> T {
        let mut env = Env::new(Now { mono: self.mono, unix: NOW }, &self.source, 0, &[]);
        (env.intent, env.window) = (self.intent, self.window);
        f(&mut self.stage, &mut self.ephemeral, &env)
    }

    fn says(&mut self) -> String {
        let in_flight = self.in_flight.clone();
        match self.with(|stage, ephemeral, env| stage.next(ephemeral, env, &in_flight)) {
            StageStep::Call(Call::Part { number }) => format!("part {number}"),
            StageStep::Call(Call::List { after }) => format!("list {after}"),
            StageStep::Call(call) => format!("{call:?}").to_lowercase(),
            StageStep::Hash(jobs) => format!("hash {:?}", jobs[0].range),
            StageStep::Wait(until) => {
                format!("wait {:?}", until.map(|until| until.checked_sub(NOW).unwrap().as_secs()))
            }
            StageStep::Stored(stored) => format!("stored {:?}", stored.how),
            StageStep::Unknown(Doubt::CallbackFailed(_)) => "unknown callback".to_owned(),
            StageStep::Unknown(doubt) => format!("unknown {doubt:?}"),
            StageStep::Left(left) => format!("left {left:?}"),
            StageStep::Fail(fault) => format!("fail {fault:?}").split([' ', '{']).take(2).collect::<Vec<_>>().join(" "),
        }
    }

    #[track_caller]
    fn next_is(mut self, expected: &str) -> Self {
        assert_eq!(self.says(), expected);
        self
    }

    /// What an answer makes useless, if it is a step back.
    fn hears(mut self, call: Call, reply: Reply) -> (Self, Option<Invalidated>) {
        let heard = Occurrence::Replied(call, reply);
        let step = self.with(|stage, ephemeral, env| stage.apply(ephemeral, heard, env));
        let fell = if let Transition::Regressed { drop, .. } = step { Some(drop) } else { None };
        (self, fell)
    }

    #[track_caller]
    fn goes_on(self, call: Call, reply: Reply) -> Self {
        let (talk, fell) = self.hears(call, reply);
        assert_eq!(fell, None);
        talk
    }

    #[track_caller]
    fn falls(self, call: Call, reply: Reply, drop: Invalidated) -> Self {
        let (talk, fell) = self.hears(call, reply);
        assert_eq!(fell, Some(drop));
        talk
    }

    fn loses(mut self, call: Call) -> Self {
        let step = self.with(|stage, ephemeral, env| stage.apply(ephemeral, Occurrence::Unsure(call), env));
        assert!(matches!(step, Transition::Forward));
        self
    }
}

fn phases() -> [(&'static str, Value); 9] {
    [
        ("fresh", json!("fresh")),
        ("put_unsure", json!("put_unsure")),
        ("open", open(&[])),
        ("discard", json!({"discard": {"upload_id": "u", "aborts": 0}})),
        ("aborted", json!({"aborted": {"upload_id": "u", "aborts": 1}})),
        ("unknown", json!({"unknown": {"how": "parts", "crc64": 7}})),
        ("unknown", json!({"unknown": {"how": "one_request", "crc64": null}})),
        ("stored", json!({"stored": {"how": "parts", "etag": null, "crc64": 7}})),
        ("callback", json!({"callback_failed": {"message": "m", "request_id": null}})),
    ]
}

// ── what is next

#[test]
fn each_state_has_one_next_step_for_each_intent() {
    let next = [
        ("initiate", "left Nothing"),
        ("initiate", "head"),
        ("list 0", "abort"),
        ("abort", "abort"),
        ("initiate", "list 0"),
        ("head", "head"),
        ("head", "head"),
        ("stored Parts", "stored Parts"),
        ("fail CallbackFailed", "left Object"),
    ];
    let owners = [
        ("initiate", "left Nothing"),
        ("initiate", "unknown LostReply"),
        ("list 0", "abort"),
        ("abort", "abort"),
        ("initiate", "list 0"),
        ("unknown LostReply", "unknown LostReply"),
        ("unknown LostReply", "unknown LostReply"),
        ("stored Parts", "stored Parts"),
        ("unknown callback", "unknown callback"),
    ];
    for (probe, next) in [("head", next), ("look", next), ("owner", owners)] {
        for ((_, phase), (finish, abandon)) in phases().into_iter().zip(next) {
            let talk = || Talk::but(&phase, &[("probe", json!(probe))]);
            talk().next_is(finish);
            talk().abandoned().next_is(abandon);
            // Nothing but parts goes beside anything else.
            let busy = if finish.starts_with("stored") { finish } else { "wait None" };
            for call in [Call::Head, Call::Abort, Call::Initiate, Call::Complete, Call::Put, Call::List { after: 0 }] {
                talk().during(std::slice::from_ref(&call)).next_is(busy);
                talk().abandoned().during(&[call]).next_is(busy);
            }
            talk().during(&[Call::Part { number: 1 }]).next_is(busy);
            talk().abandoned().during(&[Call::Part { number: 1 }]).next_is(busy);
        }
    }
    let one = [("way", json!("one_request"))];
    for phase in [json!("fresh"), json!("put_unsure")] {
        Talk::but(&phase, &one).next_is("put");
    }
}

#[test]
fn parts_go_side_by_side_within_four_windows() {
    let part = |number| Call::Part { number };
    let talk = || Talk::at(&open(&[])).listed();
    talk().next_is("part 1");
    talk().during(&[part(1)]).next_is("part 2");
    talk().during(&[part(2)]).next_is("part 1");
    talk().during(&[part(1), part(2)]).next_is("part 3");
    talk().during(&[part(1), part(2), part(3)]).next_is("wait None");
    let in_order = || Talk::but(&open(&[]), &[("sequential", json!(true))]).listed();
    in_order().next_is("part 1");
    in_order().during(&[part(1)]).next_is("wait None");
    let many = [("len", json!(400))];
    let mut talk = Talk::but(&open(&[]), &many).listed();
    talk.window = 3;
    for (sent, next) in [(11, "part 12"), (12, "wait None")] {
        talk.in_flight = (1..=sent).map(part).collect();
        assert_eq!(talk.says(), next);
    }
}

#[test]
fn what_is_left_is_what_may_be_there() {
    let fresh = |fields: &[(&str, Value)]| Talk::but(&json!("fresh"), fields).abandoned();
    fresh(&[("strays", json!(1))]).next_is("left Unknown");
    fresh(&[("spoiled", json!(true))]).next_is("left Object");
    fresh(&[("strays", json!(1)), ("spoiled", json!(true))]).next_is("left Object");
    fresh(&[("unanswered", json!(1))]).next_is("head");
    fresh(&[("unanswered", json!(1)), ("probe", json!("owner"))]).next_is("left Nothing");
    // Nothing is known of an object that was looked for and not found, but of other uploads.
    let mut talk = fresh(&[("unanswered", json!(1)), ("strays", json!(1))]);
    for pause in [2, 5] {
        talk = talk.goes_on(Call::Head, Reply::Head(AtKey::Nothing)).next_is(&format!("wait Some({pause})"));
        talk.mono += Duration::from_secs(pause);
        talk = talk.next_is("head");
        talk.mono = NOW;
    }
    talk.goes_on(Call::Head, Reply::Head(AtKey::Nothing)).next_is("left Unknown");
    for (size, name) in [(LEN, None), (LEN - 1, None), (LEN, Some("another".to_owned()))] {
        let there = AtKey::Object(Head { size, etag: None, checksum: None, name });
        fresh(&[("unanswered", json!(1))]).goes_on(Call::Head, Reply::Head(there)).next_is("left Unknown");
    }
}

// ── how often something may come again

#[test]
fn an_upload_that_stays_is_aborted_three_times() {
    let page = || Reply::Page(Page { parts: Vec::new(), next: None });
    let mut talk = Talk::at(&open(&[])).abandoned();
    for _ in 0..3 {
        talk = talk.next_is("abort").goes_on(Call::Abort, Reply::Aborted(Aborted)).next_is("list 0");
        talk = talk.goes_on(Call::List { after: 0 }, page());
    }
    talk.next_is("left Parts");
    let gone = Talk::at(&phases()[4].1).abandoned().goes_on(Call::List { after: 0 }, Reply::Gone(Fault::Taken));
    gone.next_is("left Nothing");
    // To an upload that goes on, an abort is the way to another one.
    for phase in [open(&[]), phases()[3].1.clone()] {
        let talk = Talk::at(&phase).goes_on(Call::Abort, Reply::Aborted(Aborted));
        assert!(talk.stage.is_fresh());
        talk.next_is("initiate");
        Talk::at(&phases()[3].1).goes_on(Call::Abort, Reply::Gone(Fault::Taken)).next_is("initiate");
    }
}

#[test]
fn parts_that_are_not_there_are_listed_again_once_and_contradictions_three_times() {
    for (reply, times) in [(Reply::InvalidPart as fn(Fault) -> Reply, 1), (Reply::Behind as fn(Fault) -> Reply, 3)] {
        let mut talk = Talk::at(&open(&[])).listed();
        for _ in 0..times {
            talk = talk.falls(Call::Complete, reply(Fault::Taken), Invalidated::Nothing).next_is("list 0").listed();
        }
        let talk = talk.falls(Call::Complete, reply(Fault::Taken), Invalidated::Session).next_is("abort");
        assert_eq!(talk.stage.upload_id(), Some("u"));
        // It is over: what else is said of it changes nothing.
        talk.goes_on(Call::Complete, reply(Fault::Taken)).next_is("abort");
    }
}

#[test]
fn an_object_in_the_way_may_be_ours_only_after_a_lost_answer() {
    let taken = || Reply::Taken(Fault::Taken);
    for probe in ["head", "look", "owner"] {
        let all = || Talk::but(&open(&[(0, 3)]), &[("probe", json!(probe))]);
        all().goes_on(Call::Complete, taken()).next_is("fail Taken");
    }
    let fresh = || Talk::but(&json!("fresh"), &[("way", json!("one_request"))]);
    fresh().goes_on(Call::Put, taken()).next_is("fail Taken");
    fresh().loses(Call::Put).next_is("put").goes_on(Call::Put, taken()).next_is("head");
    for (probe, next) in [("head", "head"), ("owner", "unknown LostReply")] {
        let all = Talk::but(&open(&[(0, 3)]), &[("probe", json!(probe))]).loses(Call::Complete);
        all.goes_on(Call::Complete, taken()).next_is(next);
    }
    let mut talk =
        Talk::but(&open(&[(0, 3)]), &[("probe", json!("look"))]).loses(Call::Complete).next_is("wait Some(2)");
    for _ in 0..2 {
        talk = talk.goes_on(Call::Complete, taken()).next_is("head");
    }
    talk.goes_on(Call::Complete, taken()).next_is("fail Taken");
}

#[test]
fn an_upload_that_is_gone_may_be_complete_only_after_a_lost_answer() {
    let gone = || Reply::Gone(Fault::Taken);
    let list = || Call::List { after: 0 };
    for (probe, call, doubt, next) in [
        ("head", list(), false, "initiate"),
        ("head", Call::Complete, false, "initiate"),
        ("look", list(), false, "initiate"),
        // A box on the way may have asked twice.
        ("look", Call::Complete, false, "head"),
        ("head", list(), true, "head"),
        ("head", Call::Complete, true, "head"),
        ("look", list(), true, "head"),
    ] {
        let talk = Talk::but(&open(&[(0, 3)]), &[("probe", json!(probe))]);
        let talk = if doubt { talk.loses(Call::Complete) } else { talk };
        let talk = match next {
            "initiate" => talk.falls(call, gone(), Invalidated::Session),
            _ => talk.goes_on(call, gone()),
        };
        let confirmed = if next == "head" { LEN } else { 0 };
        assert_eq!((talk.stage.confirmed(), talk.stage.upload_id()), (confirmed, None));
        talk.next_is(next);
    }
}

// ── the list

fn listed(number: u32, size: u64) -> ListedPart {
    let etag = Etag::new("0cc175b9c0f1b6a831c399e269772661").unwrap();
    ListedPart { part_number: number, size, etag, checksum: None }
}

#[test]
fn only_parts_that_this_upload_can_have_sent_are_looked_at() {
    let list = |parts: &[(u32, u64)], in_order: bool| {
        let talk = Talk::but(&open(&[]), &[("sequential", json!(in_order))]);
        let parts = parts.iter().map(|(number, size)| listed(*number, *size)).collect();
        talk.hears(Call::List { after: 0 }, Reply::Page(Page { parts, next: None }))
    };
    for (parts, next, in_order) in [
        (&[][..], "part 1", "part 1"),
        (&[(1, 4)], "hash 0..4", "hash 0..4"),
        (&[(1, 4), (2, 4), (3, 2)], "hash 0..4", "hash 0..4"),
        (&[(2, 4)], "hash 4..8", "abort"),
        (&[(3, 2)], "hash 8..10", "abort"),
        (&[(1, 3)], "part 1", "abort"),
        (&[(1, 5)], "part 1", "abort"),
        (&[(3, 4)], "part 1", "abort"),
        (&[(4, 4)], "part 1", "abort"),
        (&[(4, 0)], "part 1", "abort"),
        (&[(0, 4)], "part 1", "abort"),
        (&[(0, 0)], "part 1", "abort"),
        (&[(1, 4), (3, 2)], "hash 0..4", "abort"),
        (&[(1, 4), (2, 4), (3, 2), (4, 0)], "hash 0..4", "abort"),
    ] {
        let (talk, fell) = list(parts, false);
        assert_eq!(fell, None, "{parts:?}");
        talk.next_is(next);
        let (talk, fell) = list(parts, true);
        assert_eq!(fell, (in_order == "abort").then_some(Invalidated::Session), "{parts:?}");
        talk.next_is(in_order);
    }
}

/// No part that we sent begins more than four of the largest windows after the first one that is missing.
#[test]
fn parts_far_after_a_gap_are_not_ours() {
    let far = u32::try_from(4 * MAX_WINDOW).unwrap();
    for (number, next) in [(far, "hash"), (far + 1, "part 1"), (far + 2, "part 1")] {
        let talk = Talk::but(&open(&[]), &[("len", json!(4 * 10_000))]);
        let page = Page { parts: vec![listed(number, 4)], next: None };
        let mut talk = talk.goes_on(Call::List { after: 0 }, Reply::Page(page));
        let said = talk.says();
        assert!(said.starts_with(next), "{number}: {said}");
    }
}

#[test]
fn a_page_with_something_new_is_progress() {
    let page = |numbers: &[u32], next| Page { parts: numbers.iter().map(|it| listed(*it, 4)).collect(), next };
    let mut talk = Talk::but(&open(&[]), &[("len", json!(400))]);
    // Beyond the file's last part nothing is new.
    for (numbers, next, progress) in [
        (&[1, 2][..], 2, true),
        (&[3], 3, true),
        (&[3], 4, false),
        (&[], 5, false),
        (&[100], 6, true),
        (&[101], 7, false),
    ] {
        let heard = Occurrence::Replied(Call::List { after: 0 }, Reply::Page(page(numbers, Some(next))));
        let step = talk.with(|stage, ephemeral, env| stage.apply(ephemeral, heard, env));
        assert_eq!(matches!(step, Transition::Listed), progress, "{numbers:?}");
        assert_eq!(talk.says(), format!("list {next}"));
    }
}
