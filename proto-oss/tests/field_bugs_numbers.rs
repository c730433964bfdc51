//! Numbers that nobody wrote: in a checkpoint of the format that had no checksum, and in the vendor's answers.

mod far;
#[path = "../../core/tests/numbers/mod.rs"]
mod numbers;

use far::{Fate, PART, Rig, Stop, one_request, parts, says, sequential, stopped};
use numbers::{World, edits, with};
use proptest::prelude::*;
use resumable_core::{Checkpoint, Failure, Remains};
use resumable_proto_oss::*;

/// In one request; with some parts acknowledged, one after the other; and with all of them, and an object that may be
/// there.
fn half_done() -> [Checkpoint<Oss>; 3] {
    [(9, one_request(), 1), (3 * PART, sequential(), 3), (3 * PART + 5, parts(), 6)].map(|(len, options, requests)| {
        let mut rig = Rig::new(len, options);
        rig.run_until(Stop::AtRequest { count: requests, arrives: false }, |name, _| {
            if name == "complete" { Fate::LostAfter } else { Fate::Fine }
        });
        rig.last_saved()
    })
}

fn world(saved: &Checkpoint<Oss>) -> World<Oss, impl Fn() -> Oss> {
    let source = far::content(saved.source().len);
    World {
        protocol: || far::protocol(&parts()),
        credential: far::credential(),
        options: far::core(),
        info: far::info(&source),
        content: source,
    }
}

#[test]
fn field_bug_86_no_number_in_a_checkpoint_panics() {
    for saved in half_done() {
        world(&saved).survives_all_edges(&saved);
    }
}

#[test]
fn field_bug_86_parts_and_pages_that_the_vendor_has_not_are_refused() {
    // Nothing is acknowledged, so that only the sizes can tell.
    let saved = stopped(parts(), 2).last_saved();
    for (place, number) in [
        ("/session/page", 0),
        ("/session/page", 1001),
        ("/session/way/parts/size", 0),
        ("/session/way/parts/size", 65),
        ("/session/way/parts/size", u64::MAX),
        ("/session/len", 10 * PART + 1),
    ] {
        world(&saved).refuses(&saved, place, number);
    }
}

/// An upload that is of no use, and was aborted more often than can be counted.
#[test]
fn field_bug_86_a_count_of_aborts_may_be_any() {
    let mut rig = stopped(sequential(), 6);
    rig.server.uploads.get_mut("U1").unwrap().parts.insert(1, vec![9; 15]);
    rig.go_on();
    rig.run_until(Stop::AtRequest { count: 2, arrives: false }, |_, _| Fate::Fine);
    let saved = with(&rig.last_saved(), "/session/phase/discard/aborts", u32::MAX);
    rig.abandon(&saved);
    assert!(matches!(rig.run(), Err(Failure::Abandoned(Remains::Nothing))));
}

/// A number as the vendor would write it, or would not.
fn number() -> impl Strategy<Value = String> {
    let edges =
        ["0", "1", "2", "4", "16", "4294967295", "4294967296", "18446744073709551615", "18446744073709551616", "-1"];
    prop_oneof![prop::sample::select(edges.to_vec()).prop_map(str::to_owned), any::<u64>().prop_map(|n| n.to_string())]
}

fn page() -> impl Strategy<Value = String> {
    let part = (number(), number(), number(), prop::sample::select(vec!["0cc175b9c0f1b6a831c399e269772661", "x-3"]));
    let parts = prop::collection::vec(part, 0..5);
    (parts, any::<bool>(), number()).prop_map(|(parts, more, next)| {
        let parts: Vec<String> = parts
            .iter()
            .map(|(number, size, crc64, etag)| {
                format!(
                    "<Part><PartNumber>{number}</PartNumber><Size>{size}</Size><ETag>\"{etag}\"</ETag>\
                     <HashCrc64ecma>{crc64}</HashCrc64ecma></Part>"
                )
            })
            .collect();
        let next = format!("<IsTruncated>{more}</IsTruncated><NextPartNumberMarker>{next}</NextPartNumberMarker>");
        format!("<ListPartsResult>{}{next}</ListPartsResult>", parts.concat())
    })
}

proptest! {
    #[test]
    fn field_bug_86_nor_do_any_three(edits in edits(), which in any::<prop::sample::Index>()) {
        let all = half_done();
        let saved = which.get(&all);
        world(saved).survives(saved, &edits);
    }

    #[test]
    fn field_bug_86_no_number_in_an_answer_panics(
        pages in prop::collection::vec(page(), 1..5), (crc64, length, wait) in (number(), number(), number()), one in any::<bool>(),
    ) {
        let options = if one { sequential() } else { parts() };
        let mut rig = stopped(options, 6);
        rig.go_on();
        let mut pages = pages.into_iter();
        let _ = rig.run_with(|name, nth| {
            let mut answer = says(200, "");
            let mut put = |name: &'static str, value: &str| answer.headers_mut().insert(name, value.parse().unwrap());
            match name.split(' ').next() {
                Some("list") => match pages.next() {
                    Some(page) => Fate::Says(says(200, &page)),
                    None => Fate::Fine,
                },
                Some("part") if nth == 0 => {
                    put("etag", "\"0cc175b9c0f1b6a831c399e269772661\"");
                    put("x-oss-hash-crc64ecma", &crc64);
                    Fate::Says(answer)
                }
                Some("complete") if nth == 0 => {
                    put("retry-after", &wait);
                    *answer.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
                    Fate::Says(answer)
                }
                Some("head") => {
                    put("content-length", &length);
                    put("x-oss-hash-crc64ecma", &crc64);
                    Fate::Says(answer)
                }
                _ => Fate::Fine,
            }
        });
    }
}
