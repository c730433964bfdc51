//! What the vendor checks, and what it answers.

use crate::client::*;

#[test]
fn a_whole_object_in_one_request() {
    let emulator = emulator();
    let done = put(&emulator, "dir/文 +.bin", b"hello").succeeds();
    assert_eq!((done.etag(), done.body.as_str()), (tag(b"hello").as_str(), ""));
    assert_eq!(stored(&emulator, "dir/文 +.bin"), Some(b"hello".to_vec()));
    let known = head(&emulator, "dir/文 +.bin").succeeds();
    assert_eq!((known.header("content-length"), known.etag(), known.body.as_str()), ("5", tag(b"hello").as_str(), ""));
    assert_eq!(known.header("x-amz-checksum-crc64nvme"), "M3eFcAZSQlc=");
    put(&emulator, "empty", b"").succeeds();
    assert_eq!(head(&emulator, "empty").succeeds().header("content-length"), "0");
}

#[test]
fn an_object_in_parts() {
    let emulator = emulator();
    let (one, two, whole) = pieces();
    let id = uploaded(&emulator, "a");
    assert_eq!(stored(&emulator, "a"), None);
    let done = complete_both(&emulator, "a", &id).succeeds();
    let digests = [md5_of(&one), md5_of(&two)].concat();
    assert_eq!(done.text("ETag"), format!("\"{}-2\"", tag(&digests)));
    assert_eq!((done.text("Bucket").as_str(), done.text("Key").as_str()), (BUCKET, "a"));
    assert_eq!(stored(&emulator, "a"), Some(whole));
    let known = head(&emulator, "a").succeeds();
    assert_eq!(known.header("x-amz-checksum-crc64nvme"), done.text("ChecksumCRC64NVME"));
    list(&emulator, "a", &id).refuses(404, "NoSuchUpload");
}

#[test]
fn an_upload_that_is_given_up_leaves_nothing() {
    let emulator = emulator();
    let id = uploaded(&emulator, "a");
    assert_eq!(abort(&emulator, "a", &id).succeeds().status, 204);
    abort(&emulator, "a", &id).refuses(404, "NoSuchUpload");
    complete_both(&emulator, "a", &id).refuses(404, "NoSuchUpload");
    assert_eq!(emulator.s3().unfinished(BUCKET), []);
    assert_eq!(stored(&emulator, "a"), None);
}

#[test]
fn a_body_in_pieces_is_put_together_and_its_trailer_verified() {
    let emulator = emulator();
    let framed = |trailer| ask("PUT", "a").body(b"hello").chunked(trailer);
    let name = "x-amz-checksum-crc32";
    framed(Some((name, "NhCmhg=="))).send(&emulator).succeeds();
    assert_eq!(stored(&emulator, "a"), Some(b"hello".to_vec()));
    let known = head(&emulator, "a").succeeds();
    assert_eq!((known.header(name), known.maybe_header("content-encoding")), ("NhCmhg==", None));
    framed(Some((name, "AAAAAA=="))).send(&emulator).refuses(400, "BadDigest");
    framed(None).send(&emulator).succeeds();
    let mut short = framed(None);
    short.body.truncate(short.body.len() - 2);
    short.send(&emulator).refuses(400, "IncompleteBody");
    let mut other = framed(None);
    other.headers.retain(|(name, _)| name != "x-amz-decoded-content-length");
    other.header("x-amz-decoded-content-length", "6").send(&emulator).refuses(400, "IncompleteBody");
    let mut lost = framed(Some((name, "NhCmhg==")));
    lost.body = framed(None).body;
    lost.send(&emulator).refuses(400, "IncompleteBody");
}

#[test]
fn the_md5_of_a_body_is_verified() {
    let emulator = emulator();
    let with = |md5: &str| ask("PUT", "a").body(b"x").header("content-md5", md5).send(&emulator);
    with(&md5(b"x")).succeeds();
    with(&md5(b"y")).refuses(400, "BadDigest");
    for bad in ["x", "AAAA", &tag(b"x")] {
        with(bad).refuses(400, "InvalidDigest");
    }
}

