//! Each call by itself: its name, how the machine is to treat it, what a refusal says of it, and what is said before an
//! upload begins, or is resumed.

mod far;

use std::time::Duration;

use bytes::Bytes;
use far::{PART, parts, parts_of};
use http::Response;
use resumable_core::{
    Answer, Cx, Env, IfExists, Lane, Located, Lookup, Next, Now, Observed, Occurrence, Protocol, SourceInfo, State,
};
use resumable_proto_s3::stage::Call;
use resumable_proto_s3::*;

const NOW: Now = Now { mono: Duration::from_secs(5), unix: Duration::from_secs(1_767_225_600) };
const CALLS: [Call; 7] = [
    Call::Put,
    Call::Initiate,
    Call::List { after: 0 },
    Call::Part { number: 1 },
    Call::Complete,
    Call::Abort,
    Call::Head,
];

fn to() -> S3 {
    at("https://s3.eu-west-1.amazonaws.com", "emubucket", "dir/f").unwrap()
}

fn source(len: u64) -> SourceInfo {
    SourceInfo::new(len, [1; 32])
}

fn refused(status: u16, code: &str) -> Fault {
    let body = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
    let response =
        Response::builder().status(status).header("x-amz-request-id", "ID1").body(Bytes::from(body)).unwrap();
    to().decode(&Call::Part { number: 1 }, &Answer { response, observed: Observed::none() }).unwrap_err().fault
}

#[test]
fn calls_have_the_vendors_names() {
    assert_eq!(
        CALLS.each_ref().map(<S3 as Protocol>::name),
        [
            "PutObject",
            "CreateMultipartUpload",
            "ListParts",
            "UploadPart",
            "CompleteMultipartUpload",
            "AbortMultipartUpload",
            "HeadObject"
        ]
    );
    let lookup = to().lookup().unwrap();
    assert_eq!(<S3Lookup as Lookup>::name(&lookup.first()), "HeadObject");
    assert_eq!(lookup.reply_bytes(&lookup.first()), 4 << 20);
}

#[test]
fn the_machine_is_told_what_each_call_is() {
    for (call, carries, commits, seconds) in [
        (Call::Put, true, true, 120),
        (Call::Initiate, false, true, 60),
        (Call::List { after: 0 }, false, false, 60),
        (Call::Part { number: 1 }, true, false, 120),
        // White space keeps the line alive for minutes.
        (Call::Complete, false, true, 900),
        (Call::Abort, false, false, 60),
        (Call::Head, false, false, 60),
    ] {
        let props = to().props(&call);
        assert_eq!((props.carries_source, props.commits), (carries, commits), "{call:?}");
        assert_eq!(props.lane, if carries { Lane::Data } else { Lane::Api }, "{call:?}");
        assert_eq!(props.limits.reply_within, Duration::from_secs(seconds), "{call:?}");
    }
}

#[test]
fn a_place_is_told_from_others() {
    let (to, url) = (to(), "https://emubucket.s3.eu-west-1.amazonaws.com/dir/f");
    assert_eq!((Protocol::target(&to), to.lookup().unwrap().target()), (url.to_owned(), url.to_owned()));
    let object = to.object();
    assert_eq!(
        (object.to_string(), format!("{object:?}")),
        (url.to_owned(), format!("Object({url}, Some(\"eu-west-1\"))"))
    );
    assert_eq!((object.bucket(), object.key().as_str(), object.region()), ("emubucket", "dir/f", Some("eu-west-1")));
    assert_eq!(object.origin().host(), "s3.eu-west-1.amazonaws.com");
    let key: ObjectKey = "dir/a b".parse().unwrap();
    assert_eq!((key.to_string(), key.encoded()), ("dir/a b".to_owned(), "dir/a%20b".to_owned()));
    assert!("a/../b".parse::<ObjectKey>().is_err());
}

/// In one request, or in a create, the parts and a complete.
#[test]
fn what_an_upload_takes_is_said() {
    let to = far::protocol(&parts());
    for (len, parts, requests) in [(0, 1, 1), (1, 1, 3), (PART, 1, 3), (PART + 1, 2, 4), (5 * PART, 5, 7)] {
        let outline = to.outline(&source(len)).unwrap();
        assert_eq!((outline.parts, outline.requests, outline.reads_all_first), (parts, requests, false), "{len}");
    }
    let small = far::protocol(&far::one_request());
    assert_eq!(small.outline(&source(1000)).unwrap().requests, 1);
    assert!(small.outline(&source(u64::MAX)).is_err());
    assert!(!to.compares_content());
}

