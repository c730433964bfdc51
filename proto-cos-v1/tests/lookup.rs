//! What stands at a path: the same request as stat's, and answers of all kinds.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::{Advice, Answer, Env, HashKind, IfExists, Located, Lookup, Now, Observed, SourceInfo, Told};
use resumable_proto_cos_v1::*;

const NOW: Duration = Duration::from_secs(1_767_225_600);

fn cos() -> CosV1 {
    at("http://web.file.myqcloud.com", "10055004", "accesslog", "/dir/big.bin").unwrap()
}

fn told(status: u16, body: &str) -> Result<Told<()>, Refused> {
    let response = Response::builder().status(status).body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
    cos().lookup().unwrap().decode(&(), &Answer { response, observed: Observed::none() })
}

#[test]
fn it_asks_as_stat_does() {
    let (credential, source) = (Credential::new("AKIDtestid", "testsecretkey").unwrap(), SourceInfo::new(0, [0; 32]));
    let env = Env::new(Now { mono: NOW, unix: NOW }, &source, 7, &[]);
    let asked = cos().lookup().unwrap().encode(&(), &credential, &env).unwrap();
    let to = cos();
    let signing = Signing::new(&credential, to.place(), NOW, 7);
    let life = Options::default().signature_life;
    let signature = sign::multi_effect(&signing, life, &to.place().file_id());
    let stat = stat::encode(to.place(), &signature);
    assert_eq!((asked.uri(), asked.method(), asked.headers()), (stat.uri(), stat.method(), stat.headers()));
    assert_eq!(asked.body().len(), 0);
}

#[test]
fn a_file_is_told_and_an_unfinished_one_is_nothing() {
    let sha = "4ec42555f6a50309ccdb22ae377a2759856c0231";
    let body = |filelen: u64, sha: &str| {
        format!(
            r#"{{"code":0,"message":"ok","data":{{"sha":"{sha}","filesize":5,"filelen":{filelen},"mtime":1767225600,"access_url":"http://a/b"}}}}"#
        )
    };
    let Told::Found(found) = told(200, &body(5, sha)).unwrap() else { panic!() };
    assert_eq!((found.len, found.url.as_deref(), found.modified), (Some(5), Some("http://a/b"), Some(NOW)));
    assert_eq!(found.digest(HashKind::Sha1).unwrap().to_hex(), sha);
    assert_eq!(told(200, &body(4, sha)).unwrap(), Told::Nothing);
    let Told::Found(other) = told(200, &body(5, "no digest")).unwrap() else { panic!() };
    assert!(other.comparable(5).is_none(), "its length alone proves nothing");
    assert_eq!(told(404, r#"{"code":-197,"message":"ERROR_CMD_FILE_NOTEXIST"}"#).unwrap(), Told::Nothing);
}

#[test]
fn what_tells_nothing_is_not_taken_for_nothing() {
    for (status, body) in
        [(200, "<html>"), (404, "<html>"), (502, "<html>"), (200, "{}"), (200, r#"{"code":0,"data":{}}"#)]
    {
        let refused = told(status, body).unwrap_err();
        assert_ne!(refused.advice, Advice::Fatal, "{status} {body}: {refused:?}");
    }
    for (code, advice) in [(-97, Advice::Reauthorize), (-96, Advice::Clock), (-133, Advice::Fatal)] {
        assert_eq!(told(400, &format!(r#"{{"code":{code},"message":"no"}}"#)).unwrap_err().advice, advice, "{code}");
    }
    let throttled = told(503, r#"{"code":-71,"message":"no"}"#).unwrap_err();
    assert!(matches!(throttled.advice, Advice::Throttled { .. }), "{throttled:?}");
}

#[test]
fn the_vendor_is_told_to_guard_what_is_there() {
    for (policy, own) in [
        (IfExists::Skip, IfExists::Refuse),
        (IfExists::Refuse, IfExists::Refuse),
        (IfExists::Rename, IfExists::Refuse),
        (IfExists::Replace, IfExists::Replace),
    ] {
        assert_eq!(cos().guarded(policy).unwrap().if_exists(), Some(own), "{policy}");
    }
    let (renamed, path) = cos().renamed(1).unwrap();
    assert_eq!((renamed.place().path().as_str(), path.as_str()), ("/dir/big (1).bin", "/dir/big (1).bin"));
}