/// Of the reference: part 1 has 5 MiB, byte i being i mod 251, and part 2 is `tail`.
#[test]
fn the_checksums_of_the_reference() {
    let one: Vec<u8> = (0..5_242_880u32).map(|at| u8::try_from(at % 251).expect("a byte")).collect();
    let emulator = with(|config| {
        config.s3.limits = resumable_emulator::s3::Limits::default();
    });
    let crc32c = ["CatQ4g==", "B21LrQ=="];
    let sha256 = ["FrYy8Rz5UN2mfcTBhKP54Kof+kwYknu4l359qXyiW8o=", "DGL4du8d6oMN6fMsL0tG3W101Q0ViW4J71ovzUrH4dc="];
    let nvme = ["bgp1IS1VSZg=", "sAra2CkCEgw="];
    for (name, kind, parts, whole) in [
        ("CRC64NVME", "FULL_OBJECT", nvme, "/PCLBfvKYl8="),
        ("CRC32C", "FULL_OBJECT", crc32c, "dOe+Og=="),
        ("CRC32C", "COMPOSITE", crc32c, "Mivv6w==-2"),
        ("SHA256", "COMPOSITE", sha256, "+fFOMwuk7gM5c2lYC+Rj1J6vFtOx1sIaHyVXf5Zix5o=-2"),
    ] {
        let id = initiate_with(&emulator, "a", name, kind);
        let header = format!("x-amz-checksum-{}", name.to_lowercase());
        for (number, bytes, value) in [(1, one.as_slice(), parts[0]), (2, b"tail".as_slice(), parts[1])] {
            let done = ask_part("a", &id, number, bytes).header(&header, value).send(&emulator).succeeds();
            assert_eq!(done.header(&header), value);
        }
        let element = format!("Checksum{name}");
        let listed = list(&emulator, "a", &id).succeeds();
        assert_eq!(listed.all(&element), parts);
        assert_eq!((listed.text("ChecksumAlgorithm").as_str(), listed.text("ChecksumType").as_str()), (name, kind));
        let more = parts.map(|value| format!("<{element}>{value}</{element}>"));
        let (one_tag, two_tag) = (tag(&one), tag(b"tail"));
        let named = [(1, one_tag.as_str(), more[0].as_str()), (2, two_tag.as_str(), more[1].as_str())];
        let done = ask_complete_as("a", &id, &named).header(&header, whole).header("x-amz-checksum-type", kind);
        let done = done.send(&emulator).succeeds();
        assert_eq!((done.text(&element).as_str(), done.text("ChecksumType").as_str()), (whole, kind));
        assert_eq!(done.text("ETag"), "\"46e9ec4f6e6936c8ce2b5be7b5fad9c1-2\"");
        let known = head(&emulator, "a").succeeds();
        assert_eq!((known.header(&header), known.header("x-amz-checksum-type")), (whole, kind));
    }
}

fn md5_of(bytes: &[u8]) -> Vec<u8> {
    use md5::Digest;
    md5::Md5::digest(bytes).to_vec()
}

#[test]
fn a_length_is_needed_and_has_to_be_true() {
    let emulator = emulator();
    let mut request = ask("PUT", "a").body(b"xyz").request();
    request.headers_mut().remove("content-length");
    Answer::of(emulator.handle(NOW, request)).refuses(411, "MissingContentLength");
    let mut request = ask("PUT", "a").body(b"xyz").request();
    request.headers_mut().insert("content-length", "4".parse().expect("a value"));
    Answer::of(emulator.handle(NOW, request)).refuses(400, "IncompleteBody");
    let id = initiate(&emulator, "a");
    let long = ask_part("a", &id, 1, &bytes(1001)).send(&emulator).refuses(400, "EntityTooLarge");
    assert_eq!((long.text("ProposedSize").as_str(), long.text("MaxSizeAllowed").as_str()), ("1001", "1000"));
    put(&emulator, "a", &bytes(2001)).refuses(400, "EntityTooLarge");
    assert_eq!(stored(&emulator, "a"), None);
}

#[test]
fn a_part_has_a_number_within_limits_and_comes_in_any_order_as_often_as_one_likes() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    for bad in ["0", "21", "-1", "x", "", "+1", "1.5"] {
        let answer = ask("PUT", "a").query("partNumber", bad).query("uploadId", &id).send(&emulator);
        assert_eq!(answer.refuses(400, "InvalidArgument").text("ArgumentName"), "partNumber");
    }
    for (number, content) in [(20, "last"), (1, "first"), (20, "again")] {
        part(&emulator, "a", &id, number, content.as_bytes()).succeeds();
    }
    assert_eq!(list(&emulator, "a", &id).all("ETag")[1], format!("\"{}\"", tag(b"again")));
}

