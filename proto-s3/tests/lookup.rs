//! What stands at a key: the same request as `HeadObject`'s, and answers of all kinds.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Response};
use resumable_core::leftovers::{Answered, Ask};
use resumable_core::{
    Advice, Answer, Env, HashKind, IfExists, Leftover, Located, Lookup, Now, Observed, SourceInfo, Told, Unable,
};
use resumable_proto_s3::*;

const NOW: Duration = Duration::from_secs(1_767_225_600);
const ID: (&str, &str) = ("x-amz-request-id", "4442587FB7D0A2F9");
const ENDPOINT: &str = "https://s3.eu-west-1.amazonaws.com";

fn s3() -> S3 {
    at(ENDPOINT, "emubucket", "dir/big.bin").unwrap()
}

fn other() -> S3 {
    at("http://127.0.0.1:9000", "emubucket", "dir/big.bin").unwrap()
}

fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Answer { response: response.body(Bytes::new()).unwrap(), observed: Observed::none() }
}

fn told(s3: &S3, status: u16, headers: &[(&str, &str)]) -> Result<Told<Asking>, Refused> {
    let lookup = s3.lookup().unwrap();
    lookup.decode(&lookup.first(), &answer(status, headers))
}

fn asked(s3: &S3, asking: &Asking) -> http::Request<resumable_core::Body> {
    let (credential, source) = (Credential::new("AKIDEXAMPLE", "secret").unwrap(), SourceInfo::new(0, [0; 32]));
    let env = Env::new(Now { mono: NOW, unix: NOW }, &source, 1, &[]);
    s3.lookup().unwrap().encode(asking, &credential, &env).unwrap()
}

#[test]
fn it_asks_as_head_object_does() {
    for s3 in [s3(), other()] {
        let asked = asked(&s3, &s3.lookup().unwrap().first());
        let credential = Credential::new("AKIDEXAMPLE", "secret").unwrap();
        let wire = S3Wire { object: s3.object(), options: s3.options(), credential: &credential, now: NOW };
        let head = head_object::encode(&Said::bare(Op::HeadObject), &wire).unwrap();
        assert_eq!((asked.method(), asked.uri(), asked.headers()), (&Method::HEAD, head.uri(), head.headers()));
        assert_eq!(asked.headers().contains_key("x-amz-checksum-mode"), s3.options().preset.name == "aws");
    }
}

