//! Defects that other clients of this API have, or had, and what this one does instead.

mod rig;

use std::time::Duration;

use resumable_core::{Command, Failure, How, Output};
use resumable_proto_xfyun::{App, DigestMode, ENDPOINT, RequestId, Signing, mpupload_init};
use rig::{Fate, Rig, SLICE, Stop, code, says, tiny};

/// The vendor's Python demo names the part after the full local path.
#[test]
fn field_bug_42_the_file_name_is_a_constant() {
    for len in [0, 7, 95] {
        let mut rig = Rig::new(len, tiny());
        rig.run().unwrap();
        let names: Vec<_> = rig.server.seen.iter().filter_map(|seen| seen.file_name.as_deref()).collect();
        assert!(!names.is_empty() && names.iter().all(|name| *name == "data.bin"), "{names:?}");
    }
}

/// The vendor's Python demo takes `size % slice` for the last slice: of a file of whole slices it sends nothing last.
#[test]
fn field_bug_45_a_file_of_whole_slices_is_sent_whole() {
    for len in [2 * SLICE - 1, 2 * SLICE, 2 * SLICE + 1, 5 * SLICE, 12 * SLICE] {
        let mut options = tiny();
        options.one_request_max = 0;
        let mut rig = Rig::new(len, options);
        let uploaded = rig.run().unwrap();
        rig.assert_stored(&uploaded);
        let sizes: Vec<u64> =
            rig.server.seen.iter().filter(|seen| seen.kind == "slice").map(|seen| seen.source_bytes).collect();
        let rest = if len % SLICE == 0 { SLICE } else { len % SLICE };
        assert!(sizes.iter().all(|size| *size > 0) && sizes.last() == Some(&rest), "{sizes:?}");
        assert_eq!(sizes.iter().sum::<u64>(), len);
    }
}

