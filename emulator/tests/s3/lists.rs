//! Lists, by pages.

use resumable_emulator::s3::{Documents, IsTruncated, ListMarker};

use crate::client::*;

fn five_parts(emulator: &resumable_emulator::Emulator) -> String {
    let id = initiate(emulator, "a");
    for number in [9, 1, 4, 2, 7] {
        part(emulator, "a", &id, number, b"x").succeeds();
    }
    id
}

#[test]
fn parts_come_by_pages_in_order_and_a_page_is_never_longer_than_the_limit() {
    let emulator = emulator();
    let id = five_parts(&emulator);
    let page = |max: &str, marker: &str| {
        let mut ask = ask_list("a", &id);
        for (name, value) in [("max-parts", max), ("part-number-marker", marker)] {
            ask = if value.is_empty() { ask } else { ask.query(name, value) };
        }
        let answer = ask.send(&emulator).succeeds();
        let next = answer.text("NextPartNumberMarker");
        (answer.all("PartNumber").join(" "), answer.text("IsTruncated"), next, answer.text("MaxParts"))
    };
    let told = |numbers: &str, truncated: &str, next: &str, max: &str| {
        (numbers.to_owned(), truncated.to_owned(), next.to_owned(), max.to_owned())
    };
    assert_eq!(page("", ""), told("1 2 4", "true", "4", "3"));
    assert_eq!(page("", "4"), told("7 9", "false", "9", "3"));
    assert_eq!(page("2", "2"), told("4 7", "true", "7", "2"));
    assert_eq!(page("5000", ""), told("1 2 4", "true", "4", "3"));
    assert_eq!(page("", "9"), told("", "false", "9", "3"));
    for bad in ["x", "-1", "99999999999"] {
        ask_list("a", &id).query("max-parts", bad).send(&emulator).refuses(400, "InvalidArgument");
        ask_list("a", &id).query("part-number-marker", bad).send(&emulator).refuses(400, "InvalidArgument");
    }
}