#[test]
fn an_object_is_told_with_what_proves_its_content() {
    let headers = [
        ID,
        ("content-length", "5242884"),
        ("etag", "\"46e9ec4f6e6936c8ce2b5be7b5fad9c1-2\""),
        ("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ];
    let found = |more: &[(&str, &str)]| match told(&s3(), 200, &[&headers[..], more].concat()).unwrap() {
        Told::Found(found) => found,
        other => panic!("{other:?}"),
    };
    let summed = found(&[("x-amz-checksum-crc64nvme", "/PCLBfvKYl8=")]);
    assert_eq!((summed.len, summed.modified), (Some(5_242_884), Some(NOW)));
    assert_eq!(summed.digest(HashKind::Crc64Nvme).unwrap().as_bytes(), 0xfcf0_8b05_fbca_625f_u64.to_be_bytes());
    assert!(summed.comparable(5_242_884).is_some() && summed.comparable(1).is_none());
    let castagnoli = found(&[("x-amz-checksum-crc32c", "dOe+Og==")]);
    assert_eq!(castagnoli.digest(HashKind::Crc32c).unwrap().as_bytes(), [0x74, 0xe7, 0xbe, 0x3a]);
    // A tag of an upload in parts, or a sum of sums: its length alone proves nothing.
    assert!(found(&[("x-amz-checksum-crc32c", "Mivv6w==-2")]).comparable(5_242_884).is_none());
}

#[test]
fn a_tag_is_an_md5_where_it_is_one() {
    let tag = ("etag", "\"5d41402abc4b2a76b9719d911017c592\"");
    let headers = [ID, ("content-length", "5"), tag];
    let digest = |s3: &S3, more: &[(&str, &str)]| match told(s3, 200, &[&headers[..], more].concat()).unwrap() {
        Told::Found(found) => found.digest(HashKind::Md5).map(resumable_core::Digest::to_hex),
        other => panic!("{other:?}"),
    };
    for s3 in [s3(), other()] {
        assert_eq!(digest(&s3, &[]).as_deref(), Some("5d41402abc4b2a76b9719d911017c592"));
        assert_eq!(digest(&s3, &[("x-amz-server-side-encryption", "AES256")]).map(|md5| md5.len()), Some(32));
        assert_eq!(digest(&s3, &[("x-amz-server-side-encryption", "aws:kms")]), None);
        assert_eq!(digest(&s3, &[("x-amz-server-side-encryption-customer-algorithm", "AES256")]), None);
    }
    let mut options = s3().options().clone();
    options.preset.tags = Tags::Opaque;
    assert_eq!(digest(&s3().with_options(options).unwrap(), &[]), None);
}

#[test]
fn it_is_asked_again_once_where_the_bucket_is() {
    for status in [301, 400] {
        let region = [ID, ("x-amz-bucket-region", "us-west-2")];
        let Told::Ask(asking) = told(&s3(), status, &region).unwrap() else { panic!("{status}") };
        let again = asked(&s3(), &asking);
        assert_eq!(again.uri().host(), Some("emubucket.s3.us-west-2.amazonaws.com"));
        assert!(again.headers()["authorization"].to_str().unwrap().contains("/us-west-2/s3/"));
        let refused = s3().lookup().unwrap().decode(&asking, &answer(status, &region)).unwrap_err();
        assert_eq!((refused.advice, refused.fault.class()), (Advice::Fatal, Some(Class::Region)));
    }
}

#[test]
fn what_is_no_answer_of_the_vendors_is_not_taken_for_nothing() {
    for status in [200, 404, 403, 500, 503] {
        let refused = told(&s3(), status, &[]).unwrap_err();
        assert!(matches!(refused.advice, Advice::Retry | Advice::Unavailable), "{status}: {refused:?}");
    }
    assert_eq!(told(&s3(), 404, &[ID]).unwrap(), Told::Nothing);
    assert_eq!(told(&other(), 404, &[]).unwrap(), Told::Nothing);
}

#[test]
fn keys_that_may_not_look_are_told_apart() {
    for (s3, headers) in [(s3(), &[ID][..]), (other(), &[])] {
        let denied = told(&s3, 403, headers).unwrap_err();
        assert!(denied.advice == Advice::Fatal && S3::is_kept_from_asking(&denied.fault), "{denied:?}");
        assert!(S3::is_of_keys(&denied.fault));
        assert!(denied.fault.to_string().starts_with("HeadObject was refused: access is denied"), "{denied:?}");
    }
    for (status, advice) in [(400, Advice::Reauthorize), (412, Advice::Retry), (503, Advice::Unavailable)] {
        let other = told(&s3(), status, &[ID]).unwrap_err();
        assert!(other.advice == advice && !S3::is_kept_from_asking(&other.fault), "{other:?}");
        assert!(matches!(other.fault, Fault::Bare { .. }) && !S3::is_of_keys(&other.fault), "{other:?}");
    }
    // Without the name of the request it may be anybody's.
    let strange = told(&s3(), 403, &[]).unwrap_err();
    assert!(matches!(strange.fault, Fault::Unreadable { .. }) && !S3::is_of_keys(&strange.fault), "{strange:?}");
}

#[test]
fn the_vendor_is_told_to_guard_what_is_there_where_it_can() {
    assert_eq!(s3().if_exists(), Some(IfExists::Replace));
    for (policy, own) in [
        (IfExists::Skip, IfExists::Refuse),
        (IfExists::Refuse, IfExists::Refuse),
        (IfExists::Rename, IfExists::Refuse),
        (IfExists::Replace, IfExists::Replace),
    ] {
        assert_eq!(s3().guarded(policy).unwrap().if_exists(), Some(own), "{policy}");
        // It would overwrite all the same: the caller looks first.
        assert_eq!(
            other().guarded(policy).map(|it| it.if_exists()),
            Ok::<_, Unable>(Some(IfExists::Replace)),
            "{policy}"
        );
    }
    let (renamed, name) = s3().renamed(2).unwrap();
    assert_eq!((renamed.object().key().as_str(), name.as_str()), ("dir/big (2).bin", "dir/big (2).bin"));
    assert_eq!(renamed.object().region(), Some("eu-west-1"));
}

#[test]
fn open_uploads_are_asked_of_the_bucket_and_removed_by_their_key() {
    let source = SourceInfo::new(0, [0; 32]);
    let env = Env::new(Now { mono: NOW, unix: NOW }, &source, 1, &[]);
    let credential = Credential::new("AKIDEXAMPLE", "secret").unwrap();
    let asked = |s3: &S3, ask: Ask| s3.leftovers(ask.clone()).unwrap().encode(&ask, &credential, &env);
    let page = || Ask::Page { prefix: "dir/plain b".to_owned(), after: None };
    let list = asked(&s3(), page()).unwrap();
    assert_eq!(list.method(), Method::GET);
    let url = "https://emubucket.s3.eu-west-1.amazonaws.com/?encoding-type=url&max-uploads=1000&prefix=dir%2Fplain%20b&uploads";
    assert_eq!(list.uri().to_string(), url);
    assert_eq!(asked(&other(), page()).unwrap().uri().path(), "/emubucket/");
    let open = |key: &str| Leftover { key: key.to_owned(), id: "up/load+id==".to_owned(), begun: None };
    let remove = asked(&other(), Ask::Remove(open("a//b c"))).unwrap();
    assert_eq!(remove.method(), Method::DELETE);
    assert_eq!(remove.uri(), "http://127.0.0.1:9000/emubucket/a//b%20c?uploadId=up%2Fload%2Bid%3D%3D");
    let unsendable = asked(&other(), Ask::Remove(open("a/../b"))).unwrap_err();
    assert!(matches!(unsendable, Fault::Key { .. }), "{unsendable}");
    let listed = "<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Upload><Key>dir/plain%20bin</Key>\
                  <UploadId>u</UploadId><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>";
    let response = Response::builder().status(200).body(Bytes::from(listed)).unwrap();
    let told = s3().leftovers(page()).unwrap().decode(&page(), &Answer { response, observed: Observed::none() });
    let Told::Found(Answered::Page(open, None)) = told.unwrap() else { panic!() };
    assert_eq!(open, [Leftover { key: "dir/plain bin".into(), id: "u".into(), begun: Some(NOW) }]);
}