#[test]
fn an_upload_is_for_one_key_and_ids_of_others_are_unknown() {
    let emulator = emulator();
    let id = uploaded(&emulator, "a");
    part(&emulator, "b", &id, 1, b"x").refuses(404, "NoSuchUpload");
    list(&emulator, "b", &id).refuses(404, "NoSuchUpload");
    complete_both(&emulator, "b", &id).refuses(404, "NoSuchUpload");
    abort(&emulator, "b", &id).refuses(404, "NoSuchUpload");
    let second = initiate(&emulator, "a");
    assert_ne!(id, second);
    assert_eq!(emulator.s3().unfinished(BUCKET).len(), 2);
}

#[test]
fn complete_refuses_what_is_no_list_of_the_parts_that_are_there() {
    let emulator = emulator();
    let id = uploaded(&emulator, "a");
    let (one, two, whole) = pieces();
    let answer = complete(&emulator, "a", &id, &[(1, &one), (3, &two)]).refuses(400, "InvalidPart");
    assert_eq!((answer.text("PartNumber").as_str(), answer.text("UploadId")), ("3", id.clone()));
    complete(&emulator, "a", &id, &[(1, b"other"), (2, &two)]).refuses(400, "InvalidPart");
    ask_complete_as("a", &id, &[(1, &tag(&one).to_uppercase(), "")]).send(&emulator).refuses(400, "InvalidPart");
    complete(&emulator, "a", &id, &[(2, &two), (1, &one)]).refuses(400, "InvalidPartOrder");
    complete(&emulator, "a", &id, &[(1, &one), (1, &one)]).refuses(400, "InvalidPartOrder");
    let small = complete(&emulator, "a", &id, &[(1, &one), (2, &two)]);
    small.succeeds();
    assert_eq!(stored(&emulator, "a"), Some(whole));
    let id = initiate(&emulator, "b");
    part(&emulator, "b", &id, 1, &two).succeeds();
    part(&emulator, "b", &id, 2, &one).succeeds();
    let small = complete(&emulator, "b", &id, &[(1, &two), (2, &one)]).refuses(400, "EntityTooSmall");
    assert_eq!((small.text("ProposedSize").as_str(), small.text("MinSizeAllowed").as_str()), ("4", "64"));
    assert_eq!((small.text("PartNumber").as_str(), small.text("ETag")), ("1", tag(&two)));
    for bad in ["", "x", "<CompleteMultipartUpload></CompleteMultipartUpload>"] {
        ask("POST", "b").query("uploadId", &id).body(bad.as_bytes()).send(&emulator).refuses(400, "MalformedXML");
    }
    assert_eq!(emulator.s3().parts(&id).map(|parts| parts.len()), Some(2));
    let wrong = ask_complete("b", &id, &[(2, &one)]).header("content-md5", &md5(b"other"));
    wrong.send(&emulator).refuses(400, "BadDigest");
}

#[test]
fn an_object_has_the_listed_parts_alone_with_gaps_if_need_be() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    let (one, two, whole) = pieces();
    for (number, content) in [(3, &one), (7, &two), (5, &two)] {
        part(&emulator, "a", &id, number, content).succeeds();
    }
    let size = |size: &str| {
        ask_complete("a", &id, &[(3, &one), (7, &two)]).header("x-amz-mp-object-size", size).send(&emulator)
    };
    size("69").refuses(400, "InvalidRequest");
    size("68").succeeds();
    assert_eq!(stored(&emulator, "a"), Some(whole));
    let bare = initiate(&emulator, "b");
    part(&emulator, "b", &bare, 1, &two).succeeds();
    let unquoted = String::from_utf8(list_xml(&[(1, &tag(&two), "")])).expect("text").replace('"', "");
    let unquoted = unquoted.replace("xmlns=http://s3.amazonaws.com/doc/2006-03-01/", "");
    ask("POST", "b").query("uploadId", &bare).body(unquoted.as_bytes()).send(&emulator).succeeds();
}

