//! What the vendor finds about our upload is remembered until it is acted on, and a refusal that lasts is told at once.

mod rig;

use resumable_core::{Failure, Remains};
use resumable_proto_xfyun::{App, ENDPOINT, InvalidOptions, Options, Xfyun};
use rig::{Fate, Rig, SLICE, code, parallel, tiny};

fn refuses_slices(kind: &str, _: usize) -> Fate {
    if kind == "slice" { Fate::Says(code(500, 10001)) } else { Fate::Fine }
}

/// 10001 to a slice that the vendor cannot have ends the run. The next one cancels that upload and begins anew, by the
/// options of the day: whoever has taken the advice of the error gets somewhere.
#[test]
fn field_bug_58_a_refused_slice_is_remembered_by_the_next_run() {
    let mut rig = Rig::new(95, tiny());
    let verdict = rig.run_with(refuses_slices);
    assert!(matches!(&verdict, Err(Failure::Refused(why)) if why.code() == Some(10001)), "{verdict:?}");
    assert_eq!((rig.count("slice"), rig.count("init")), (1, 1));
    let saved = rig.last_saved();
    rig.options.part_size = 2 * SLICE;
    rig.resume(&saved);
    let uploaded = rig.run().unwrap();
    rig.assert_stored(&uploaded);
    assert_eq!(rig.asked()[2..5], ["cancel", "init", "slice"]);
    let sizes: Vec<u64> = rig.server.seen.iter().map(|seen| seen.source_bytes).filter(|size| *size > 0).collect();
    assert_eq!((sizes[1], uploaded.orphans), (2 * SLICE, 0));
}

/// However the cancel is answered.
#[test]
fn field_bug_58_the_next_run_goes_on_whatever_the_cancel_meets() {
    let fates = [
        Fate::LostBefore,
        Fate::LostAfter,
        Fate::Says(code(500, 10005)),
        Fate::Says(code(500, 10001)),
        Fate::Says(code(500, 10003)),
    ];
    for fate in fates {
        let mut rig = Rig::new(95, parallel());
        rig.run_with(refuses_slices).unwrap_err();
        let saved = rig.last_saved();
        rig.resume(&saved);
        let cancels = |kind: &str, nth| if (kind, nth) == ("cancel", 0) { fate.clone() } else { Fate::Fine };
        let uploaded = rig.run_with(cancels).unwrap();
        rig.assert_stored(&uploaded);
    }
}

/// Who gives up instead still has the upload cancelled, or is told why it is not.
#[test]
fn field_bug_58_a_refused_upload_can_be_abandoned() {
    for refused in [false, true] {
        let mut rig = Rig::new(95, tiny());
        rig.run_with(refuses_slices).unwrap_err();
        let saved = rig.last_saved();
        rig.abandon(&saved);
        let cancels =
            |kind: &str, _| if kind == "cancel" && refused { Fate::Says(code(500, 10001)) } else { Fate::Fine };
        match rig.run_with(cancels) {
            Err(Failure::Abandoned(Remains::Nothing)) => assert!(!refused),
            Err(Failure::Refused(why)) => assert!(refused && why.code() == Some(10001)),
            other => panic!("{other:?}"),
        }
        assert_eq!(rig.count("cancel"), 1);
    }
}

/// The vendor's host answers refusals with HTTP 500 too, so that the status says nothing: a code that no table explains
/// is told at once. What the call may have left is counted.
#[test]
fn field_bug_61_a_code_that_nobody_explains_is_told_at_once() {
    for status in [200, 400, 404, 500] {
        for (len, kind, orphans) in [(7, "upload", 1), (25, "init", 1), (25, "slice", 0), (25, "complete", 0)] {
            let mut rig = Rig::new(len, tiny());
            let verdict =
                rig.run_with(|asked, _| if asked == kind { Fate::Says(code(status, 10401)) } else { Fate::Fine });
            let Err(failure) = verdict else { panic!("{verdict:?}") };
            assert!(matches!(failure, Failure::Refused(_)), "{failure:?}");
            let text = failure.to_string();
            assert!(text.contains("code 10401") && text.contains("sid ost0001@dx1"), "{text}");
            assert_eq!(rig.count(kind), 1);
            let saved = rig.last_saved();
            rig.resume(&saved);
            let uploaded = rig.run().unwrap();
            rig.assert_stored(&uploaded);
            assert_eq!(uploaded.orphans, if status == 500 { orphans } else { 0 }, "{status} {kind}");
        }
    }
}

/// A complete that may have happened is in doubt: 10005 to the next one is a lost url.
#[test]
fn field_bug_61_an_unexplained_complete_may_have_happened() {
    let mut rig = Rig::new(25, tiny());
    rig.run_with(|kind, _| if kind == "complete" { Fate::ActsAndSays(code(500, 10401)) } else { Fate::Fine })
        .unwrap_err();
    let saved = rig.last_saved();
    rig.resume(&saved);
    let uploaded = rig.run().unwrap();
    assert_eq!((rig.urls_lost(), uploaded.orphans), (1, 1));
}

/// The table in the vendor's page is the one that the program goes by.
#[test]
fn field_bug_61_the_page_says_of_each_code_whether_it_passes() {
    let page = include_str!("../../docs/xfyun.md");
    for row in resumable_proto_xfyun::codes::CODES {
        let lasts = if row.class.passes() { "passing" } else { "permanent" };
        let line = format!("| {} | {} | {lasts} |", row.code, row.meaning);
        assert!(page.contains(&line), "not in docs/xfyun.md: {line}");
    }
}

#[test]
fn field_bug_78_slices_that_cannot_be_are_refused_before_anything_begins() {
    let app = || App::new(ENDPOINT, "app00001", None).unwrap();
    let with = |change: fn(&mut Options)| {
        let mut options = Options::default();
        change(&mut options);
        Xfyun::new(app(), options).err()
    };
    let (least, most) = (5 << 20, 5 << 30);
    for size in [0, 7, least - 1, most + 1] {
        let mut options = Options::default();
        options.part_size = size;
        let error = Xfyun::new(app(), options).unwrap_err();
        assert_eq!(error, InvalidOptions::PartSize { size, least, most });
        assert!(error.to_string().contains(&format!("part_size is {size} bytes")), "{error}");
    }
    assert_eq!(with(|options| options.limits.part_min = 0), Some(InvalidOptions::Limits));
    assert_eq!(with(|options| options.limits.parts = 0), Some(InvalidOptions::Limits));
    assert_eq!(with(|options| options.limits.part_max = 1), Some(InvalidOptions::Limits));
    assert_eq!(with(|_| {}), None);
}