/// The vendor's demos never look at a slice's code.
#[test]
fn field_bug_46_a_slice_is_done_after_code_0_alone_and_the_file_after_all_slices() {
    let no_success = [
        says(200, r#"{"code":10002,"message":"s3","sid":"ost1@dx1"}"#),
        says(200, r#"{"code":"10006","message":"io"}"#),
        says(200, r#"{"message":"HMAC signature does not match"}"#),
        says(200, r#"{"message":"success"}"#),
        says(200, "<html>ok</html>"),
        says(200, ""),
        says(404, r#"{"code":99999,"message":"?"}"#),
    ];
    for lie in no_success {
        for nth in [0, 3, 9] {
            let mut rig = Rig::new(95, tiny());
            let lies =
                |kind: &str, met| if kind == "slice" && met == nth { Fate::Says(lie.clone()) } else { Fate::Fine };
            // The key is refused for good with the third of them: also no success.
            if let Ok(uploaded) = rig.run_with(lies) {
                rig.assert_stored(&uploaded);
                assert_eq!(rig.count("slice"), 11, "{lie:?}");
            } else {
                assert_eq!(rig.count("complete"), 0);
            }
        }
    }
    // Whatever was never acknowledged keeps the file from being put together.
    for slice in 0..10 {
        let mut rig = Rig::new(95, rig::parallel());
        rig.run_until(Stop::At("slice", slice + 1), |_, _| Fate::Fine);
        let refused = rig.run_with(|kind, _| if kind == "slice" { Fate::Says(code(200, 10002)) } else { Fate::Fine });
        assert!(matches!(refused, Err(Failure::Exhausted { .. })));
        assert_eq!((rig.count("complete"), rig.server.files.len()), (0, 0));
    }
}

/// Three clients count slices from 0, which the vendor reads as "unset".
#[test]
fn field_bug_47_slices_count_from_1() {
    for options in [tiny(), rig::parallel()] {
        let mut rig = Rig::new(95, options);
        rig.run().unwrap();
        assert!(rig.server.slice_ids().into_iter().eq(1..=10));
    }
}

/// The vendor's demo dates its requests once, and is refused after five minutes.
#[test]
fn field_bug_48_every_request_is_dated_when_it_leaves() {
    for ahead in [0, 7200] {
        let mut rig = Rig::new(95, tiny());
        rig.server.unix += Duration::from_secs(ahead);
        for slice in 1..=10 {
            assert!(rig.run_until(Stop::At("slice", slice), |_, _| Fate::Fine).is_none());
            rig.pass(Duration::from_secs(200));
            rig.upload.handle(Command::Pause);
            rig.upload.handle(Command::Unpause);
        }
        let uploaded = rig.run().unwrap();
        rig.assert_stored(&uploaded);
        let dates: Vec<_> = rig.server.seen.iter().skip(usize::from(ahead > 0)).map(|seen| seen.date).collect();
        assert!(dates.last().unwrap().abs_diff(dates[0]) >= Duration::from_secs(1800), "{dates:?}");
    }
}

/// The vendor's demo gives a slice of 5 MiB 8 s, and then ends the whole program.
#[test]
fn field_bug_49_a_slow_slice_is_left_alone_while_it_moves() {
    let mut rig = Rig::new(95, tiny());
    rig.run_until(Stop::At("slice", 1), |_, _| Fate::Fine);
    // Ten hours, and a byte an hour: nobody cancels it.
    for _ in 0..10 {
        rig.pass(Duration::from_secs(3600));
        loop {
            match rig.upload.poll(rig.now) {
                Output::Tell(_) | Output::Share { .. } => {}
                Output::Wait { until, in_flight } => {
                    assert_eq!((until, in_flight), (None, 1));
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    // The vendor looks at the date when the request begins to arrive.
    let served = rig.server.unix;
    rig.server.unix = served.saturating_sub(Duration::from_secs(36_000));
    rig.run_until(Stop::At("slice", 2), |_, _| Fate::Fine);
    rig.server.unix = served;
    let uploaded = rig.run().unwrap();
    rig.assert_stored(&uploaded);
    assert_eq!((rig.count("slice"), uploaded.how), (10, How::Parts));
    // What the transport is given counts from the end of the request.
    for limits in &rig.transfers {
        assert!(limits.reply_within >= Duration::from_secs(60), "{limits:?}");
    }
}

/// The vendor's Python demo sends everything in the clear.
#[test]
fn field_bug_50_plain_http_only_where_the_endpoint_says_so() {
    for (endpoint, scheme) in [
        (ENDPOINT, "https"),
        ("upload-ost-api.xfyun.cn", "https"),
        ("localhost:8080", "https"),
        ("http://127.0.0.1:18099", "http"),
    ] {
        let app = App::new(endpoint, "app00001", None).unwrap();
        let credential = rig::credential();
        let signing = Signing { credential: &credential, now: Duration::from_secs(1), digest: DigestMode::Empty };
        let request = mpupload_init::encode(&app, &RequestId::from_nonce(1), &signing);
        assert_eq!(request.uri().scheme_str(), Some(scheme), "{endpoint}");
        let mut rig = Rig::new(25, tiny());
        rig.endpoint = endpoint.to_owned();
        rig.restart();
        rig.run().unwrap();
        assert!(rig.server.seen.iter().all(|seen| seen.uri.starts_with(&format!("{scheme}://"))));
    }
}

/// Other clients begin a second upload after any refusal of a resumed one.
#[test]
fn field_bug_51_only_the_vendors_own_gone_begins_a_second_upload() {
    let half_done = || {
        let mut rig = Rig::new(95, tiny());
        rig.run_until(Stop::At("slice", 5), |_, _| Fate::Fine);
        let saved = rig.last_saved();
        rig.resume(&saved);
        rig
    };
    for refusal in [
        says(400, "<html>Bad Request</html>"),
        says(403, r#"{"message":"Forbidden"}"#),
        says(404, r#"{"message":"no Route matched with those values"}"#),
        says(404, "<html>Not Found</html>"),
        says(410, ""),
        says(429, "slow down"),
        code(400, 99999),
        code(404, 10401),
        code(500, 99999),
        code(500, 10002),
    ] {
        let mut rig = half_done();
        let met = rig.count("slice");
        let refuses = |kind: &str, _| if kind == "slice" { Fate::Says(refusal.clone()) } else { Fate::Fine };
        if rig.run_until(Stop::At("slice", met + 4), refuses).is_some() {
            // The end: run again, the same upload is gone on with.
            let saved = rig.last_saved();
            rig.resume(&saved);
        }
        let uploaded = rig.run().unwrap();
        rig.assert_stored(&uploaded);
        assert_eq!((rig.count("init"), rig.restarts()), (1, 0), "{refusal:?}");
        assert_eq!(rig.server.received(), 95, "four slices were acknowledged, and are not sent again");
    }
    let mut rig = half_done();
    let gone = |kind: &str, nth| if kind == "slice" && nth == 4 { Fate::Says(code(500, 10005)) } else { Fate::Fine };
    let uploaded = rig.run_with(gone).unwrap();
    rig.assert_stored(&uploaded);
    assert_eq!((rig.count("init"), rig.restarts()), (2, 1));
}