#[test]
fn conditions_are_judged_against_the_object_that_is_there() {
    let emulator = emulator();
    let conditional =
        |name: &str, value: &str, body: &[u8]| ask("PUT", "a").body(body).header(name, value).send(&emulator);
    conditional("if-match", "\"x\"", b"0").refuses(404, "NoSuchKey");
    conditional("if-none-match", "*", b"1").succeeds();
    let answer = conditional("if-none-match", "*", b"2").refuses(412, "PreconditionFailed");
    assert_eq!(answer.text("Condition"), "If-None-Match");
    conditional("if-none-match", "\"x\"", b"2").refuses(501, "NotImplemented");
    conditional("if-match", &format!("\"{}\"", tag(b"2")), b"3").refuses(412, "PreconditionFailed");
    conditional("if-match", &format!("\"{}\"", tag(b"1")), b"3").succeeds();
    assert_eq!(stored(&emulator, "a"), Some(b"3".to_vec()));
    let id = uploaded(&emulator, "a");
    let (one, two, whole) = pieces();
    let complete =
        |name: &str, value: &str| ask_complete("a", &id, &[(1, &one), (2, &two)]).header(name, value).send(&emulator);
    complete("if-none-match", "*").refuses(412, "PreconditionFailed");
    complete("if-match", "\"x\"").refuses(412, "PreconditionFailed");
    complete("if-match", &format!("\"{}\"", tag(b"3"))).succeeds();
    assert_eq!(stored(&emulator, "a"), Some(whole));
}

#[test]
fn an_old_object_stays_until_complete() {
    let emulator = emulator();
    put(&emulator, "a", b"old").succeeds();
    let id = uploaded(&emulator, "a");
    assert_eq!(ask("GET", "a").send(&emulator).succeeds().body, "old");
    complete_both(&emulator, "a", &id).succeeds();
    assert_eq!(ask("GET", "a").send(&emulator).succeeds().reply.response.body().len(), 68);
    assert_eq!(ask("DELETE", "a").send(&emulator).succeeds().status, 204);
    assert_eq!(ask("DELETE", "a").send(&emulator).succeeds().status, 204);
    ask("GET", "a").send(&emulator).refuses(404, "NoSuchKey");
}

#[test]
fn head_has_no_body_and_tells_checksums_only_to_those_who_ask() {
    let emulator = emulator();
    put(&emulator, "a", b"hello").succeeds();
    let plain = ask("HEAD", "a").send(&emulator).succeeds();
    assert_eq!((plain.body.as_str(), plain.maybe_header("x-amz-checksum-crc64nvme")), ("", None));
    assert_eq!(plain.header("last-modified"), "Thu, 01 Jan 2026 00:00:00 GMT");
    assert_eq!(head(&emulator, "a").header("x-amz-checksum-type"), "FULL_OBJECT");
    for (answer, status) in [
        (ask("HEAD", "b").send(&emulator), 404),
        (ask("HEAD", "b").bucket("nobodys").send(&emulator), 404),
        (ask("HEAD", "a").header("x-amz-server-side-encryption", "AES256").send(&emulator), 400),
    ] {
        assert_eq!((answer.status, answer.body.as_str()), (status, ""));
    }
    complete_both(&emulator, "c", &uploaded(&emulator, "c")).succeeds();
    let counted = ask("HEAD", "c").query("partNumber", "1").send(&emulator).succeeds();
    assert_eq!(counted.header("x-amz-mp-parts-count"), "2");
    let piece = ask("GET", "a").header("range", "bytes=1-2").send(&emulator);
    assert_eq!((piece.status, piece.body.as_str(), piece.header("content-range")), (206, "el", "bytes 1-2/5"));
}

