//! Numbers that nobody wrote: in a checkpoint of the format that had no checksum, and in the vendor's answers.

#[path = "../../core/tests/numbers/mod.rs"]
mod numbers;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use numbers::{World, edits};
use proptest::prelude::*;
use resumable_core::{
    Action, Answer, Body, Cause, Checkpoint, HashPass, Input, Modified, Now, Observed, Output, Segment, SendError,
    Slot, SourceInfo, Upload,
};
use resumable_proto_cos_v2::{CosV2, Credential, Integrity, ObjectPath, Options, Place};

const SLICE: u64 = 64;
const LEN: u64 = 5 * SLICE + 7;

fn protocol(integrity: Integrity) -> CosV2 {
    let place = Place::new("https://sh.file.myqcloud.com", "1", "b", ObjectPath::new("/f").unwrap()).unwrap();
    let mut options = Options::default();
    (options.part_size, options.part_sizes, options.one_request_max) = (SLICE, vec![SLICE], 0);
    options.integrity = integrity;
    CosV2::new(place, options).unwrap()
}

fn content() -> Vec<u8> {
    (0..LEN).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

fn info() -> SourceInfo {
    let at = |secs| Some(Modified { secs, nanos: 0 });
    SourceInfo { changed: at(1), looked_at: at(9), ..SourceInfo::new(LEN, [1; 32]) }
}

fn credential() -> Credential {
    Credential::new("AKIDx", "secret-canary").unwrap()
}

fn how() -> resumable_core::Options {
    let mut how = resumable_core::Options::new(1);
    how.save_every = Duration::ZERO;
    how
}

fn world(integrity: Integrity) -> World<CosV2, impl Fn() -> CosV2> {
    World {
        protocol: move || protocol(integrity),
        credential: credential(),
        options: how(),
        info: info(),
        content: content(),
    }
}

fn field(request: &Request<Body>, name: &str) -> Option<String> {
    let text = |segment: &Segment| match segment {
        Segment::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Segment::Source(_) => String::new(),
    };
    let text: String = request.body().segments().iter().map(text).collect();
    let (_, after) = text.split_once(&format!("name=\"{name}\"\r\n\r\n"))?;
    after.split_once("\r\n--").map(|(value, _)| value.to_owned())
}

fn success(data: &str) -> (u16, String) {
    (200, format!(r#"{{"code":0,"message":"SUCCESS","data":{data}}}"#))
}

/// A vendor that does as it should, slice by slice.
fn honest(request: &Request<Body>) -> (u16, String) {
    let len = request.body().source_len();
    match (field(request, "op").as_deref(), field(request, "offset")) {
        (Some("upload_slice_init"), _) => {
            success(&format!(r#"{{"session":"S1","slice_size":{SLICE},"serial_upload":1}}"#))
        }
        (Some("upload_slice_data"), Some(offset)) => {
            success(&format!(r#"{{"datalen":{len},"offset":{offset},"session":"S1"}}"#))
        }
        _ => (404, r#"{"code":-197,"message":"NO"}"#.to_owned()),
    }
}

/// Answers so many requests, and none after them; gives every checkpoint.
fn drive(
    mut upload: Upload<CosV2>,
    mut answers: impl FnMut(&Request<Body>) -> Option<(u16, String)>,
) -> Vec<Checkpoint<CosV2>> {
    let (mut saved, content) = (Vec::new(), content());
    let mut now = Now { mono: Duration::ZERO, unix: Duration::from_secs(1_470_000_000) };
    for _ in 0..10_000 {
        match upload.poll(now) {
            Output::Do(Action::Send { ticket, request, .. }) => {
                let answer = answers(&request).ok_or_else(|| SendError::Unsure(Cause::text("silence")));
                let answer = answer.map(|(status, body)| {
                    let mut response = Response::new(Bytes::from(body));
                    *response.status_mut() = StatusCode::from_u16(status).unwrap();
                    Answer { response, observed: Observed::none() }
                });
                upload.handle(Input::Response(ticket, answer));
            }
            Output::Do(Action::Hash { ticket, jobs }) => {
                let mut pass = HashPass::new(&jobs).unwrap();
                while let Some(range) = pass.wants(u64::MAX) {
                    let [from, to] = [range.start, range.end].map(|at| usize::try_from(at).unwrap());
                    pass.feed(&content[from..to]).unwrap();
                }
                upload.handle(Input::Digests(ticket, Ok(pass.finish().unwrap())));
            }
            Output::Do(Action::Save { ticket, checkpoint }) => {
                saved.push(checkpoint);
                upload.handle(Input::Saved(ticket, Ok(())));
            }
            Output::Do(Action::Check { ticket }) => upload.handle(Input::Source(ticket, Ok(info()))),
            Output::Do(Action::Authorize { ticket, .. }) => {
                upload.handle(Input::Credential(ticket, Ok(credential().into())));
            }
            Output::Do(Action::Acquire { ticket, .. }) => upload.handle(Input::Slot(ticket, Ok(Slot::free()))),
            Output::Do(Action::Cancel(_)) | Output::Tell(_) | Output::Share { .. } => {}
            Output::Wait { until, .. } => now.mono = until.expect("everything is answered at once"),
            Output::Finished(_) => return saved,
        }
    }
    panic!("it never ends")
}

/// The first requests alone were answered.
fn half_done(integrity: Integrity, answered: usize) -> Checkpoint<CosV2> {
    let (upload, mut requests) = (Upload::start(protocol(integrity), info(), Some(credential()), how()), 0);
    let saved = drive(upload, |request| {
        requests += 1;
        (requests <= answered).then(|| honest(request))
    });
    saved.last().unwrap().clone()
}

#[test]
fn field_bug_86_no_number_in_a_checkpoint_panics() {
    for (integrity, answered) in [(Integrity::Chain, 0), (Integrity::Chain, 4), (Integrity::None, 4)] {
        world(integrity).survives_all_edges(&half_done(integrity, answered));
    }
}

#[test]
fn field_bug_86_slices_and_counts_that_cannot_be_are_refused() {
    let saved = half_done(Integrity::Chain, 4);
    for (place, number) in [
        ("/session/slice_size", 0),
        ("/session/slice_size", 2 * SLICE),
        ("/session/open/slice_size", 0),
        ("/session/open/slice_size", SLICE + 1),
        ("/session/differed", LEN),
        ("/session/confirmed", LEN + 1),
    ] {
        world(Integrity::Chain).refuses(&saved, place, number);
    }
    assert!((1..LEN).contains(&saved.confirmed()));
    world(Integrity::Chain).refuses(&saved, "/session/open", serde_json::Value::Null);
}

fn number() -> impl Strategy<Value = u64> {
    let edges = vec![0, 1, SLICE, LEN, LEN + 1, u64::from(u32::MAX), 1 << 63, u64::MAX - 1, u64::MAX];
    prop_oneof![prop::sample::select(edges), any::<u64>()]
}

fn reply() -> impl Strategy<Value = (u16, String)> {
    let code = prop::sample::select(vec![0, 0, 0, 0, -197, -177, -4016, -4019, -5999, i64::MIN, i64::MAX]);
    let parts = prop::collection::vec((number(), number()), 0..4);
    (code, prop::array::uniform5(number()), parts).prop_map(|(code, [offset, datalen, slice_size, filelen, filesize], parts)| {
        let parts = parts.iter().map(|(offset, datalen)| format!(r#"{{"offset":{offset},"datalen":{datalen}}}"#));
        let parts = parts.collect::<Vec<_>>().join(",");
        let data = format!(
            r#"{{"offset":{offset},"datalen":{datalen},"slice_size":{slice_size},"filelen":{filelen},"filesize":{filesize},
               "listparts":[{parts}],"session":"S1"}}"#
        );
        (if code == 0 { 200 } else { 400 }, format!(r#"{{"code":{code},"message":"M","data":{data}}}"#))
    })
}

proptest! {
    #[test]
    fn field_bug_86_nor_do_any_three(edits in edits(), hashed: bool, answered in 0usize..6) {
        let integrity = if hashed { Integrity::Chain } else { Integrity::None };
        world(integrity).survives(&half_done(integrity, answered), &edits);
    }

    #[test]
    fn field_bug_86_no_number_in_an_answer_panics(lies in prop::collection::vec(prop::option::of(reply()), 1..12)) {
        let saved = half_done(Integrity::None, 4);
        let upload = Upload::resume(protocol(Integrity::None), info(), Some(credential()), how(), saved).unwrap();
        let mut lies = lies.into_iter();
        drive(upload, |request| Some(lies.next().flatten().unwrap_or_else(|| honest(request))));
    }
}
