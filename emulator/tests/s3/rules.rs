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