#[test]
fn what_initiate_says_of_the_object_is_on_the_object() {
    let emulator = emulator();
    let said = [
        ("cache-control", "no-cache"),
        ("content-type", "text/x-mine"),
        ("x-amz-meta-resumable-id", "0123"),
        ("x-amz-storage-class", "STANDARD_IA"),
        ("x-amz-tagging", "a=1&b=c%20d"),
        ("x-amz-acl", "private"),
        ("x-amz-server-side-encryption", "aws:kms"),
    ];
    let begun = said.iter().fold(ask_initiate("a"), |ask, (name, value)| ask.header(name, value)).send(&emulator);
    let id = begun.succeeds().text("UploadId");
    let (one, two, _) = pieces();
    let answer = part(&emulator, "a", &id, 1, &one).succeeds();
    assert_eq!(answer.header("x-amz-server-side-encryption"), "aws:kms");
    part(&emulator, "a", &id, 2, &two).succeeds();
    assert_eq!(list(&emulator, "a", &id).text("StorageClass"), "STANDARD_IA");
    let done = ask_complete("a", &id, &[(1, &one), (2, &two)]).header("content-type", "application/xml");
    assert_eq!(done.send(&emulator).succeeds().header("x-amz-server-side-encryption"), "aws:kms");
    let known = head(&emulator, "a").succeeds();
    for (name, value) in said {
        let told = known.maybe_header(name);
        let is_told = !matches!(name, "x-amz-tagging" | "x-amz-acl");
        assert_eq!(told, Some(value).filter(|_| is_told), "{name}");
        assert_eq!(emulator.s3().object_header(BUCKET, "a", name).as_deref(), Some(value));
    }
    for (name, value, code) in [
        ("x-amz-storage-class", "Cheap", "InvalidStorageClass"),
        ("x-amz-acl", "nobody", "InvalidArgument"),
        ("x-amz-meta-long", &"x".repeat(2048), "MetadataTooLarge"),
    ] {
        ask_initiate("a").header(name, value).send(&emulator).refuses(400, code);
        ask("PUT", "a").header(name, value).send(&emulator).refuses(400, code);
    }
}

#[test]
fn an_upload_with_a_key_of_the_clients_own_needs_it_with_every_part() {
    let emulator = emulator();
    let keyed = |ask: Ask, key: &str| {
        ask.header("x-amz-server-side-encryption-customer-algorithm", "AES256")
            .header("x-amz-server-side-encryption-customer-key", "c2VjcmV0")
            .header("x-amz-server-side-encryption-customer-key-md5", key)
    };
    let id = keyed(ask_initiate("a"), "one").send(&emulator).succeeds().text("UploadId");
    part(&emulator, "a", &id, 1, b"x").refuses(400, "InvalidRequest");
    keyed(ask_part("a", &id, 1, b"x"), "two").send(&emulator).refuses(400, "InvalidRequest");
    keyed(ask_part("a", &id, 1, b"x"), "one").send(&emulator).succeeds();
    complete(&emulator, "a", &id, &[(1, b"x")]).succeeds();
    assert_eq!(head(&emulator, "a").status, 400);
    assert_eq!(keyed(ask("HEAD", "a"), "one").send(&emulator).succeeds().status, 200);
}

#[test]
fn a_checksum_is_verified_and_has_to_be_the_declared_one() {
    let emulator = emulator();
    let id = initiate_with(&emulator, "a", "CRC64NVME", "FULL_OBJECT");
    let sent = |name: &str, value: &str| ask_part("a", &id, 1, b"hello").header(name, value).send(&emulator);
    let nvme = "x-amz-checksum-crc64nvme";
    sent(nvme, "AAAAAAAAAAA=").refuses(400, "BadDigest");
    for bad in ["x", "AAAA", "NhCmhg=="] {
        sent(nvme, bad).refuses(400, "InvalidRequest");
    }
    let answer = sent("x-amz-checksum-crc32", "NhCmhg==").refuses(400, "InvalidRequest");
    assert!(answer.text("Message").contains("expected checksum Type: crc64nvme, actual checksum Type: crc32"));
    sent("x-amz-checksum-md4", "NhCmhg==").refuses(400, "InvalidRequest");
    let two = ask_part("a", &id, 1, b"hello").header(nvme, "M3eFcAZSQlc=").header("x-amz-checksum-crc32", "NhCmhg==");
    two.send(&emulator).refuses(400, "InvalidRequest");
    assert_eq!(emulator.s3().parts(&id), Some(Vec::new()));
    sent(nvme, "M3eFcAZSQlc=").succeeds();
    let whole = |name: &str, value: &str, kind: &str| {
        let ask = ask_complete("a", &id, &[(1, b"hello")]).header(name, value);
        ask.header("x-amz-checksum-type", kind).send(&emulator)
    };
    whole(nvme, "AAAAAAAAAAA=", "FULL_OBJECT").refuses(400, "BadDigest");
    whole(nvme, "M3eFcAZSQlc=", "COMPOSITE").refuses(400, "BadDigest");
    whole("x-amz-checksum-crc32", "NhCmhg==", "FULL_OBJECT").refuses(400, "InvalidRequest");
    whole(nvme, "M3eFcAZSQlc=", "FULL_OBJECT").succeeds();
}

