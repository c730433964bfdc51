//! Lists, and how they go on.

use resumable_emulator::cos_xml::{EncodingElement, NextMarker};

use crate::client::*;

#[test]
fn parts_by_pages() {
    let emulator = emulator();
    let id = initiate(&emulator, "dir/a b");
    [5, 2, 3, 9, 1].iter().for_each(|number| drop(part(&emulator, "dir/a b", &id, *number, &bytes(9)).succeeds()));
    let page = |marker: &str, max: &str| {
        let ask = ask("GET", "dir/a b").query("uploadId", &id).query("part-number-marker", marker);
        ask.query("max-parts", max).send(&emulator)
    };
    let first = page("", "").succeeds();
    assert_eq!((first.all("PartNumber"), first.text("IsTruncated").as_str()), (texts_of(&[1, 2, 3]), "true"));
    assert_eq!((first.text("NextPartNumberMarker").as_str(), first.text("MaxParts").as_str()), ("3", "3"));
    assert_eq!((first.text("Key").as_str(), first.text("UploadId")), ("dir/a b", id.clone()));
    assert_eq!(first.all("ETag"), vec![format!("\"{}\"", tag(&bytes(9))); 3]);
    assert!(first.body.contains("<ETag>&quot;"));
    assert_eq!((first.all("Size"), first.text("Bucket").as_str()), (vec!["9".to_owned(); 3], BUCKET));
    assert_eq!(first.all("ID"), ["1250000000", "qcs::cam::uin/1250000000:uin/1250000000"]);
    assert!(!first.body.to_ascii_lowercase().contains("crc64") && first.all("Encoding-type").is_empty());
    let last = page("3", "2").succeeds();
    assert_eq!((last.all("PartNumber"), last.text("IsTruncated").as_str()), (texts_of(&[5, 9]), "false"));
    assert_eq!(last.text("PartNumberMarker"), "3");
    assert!(page("9", "").succeeds().all("PartNumber").is_empty());
    for (marker, max) in [("x", ""), ("", "0"), ("", "4"), ("-1", ""), ("", "x")] {
        page(marker, max).refuses(400, "InvalidArgument");
    }
    let few = with(|config| config.cos_xml.limits.page_holds = 1);
    let id = uploaded(&few, "a", &[b"x", b"y"]);
    assert_eq!(list(&few, "a", &id).succeeds().all("PartNumber"), texts_of(&[1]));
}

fn texts_of(numbers: &[u32]) -> Vec<String> {
    numbers.iter().map(ToString::to_string).collect()
}

#[test]
fn a_thousand_and_one_parts_take_two_pages() {
    let emulator = with(|config| config.cos_xml.limits = resumable_emulator::cos_xml::Limits::default());
    let id = initiate(&emulator, "a");
    (1..=1001).for_each(|number| drop(part(&emulator, "a", &id, number, b"x").succeeds()));
    let first = list(&emulator, "a", &id).succeeds();
    assert_eq!((first.all("PartNumber").len(), first.text("NextPartNumberMarker").as_str()), (1000, "1000"));
    let last = ask("GET", "a").query("uploadId", &id).query("part-number-marker", "1000").send(&emulator).succeeds();
    assert_eq!((last.all("PartNumber"), last.text("IsTruncated").as_str()), (texts_of(&[1001]), "false"));
}

#[test]
fn keys_are_encoded_if_asked_for_and_each_list_names_that_in_its_own_way() {
    for (switch, name) in [(EncodingElement::Dashed, "Encoding-type"), (EncodingElement::Plain, "EncodingType")] {
        let emulator = with(|config| config.cos_xml.switches.encoding_element = switch);
        let key = "dir/文 +&\u{1}";
        put(&emulator, key, b"x").succeeds();
        let id = initiate(&emulator, key);
        let encoded = "dir%2F%E6%96%87%20%2B%26%01";
        let asked = |ask: Ask| ask.query("encoding-type", "url").send(&emulator).succeeds();
        let parts = asked(ask("GET", key).query("uploadId", &id));
        assert_eq!((parts.text("Key").as_str(), parts.text(name).as_str()), (encoded, "url"));
        let uploads = asked(ask("GET", "").query("uploads", "").query("prefix", "dir/文"));
        assert_eq!((uploads.text("Key").as_str(), uploads.text("Encoding-Type").as_str()), (encoded, "url"));
        assert_eq!(uploads.text("Prefix"), "dir%2F%E6%96%87");
        let objects = asked(ask("GET", ""));
        assert_eq!((objects.text("Key").as_str(), objects.text("EncodingType").as_str()), (encoded, "url"));
        assert_eq!(list(&emulator, key, &id).succeeds().text("Key"), "dir/文 +&?");
        for bad in [ask("GET", key).query("uploadId", &id), ask("GET", "")] {
            bad.query("encoding-type", "base64").send(&emulator).refuses(400, "InvalidArgument");
        }
    }
}

