//! Which uploads are open in a bucket: how it is asked, and how one is removed.

mod far;

use std::time::Duration;

use far::{answer, credential, refusal, says, signed_again};
use http::Request;
use resumable_core::leftovers::{Answered, Ask};
use resumable_core::{Advice, Body, Env, Leftover, Located, Lookup, Now, SourceInfo, Told};
use resumable_proto_cos_xml::*;

const HOST: &str = "emubucket-1250000000.cos.ap-guangzhou.myqcloud.com";

fn cos() -> CosXml {
    at("ap-guangzhou", "emubucket-1250000000", "dir/f").unwrap()
}

fn asked(ask: &Ask) -> Request<Body> {
    let (now, source) = (Duration::from_secs(1_767_225_600), SourceInfo::new(0, [0; 32]));
    let env = Env::new(Now { mono: now, unix: now }, &source, 1, &[]);
    cos().leftovers(ask.clone()).unwrap().encode(ask, &credential(), &env).unwrap()
}

fn told(ask: &Ask, body: &str) -> Told<Ask, Answered> {
    cos().leftovers(ask.clone()).unwrap().decode(ask, &answer(says(200, body))).unwrap()
}

fn leftover() -> Leftover {
    Leftover { key: "x/./文 1".into(), id: "17672256000b1f38".into(), begun: Some(Duration::from_secs(1_767_225_600)) }
}

#[test]
fn the_bucket_is_asked_by_prefix_and_marker_and_all_of_it_is_signed() {
    let ask = Ask::Page { prefix: "dir/文件 +".into(), after: Some(("a&b=c".into(), "U".into())) };
    let request = asked(&ask);
    assert_eq!((request.uri().host(), request.uri().path()), (Some(HOST), "/"));
    let query = request.uri().query().unwrap();
    for pair in
        ["prefix=dir%2F%E6%96%87%E4%BB%B6%20%2B", "key-marker=a%26b%3Dc", "upload-id-marker=U", "max-uploads=1000"]
    {
        assert!(query.split('&').any(|it| it == pair), "{pair}: {query}");
    }
    let authorization = request.headers()["authorization"].to_str().unwrap();
    let names: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap()).collect();
    assert!(names.iter().all(|name| authorization.contains(name)) && authorization.contains("uploads"));
}

#[test]
fn a_page_is_read_with_keys_ids_and_times() {
    let page = "<ListMultipartUploadsResult><Bucket>emubucket-1250000000</Bucket><Encoding-Type/><IsTruncated>true</IsTruncated>\
                <Upload><Key>x/./文 1</Key><UploadId>17672256000b1f38</UploadId><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>\
                <NextKeyMarker>x/./文 1</NextKeyMarker><NextUploadIdMarker>17672256000b1f38</NextUploadIdMarker>\
                </ListMultipartUploadsResult>";
    let ask = Ask::Page { prefix: String::new(), after: None };
    let Told::Found(Answered::Page(listed, next)) = told(&ask, page) else { panic!() };
    assert_eq!(listed, [leftover()]);
    let after = Some(("x/./文 1".to_owned(), "17672256000b1f38".to_owned()));
    assert_eq!(next, Some(Ask::Page { prefix: String::new(), after }));
}

#[test]
fn one_that_is_removed_is_named_by_its_own_key() {
    let request = asked(&Ask::Remove(leftover()));
    assert_eq!(request.method(), "DELETE");
    assert_eq!(request.uri().to_string(), format!("https://{HOST}/x/.%2F%E6%96%87%201?uploadId=17672256000b1f38"));
    assert_eq!(signed_again(&request, HOST), request.headers()["authorization"].to_str().unwrap());
    let ask = Ask::Remove(leftover());
    let leftovers = cos().leftovers(ask.clone()).unwrap();
    assert_eq!(leftovers.decode(&ask, &answer(says(204, ""))).unwrap(), Told::Found(Answered::Removed));
    assert_eq!(leftovers.decode(&ask, &answer(refusal(404, "NoSuchUpload"))).unwrap(), Told::Nothing);
}

#[test]
fn a_key_that_cannot_be_sent_is_said_to_be_one() {
    let leftover = Leftover { key: "dir/..".into(), ..leftover() };
    let (now, source) = (Duration::from_secs(1), SourceInfo::new(0, [0; 32]));
    let env = Env::new(Now { mono: now, unix: now }, &source, 1, &[]);
    let ask = Ask::Remove(leftover);
    let error = cos().leftovers(ask.clone()).unwrap().encode(&ask, &credential(), &env).unwrap_err();
    assert!(matches!(&error, Fault::Key { key, .. } if key == "dir/.."), "{error}");
}

#[test]
fn words_about_an_old_signature_correct_the_clock_whatever_is_asked() {
    let words = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    let denied = "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>";
    let page = Ask::Page { prefix: String::new(), after: None };
    for ask in [page, Ask::Size { of: leftover(), after: (0, 0) }, Ask::Remove(leftover())] {
        let leftovers = cos().leftovers(ask.clone()).unwrap();
        let advice = |body: &str| leftovers.decode(&ask, &answer(says(403, body))).unwrap_err().advice;
        assert_eq!((advice(words), advice(denied)), (Advice::Clock, Advice::Fatal), "{ask:?}");
    }
}
