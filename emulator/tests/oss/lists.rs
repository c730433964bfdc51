//! Lists, page by page.

use resumable_emulator::Emulator;
use resumable_emulator::oss::NextMarker;

use crate::client::*;

fn with_parts(emulator: &Emulator, count: u32) -> String {
    let id = initiate(emulator, "a b");
    for number in 1..=count {
        part(emulator, "a b", &id, number, &bytes(number as usize)).succeeds();
    }
    id
}

#[test]
fn parts_come_page_by_page() {
    let emulator = emulator();
    let id = with_parts(&emulator, 7);
    let (mut seen, mut marker) = (Vec::new(), "0".to_owned());
    loop {
        let page =
            ask("GET", "a b").query("uploadId", &id).query("part-number-marker", &marker).send(&emulator).succeeds();
        assert_eq!((page.text("PartNumberMarker"), page.text("MaxParts")), (marker, "3".to_owned()));
        assert_eq!((page.text("Key").as_str(), page.text("Bucket").as_str()), ("a b", BUCKET));
        let sizes: Vec<usize> = page.all("Size").iter().map(|size| size.parse().expect("a number")).collect();
        let tags: Vec<String> = sizes.iter().map(|size| format!("\"{}\"", tag(&bytes(*size)))).collect();
        assert_eq!((page.all("ETag"), page.all("HashCrc64ecma").len()), (tags, sizes.len()));
        assert_eq!(page.all("LastModified"), vec!["2026-01-01T00:00:00.000Z"; sizes.len()]);
        seen.extend(page.all("PartNumber"));
        marker = page.text("NextPartNumberMarker");
        if page.text("IsTruncated") == "false" {
            break;
        }
    }
    assert_eq!((seen, marker.as_str()), (["1", "2", "3", "4", "5", "6", "7"].map(str::to_owned).to_vec(), "7"));
    let one = ask("GET", "a b").query("uploadId", &id).query("max-parts", "1").query("encoding-type", "url");
    let one = one.send(&emulator).succeeds();
    assert_eq!(
        (one.text("PartNumber"), one.text("Key"), one.text("EncodingType")),
        ("1".into(), "a%20b".into(), "url".into())
    );
    for (name, value) in [
        ("max-parts", "0"),
        ("max-parts", "4"),
        ("max-parts", "x"),
        ("part-number-marker", "-1"),
        ("encoding-type", "x"),
    ] {
        let answer = ask("GET", "a b").query("uploadId", &id).query(name, value).send(&emulator);
        assert_eq!(answer.refuses(400, "InvalidArgument").text("ArgumentName"), name);
    }
    let exactly = ask("GET", "a b").query("uploadId", &id).query("part-number-marker", "4").send(&emulator).succeeds();
    assert_eq!((exactly.text("IsTruncated"), exactly.all("PartNumber").len()), ("false".to_owned(), 3));
}

#[test]
fn a_page_may_hold_fewer_parts_than_were_asked_for() {
    let emulator = with(|config| config.oss.limits.page_holds = 2);
    let id = with_parts(&emulator, 5);
    let (mut seen, mut marker) = (Vec::new(), "0".to_owned());
    for truncated in ["true", "true", "false"] {
        let page = ask("GET", "a b").query("uploadId", &id).query("max-parts", "3");
        let page = page.query("part-number-marker", &marker).send(&emulator).succeeds();
        assert_eq!((page.text("MaxParts").as_str(), page.text("IsTruncated").as_str()), ("3", truncated));
        seen.extend(page.all("PartNumber"));
        marker = page.text("NextPartNumberMarker");
    }
    assert_eq!(seen, ["1", "2", "3", "4", "5"]);
}

#[test]
fn what_a_list_tells_is_a_switch() {
    let emulator = with(|config| {
        config.oss.switches.list_crc = false;
        config.oss.switches.next_marker = NextMarker::WhenTruncated;
    });
    let id = with_parts(&emulator, 4);
    let first = list(&emulator, "a b", &id).succeeds();
    assert_eq!((first.text("NextPartNumberMarker").as_str(), first.all("HashCrc64ecma").len()), ("3", 0));
    let last = ask("GET", "a b").query("uploadId", &id).query("part-number-marker", "3").send(&emulator).succeeds();
    assert_eq!((last.all("NextPartNumberMarker").len(), last.all("PartNumber")), (0, vec!["4".to_owned()]));
    let none = list(&emulator, "c", &initiate(&emulator, "c")).succeeds();
    assert_eq!((none.all("Part").len(), none.text("IsTruncated").as_str()), (0, "false"));
}

