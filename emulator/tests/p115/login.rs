//! The log-in with a device code.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use md5::Md5;
use resumable_emulator::Emulator;
use serde_json::json;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::client::*;

const VERIFIER: &str = "EmuVerifierEmuVerifierEmuVerifierEmuVerifier0001";
const CHALLENGE: &str = "3b35vdKqc6fflV3Ky/E+PRuaNfdbmtl9hLLP4R78T/M=";
const CHALLENGE_URL_SAFE: &str = "3b35vdKqc6fflV3Ky_E-PRuaNfdbmtl9hLLP4R78T_M=";

fn authorise(client: Client<'_>, challenge: &str, method: &str) -> Answer {
    client.passport(
        AUTH,
        &[("client_id", "emulator-app"), ("code_challenge", challenge), ("code_challenge_method", method)],
    )
}

struct Code {
    uid: String,
    time: String,
    sign: String,
}

fn code(client: Client<'_>) -> Code {
    let answer = authorise(client, CHALLENGE, "sha256");
    answer.grants();
    let time = answer.data()["time"].as_u64().expect("a number").to_string();
    assert!(answer.text("qrcode").contains(&answer.text("uid")));
    Code { uid: answer.text("uid"), time, sign: answer.text("sign") }
}

impl Code {
    fn poll(&self, client: Client<'_>) -> Answer {
        let path = format!("{STATUS}?{}", encoded(&[("uid", &self.uid), ("time", &self.time), ("sign", &self.sign)]));
        client.send(request("GET", &path, None, "", ""))
    }

    fn redeem(&self, client: Client<'_>) -> Answer {
        client.passport(TO_TOKEN, &[("uid", &self.uid), ("code_verifier", VERIFIER)])
    }
}

#[test]
fn a_code_is_scanned_then_confirmed_then_gives_tokens_that_end_the_others() {
    let emulator = emulator();
    let client = client(&emulator);
    client.get(GET_TOKEN, &[]).succeeds();
    let code = code(client);
    assert_eq!(code.poll(client).grants().data(), &json!({}));
    code.redeem(client).denies(40_101_017);
    assert!(emulator.p115().scan(&code.uid));
    assert_eq!(code.poll(client).grants().data()["status"], 1);
    assert!(emulator.p115().confirm(&code.uid));
    assert!(emulator.p115().scan(&code.uid), "which takes nothing back");
    assert_eq!(code.poll(client).grants().data()["status"], 2);
    let answer = code.redeem(client);
    answer.grants();
    assert_eq!(answer.data()["expires_in"], 7200);
    let (access, refresh) = (answer.text("access_token"), answer.text("refresh_token"));
    assert_eq!(emulator.p115().tokens(), (access.clone(), refresh));
    Client { token: &access, ..client }.get(GET_TOKEN, &[]).succeeds();
    client.get(GET_TOKEN, &[]).refuses(40_140_126);
    client.passport(REFRESH_TOKEN, &[("refresh_token", REFRESH)]).denies(40_140_120);
    code.redeem(client).denies(40_140_104);
    code.poll(client).denies(40_140_104);
    assert!(!emulator.p115().confirm(&code.uid) && !emulator.p115().scan("nobody"));
}

#[test]
fn a_code_confirms_itself_at_the_poll_that_the_settings_name() {
    let emulator = with(|config| config.p115.confirm_at_poll = Some(3));
    let client = client(&emulator);
    let code = code(client);
    let polls = [(); 4].map(|()| code.poll(client).data()["status"].clone());
    assert_eq!(polls, [json!(null), json!(1), json!(2), json!(2)]);
    code.redeem(client).grants();
}

#[test]
fn every_method_and_both_alphabets_are_read() {
    let emulator = emulator();
    let client = client(&emulator);
    let unpadded = CHALLENGE.trim_end_matches('=');
    for challenge in [CHALLENGE, CHALLENGE_URL_SAFE, unpadded] {
        authorise(client, challenge, "sha256").grants();
    }
    let sha1 = STANDARD.encode(Sha1::digest(VERIFIER));
    let md5 = URL_SAFE.encode(Md5::digest(VERIFIER));
    assert_eq!(STANDARD.encode(Sha256::digest(VERIFIER)), CHALLENGE);
    for (challenge, method) in [(&sha1, "sha1"), (&md5, "md5")] {
        let answer = authorise(client, challenge, method);
        let uid = answer.grants().text("uid");
        emulator.p115().confirm(&uid);
        client.passport(TO_TOKEN, &[("uid", &uid), ("code_verifier", VERIFIER)]).grants();
    }
}

#[test]
fn what_is_wrong_is_refused() {
    let emulator = emulator();
    let client = client(&emulator);
    client.passport(AUTH, &[("code_challenge", CHALLENGE), ("code_challenge_method", "sha256")]).denies(40_140_100);
    for challenge in ["", "?", "AAAA", &STANDARD.encode(Sha1::digest(VERIFIER))] {
        authorise(client, challenge, "sha256").denies(40_140_101);
    }
    for method in ["", "S256", "SHA256"] {
        authorise(client, CHALLENGE, method).denies(40_140_102);
    }
    let code = code(client);
    for wrong in [
        Code { sign: "x".to_owned(), ..self::code(client) },
        Code { time: "1".to_owned(), ..self::code(client) },
        Code { sign: String::new(), uid: code.uid.clone(), time: code.time.clone() },
    ] {
        wrong.poll(client).denies(40_140_103);
    }
    emulator.p115().confirm(&code.uid);
    let redeem = |verifier: &str| client.passport(TO_TOKEN, &[("uid", &code.uid), ("code_verifier", verifier)]);
    redeem("short").denies(40_140_112);
    redeem(&"x".repeat(42)).denies(40_140_112);
    redeem(&"x".repeat(129)).denies(40_140_112);
    redeem(&"x".repeat(43)).denies(40_140_113);
    redeem(&"x".repeat(128)).denies(40_140_113);
    redeem(VERIFIER).grants();
}

#[test]
fn a_code_is_good_for_five_minutes() {
    let emulator: Emulator = emulator();
    let client = client(&emulator);
    let code = code(client);
    emulator.p115().confirm(&code.uid);
    assert_eq!(code.poll(client.at(299)).grants().data()["status"], 2);
    code.poll(client.at(300)).denies(40_199_002);
    code.redeem(client.at(300)).denies(40_199_002);
}
