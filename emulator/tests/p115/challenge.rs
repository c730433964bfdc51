//! The second authentication: proving that one has what is known.

use resumable_emulator::Emulator;
use resumable_emulator::p115::{Challenge, ChallengeMet, StaleSignKey, Switches};

use crate::client::*;

fn knowing(file: &[u8], change: impl FnOnce(&mut Switches)) -> Emulator {
    let emulator = with(|config| change(&mut config.p115.switches));
    emulator.p115().put_file("theirs", file).expect("memory");
    emulator
}

#[test]
fn content_of_a_mebibyte_and_more_has_to_be_proven() {
    let file = bytes(1 << 20);
    let emulator = with(|config| config.p115.limits.challenge_min = 1 << 20);
    emulator.p115().put_file("theirs", &file).expect("memory");
    emulator.p115().put_file("shorter", &file[1..]).expect("memory");
    let client = client(&emulator);
    assert_eq!(client.init("b", &file[1..], &[]).init_status(), (2, 0));
    let answer = client.init("a", &file, &[]);
    assert_eq!(answer.init_status(), (7, 701));
    let asked = answer.challenge().expect("a challenge");
    assert_eq!(asked.range.1 - asked.range.0 + 1, 151);
    assert!(asked.key.len() == 40 && asked.key == asked.key.to_uppercase(), "{}", asked.key);
    assert_eq!(answer.text("pick_code").len(), 24);
    assert_eq!(client.prove("a", &file, answer).init_status(), (2, 0));
    assert_eq!(emulator.p115().read_file("a").expect("memory"), Some(file));
}

#[test]
fn a_wrong_proof_gets_a_new_challenge() {
    let file = bytes(300_000);
    let emulator = knowing(&file, |_| {});
    let client = client(&emulator);
    let mut asked = client.init("a", &file, &[]).challenge().expect("a challenge");
    let wrong: [&dyn Fn(&Asked) -> String; 6] = [
        // Without the last byte, with one more, in small letters, nothing, offset and length, of the whole file.
        &|asked| sha1(&file[asked.range.0..asked.range.1]),
        &|asked| sha1(&file[asked.range.0..(asked.range.1 + 2).min(file.len())]),
        &|asked| sha1(&file[asked.range.0..=asked.range.1]).to_lowercase(),
        &|_| String::new(),
        &|asked| sha1(&file[asked.range.0..(asked.range.0 + asked.range.1).min(file.len())]),
        &|_| sha1(&file),
    ];
    for wrong in wrong {
        let answer = client.init("a", &file, &[("sign_key", &asked.key), ("sign_val", &wrong(&asked))]);
        assert_eq!(answer.init_status(), (8, 702));
        let next = answer.challenge().expect("a challenge");
        assert!(next.key != asked.key && next.range != asked.range, "{next:?}");
        asked = next;
    }
    let val = sha1(&file[asked.range.0..=asked.range.1]);
    let echo = [("sign_key", asked.key.as_str()), ("sign_val", &val), ("pick_code", "whatever came")];
    assert_eq!(client.init("a", &file, &echo).init_status(), (2, 0));
    assert_eq!(emulator.p115().files().len(), 2);
}

#[test]
fn a_key_is_good_once_for_its_own_content_and_for_a_while() {
    let (file, other) = (bytes(5000), bytes(5001));
    let proof = |emulator: &Emulator, seconds| {
        let client = client(emulator);
        let asked = client.init("a", &file, &[]).challenge().expect("a challenge");
        let val = sha1(&file[asked.range.0..=asked.range.1]);
        client.at(seconds).init("a", &file, &[("sign_key", &asked.key), ("sign_val", &val)]);
        client.at(seconds).init("a", &file, &[("sign_key", &asked.key), ("sign_val", &val)])
    };
    let emulator = knowing(&file, |_| {});
    assert_eq!(proof(&emulator, 299).init_status(), (8, 702));
    assert_eq!(emulator.p115().files().len(), 2, "the first one was good");
    assert_eq!(proof(&emulator, 300).init_status(), (8, 702));
    assert_eq!(emulator.p115().files().len(), 2, "too late");
    let emulator = knowing(&file, |switches| switches.stale_sign_key = StaleSignKey::Again);
    assert_eq!(proof(&emulator, 0).init_status(), (7, 701));
    emulator.p115().put_file("other", &other).expect("memory");
    let client = client(&emulator);
    let asked = client.init("a", &file, &[]).challenge().expect("a challenge");
    let val = sha1(&file[asked.range.0..=asked.range.1]);
    let answer = client.init("b", &other, &[("sign_key", &asked.key), ("sign_val", &val)]);
    assert_eq!(answer.init_status(), (7, 701), "the key of another file");
}

#[test]
fn edges_are_asked_for_by_a_switch() {
    let file = bytes(5000);
    for (which, range) in
        [(Challenge::FirstByte, (0, 0)), (Challenge::LastByte, (4999, 4999)), (Challenge::WholeFile, (0, 4999))]
    {
        let emulator = knowing(&file, |switches| switches.challenge = which);
        let client = client(&emulator);
        let answer = client.init("a", &file, &[]);
        assert_eq!(answer.challenge().expect("a challenge").range, range);
        assert_eq!(client.prove("a", &file, answer).init_status(), (2, 0));
    }
    let emulator = knowing(&file, |switches| switches.challenge = Challenge::Never);
    assert_eq!(client(&emulator).init("a", &file, &[]).init_status(), (2, 0));
}

#[test]
fn challenges_may_come_one_after_the_other() {
    let file = bytes(5000);
    for rounds in 1..=5 {
        let emulator = with(|config| config.p115.limits.challenge_rounds = rounds);
        emulator.p115().put_file("theirs", &file).expect("memory");
        let client = client(&emulator);
        let mut answer = client.init("a", &file, &[]);
        for _ in 0..rounds {
            assert_eq!(answer.init_status(), (7, 701));
            let asked = answer.challenge().expect("a challenge");
            let val = sha1(&file[asked.range.0..=asked.range.1]);
            answer = client.init("a", &file, &[("sign_key", &asked.key), ("sign_val", &val)]);
        }
        assert_eq!(answer.init_status(), (2, 0));
    }
}

#[test]
fn a_proof_may_lead_elsewhere() {
    let file = bytes(5000);
    let after = |met| {
        let emulator = knowing(&file, |switches| switches.challenge_met = met);
        let client = client(&emulator);
        let asked = client.init("a", &file, &[]).challenge().expect("a challenge");
        let val = sha1(&file[asked.range.0..=asked.range.1]);
        let answer = client.init("a", &file, &[("sign_key", &asked.key), ("sign_val", &val)]);
        let status = answer.init_status();
        (status, answer.challenge().is_some(), client.prove("a", &file, answer).init_status())
    };
    assert_eq!(after(ChallengeMet::Bytes), ((1, 0), false, (1, 0)));
    assert_eq!(after(ChallengeMet::FailedOnce), ((6, 700), true, (2, 0)));
    assert_eq!(after(ChallengeMet::Failed), ((6, 700), false, (6, 700)));
}

#[test]
fn the_same_seed_asks_the_same() {
    let file = bytes(300_000);
    let asked = |seed| {
        let emulator = with(|config| config.p115.seed = seed);
        emulator.p115().put_file("theirs", &file).expect("memory");
        client(&emulator).init("a", &file, &[]).challenge().expect("a challenge")
    };
    assert_eq!(asked(1), asked(1));
    assert_ne!(asked(1), asked(2));
}