#[test]
fn which_pages_say_where_the_next_one_begins() {
    for (switch, count) in [(NextMarker::Always, 1), (NextMarker::WhenTruncated, 0)] {
        let emulator = with(|config| config.cos_xml.switches.next_marker = switch);
        let id = uploaded(&emulator, "a", &[b"x"]);
        assert_eq!(list(&emulator, "a", &id).succeeds().all("NextPartNumberMarker").len(), count);
    }
}

#[test]
fn unfinished_uploads_by_pages() {
    let emulator = emulator();
    let ids: Vec<(String, String)> =
        ["b", "a/2", "a/1", "a/1", "a/1"].iter().map(|key| ((*key).to_owned(), initiate(&emulator, key))).collect();
    let done = uploaded(&emulator, "a/0", &[b"x"]);
    complete(&emulator, "a/0", &done, &[(1, b"x")]).succeeds();
    let page = |query: &[(&str, &str)]| {
        let ask = query.iter().fold(ask("GET", "").query("uploads", ""), |ask, (name, value)| ask.query(name, value));
        ask.send(&emulator).succeeds()
    };
    let pairs = |page: &Answer| page.all("Key").into_iter().zip(page.all("UploadId")).collect::<Vec<_>>();
    let mut sorted = ids.clone();
    sorted.sort();
    let first = page(&[]);
    assert_eq!((pairs(&first), first.text("IsTruncated").as_str()), (sorted[..3].to_vec(), "true"));
    assert_eq!((first.text("NextKeyMarker"), first.text("NextUploadIdMarker")), sorted[2].clone());
    assert_eq!((first.all("StorageClass"), first.text("MaxUploads").as_str()), (vec!["STANDARD".to_owned(); 3], "3"));
    assert_eq!(first.all("Initiated"), vec!["2026-01-01T00:00:00.000Z".to_owned(); 3]);
    let next = page(&[("key-marker", &sorted[2].0), ("upload-id-marker", &sorted[2].1)]);
    assert_eq!((pairs(&next), next.text("IsTruncated").as_str()), (sorted[3..].to_vec(), "false"));
    assert!(next.all("NextKeyMarker").is_empty());
    assert_eq!(pairs(&page(&[("key-marker", "a/1")])), sorted[3..], "the key's own are passed, too");
    assert_eq!(pairs(&page(&[("prefix", "a/1"), ("max-uploads", "1")])), sorted[..1]);
    assert_eq!(pairs(&page(&[("prefix", "b")])), sorted[4..]);
    assert!(pairs(&page(&[("prefix", "c")])).is_empty());
    let refused = |name: &str, value: &str| ask("GET", "").query("uploads", "").query(name, value).send(&emulator);
    refused("max-uploads", "0").refuses(400, "InvalidArgument");
    refused("delimiter", "/").refuses(501, "NotImplemented");
}

#[test]
fn objects_by_pages_and_folders() {
    let emulator = emulator();
    ["b", "dir/1", "dir/2", "e", "f"].iter().for_each(|key| drop(put(&emulator, key, b"x").succeeds()));
    let page = |query: &[(&str, &str)]| {
        let ask = query.iter().fold(ask("GET", ""), |ask, (name, value)| ask.query(name, value));
        ask.send(&emulator).succeeds()
    };
    let first = page(&[("delimiter", "/")]);
    assert_eq!((first.all("Key"), first.text("IsTruncated").as_str()), (vec!["b".to_owned(), "e".to_owned()], "true"));
    let folder = texts(&first.text("CommonPrefixes"), "Prefix");
    assert_eq!((folder, first.text("NextMarker").as_str()), (vec!["dir/".to_owned()], "e"));
    assert_eq!(page(&[("delimiter", "/"), ("marker", "e")]).all("Key"), ["f"]);
    let of_prefix = page(&[("prefix", "dir/"), ("max-keys", "1")]);
    assert_eq!(
        (of_prefix.all("Key"), of_prefix.text("ETag")),
        (vec!["dir/1".to_owned()], format!("\"{}\"", tag(b"x")))
    );
    assert_eq!((of_prefix.text("Size").as_str(), of_prefix.text("Name").as_str()), ("1", BUCKET));
}
