//! The machine over this vendor, driven through the public `Upload` against scripted answers.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use resumable_core::{
    Action, Answer, Body, Checkpoint, Failure, HashKind, HashPass, Hasher, How, Input, Now, Observed, Output, Segment,
    SendError, Slot, SourceInfo, Upload,
};
use resumable_proto_cos_v2::{CosV2, Credential, Fault, Integrity, ObjectPath, Options, Place, Uploaded};

const SLICE: u64 = 1 << 20;

/// What the far side does with one request.
enum Far {
    Says(u16, String),
    Silent,
}

fn ok(data: &str) -> Far {
    Far::Says(200, format!(r#"{{"code":0,"message":"SUCCESS","data":{data}}}"#))
}

fn refuses(status: u16, code: i64) -> Far {
    Far::Says(status, format!(r#"{{"code":{code},"message":"NO"}}"#))
}

fn urls() -> Far {
    ok(r#"{"access_url":"http://b-1.file.myqcloud.com/f","resource_path":"/1/b/f"}"#)
}

fn opened(serial: u8) -> Far {
    ok(&format!(r#"{{"session":"S1","slice_size":{SLICE},"serial_upload":{serial}}}"#))
}

fn stored(offset: u64, datalen: u64) -> Far {
    ok(&format!(r#"{{"datalen":{datalen},"offset":{offset},"session":"S1"}}"#))
}

fn listed(session: &str, parts: &[(u64, u64)], filesize: u64) -> Far {
    let parts: Vec<_> =
        parts.iter().map(|(offset, datalen)| format!(r#"{{"datalen":{datalen},"offset":{offset}}}"#)).collect();
    let parts = parts.join(",");
    ok(&format!(r#"{{"filesize":{filesize},"listparts":[{parts}],"session":"{session}","slice_size":{SLICE}}}"#))
}

fn object(sha: &str, filesize: u64) -> Far {
    ok(&format!(
        r#"{{"access_url":"http://b-1.file.myqcloud.com/f","filelen":{filesize},"filesize":{filesize},"sha":"{sha}"}}"#
    ))
}

fn nothing() -> Far {
    refuses(404, -197)
}

/// A source of `len` bytes, all of them `b'r'`.
fn content(len: u64) -> Vec<u8> {
    vec![b'r'; usize::try_from(len).unwrap()]
}

fn sha_of(len: u64) -> String {
    let mut hasher = Hasher::new(HashKind::Sha1).unwrap();
    hasher.update(&content(len));
    hasher.finish().to_hex()
}

fn source(len: u64) -> SourceInfo {
    SourceInfo {
        changed: Some(resumable_core::Modified { secs: 1, nanos: 0 }),
        looked_at: Some(resumable_core::Modified { secs: 9, nanos: 0 }),
        ..SourceInfo::new(len, [1; 32])
    }
}

fn protocol(options: Options) -> CosV2 {
    let place = Place::new("https://sh.file.myqcloud.com", "1", "b", ObjectPath::new("/f").unwrap()).unwrap();
    CosV2::new(place, options).unwrap()
}

fn credential() -> Credential {
    Credential::new("AKIDx", "secret-canary").unwrap()
}

fn upload(len: u64, options: Options) -> Upload<CosV2> {
    let mut how = resumable_core::Options::new(1);
    how.window = 3;
    Upload::start(protocol(options), source(len), Some(credential()), how)
}

fn slices_only() -> Options {
    let mut options = Options::default();
    options.one_request_max = 0;
    options
}

/// The run of one upload: what was asked, and how it ended.
struct Run {
    asked: Vec<String>,
    end: Result<Uploaded, Failure<Fault>>,
    saved: Option<Checkpoint<CosV2>>,
    hashed: bool,
}

impl Run {
    fn asked(&self) -> Vec<&str> {
        self.asked.iter().map(String::as_str).collect()
    }
}

/// The text of a form's field, or of the JSON body or query.
fn field(request: &Request<Body>, name: &str) -> Option<String> {
    if let Some(op) = request.uri().query().and_then(|query| query.strip_prefix("op=")) {
        return (name == "op").then(|| op.to_owned());
    }
    let text: String = request
        .body()
        .segments()
        .iter()
        .map(|segment| match segment {
            Segment::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Segment::Source(range) => format!("<{range:?}>"),
        })
        .collect();
    if let Some(json) = text.strip_prefix("{\"op\":\"") {
        return (name == "op").then(|| json.trim_end_matches("\"}").to_owned());
    }
    let (_, after) = text.split_once(&format!("name=\"{name}\"\r\n\r\n"))?;
    after.split_once("\r\n--").map(|(value, _)| value.to_owned())
}

fn name_of(request: &Request<Body>) -> String {
    let op = field(request, "op").unwrap();
    match field(request, "offset") {
        Some(offset) => format!("{op}@{offset}"),
        None => op,
    }
}

/// Drives an upload, each request answered by the next line of the script; every wait is sat out on a virtual clock.
fn run(mut upload: Upload<CosV2>, script: Vec<Far>) -> Run {
    let (mut script, mut asked, mut saved, mut hashed) = (VecDeque::from(script), Vec::new(), None, false);
    let mut now = Now { mono: Duration::ZERO, unix: Duration::from_secs(1_470_000_000) };
    let source = source(upload.source().len);
    loop {
        match upload.poll(now) {
            Output::Do(Action::Send { ticket, request, .. }) => {
                asked.push(name_of(&request));
                let answer = match script.pop_front().unwrap_or_else(|| panic!("unexpected {asked:?}")) {
                    Far::Silent => Err(SendError::Unsure(resumable_core::Cause::text("silence"))),
                    Far::Says(status, body) => {
                        let mut response = Response::new(Bytes::from(body));
                        *response.status_mut() = StatusCode::from_u16(status).unwrap();
                        Ok(Answer { response, observed: Observed::none() })
                    }
                };
                upload.handle(Input::Response(ticket, answer));
            }
            Output::Do(Action::Hash { ticket, jobs }) => {
                hashed = true;
                let mut pass = HashPass::new(&jobs).unwrap();
                let content = content(source.len);
                while let Some(range) = pass.wants(u64::MAX) {
                    pass.feed(&content[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()])
                        .unwrap();
                }
                upload.handle(Input::Digests(ticket, Ok(pass.finish().unwrap())));
            }
            Output::Do(Action::Save { ticket, checkpoint }) => {
                saved = Some(checkpoint);
                upload.handle(Input::Saved(ticket, Ok(())));
            }
            Output::Do(Action::Check { ticket }) => upload.handle(Input::Source(ticket, Ok(source.clone()))),
            Output::Do(Action::Authorize { ticket, .. }) => {
                upload.handle(Input::Credential(ticket, Ok(credential().into())));
            }
            Output::Do(Action::Acquire { ticket, .. }) => upload.handle(Input::Slot(ticket, Ok(Slot::free()))),
            Output::Do(Action::Cancel(_)) | Output::Tell(_) | Output::Share { .. } => {}
            Output::Wait { until, .. } => now.mono = until.expect("nothing is in flight"),
            Output::Finished(end) => {
                assert!(script.is_empty(), "{} answers were not asked for: {asked:?}, {end:?}", script.len());
                return Run { asked, end, saved, hashed };
            }
        }
    }
}

#[test]
fn a_small_file_goes_in_one_request() {
    for len in [0, 1, 8 << 20] {
        let run = run(upload(len, Options::default()), vec![urls()]);
        assert_eq!(run.asked(), ["upload"]);
        assert_eq!(run.end.unwrap().how, How::OneRequest);
    }
}

#[test]
fn one_request_is_never_used_above_the_vendors_limit() {
    let mut options = Options::default();
    options.one_request_max = u64::MAX;
    let run = run(upload(20_000_001, options), vec![urls()]);
    assert_eq!(run.asked(), ["upload_slice_init"]);
}

#[test]
fn a_large_file_goes_in_slices() {
    let script = vec![opened(1), stored(0, SLICE), stored(SLICE, SLICE), stored(2 * SLICE, 5), urls()];
    let run = run(upload(2 * SLICE + 5, slices_only()), script);
    assert_eq!(
        run.asked(),
        [
            "upload_slice_init",
            "upload_slice_data@0",
            "upload_slice_data@1048576",
            "upload_slice_data@2097152",
            "upload_slice_finish"
        ]
    );
    let end = run.end.unwrap();
    assert_eq!(end.how, How::Parts);
    assert_eq!(end.sha.unwrap().to_hex(), sha_of(2 * SLICE + 5));
}

#[test]
fn an_instant_upload_is_done_without_a_byte() {
    let run = run(upload(SLICE, slices_only()), vec![urls()]);
    assert_eq!(run.asked(), ["upload_slice_init"]);
    assert_eq!(run.end.unwrap().how, How::Instant);
}

#[test]
fn an_unfinished_upload_of_the_same_content_is_gone_on_with() {
    let script = vec![refuses(409, -4019), listed("S1", &[(SLICE, SLICE)], 2 * SLICE), stored(0, SLICE), urls()];
    let run = run(upload(2 * SLICE, slices_only()), script);
    assert_eq!(run.asked(), ["upload_slice_init", "upload_slice_list", "upload_slice_data@0", "upload_slice_finish"]);
    run.end.unwrap();
}

#[test]
fn finished_says_the_list_and_stat_proves_it() {
    let finished = |sha: &str| vec![refuses(409, -4019), urls(), object(sha, SLICE)];
    let ours = run(upload(SLICE, slices_only()), finished(&sha_of(SLICE)));
    assert_eq!(ours.asked(), ["upload_slice_init", "upload_slice_list", "stat"]);
    assert_eq!(ours.end.unwrap().how, How::AlreadyThere);
    let other = run(upload(SLICE, slices_only()), finished(&sha_of(7)));
    assert!(matches!(other.end, Err(Failure::Refused(Fault::Exists))));
}

#[test]
fn an_unfinished_upload_of_other_content_is_left_alone_by_default() {
    let run = run(upload(SLICE, slices_only()), vec![refuses(409, -4020)]);
    assert_eq!(run.asked(), ["upload_slice_init"]);
    assert!(matches!(run.end, Err(Failure::Refused(Fault::Occupied))));
}

fn replacing() -> Options {
    let mut options = slices_only();
    options.replace_unfinished = true;
    options
}

#[test]
fn an_unfinished_upload_of_other_content_is_replaced_if_allowed_once() {
    let other = || listed("other", &[(0, 10)], 77);
    let script = vec![refuses(409, -4020), other(), nothing(), ok("{}"), opened(0), stored(0, SLICE), urls()];
    let replaced = run(upload(SLICE, replacing()), script);
    assert_eq!(
        replaced.asked(),
        [
            "upload_slice_init",
            "upload_slice_list",
            "stat",
            "delete",
            "upload_slice_init",
            "upload_slice_data@0",
            "upload_slice_finish"
        ]
    );
    replaced.end.unwrap();
    let script = vec![refuses(409, -4020), other(), nothing(), ok("{}"), refuses(409, -4020)];
    let again = run(upload(SLICE, replacing()), script);
    assert!(matches!(again.end, Err(Failure::Refused(Fault::Occupied))));
}

#[test]
fn what_the_list_calls_finished_is_never_deleted() {
    let script = vec![refuses(409, -4020), urls(), object(&sha_of(7), 7)];
    let run = run(upload(SLICE, replacing()), script);
    assert_eq!(run.asked(), ["upload_slice_init", "upload_slice_list", "stat"]);
    assert!(matches!(run.end, Err(Failure::Refused(Fault::Exists))));
}

#[test]
fn a_finished_object_beside_the_unfinished_one_is_never_deleted() {
    let script = vec![refuses(409, -4020), listed("other", &[], 77), object(&sha_of(7), 7)];
    let run = run(upload(SLICE, replacing()), script);
    assert_eq!(run.asked(), ["upload_slice_init", "upload_slice_list", "stat"]);
    assert!(matches!(run.end, Err(Failure::Refused(Fault::Occupied))));
}

#[test]
fn a_lost_delete_is_probed_by_the_list() {
    let other = || listed("other", &[(0, 10)], 77);
    let script = vec![refuses(409, -4020), other(), nothing(), Far::Silent, nothing(), urls()];
    let run = run(upload(SLICE, replacing()), script);
    assert_eq!(
        run.asked(),
        ["upload_slice_init", "upload_slice_list", "stat", "delete", "upload_slice_list", "upload_slice_init"]
    );
    run.end.unwrap();
}

#[test]
fn other_content_at_the_path_is_not_overwritten_and_the_same_is_success() {
    for (sha, same) in [(sha_of(SLICE), true), (sha_of(7), false)] {
        let run = run(upload(SLICE, slices_only()), vec![refuses(409, -177), object(&sha, SLICE)]);
        assert_eq!(run.end.is_ok(), same);
    }
}

#[test]
fn without_a_hash_no_byte_is_read_before_the_first_is_sent() {
    let mut options = slices_only();
    options.integrity = Integrity::None;
    let run = run(upload(SLICE, options), vec![opened(0), stored(0, SLICE), urls()]);
    assert!(!run.hashed);
    run.end.unwrap();
}

#[test]
fn without_a_hash_a_strangers_session_is_not_adopted_even_if_it_is_empty() {
    for parts in [&[(0, SLICE)][..], &[]] {
        let refused = run(upload(SLICE, unhashed()), vec![refuses(409, -4019), listed("S9", parts, SLICE)]);
        assert!(matches!(refused.end, Err(Failure::Refused(Fault::Occupied))));
    }
}

#[test]
fn a_lost_finish_is_probed_by_the_list_and_proved_by_stat() {
    let script = vec![opened(0), stored(0, SLICE), Far::Silent, urls(), object(&sha_of(SLICE), SLICE)];
    let there = run(upload(SLICE, slices_only()), script);
    assert_eq!(there.asked()[2..], ["upload_slice_finish", "upload_slice_list", "stat"]);
    assert_eq!(there.end.unwrap().how, How::Parts);
    let script = vec![opened(0), stored(0, SLICE), Far::Silent, listed("S1", &[(0, SLICE)], SLICE), urls()];
    let again = run(upload(SLICE, slices_only()), script);
    assert_eq!(again.asked()[2..], ["upload_slice_finish", "upload_slice_list", "upload_slice_finish"]);
    again.end.unwrap();
}

#[test]
fn a_lost_one_request_upload_is_probed_by_the_list_and_proved_by_stat() {
    let there = run(upload(7, Options::default()), vec![Far::Silent, urls(), object(&sha_of(7), 7)]);
    assert_eq!(there.asked(), ["upload", "upload_slice_list", "stat"]);
    assert_eq!(there.end.unwrap().how, How::OneRequest);
    for absent in [listed("S9", &[(0, 7)], 7), nothing()] {
        let again = run(upload(7, Options::default()), vec![Far::Silent, absent, urls()]);
        assert_eq!(again.asked(), ["upload", "upload_slice_list", "upload"]);
        again.end.unwrap();
    }
    let others = run(upload(7, Options::default()), vec![Far::Silent, urls(), object(&sha_of(8), 7)]);
    assert!(matches!(others.end, Err(Failure::Refused(Fault::Exists))));
}

fn unhashed() -> Options {
    let mut options = slices_only();
    options.integrity = Integrity::None;
    options
}

#[test]
fn without_a_hash_a_claim_is_proved_by_hashing_once() {
    for (sha, ours) in [(sha_of(SLICE), true), (sha_of(7), false)] {
        let script = vec![opened(0), stored(0, SLICE), Far::Silent, urls(), object(&sha, SLICE)];
        let run = run(upload(SLICE, unhashed()), script);
        assert!(run.hashed);
        assert_eq!(run.end.is_ok(), ours);
    }
}

#[test]
fn without_a_hash_an_instant_upload_proves_nothing() {
    let other = run(upload(SLICE, unhashed()), vec![urls(), object(&sha_of(7), SLICE)]);
    assert!(matches!(other.end, Err(Failure::Refused(Fault::Exists))));
}

#[test]
fn a_lost_init_without_a_hash_may_have_opened_the_empty_session() {
    let script = vec![Far::Silent, refuses(409, -4020), listed("S1", &[], SLICE), stored(0, SLICE), urls()];
    run(upload(SLICE, unhashed()), script).end.unwrap();
}

#[test]
fn a_file_above_64_gib_is_refused_before_anything_is_read_or_sent() {
    let run = run(upload((64 << 30) + 1, slices_only()), vec![]);
    assert!(run.asked.is_empty() && !run.hashed);
    assert!(matches!(run.end, Err(Failure::Refused(Fault::FileTooBig { .. }))));
}

#[test]
fn a_digest_that_differs_is_taken_once_more_in_a_new_session_and_then_is_an_error() {
    let differs = || refuses(409, -4016);
    let ours = || listed("S1", &[(0, SLICE)], SLICE);
    let discard = || vec![ours(), nothing(), ok("{}")];
    let script: Vec<Far> = [opened(0), stored(0, SLICE), differs()]
        .into_iter()
        .chain(discard())
        .chain([opened(0), stored(0, SLICE), differs()])
        .collect();
    let first = run(upload(SLICE, slices_only()), script);
    assert_eq!(first.asked()[2..6], ["upload_slice_finish", "upload_slice_list", "stat", "delete"]);
    assert!(matches!(first.end, Err(Failure::Integrity(_))));
    // Nothing of it sticks: the next run discards what differs and begins anew.
    let script = discard().into_iter().chain([opened(0), stored(0, SLICE), urls()]).collect();
    resumed(first.saved.unwrap(), SLICE, slices_only(), script).end.unwrap();
}

#[test]
fn a_slice_that_differs_costs_one_slice() {
    let script = vec![
        opened(1),
        stored(0, SLICE),
        refuses(409, -4016),
        listed("S1", &[(0, SLICE)], SLICE + 9),
        stored(SLICE, 9),
        urls(),
    ];
    run(upload(SLICE + 9, slices_only()), script).end.unwrap();
}

fn resumed(saved: Checkpoint<CosV2>, len: u64, options: Options, script: Vec<Far>) -> Run {
    let how = resumable_core::Options::new(5);
    run(Upload::resume(protocol(options), source(len), Some(credential()), how, saved).unwrap(), script)
}

#[test]
fn no_verdict_of_an_earlier_run_sticks() {
    let len = 2 * SLICE;
    let whole = || vec![opened(1), stored(0, SLICE), stored(SLICE, SLICE), urls()];
    let refusals: [(Vec<Far>, Options); 3] = [
        (vec![refuses(409, -177), object(&sha_of(7), 7)], slices_only()),
        (vec![refuses(409, -4020)], slices_only()),
        (vec![refuses(409, -4020), listed("x", &[], 7), nothing(), ok("{}"), refuses(409, -4020)], replacing()),
    ];
    for (script, options) in refusals {
        let refused = run(upload(len, options), script);
        assert!(matches!(refused.end, Err(Failure::Refused(_))));
        resumed(refused.saved.unwrap(), len, slices_only(), whole()).end.unwrap();
    }
    // An abort that was killed before its end.
    let aborted = abandoned(half_done(), vec![listed("S1", &[], len), nothing(), ok("{}")]).saved.unwrap();
    resumed(aborted, len, slices_only(), whole()).end.unwrap();
    // A success that was killed before its end, and the object is gone.
    let complete = run(upload(len, slices_only()), whole()).saved.unwrap();
    resumed(complete, len, slices_only(), vec![nothing()].into_iter().chain(whole()).collect()).end.unwrap();
}

#[test]
fn a_foreign_object_where_our_session_was_is_not_ours() {
    let list = |sha: Option<String>| {
        let sha = sha.map(|sha| format!(r#","sha":"{sha}""#)).unwrap_or_default();
        vec![urls(), ok(&format!(r#"{{"access_url":"http://u","filelen":2097152,"filesize":2097152{sha}}}"#))]
    };
    for sha in [None, Some(sha_of(7))] {
        let run = resumed(half_done(), 2 * SLICE, slices_only(), list(sha));
        assert!(matches!(run.end, Err(Failure::Refused(Fault::Exists))));
    }
}

#[test]
fn an_overwriting_upload_whose_session_the_list_hides_is_sent_again_whole() {
    let mut options = slices_only();
    options.insert_only = false;
    let script = vec![urls(), object(&sha_of(7), 7), stored(0, SLICE), stored(SLICE, SLICE), urls()];
    let run = resumed(half_done(), 2 * SLICE, options, script);
    assert_eq!(run.asked()[2..4], ["upload_slice_data@0", "upload_slice_data@1048576"]);
    run.end.unwrap();
}

/// How many slices leave before the first of them is answered.
fn side_by_side(serial: u8) -> usize {
    let mut upload = upload(5 * SLICE, unhashed());
    let mut now = Now { mono: Duration::ZERO, unix: Duration::from_secs(1_470_000_000) };
    let mut slices = 0;
    loop {
        match upload.poll(now) {
            Output::Do(Action::Send { request, .. }) if name_of(&request).starts_with("upload_slice_data") => {
                slices += 1;
            }
            Output::Do(Action::Send { ticket, .. }) => {
                let Far::Says(_, body) = opened(serial) else { unreachable!() };
                let response = Response::new(Bytes::from(body));
                upload.handle(Input::Response(ticket, Ok(Answer { response, observed: Observed::none() })));
            }
            Output::Do(Action::Save { ticket, .. }) => upload.handle(Input::Saved(ticket, Ok(()))),
            Output::Do(Action::Check { ticket }) => upload.handle(Input::Source(ticket, Ok(source(5 * SLICE)))),
            Output::Wait { until: Some(until), .. } => now.mono = until,
            Output::Wait { until: None, .. } => return slices,
            Output::Tell(_) | Output::Share { .. } => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn slices_go_one_by_one_where_the_vendor_says_so() {
    assert_eq!((side_by_side(1), side_by_side(0)), (1, 3));
}

#[test]
fn what_was_seen_a_while_ago_is_not_deleted_on_that_word() {
    let busy = Far::Says(503, r#"{"code":-71,"message":"BUSY"}"#.to_owned());
    let mut script = vec![refuses(409, -4020)];
    script.extend([listed("x", &[], 7), nothing(), busy]);
    script.extend([listed("x", &[], 7), object(&sha_of(7), 7)]);
    let mut how = resumable_core::Options::new(1);
    how.backoff.first = Duration::from_secs(30);
    let upload = Upload::start(protocol(replacing()), source(SLICE), Some(credential()), how);
    let run = run(upload, script);
    assert_eq!(run.asked()[1..], ["upload_slice_list", "stat", "delete", "upload_slice_list", "stat"]);
    assert!(matches!(run.end, Err(Failure::Refused(Fault::Occupied))));
}

#[test]
fn a_list_beyond_the_file_is_not_ours() {
    let beyond = ok(r#"{"listparts":[{"datalen":1048576,"offset":2097152}],"session":"S1","slice_size":1048576}"#);
    let script = vec![beyond, opened(1), stored(0, SLICE), stored(SLICE, SLICE), urls()];
    resumed(half_done(), 2 * SLICE, slices_only(), script).end.unwrap();
}

#[test]
fn a_finish_that_finds_no_session_is_probed_once_and_then_begun_anew() {
    let list = || listed("S1", &[(0, SLICE)], SLICE);
    let script = vec![
        opened(0),
        stored(0, SLICE),
        refuses(400, -288),
        list(),
        refuses(400, -288),
        list(),
        nothing(),
        ok("{}"),
        opened(0),
        stored(0, SLICE),
        urls(),
    ];
    run(upload(SLICE, slices_only()), script).end.unwrap();
}

#[test]
fn a_slice_whose_session_is_gone_in_any_words_is_probed_by_the_list() {
    for (status, code, probe) in [(404, -197, vec![]), (400, -288, vec![]), (400, -5999, vec![nothing()])] {
        let script = vec![opened(0), refuses(status, code)];
        let anew = vec![opened(0), stored(0, SLICE), urls()];
        run(upload(SLICE, slices_only()), script.into_iter().chain(probe).chain(anew).collect()).end.unwrap();
    }
}

#[test]
fn a_slice_that_comes_too_late_finds_the_object_complete() {
    let script = vec![opened(0), refuses(409, -4018), object(&sha_of(SLICE), SLICE)];
    assert_eq!(run(upload(SLICE, slices_only()), script).end.unwrap().how, How::AlreadyThere);
}

#[test]
fn missing_slices_at_finish_are_listed_and_sent() {
    let script = vec![
        opened(0),
        stored(0, SLICE),
        stored(SLICE, 9),
        refuses(400, -175),
        listed("S1", &[(0, SLICE)], SLICE + 9),
        stored(SLICE, 9),
        urls(),
    ];
    run(upload(SLICE + 9, slices_only()), script).end.unwrap();
}

#[test]
fn the_lists_slice_size_wins_and_no_hole_is_left() {
    let half = SLICE / 2;
    let list = ok(&format!(
        r#"{{"filesize":{SLICE},"listparts":[{{"datalen":{half},"offset":0}}],"session":"S1","slice_size":{half}}}"#
    ));
    let script = vec![refuses(409, -4019), list, stored(half, half), urls()];
    run(upload(SLICE, slices_only()), script).end.unwrap();
}

#[test]
fn a_slice_acknowledged_under_another_session_is_no_success() {
    let wrong = ok(r#"{"datalen":1048576,"offset":0,"session":"S2"}"#);
    let run =
        run(upload(SLICE, slices_only()), vec![opened(0), wrong, listed("S1", &[], SLICE), stored(0, SLICE), urls()]);
    assert_eq!(run.asked()[1..4], ["upload_slice_data@0", "upload_slice_list", "upload_slice_data@0"]);
    run.end.unwrap();
}

fn abandoned(saved: Checkpoint<CosV2>, script: Vec<Far>) -> Run {
    let upload = Upload::abandon(protocol(slices_only()), Some(credential()), resumable_core::Options::new(2), saved);
    run(upload.unwrap(), script)
}

/// A checkpoint of an upload with one of two slices stored.
fn half_done() -> Checkpoint<CosV2> {
    let script = vec![opened(0), stored(0, SLICE), refuses(403, -63)];
    run(upload(2 * SLICE, slices_only()), script).saved.unwrap()
}

#[test]
fn an_abandoned_upload_deletes_only_its_own_unfinished_session() {
    use resumable_core::Remains;
    let list = |session| listed(session, &[(0, SLICE)], 2 * SLICE);
    let ours = abandoned(half_done(), vec![list("S1"), nothing(), ok("{}")]);
    assert_eq!(ours.asked(), ["upload_slice_list", "stat", "delete"]);
    assert!(matches!(ours.end, Err(Failure::Abandoned(Remains::Nothing))));
    let others = abandoned(half_done(), vec![list("S2")]);
    assert_eq!(others.asked(), ["upload_slice_list"]);
    let beside = abandoned(half_done(), vec![list("S1"), object(&sha_of(7), 7)]);
    assert_eq!(beside.asked(), ["upload_slice_list", "stat"]);
    assert!(matches!(beside.end, Err(Failure::Abandoned(Remains::Parts))));
    let silent = abandoned(half_done(), vec![list("S1"), nothing(), Far::Silent, nothing()]);
    assert_eq!(silent.asked(), ["upload_slice_list", "stat", "delete", "upload_slice_list"]);
    assert!(matches!(silent.end, Err(Failure::Abandoned(Remains::Nothing))));
}

#[test]
fn abandoning_a_finished_object_leaves_it() {
    use resumable_core::Remains;
    let finished = abandoned(half_done(), vec![urls(), object(&sha_of(7), 7)]);
    assert_eq!(finished.asked(), ["upload_slice_list", "stat"]);
    assert!(matches!(finished.end, Err(Failure::Abandoned(Remains::Object))));
}

#[test]
fn no_secret_is_in_a_checkpoint() {
    let text = String::from_utf8(half_done().to_bytes()).unwrap();
    assert!(text.contains("S1") && !text.contains("secret-canary"));
}

// ── what the vendor finds about our content and our session

/// -4016 to a slice, and then the session is gone: thrown away for that. To send it all again with the same digest would
/// lead to the same answer, in this run and in the next one.
#[test]
fn field_bug_58_a_verdict_outlives_the_retry_that_asked_for_it() {
    let differs = || refuses(409, -4016);
    let sent = || vec![opened(1), stored(0, SLICE), differs()];
    let gone: [Vec<Far>; 4] = [
        vec![nothing()],
        vec![listed("another", &[], 2 * SLICE)],
        vec![listed("S1", &[(0, SLICE)], 2 * SLICE), refuses(400, -288)],
        vec![listed("S1", &[(0, SLICE)], 2 * SLICE), refuses(404, -197)],
    ];
    for (at, gone) in gone.into_iter().enumerate() {
        let script: Vec<Far> =
            sent().into_iter().chain(gone).chain([nothing()]).chain(sent()).chain([nothing()]).collect();
        let first = run(upload(2 * SLICE, slices_only()), script);
        assert!(matches!(first.end, Err(Failure::Integrity(_))), "{at}: {:?}, {:?}", first.end, first.asked);
        let whole = vec![nothing(), opened(1), stored(0, SLICE), stored(SLICE, SLICE), urls()];
        let next = resumed(first.saved.unwrap(), 2 * SLICE, slices_only(), whole);
        assert!(next.hashed, "{at}: the next run does not go by the digest that the vendor contradicts");
        next.end.unwrap();
    }
}

/// The verdict is in the checkpoint, for whoever ends between it and what comes of it.
#[test]
fn field_bug_58_the_next_run_knows_the_verdict() {
    let sent = vec![opened(1), stored(0, SLICE), refuses(409, -4016), refuses(403, -63)];
    let first = run(upload(2 * SLICE, slices_only()), sent);
    assert!(matches!(first.end, Err(Failure::Refused(_))), "{:?}", first.end);
    let script = vec![nothing(), nothing(), opened(1), stored(0, SLICE), stored(SLICE, SLICE), urls()];
    let next = resumed(first.saved.unwrap(), 2 * SLICE, slices_only(), script);
    assert!(next.hashed, "{:?}", next.asked);
    next.end.unwrap();
}

/// A session that cannot be finished though the list shows every slice is discarded, once; then it is an error.
#[test]
fn field_bug_58_a_session_that_cannot_be_finished_is_given_up() {
    let list = || listed("S1", &[(0, SLICE)], SLICE);
    let missing = || {
        vec![refuses(400, -175), list(), refuses(400, -175), list(), refuses(409, -4019), list(), refuses(400, -175)]
    };
    let unknown = || vec![refuses(400, -288), list(), refuses(400, -5999)];
    for refused in [&missing as &dyn Fn() -> Vec<Far>, &unknown] {
        let sent = || vec![opened(0), stored(0, SLICE)];
        let discarded = vec![list(), nothing(), ok("{}")];
        let script = sent().into_iter().chain(refused()).chain(discarded).chain(sent()).chain(refused());
        let run = run(upload(SLICE, slices_only()), script.collect());
        assert_eq!(run.asked().iter().filter(|name| name.starts_with("upload_slice_data")).count(), 2);
        assert!(matches!(run.end, Err(Failure::Refused(_))), "{:?}", run.end);
        let finished = vec![list(), urls()];
        resumed(run.saved.unwrap(), SLICE, slices_only(), finished).end.unwrap();
    }
}

/// -5999 may mean an unknown session, or a wrong slice. Where the list shows the session, it is the slice.
#[test]
fn field_bug_58_a_slice_that_is_refused_in_a_listed_session_is_an_error_at_once() {
    let script = vec![opened(0), refuses(400, -5999), listed("S1", &[], SLICE), refuses(400, -5999)];
    let run = run(upload(SLICE, slices_only()), script);
    assert!(matches!(&run.end, Err(Failure::Refused(why)) if why.code() == Some(-5999)), "{:?}", run.end);
}

/// Hashed to be compared with what stands at the path, and found to be of something else: the vendor that then takes the
/// file without a digest has compared nothing.
#[test]
fn field_bug_88_a_receipt_names_no_digest_that_nobody_compared() {
    let mut options = Options::default();
    options.integrity = Integrity::None;
    options.insert_only = false;
    let lost = vec![Far::Silent, urls(), object(&sha_of(7), SLICE), urls()];
    let sent = run(upload(SLICE, options.clone()), lost);
    assert_eq!((sent.asked(), sent.hashed), (vec!["upload", "upload_slice_list", "stat", "upload"], true));
    assert_eq!(sent.end.unwrap().sha, None);
    let there = run(upload(SLICE, options), vec![Far::Silent, urls(), object(&sha_of(SLICE), SLICE)]);
    assert_eq!(there.end.unwrap().sha.unwrap().to_hex(), sha_of(SLICE), "compared with the vendor's");
}

/// A code that no table explains is told at once, whatever the call.
#[test]
fn field_bug_61_a_code_that_nobody_explains_is_told_at_once() {
    let odd = || Far::Says(404, r#"{"code":-4242,"message":"ERROR_ODD","request_id":"NTk5"}"#.into());
    let scripts = [
        vec![odd()],
        vec![opened(1), odd()],
        vec![opened(1), stored(0, SLICE), odd()],
        vec![refuses(409, -4019), odd()],
        vec![refuses(409, -177), odd()],
    ];
    for script in scripts {
        let run = run(upload(SLICE, slices_only()), script);
        let failure = run.end.unwrap_err();
        let text = failure.to_string();
        assert!(matches!(failure, Failure::Refused(_)) && text.contains("code -4242, \"ERROR_ODD\""), "{text}");
        assert!(text.contains("request id NTk5"), "{text}");
    }
}

#[test]
fn field_bug_78_options_that_no_request_could_be_made_by_are_refused() {
    let place = || Place::new("http://h", "1", "b", ObjectPath::new("/f").unwrap()).unwrap();
    for size in [0, 7, (1 << 20) + 1] {
        let mut options = Options::default();
        options.part_size = size;
        let error = CosV2::new(place(), options).unwrap_err();
        let says = format!("part_size must be 524288, 1048576, 2097152 or 3145728 bytes, and is {size}");
        assert_eq!(error.to_string(), says);
    }
    for life in [0, 59, 90 * 86_400 + 1] {
        let mut options = Options::default();
        options.signature_life = Duration::from_secs(life);
        let error = CosV2::new(place(), options).unwrap_err();
        assert_eq!(error.to_string(), format!("signature_life must be from 1m to 90d, and is {life} s"));
    }
    assert!(CosV2::new(place(), Options::default()).is_ok());
}
