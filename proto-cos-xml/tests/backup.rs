//! The backup domain: where calls go after a failure that is not the vendor's word.

mod far;

use bytes::Bytes;
use far::{Fate, PART, Rig, parts, refusal, says};
use http::Response;
use resumable_core::Failure;
use resumable_proto_cos_xml::{Options, at, at_endpoint};

const USUAL: &str = "emubucket-1250000000.cos.ap-guangzhou.myqcloud.com";
const BACKUP: &str = "emubucket-1250000000.cos.ap-guangzhou.tencentcos.cn";

fn options() -> Options {
    parts().backup_domain(true)
}

/// An answer of something in between.
fn foreign(status: u16, body: &'static str) -> Response<Bytes> {
    Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap()
}

fn redirect() -> Response<Bytes> {
    far::with(foreign(307, ""), "location", "https://somebody.example/dir/f")
}

/// The host of each request, `u` and `b`.
fn hosts(rig: &Rig) -> String {
    let letter = |host: &String| if *host == USUAL { "u" } else { "b" };
    assert!(rig.hosts.iter().all(|host| *host == USUAL || *host == BACKUP), "{:?}", rig.hosts);
    rig.hosts.iter().map(letter).collect()
}

#[test]
fn a_failure_that_is_not_the_vendors_word_leads_to_the_other_host() {
    for fate in [
        Fate::NotSent,
        Fate::LostBefore,
        Fate::LostAfter,
        Fate::Says(foreign(502, "<html>bad gateway</html>")),
        Fate::Says(foreign(404, "")),
        Fate::Says(redirect()),
    ] {
        for call in ["initiate", "part 3", "complete"] {
            let mut rig = Rig::new(3 * PART, options());
            let verdict = rig.run_with(|name, nth| if (name, nth) == (call, 0) { fate.clone() } else { Fate::Fine });
            let uploaded = rig.complete(verdict);
            // The url is the usual one, wherever the calls went.
            assert!(uploaded.url.contains(USUAL));
            let at = rig.asked.iter().position(|asked| asked == call).unwrap();
            let hosts = hosts(&rig);
            assert_eq!(&hosts[..=at], "u".repeat(at + 1), "{call}");
            assert!(hosts[at + 1..].chars().all(|host| host == 'b') && hosts.len() > at + 1, "{call}: {hosts}");
        }
    }
}

#[test]
fn every_request_is_signed_for_the_host_that_it_goes_to() {
    let mut rig = Rig::new(PART, options());
    let verdict = rig.run_with(|name, nth| if (name, nth) == ("part 1", 0) { Fate::NotSent } else { Fate::Fine });
    rig.complete(verdict);
    assert_eq!(hosts(&rig), "uubb");
    for request in &rig.requests {
        let host = request.uri().host().unwrap();
        assert_eq!(far::signed_again(request, host), request.headers()["authorization"].to_str().unwrap());
    }
}

#[test]
fn the_vendors_word_leads_nowhere_else() {
    for answer in [refusal(500, "InternalError"), refusal(503, "SlowDown"), says(502, "<html>")] {
        let mut rig = Rig::new(3 * PART, options());
        let verdict = rig.run_with(|name, nth| match (name, nth) {
            ("part 2", 0) => Fate::Says(answer.clone()),
            _ => Fate::Fine,
        });
        rig.complete(verdict);
        assert!(!hosts(&rig).contains('b'));
    }
}

#[test]
fn without_the_option_there_is_one_host_and_a_redirect_is_the_end() {
    let mut rig = Rig::new(3 * PART, parts());
    let verdict = rig.run_with(|name, nth| if (name, nth) == ("part 2", 0) { Fate::NotSent } else { Fate::Fine });
    rig.complete(verdict);
    assert!(!hosts(&rig).contains('b'));
    let mut rig = Rig::new(3 * PART, parts());
    let verdict = rig.run_with(|name, _| if name == "part 2" { Fate::Says(redirect()) } else { Fate::Fine });
    assert!(matches!(verdict, Err(Failure::Redirected { .. })), "{verdict:?}");
}

#[test]
fn a_window_that_fails_at_once_goes_over_once_and_comes_back_later() {
    let mut rig = Rig::new(12 * PART, options());
    let verdict = rig.run_with(|name, nth| match nth {
        0 if ["part 1", "part 2", "part 3"].contains(&name) => Fate::LostBefore,
        _ => Fate::Fine,
    });
    rig.complete(verdict);
    assert!(hosts(&rig).starts_with("uuuub") && hosts(&rig).ends_with('b'), "{}", hosts(&rig));
    // Neither works for a while: the calls go to and fro.
    let mut rig = Rig::new(3 * PART, options());
    let verdict = rig.run_with(|name, nth| if name == "initiate" && nth < 8 { Fate::NotSent } else { Fate::Fine });
    drop(verdict);
    assert!(hosts(&rig).starts_with("ub"), "{}", hosts(&rig));
}

#[test]
fn a_checkpoint_of_one_host_goes_on_at_the_other() {
    let mut rig = Rig::new(6 * PART, options());
    let lost = |name: &str, nth| if (name, nth) == ("part 2", 0) { Fate::LostBefore } else { Fate::Fine };
    assert!(rig.run_until(6, true, lost).is_none());
    rig.go_on();
    let before = rig.hosts.len();
    let verdict = rig.run();
    rig.complete(verdict);
    assert!(
        hosts(&rig)[..before].contains('b') && !hosts(&rig)[before..].contains('b'),
        "each run begins at the usual one"
    );
    assert_eq!(rig.count("initiate"), 1);
}

#[test]
fn a_target_names_region_bucket_and_key_and_no_host() {
    use resumable_core::Protocol as _;
    let target = at("ap-guangzhou", "emubucket-1250000000", "dir/f").unwrap().target();
    assert_eq!(target, "cos://ap-guangzhou/emubucket-1250000000/dir/f");
    for host in ["cos.ap-guangzhou.tencentcos.cn", "cos-internal.ap-guangzhou.tencentcos.cn"] {
        assert_eq!(at_endpoint(host, "emubucket-1250000000", "dir/f").unwrap().target(), target);
    }
}