#[test]
fn a_session_belongs_to_a_file_of_its_length_and_to_limits_of_its_kind() {
    let to = far::protocol(&parts());
    let session = to.open(&source(40), 7);
    assert!(to.validate(&session, &source(40)).is_ok());
    assert!(to.validate(&session, &source(41)).is_err());
    let mut options = parts();
    options.preset.limits.part_max = PART - 1;
    options.part_size = PART - 1;
    assert!(far::protocol(&options).validate(&session, &source(40)).is_err());
}

fn answered(to: &S3, state: &mut State<S3>, call: Call, response: Response<Bytes>) {
    let (source, credential) = (source(40), far::credential());
    let cx = Cx { env: Env::new(NOW, &source, 1, &[]), credential: &credential, in_flight: &[] };
    let reply = to.decode(&call, &Answer { response, observed: Observed::none() }).unwrap();
    let _ = to.apply(state, Occurrence::Replied(call, reply), &cx);
}

#[test]
fn an_open_upload_is_named_while_it_is_open() {
    let to = far::protocol(&parts());
    let mut state = State { session: to.open(&source(40), 7), ephemeral: stage::Ephemeral::default() };
    assert_eq!((S3::open_upload(&state.session), to.confirmed(&state.session)), (None, 0));
    let body = "<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>";
    let named =
        |body: &'static str| Response::builder().header("x-amz-request-id", "ID1").body(Bytes::from(body)).unwrap();
    answered(&to, &mut state, Call::Initiate, named(body));
    assert_eq!(S3::open_upload(&state.session), Some("U1"));
    let credential = far::credential();
    let source = source(40);
    let cx = Cx { env: Env::new(NOW, &source, 1, &[]), credential: &credential, in_flight: &[] };
    assert!(matches!(to.next(&state, &cx), Next::Call(Call::Part { number: 1 })));
}

#[test]
fn a_refusal_says_whose_it_is() {
    let id = |fault: &Fault| {
        let ids = [<S3 as Protocol>::request_id(fault), <S3Lookup as Lookup>::request_id(fault)];
        assert_eq!(ids[0], ids[1]);
        ids[0].map(str::to_owned)
    };
    assert_eq!(id(&refused(403, "AccessDenied")).as_deref(), Some("ID1"));
    assert_eq!(id(&Fault::Taken), None);
    for (fault, taken, kept) in [
        (Fault::Taken, true, false),
        (refused(412, "PreconditionFailed"), true, false),
        (refused(403, "AccessDenied"), false, true),
        (refused(404, "NoSuchBucket"), false, false),
        (Fault::Lost { found: Found::Unproven }, false, false),
    ] {
        assert_eq!((S3::is_taken(&fault), S3::is_kept_from_asking(&fault)), (taken, kept), "{fault:?}");
        assert!(!S3::is_of_keys(&fault), "{fault:?}");
    }
}

#[test]
fn a_policy_that_the_service_has_not_is_no_protocol() {
    for (name, refuses) in [("aws", true), ("r2", true), ("minio", true), ("b2", false), ("other", false)] {
        let to = far::protocol(&parts_of(name));
        let own = |policy| to.with_if_exists(policy).map(|to| to.if_exists().unwrap());
        assert_eq!(own(IfExists::Replace), Some(IfExists::Replace), "{name}");
        assert_eq!(own(IfExists::Refuse), refuses.then_some(IfExists::Refuse), "{name}");
        assert_eq!((own(IfExists::Skip), own(IfExists::Rename)), (None, None), "{name}");
    }
    // The name with a number is too long to be one.
    let long = at("https://s3.eu-west-1.amazonaws.com", "emubucket", &"a".repeat(1024)).unwrap();
    assert!(long.renamed(2).is_none());
}