#[test]
fn what_was_not_declared_is_believed_and_the_servers_own_is_told() {
    let emulator = emulator();
    let id = initiate(&emulator, "a");
    ask_part("a", &id, 1, b"hello").header("x-amz-checksum-crc32", "NhCmhg==").send(&emulator).succeeds();
    ask_part("a", &id, 1, b"hello")
        .header("x-amz-checksum-crc32", "AAAAAA==")
        .send(&emulator)
        .refuses(400, "BadDigest");
    let wrong = ask_complete("a", &id, &[(1, b"hello")]).header("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=");
    assert_eq!(wrong.send(&emulator).succeeds().text("ChecksumCRC64NVME"), "M3eFcAZSQlc=");
    assert_eq!(head(&emulator, "a").header("x-amz-checksum-crc64nvme"), "M3eFcAZSQlc=");
}

#[test]
fn composite_checksums_need_every_part_with_its_own_from_one_on() {
    let emulator = emulator();
    let id = initiate_with(&emulator, "a", "SHA256", "COMPOSITE");
    part(&emulator, "a", &id, 1, b"hello").refuses(400, "InvalidRequest");
    let hello = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
    for number in [1, 3] {
        let ask = ask_part("a", &id, number, b"hello").header("x-amz-checksum-sha256", hello);
        ask.send(&emulator).succeeds();
    }
    let (tag, with) = (tag(b"hello"), format!("<ChecksumSHA256>{hello}</ChecksumSHA256>"));
    let complete = |parts: &[(u32, &str, &str)]| ask_complete_as("a", &id, parts).send(&emulator);
    complete(&[(1, &tag, "")]).refuses(400, "InvalidRequest");
    complete(&[(3, &tag, &with)]).refuses(400, "InvalidPartOrder");
    complete(&[(1, &tag, &with.replace("LPJN", "AAAA"))]).refuses(400, "InvalidPart");
    assert!(complete(&[(1, &tag, &with)]).succeeds().text("ChecksumSHA256").ends_with("=-1"));
}

#[test]
fn algorithms_and_types_go_together_or_are_refused() {
    let emulator = emulator();
    let declared = |algorithm: &str, kind: &str| {
        let mut ask = ask_initiate("a");
        for (name, value) in [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", kind)] {
            ask = if value.is_empty() { ask } else { ask.header(name, value) };
        }
        ask.send(&emulator)
    };
    for (algorithm, kind, told) in [
        ("CRC64NVME", "", "FULL_OBJECT"),
        ("CRC32", "", "COMPOSITE"),
        ("CRC32C", "FULL_OBJECT", "FULL_OBJECT"),
        ("SHA1", "", "COMPOSITE"),
    ] {
        let answer = declared(algorithm, kind).succeeds();
        assert_eq!(
            (answer.header("x-amz-checksum-algorithm"), answer.header("x-amz-checksum-type")),
            (algorithm, told)
        );
    }
    for (algorithm, kind) in
        [("CRC64NVME", "COMPOSITE"), ("SHA256", "FULL_OBJECT"), ("", "FULL_OBJECT"), ("MD4", ""), ("CRC32", "PARTIAL")]
    {
        declared(algorithm, kind).refuses(400, "InvalidRequest");
    }
}

#[test]
fn keys_and_requests_that_the_server_does_not_take() {
    let emulator = emulator();
    put(&emulator, &"k/".repeat(512), b"x").succeeds();
    put(&emulator, &"k/".repeat(513), b"x").refuses(400, "KeyTooLongError");
    put(&emulator, &"k".repeat(256), b"x").refuses(400, "InvalidArgument");
    ask("PUT", "a").header("x-amz-copy-source", "/emubucket/b").send(&emulator).refuses(501, "NotImplemented");
    ask("PUT", "a").query("tagging", "").send(&emulator).refuses(501, "NotImplemented");
    ask("GET", "").query("versioning", "").send(&emulator).refuses(501, "NotImplemented");
    ask("GET", "a").bucket("nobodys").send(&emulator).refuses(404, "NoSuchBucket");
}
