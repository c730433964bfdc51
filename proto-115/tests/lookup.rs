//! What stands at a target: `get_info` by its path, and before it by the folder's id.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use resumable_core::{
    Advice, Answer, Env, HashKind, IfExists, Located, Lookup, Now, Observed, SourceInfo, Told, Unable,
};
use resumable_proto_115::get_info::Question as Asked;
use resumable_proto_115::*;

fn lookup(path: &str) -> P115Lookup {
    at("me", path).unwrap().lookup().unwrap()
}

fn told(lookup: &P115Lookup, question: &Question, body: &str) -> Result<Told<Question>, Refused> {
    let response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    lookup.decode(question, &Answer { response, observed: Observed::none() })
}

fn path(names: &[&str]) -> Question {
    Question::Path(names.iter().map(|&name| name.to_owned()).collect())
}

#[test]
fn a_path_is_asked_for_as_get_info_does() {
    let (token, source) = (AccessToken::new("emu-access-0002").unwrap(), SourceInfo::new(0, [0; 32]));
    let now = Now { mono: Duration::ZERO, unix: Duration::ZERO };
    let env = Env::new(now, &source, 1, &[]);
    let same = |lookup: &P115Lookup, question: &Question, asked: Asked<'_>| {
        let ours = lookup.encode(question, &token, &env).unwrap();
        let theirs = get_info::encode(&Site::default(), asked, &token);
        assert_eq!((ours.uri(), ours.method(), ours.headers()), (theirs.uri(), theirs.method(), theirs.headers()));
        assert_eq!(format!("{:?}", ours.body()), format!("{:?}", theirs.body()));
    };
    let names = ["a b".to_owned(), "c".to_owned(), "x".to_owned()];
    let by_path = lookup("/a b/c/x");
    same(&by_path, &by_path.first(), Asked::Path(&names));
    let by_id = lookup("2900000000000000001:x");
    same(&by_id, &by_id.first(), Asked::Id("2900000000000000001"));
    assert_eq!(lookup("0:x").first(), path(&["x"]));
}

#[test]
fn the_folder_of_an_id_tells_the_path() {
    let lookup = lookup("2900000000000000001:x");
    let folder = |above: &str, name: &str| {
        let body = format!(
            r#"{{"state":true,"code":0,"data":{{"file_id":"2900000000000000001","file_name":"{name}","file_category":"0"{above}}}}}"#
        );
        told(&lookup, &lookup.first(), &body)
    };
    let above = r#","paths":[{"file_id":0,"file_name":"根目录"},{"file_id":"5","file_name":"a"}]"#;
    assert_eq!(folder(above, "b").unwrap(), Told::Ask(path(&["a", "b", "x"])));
    // 115 would take the name for two folders, or does not say where the folder is.
    for (above, name) in [(above, "b>c"), ("", "b"), (r#","paths":[]"#, "b")] {
        let refused = folder(above, name).unwrap_err();
        assert!(refused.advice == Advice::Fatal && P115::is_kept_from_asking(&refused.fault), "{refused:?}");
    }
    assert_eq!(told(&lookup, &lookup.first(), r#"{"state":true,"code":0,"data":[]}"#).unwrap(), Told::Nothing);
}

#[test]
fn a_file_is_told_with_its_digest_and_a_folder_without() {
    let (lookup, question) = (lookup("/x"), path(&["x"]));
    let file = r#"{"state":true,"code":0,"data":{"file_id":"7","file_name":"x","file_category":"1","sha1":"4ec42555f6a50309ccdb22ae377a2759856c0231","size_byte":5,"utime":"1767225600"}}"#;
    let Told::Found(found) = told(&lookup, &question, file).unwrap() else { panic!() };
    assert_eq!(
        (found.len, found.id.as_deref(), found.modified),
        (Some(5), Some("7"), Some(Duration::from_secs(1_767_225_600)))
    );
    assert_eq!(found.digest(HashKind::Sha1).unwrap().to_hex(), "4ec42555f6a50309ccdb22ae377a2759856c0231");
    let folder =
        r#"{"state":true,"code":0,"data":{"file_id":"8","file_name":"x","file_category":"0","sha1":"","size_byte":0}}"#;
    let Told::Found(found) = told(&lookup, &question, folder).unwrap() else { panic!() };
    assert!(found.is_folder && found.comparable(0).is_none());
}

#[test]
fn what_tells_nothing_is_not_taken_for_nothing() {
    let (lookup, question) = (lookup("/x"), path(&["x"]));
    for (status, body) in [
        (200, "<html>"),
        (405, "<html>"),
        (502, "<html>"),
        (200, "{}"),
        (200, r#"{"state":true,"code":0,"data":{"file_name":"x"}}"#),
    ] {
        let response = Response::builder().status(status).body(Bytes::from(body)).unwrap();
        let refused = lookup.decode(&question, &Answer { response, observed: Observed::none() }).unwrap_err();
        assert_ne!(refused.advice, Advice::Fatal, "{status} {body}");
    }
    let refused = told(&lookup, &question, r#"{"state":false,"code":40140125,"message":"no","data":[]}"#).unwrap_err();
    assert_eq!(refused.advice, Advice::Reauthorize);
}

#[test]
fn nothing_is_replaced_and_names_are_found_by_the_vendor() {
    let to = at("me", "/x").unwrap();
    assert_eq!(to.clone().guarded(IfExists::Replace).err(), Some(Unable::Replace { own: IfExists::Rename }));
    for policy in [IfExists::Skip, IfExists::Refuse, IfExists::Rename] {
        assert!(to.clone().guarded(policy).is_ok(), "{policy}");
    }
    assert_eq!(to.if_exists(), Some(IfExists::Rename));
    for policy in IfExists::ALL {
        assert_eq!(to.with_if_exists(policy).is_some(), policy == IfExists::Rename, "{policy}");
    }
    // A name that 115 would take for a folder and a name.
    let split = at("me", "/a>b").unwrap();
    assert!(split.lookup().is_none());
    assert_eq!(split.guarded(IfExists::Refuse).err(), Some(Unable::Unasked { policy: IfExists::Refuse }));
}