#[test]
fn unfinished_uploads_come_page_by_page() {
    let emulator = emulator();
    let mut begun: Vec<(String, String)> =
        ["b", "a", "c", "a", "x/y"].iter().map(|key| ((*key).to_owned(), initiate(&emulator, key))).collect();
    abort(&emulator, "c", &begun[2].1);
    begun.remove(2);
    begun.sort();
    let (mut seen, mut key, mut id) = (Vec::new(), String::new(), String::new());
    loop {
        let page = ask("GET", "").query("uploads", "").query("key-marker", &key).query("upload-id-marker", &id);
        let page = page.send(&emulator).succeeds();
        seen.extend(page.all("Key").into_iter().zip(page.all("UploadId")));
        (key, id) = (page.text("NextKeyMarker"), page.text("NextUploadIdMarker"));
        if page.text("IsTruncated") == "false" {
            break;
        }
    }
    assert_eq!(seen, begun);
    let some = ask("GET", "").query("uploads", "").query("prefix", "x").send(&emulator).succeeds();
    assert_eq!(some.all("Key"), ["x/y"]);
}

#[test]
fn objects_come_page_by_page_in_both_forms() {
    let emulator = emulator();
    let keys = ["a", "b&c", "d/1", "d/2", "d/e/3", "f"];
    keys.iter().for_each(|key| drop(put(&emulator, key, key.as_bytes()).succeeds()));
    for (form, marker, next) in [("1", "marker", "NextMarker"), ("2", "continuation-token", "NextContinuationToken")] {
        let mut at = String::new();
        let mut seen = Vec::new();
        loop {
            let page = ask("GET", "").query("list-type", form).query("max-keys", "2");
            let page = if at.is_empty() { page } else { page.query(marker, &at) };
            let page = page.send(&emulator).succeeds();
            seen.extend(page.all("Key"));
            if page.text("IsTruncated") == "false" {
                break;
            }
            at = page.text(next);
        }
        assert_eq!(seen, keys, "{form}");
        let folders =
            ask("GET", "").query("list-type", form).query("delimiter", "/").query("prefix", "d/").send(&emulator);
        assert_eq!(
            (folders.all("Key"), folders.all("CommonPrefixes").len()),
            (vec!["d/1".to_owned(), "d/2".to_owned()], 1)
        );
        let top =
            ask("GET", "").query("list-type", form).query("delimiter", "/").query("max-keys", "3").send(&emulator);
        assert_eq!(
            (top.all("Key"), top.text("IsTruncated")),
            (vec!["a".to_owned(), "b&c".to_owned()], "true".to_owned())
        );
        let rest = ask("GET", "")
            .query("list-type", form)
            .query("delimiter", "/")
            .query(marker, &top.text(next))
            .send(&emulator);
        assert_eq!((rest.all("Key"), rest.all("CommonPrefixes").len()), (vec!["f".to_owned()], 0));
    }
    let tags = ask("GET", "").query("prefix", "a").send(&emulator).all("ETag");
    assert_eq!(tags, [format!("\"{}\"", tag(b"a"))]);
    let info = ask("GET", "").query("bucketInfo", "").send(&emulator).succeeds();
    assert_eq!((info.text("Name").as_str(), info.text("Location").as_str()), (BUCKET, "oss-cn-hangzhou"));
}

#[test]
fn what_is_unfinished_is_told_with_the_number_of_its_parts() {
    let emulator = emulator();
    let (empty, some) = (initiate(&emulator, "a"), initiate_loose(&emulator, "b"));
    part(&emulator, "b", &some, 2, b"x").succeeds();
    let told = emulator.oss().unfinished(BUCKET);
    assert_eq!(told, [("a".to_owned(), empty, 0), ("b".to_owned(), some.clone(), 1)]);
    assert_eq!(abort(&emulator, "b", &some).status, 204);
    assert_eq!(emulator.oss().unfinished(BUCKET).len(), 1);
    assert_eq!(emulator.oss().unfinished("other"), []);
}