/// Buckets that are names, and hosts that tell their region, at the edges of what is one.
#[test]
fn names_at_their_edges() {
    let bucket = |bucket: &str| at("https://s3.example.com", bucket, "k").is_ok();
    for good in ["1.2.3", "1.2.3.4.5", "1.2.3.256", "a.2.3.4", "1-2", "abc", &"a".repeat(63)] {
        assert!(bucket(good), "{good}");
    }
    for bad in ["1.2.3.4", "255.255.255.255", "a-.b", "a.-b", "ab-", "-ab", "a.b-", "aä", "a~b", &"a".repeat(64)] {
        assert!(!bucket(bad), "{bad}");
    }
    let server = at("http://127.0.0.1:9000", "emubucket", "k").unwrap().object().clone();
    for good in ["r", "A_1", "eu-west-1", &"a".repeat(64)] {
        assert_eq!(server.clone().with_region(good).unwrap().region(), Some(good));
    }
    for bad in ["", "a.b", "a b", "ä", "a/b", &"a".repeat(65)] {
        assert_eq!(server.clone().with_region(bad), Err(InvalidObject::Region), "{bad}");
    }
    for (host, region) in [
        ("s3.a.b.amazonaws.com", None),
        ("s3..amazonaws.com", None),
        ("s3.wasabisys.com", None),
        ("s3.eu-central-1.wasabisys.com", Some("eu-central-1")),
        ("s3.nl-ams.scw.cloud", Some("nl-ams")),
        ("s3.oss-eu-west-1.aliyuncs.com", Some("eu-west-1")),
        ("oss-accelerate.aliyuncs.com", None),
        ("xs3.amazonaws.com", None),
    ] {
        let object = Object::new(host, "emubucket", ObjectKey::new("k").unwrap(), Addressing::Path);
        let told = object.ok().and_then(|object| object.region().map(str::to_owned));
        assert_eq!(told.as_deref(), region, "{host}");
    }
}

/// Only in front of a host that a service is known by is a label a bucket.
#[test]
fn a_label_before_the_host_is_the_bucket_or_another_one() {
    let url = |host: &str, bucket: &str| {
        let object = Object::new(host, bucket, ObjectKey::new("k").unwrap(), Addressing::Path);
        object.map(|object| object.url().to_owned())
    };
    for (host, bucket, expected) in [
        ("emubucket.s3.eu-west-1.amazonaws.com", "emubucket", Ok("https://s3.eu-west-1.amazonaws.com/emubucket/k")),
        ("emubucket.s3.example.com", "emubucket", Ok("https://emubucket.s3.example.com/emubucket/k")),
        ("other.s3.eu-west-1.amazonaws.com", "emubucket", Err(InvalidObject::OtherBucket)),
        ("a.other.s3.eu-west-1.amazonaws.com", "emubucket", Err(InvalidObject::OtherBucket)),
        ("other.storage.googleapis.com", "emubucket", Ok("https://other.storage.googleapis.com/emubucket/k")),
        ("s3.eu-west-1.amazonaws.com", "emubucket", Ok("https://s3.eu-west-1.amazonaws.com/emubucket/k")),
        (
            "s3.dualstack.eu-west-1.amazonaws.com",
            "emubucket",
            Ok("https://s3.dualstack.eu-west-1.amazonaws.com/emubucket/k"),
        ),
    ] {
        assert_eq!(url(host, bucket), expected.map(str::to_owned), "{host}");
    }
}

/// Where the bucket stands, for every way to say it.
#[test]
fn a_bucket_stands_where_it_is_said() {
    let url = |endpoint: &str, bucket: &str, addressing| {
        let object = Object::new(endpoint, bucket, ObjectKey::new("k").unwrap(), addressing);
        object.map(|object| object.url().to_owned())
    };
    for (endpoint, bucket, auto, host, path) in [
        ("https://h.test", "abc", "https://abc.h.test/k", Some("https://abc.h.test/k"), "https://h.test/abc/k"),
        ("https://h.test", "a.c", "https://h.test/a.c/k", Some("https://a.c.h.test/k"), "https://h.test/a.c/k"),
        ("http://h.test", "a.c", "http://a.c.h.test/k", Some("http://a.c.h.test/k"), "http://h.test/a.c/k"),
        ("http://1.2.3.4", "abc", "http://1.2.3.4/abc/k", None, "http://1.2.3.4/abc/k"),
    ] {
        assert_eq!(url(endpoint, bucket, Addressing::Auto).as_deref(), Ok(auto));
        assert_eq!(url(endpoint, bucket, Addressing::VirtualHost).ok().as_deref(), host);
        assert_eq!(url(endpoint, bucket, Addressing::Path).as_deref(), Ok(path));
    }
}