#[test]
fn a_list_of_parts_tells_everything() {
    let emulator = emulator();
    let id = uploaded(&emulator, "a&b");
    let answer = list(&emulator, "a&b", &id).succeeds();
    let start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListPartsResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\n";
    assert!(answer.body.starts_with(start), "{}", answer.body);
    assert_eq!((answer.text("Key").as_str(), answer.text("UploadId").as_str()), ("a&b", id.as_str()));
    assert_eq!(answer.all("ETag"), [tag(&pieces().0), tag(b"tail")].map(|tag| format!("\"{tag}\"")));
    assert_eq!(
        (answer.all("Size"), answer.text("StorageClass").as_str()),
        (vec!["64".to_owned(), "4".to_owned()], "STANDARD")
    );
    assert_eq!(answer.all("LastModified"), ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"]);
    assert!(answer.all("ChecksumAlgorithm").is_empty() && !answer.body.contains("CRC64NVME"));
}

#[test]
fn a_marker_may_be_inclusive_and_the_end_untold() {
    let emulator = with(|config| {
        config.s3.switches.list_marker = ListMarker::Inclusive;
        config.s3.switches.is_truncated = IsTruncated::WhenTrue;
    });
    let id = five_parts(&emulator);
    let first = list(&emulator, "a", &id).succeeds();
    assert_eq!(
        (first.all("PartNumber").join(" ").as_str(), first.text("NextPartNumberMarker").as_str()),
        ("1 2 4", "5")
    );
    assert_eq!(first.text("IsTruncated"), "true");
    let second = ask_list("a", &id).query("part-number-marker", "7").send(&emulator).succeeds();
    assert_eq!((second.all("PartNumber").join(" ").as_str(), second.all("IsTruncated").len()), ("7 9", 0));
}

#[test]
fn a_page_may_hold_all_parts_that_there_can_be() {
    let emulator = with(|config| {
        config.s3.limits.page = 10_000;
        config.s3.limits.parts = 10_000;
    });
    let id = initiate(&emulator, "a");
    for number in 1..=2000 {
        part(&emulator, "a", &id, number, b"").succeeds();
    }
    let page = ask_list("a", &id).query("max-parts", "10000").send(&emulator).succeeds();
    assert_eq!((page.all("PartNumber").len(), page.text("IsTruncated").as_str()), (2000, "false"));
}

#[test]
fn documents_may_be_odd() {
    let emulator = with(|config| config.s3.switches.documents = Documents::Odd);
    let id = uploaded(&emulator, "a");
    let answer = list(&emulator, "a", &id).succeeds();
    assert!(
        answer.body.contains("<ListPartsResponse>\n<Unknown>") && !answer.body.contains("xmlns"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains(&format!("<ETag>&#34;{}&#34;</ETag>", tag(b"tail"))), "{}", answer.body);
    assert!(complete_both(&emulator, "a", &id).succeeds().body.contains("<CompleteMultipartUploadResponse>"));
}

#[test]
fn unfinished_uploads_come_by_pages_and_only_those_of_the_bucket() {
    let emulator = with(|config| config.s3.buckets.push("other-bucket".to_owned()));
    let mut ids: Vec<(String, String)> =
        ["b", "a/1", "a/2", "a/2"].map(|key| (key.to_owned(), initiate(&emulator, key))).to_vec();
    ids.sort();
    ask_initiate("a/3").bucket("other-bucket").send(&emulator).succeeds();
    let page = |ask: Ask| ask.query("uploads", "").payload(NOTHING).send(&emulator).succeeds();
    let first = page(ask("GET", ""));
    let told = |answer: &Answer| answer.all("Key").into_iter().zip(answer.all("UploadId")).collect::<Vec<_>>();
    assert_eq!((told(&first), first.text("IsTruncated").as_str()), (ids[..3].to_vec(), "true"));
    let (key, id) = (first.text("NextKeyMarker"), first.text("NextUploadIdMarker"));
    let second = page(ask("GET", "").query("key-marker", &key).query("upload-id-marker", &id));
    assert_eq!((told(&second), second.text("IsTruncated").as_str()), (ids[3..].to_vec(), "false"));
    assert_eq!(second.all("Initiated"), ["2026-01-01T00:00:00.000Z"]);
    let (within, id) = (&ids[1].0, &ids[1].1);
    let rest = page(ask("GET", "").query("key-marker", within).query("upload-id-marker", id));
    assert_eq!(told(&rest), ids[2..]);
    let some = page(ask("GET", "").query("prefix", "a/2").query("max-uploads", "1"));
    assert_eq!((told(&some), some.text("IsTruncated").as_str()), (ids[1..2].to_vec(), "true"));
    abort(&emulator, "b", &ids[3].1).succeeds();
    assert_eq!(page(ask("GET", "").query("key-marker", "a/2")).all("Key"), Vec::<String>::new());
}

#[test]
fn objects_come_by_pages_in_both_forms() {
    let emulator = emulator();
    for key in ["b", "a/1", "a/2", "c d", "é"] {
        put(&emulator, key, b"x").succeeds();
    }
    let page = |ask: Ask| ask.payload(NOTHING).send(&emulator).succeeds();
    let first = page(ask("GET", "").query("list-type", "2"));
    assert_eq!((first.all("Key").join(" "), first.text("KeyCount").as_str()), ("a/1 a/2 b".to_owned(), "3"));
    let token = first.text("NextContinuationToken");
    let second =
        page(ask("GET", "").query("list-type", "2").query("continuation-token", &token).query("encoding-type", "url"));
    assert_eq!(
        (second.all("Key").join(" "), second.text("IsTruncated").as_str()),
        ("c%20d %C3%A9".to_owned(), "false")
    );
    let folded = page(ask("GET", "").query("delimiter", "/"));
    assert_eq!((folded.all("Prefix").join(" ").as_str(), folded.all("Key").join(" ").as_str()), (" a/", "b c d"));
    assert_eq!(folded.text("NextMarker"), "c d");
    assert_eq!(page(ask("GET", "").query("marker", "c d")).all("Key"), ["é"]);
    assert_eq!(page(ask("GET", "").query("prefix", "a/")).all("ETag").len(), 2);
}

#[test]
fn a_bucket_says_that_it_is_there_and_where() {
    let emulator = emulator();
    assert_eq!(ask("HEAD", "").send(&emulator).succeeds().header("x-amz-bucket-region"), "us-east-1");
    assert_eq!(ask("HEAD", "").bucket("nobodys").send(&emulator).status, 404);
    let location = |emulator: &_, region: &str| {
        let mut ask = ask("GET", "").query("location", "");
        region.clone_into(&mut ask.region);
        ask.send(emulator).succeeds().body
    };
    assert!(location(&emulator, "us-east-1").contains("2006-03-01/\"></LocationConstraint>"));
    let far = with(|config| config.s3.region = "eu-central-1".to_owned());
    assert!(location(&far, "eu-central-1").contains(">eu-central-1</LocationConstraint>"));
}
