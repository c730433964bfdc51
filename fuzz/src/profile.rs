//! The files that people write: profiles, fault plans, the emulator's settings.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, request};
use resumable::blocking::Client;
use resumable::profile::Profiles;
use resumable::transport::blocking::{Outgoing, Transport};
use resumable::{ErrorKind, MemoryStore, units};
use resumable_core::{Cause, Limits, SendError};
use resumable_emulator::{Config, Emulator, MemoryStorage, Plan};

use crate::draw::Draw;

/// Stands in dictionary and corpus where a value may be a secret.
const CANARY: &str = "hunter2canary";
/// What profiles say of is an upload to this path.
const PATH: &str = "/dir/a b.bin";

/// Reads a file.
///
/// # Panics
/// When an error does not name the place, or repeats a value.
pub fn run(input: &[u8]) {
    let mut draw = Draw::new(input);
    let kind = draw.byte();
    let Ok(text) = std::str::from_utf8(draw.rest()) else { return };
    match kind % 4 {
        0 => profiles(text),
        1 => plan(text),
        2 => settings(text),
        _ => numbers(text),
    }
}

fn profiles(text: &str) {
    let hidden = is_only_a_value(text);
    let profiles = match Profiles::parse(text, "p.toml") {
        Ok(profiles) => profiles,
        Err(error) => {
            let said = error.to_string();
            assert!(said.starts_with("p.toml line ") || said.starts_with("p.toml: "), "{said}");
            return shown(&format!("{said} {:?}", error.advice()), hidden);
        }
    };
    for name in profiles.names() {
        let profile = profiles.get(name).expect("it is one of the names");
        if let Err(error) = profile.connection() {
            named(&error.to_string(), hidden);
        }
        match client().put_to(&profile, PATH) {
            Ok(put) => shown(&format!("{put:?}"), hidden),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Profile, "{error}");
                named(&error.to_string(), hidden);
                shown(&format!("{error:?} {:?}", error.advice()), hidden);
            }
        }
    }
}

/// Whether the canary is a value everywhere, and no name of anything: names are repeated.
fn is_only_a_value(text: &str) -> bool {
    text.match_indices(CANARY)
        .all(|(at, _)| text[..at].ends_with("= \"") && text[at + CANARY.len()..].starts_with("\"\n"))
}

fn named(said: &str, hidden: bool) {
    assert!(said.starts_with("p.toml line ") || said.starts_with("p.toml, profile \""), "no place is named: {said}");
    shown(said, hidden);
}

fn shown(said: &str, hidden: bool) {
    assert!(!said.is_empty() && !said.contains(|c: char| c.is_control()), "{said:?}");
    assert!(!hidden || !said.contains(CANARY), "a value is repeated: {said}");
}

/// A client that has no connection. Nothing is sent: a profile may name a program to be run for credentials.
fn client() -> Client {
    struct Offline;

    impl Transport for Offline {
        fn send(&self, _: request::Parts, _: &mut Outgoing<'_>, _: &Limits) -> Result<Response<Bytes>, SendError> {
            Err(SendError::NotSent(Cause::text("no connection")))
        }
    }

    // Nobody looks into the folder before something is sent.
    let client = Client::builder().store(MemoryStore::new()).tokens("tokens").transport(Offline);
    client.build().expect("it has all that it needs")
}

fn plan(text: &str) {
    match Plan::from_json(text) {
        Ok(plan) => {
            let config = Config::default();
            assert!(plan.rules.iter().all(|rule| rule.can_strike(&config.services)), "a rule that nothing can meet");
            let emulator = emulator();
            plan.rules.into_iter().for_each(|rule| emulator.inject(rule));
            answered(&emulator);
            emulator.clear_faults();
        }
        Err(error) => {
            let lines = text.matches('\n').count() + 1;
            assert!((1..=lines).contains(&error.line()) && error.column() > 0, "{error}");
            let line = text.split('\n').nth(error.line() - 1).unwrap_or_default();
            assert!(error.column() <= line.chars().count() + 1, "{error}: the line has {line:?}");
            assert!(error.to_string().starts_with(&format!("line {}, column {}", error.line(), error.column())));
        }
    }
}

fn settings(text: &str) {
    match serde_json::from_str::<Config>(text) {
        Ok(config) => {
            let written = serde_json::to_string(&config).expect("what was read can be written");
            let again: Config = serde_json::from_str(&written).expect("what was written can be read");
            assert_eq!(serde_json::to_string(&again).expect("as before"), written);
            // Some accounts and buckets cannot be.
            if let Ok(emulator) = Emulator::new(config, Box::new(MemoryStorage::new())) {
                answered(&emulator);
            }
        }
        Err(error) => assert!(error.line() > 0 && !error.to_string().is_empty(), "{error}"),
    }
}

fn emulator() -> Emulator {
    static EMULATOR: OnceLock<Emulator> = OnceLock::new();
    let made = || Emulator::new(Config::default(), Box::new(MemoryStorage::new())).expect("the defaults are possible");
    EMULATOR.get_or_init(made).clone()
}

fn answered(emulator: &Emulator) {
    for path in
        ["/files/v2/10055004/accesslog/a", "/file/mpupload/init", "/examplebucket/a?uploads", "/open/upload/init"]
    {
        let request = Request::post(path).body(Bytes::new()).expect("a request");
        let reply = emulator.handle(Duration::from_secs(1_470_000_000), request);
        assert!(reply.response.status().as_u16() >= 200);
    }
    drop(emulator.ready_line("http://127.0.0.1:1"));
}

/// Sizes, rates and times, which are written in profiles and on command lines.
fn numbers(text: &str) {
    let said = [units::parse_size(text).err(), units::parse_rate(text).err(), units::parse_time(text).err()];
    for said in said.into_iter().flatten() {
        assert!(!said.is_empty());
    }
}
