//! What a fault says of its code, its request and its cause, and which codes pass by themselves.

mod far;
mod talk;

use resumable_core::{Answer, Lookup, Observed, Protocol};
use resumable_proto_115::{
    AccessToken, Call, Fault, Op, Options, P115, P115Lookup, PASSPORTAPI, PROAPI, QRCODEAPI, Site, at, codes,
};
use resumable_proto_oss::stage;
use talk::*;

const LEN: u64 = 250;

fn part() -> Call {
    Call::Oss(stage::Call::Part { number: 1 })
}

#[test]
fn a_fault_says_its_code_and_its_request() {
    let vendor = |code| Fault::Vendor { op: Op::Init, code, message: String::new(), status: 200 };
    assert_eq!((vendor(0).code(), vendor(7).code()), (None, Some(7)));
    assert_eq!(Fault::TaskGone(Box::new(vendor(7))).code(), Some(7));
    assert_eq!(Fault::NotThere(Box::new(vendor(7))).code(), Some(7));
    assert_eq!(Fault::LostReply.code(), None);
    let refused =
        Talk::new(LEN).to.decode(&part(), &Answer { response: error(403, "AccessDenied"), observed: Observed::none() });
    let id = |fault: &Fault| {
        let ids = [fault.request_id(), <P115 as Protocol>::request_id(fault)];
        assert_eq!(ids, [<P115Lookup as Lookup>::request_id(fault); 2]);
        ids[0].map(str::to_owned)
    };
    assert_eq!(id(&refused.unwrap_err().fault).as_deref(), Some("R1"));
    let refused = || error(403, "InvalidAccessKeyId");
    let begun = Talk::new(LEN).asks("init", &wanted("o")).asks("get_token", &keys());
    let once = begun.asks("InitiateMultipartUpload", &refused()).asks("get_token", &keys());
    let twice = once.asks("InitiateMultipartUpload", &refused()).asks("get_token", &keys());
    let keys_refused = twice.asks("InitiateMultipartUpload", &refused()).fault();
    assert_eq!(id(&keys_refused).as_deref(), Some("R1"));
    assert_eq!(id(&vendor(7)), None);
}

#[test]
fn a_fault_is_told_in_words() {
    let vendor = |code, message: &str| {
        Fault::Vendor { op: Op::Init, code, message: message.to_owned(), status: 200 }.to_string()
    };
    let silent =
        "upload/init was refused: no reason given, as when the account makes too many calls (code 0, HTTP 200)";
    assert_eq!(vendor(0, ""), silent);
    assert_eq!(vendor(0, "m"), "upload/init was refused: unknown reason (code 0, \"m\", HTTP 200)");
    assert_eq!(vendor(4242, ""), "upload/init was refused: unknown reason (code 4242, HTTP 200)");
    let space = "upload/init was refused: there is no space left in the drive; free some space in the drive, or rent more \
                 (code 91005, HTTP 200)";
    assert_eq!(vendor(91_005, ""), space);
    let unreadable =
        |status, excerpt: &str| Fault::Unreadable { op: Op::GetToken, status, excerpt: excerpt.to_owned() }.to_string();
    assert_eq!(unreadable(502, ""), "upload/get_token: the answer (HTTP 502) is not from this API: an empty body");
    assert_eq!(unreadable(502, "<p>"), "upload/get_token: the answer (HTTP 502) is not from this API: <p>");
}

/// A page, or 403 and 405, for a call that holds a name.
#[test]
fn the_firewall_is_known_by_its_page() {
    let named =
        |op, status, excerpt: &str| Fault::Unreadable { op, status, excerpt: excerpt.to_owned() }.may_be_the_name();
    for op in [Op::Init, Op::FolderAdd, Op::GetInfo] {
        for (status, excerpt, expected) in [
            (403, "", true),
            (405, "", true),
            (200, "<html>", true),
            (499, "<html>", true),
            (500, "<html>", false),
            (502, "<html>", false),
            (413, "<html>", false),
            (200, "{", false),
            (404, "", false),
        ] {
            assert_eq!(named(op, status, excerpt), expected, "{op} {status} {excerpt}");
            assert!(!named(Op::Resume, status, excerpt) && !named(Op::RefreshToken, status, excerpt));
        }
    }
    assert!(!Fault::LostReply.may_be_the_name());
}

#[test]
fn only_what_passes_by_itself_passes() {
    use codes::Class::*;
    for class in [Throttled, Unable, Passing, Content, NotFound] {
        assert!(class.passes(), "{class:?}");
    }
    for class in
        [AccessToken, RefreshToken, StaleRefreshToken, ScanCode, Configuration, Person, NoFolder, FolderExists, Refused]
    {
        assert!(!class.passes(), "{class:?}");
    }
    assert_eq!(codes::find(40_140_107).map(|row| row.code), Some(40_140_100));
    assert_eq!((codes::find(98), codes::find(100), codes::find(-1)), (None, None, None));
}

#[test]
fn arguments_are_taken_as_they_are() {
    let (a, b) = (AccessToken::new("a").unwrap(), AccessToken::new("b").unwrap());
    assert!(a == a.clone() && a != b);
    let other = at("me", "/x").unwrap().with_options(Options::default().create_folders(true)).unwrap();
    assert_eq!((other.target().name(), Protocol::target(&other)), ("x", "https://proapi.115.com me /x".to_owned()));
    let site = format!("{:?}", Site::default());
    assert!([PROAPI, PASSPORTAPI, QRCODEAPI].iter().all(|host| site.contains(host)), "{site}");
}
